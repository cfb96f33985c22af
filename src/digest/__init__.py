"""Turn each night's arXiv announcements into an Obsidian vault."""

__version__ = "0.1.0"
