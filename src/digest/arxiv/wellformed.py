"""The gate that every XML answer of arXiv passes before anything reads it: whole, well-formed, of the right kind.

Parsers that recover from errors (feedparser, the ``arxiv`` package) read half an answer as a short one; an answer that
is cut, an outage page or a plain "Rate exceeded." must be told from a quiet day.
"""

from __future__ import annotations

import re
from typing import Any, Final

from lxml import etree

from digest.errors import SourceError
from digest.model import Verdict

_LONGEST_QUOTE: Final = 160

# A host that does not know what it sends says the latter two, and so does one that is not asked to say.
_XML: Final = re.compile(r"|[\w.-]+/(?:[\w.-]+\+)?xml|text/plain|application/octet-stream", re.IGNORECASE)
_WEB_PAGE: Final = re.compile(r"|text/html|application/xhtml\+xml|text/plain|application/octet-stream", re.IGNORECASE)


def is_xml(content_type: str) -> bool:
    """Say whether an answer may be XML by its Content-Type, of which parameters are not looked at."""
    return _XML.fullmatch(_bare(content_type)) is not None


def is_web_page(content_type: str) -> bool:
    """Say whether an answer may be a web page by its Content-Type."""
    return _WEB_PAGE.fullmatch(_bare(content_type)) is not None


def _bare(content_type: str) -> str:
    return content_type.partition(";")[0].strip()


def prove(body: bytes, *, source: str, roots: tuple[str, ...], content_type: str = "") -> Any:
    """Return the root element of *body*, one of *roots* (``{namespace}name``).

    Raises SourceError: THROTTLED for arXiv's "Rate exceeded.", CUT_SHORT for nothing or for XML that ends early,
    MALFORMED for a web page, any other text, a document type (entities are refused, so none can expand), an encoding
    that is not UTF-8, another root, or a *content_type* that is not XML's.
    """
    text = _decoded(body, source, roots)
    _refuse_prose(text, source)
    try:
        root = etree.fromstring(body, _parser())
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        if _ends_early(text, roots):
            raise SourceError(
                source, Verdict.CUT_SHORT, f"the answer ends early, at line {line}; try again later"
            ) from error
        raise SourceError(source, Verdict.MALFORMED, f"the answer is no well-formed XML at line {line}") from error
    tree = root.getroottree()
    if tree.docinfo.doctype or tree.docinfo.internalDTD is not None:
        raise SourceError(source, Verdict.MALFORMED, "the answer declares a document type, which arXiv's never do")
    if root.tag not in roots:
        raise SourceError(source, Verdict.MALFORMED, f"the answer is a {root.tag}, not {' or '.join(roots)}")
    if not is_xml(content_type):  # last, because what is in the body says more
        raise SourceError(source, Verdict.MALFORMED, f"the answer calls itself {_bare(content_type)}, not XML")
    return root


def _parser() -> Any:
    return etree.XMLParser(recover=False, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _decoded(body: bytes, source: str, roots: tuple[str, ...]) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        text = body.decode("utf-8", "replace")
        # A cut can fall inside a letter.
        verdict = Verdict.CUT_SHORT if _ends_early(text, roots) and error.end == len(body) else Verdict.MALFORMED
        raise SourceError(source, verdict, f"the answer is no UTF-8 at byte {error.start + 1:,}") from error


def _refuse_prose(text: str, source: str) -> None:
    start = text.lstrip("\ufeff \t\r\n")[:2000]
    if not start:
        raise SourceError(source, Verdict.CUT_SHORT, "the answer is empty; try again later")
    if not start.startswith("<"):
        verdict = Verdict.THROTTLED if "rate exceeded" in start.casefold() else Verdict.MALFORMED
        raise SourceError(source, verdict, f"expected XML, was told {start[:_LONGEST_QUOTE]!r}")
    if re.match(r"<(?:!doctype\s+html|html)\b", start, re.IGNORECASE):
        raise SourceError(source, Verdict.MALFORMED, f"expected XML, got a web page{_title(text)}")
    if "<!DOCTYPE" in start:  # before a parser sees it
        raise SourceError(source, Verdict.MALFORMED, "the answer declares a document type, which arXiv's never do")


def _title(text: str) -> str:
    found = re.search(r"<title[^>]*>([^<]{1,160})", text[:20_000], re.IGNORECASE)
    return f" titled {' '.join(found[1].split())!r}" if found else ""


def _ends_early(text: str, roots: tuple[str, ...]) -> bool:
    """Say whether none of the end tags that could close the document closes it."""
    end = text.rstrip()[-60:]
    return not any(re.search(rf"</(?:\w+:)?{re.escape(root.rpartition('}')[2])}\s*>$", end) for root in roots)
