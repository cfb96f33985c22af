"""The HTML that LaTeXML makes of a paper → ``Document``: one walk over its markup.

Rules go by the classes that LaTeXML gives (``ltx_…``) and fall back on the names of elements, because its versions, the
Perl one and oxide, write the same thing with different elements.
"""

from digest.arxiv.latexml.page import LIMIT_BYTES, LIMIT_TAGS, read

__all__ = ["LIMIT_BYTES", "LIMIT_TAGS", "read"]
