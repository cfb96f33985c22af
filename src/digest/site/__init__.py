"""A copy of the vault for the web: static pages with search, for colleagues without Obsidian.

``notes`` decides what goes out, ``markdown`` shows it as Obsidian would, ``generator`` hands the pages to MkDocs, and
``folder`` brings what changed to where the copy lives. Nothing here writes in the vault.
"""

from digest.site.build import Built, build

__all__ = ["Built", "build"]
