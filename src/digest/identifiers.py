"""arXiv identifiers: every written form in, one canonical form out.

Rules of arXiv's "identifier" help page: ``YYMM.NNNN`` from 0704 to 1412, ``YYMM.NNNNN`` since 1501, and before that
``archive/YYMMNNN`` from 9107 to 0703, with or without a subject class that is no part of the name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from digest.errors import IdentifierError
from digest.model import PaperId


@dataclass(frozen=True, slots=True)
class Identifier:
    """A paper, or one version of it; ``version`` None means the current one."""

    id: PaperId
    version: int | None = None

    def __str__(self) -> str:
        return self.id if self.version is None else f"{self.id}v{self.version}"


_ARCHIVES: Final = frozenset(
    [
        "acc-phys",
        "adap-org",
        "alg-geom",
        "ao-sci",
        "astro-ph",
        "atom-ph",
        "bayes-an",
        "chao-dyn",
        "chem-ph",
        "cmp-lg",
        "comp-gas",
        "cond-mat",
        "cs",
        "dg-ga",
        "funct-an",
        "gr-qc",
        "hep-ex",
        "hep-lat",
        "hep-ph",
        "hep-th",
        "math",
        "math-ph",
        "mtrl-th",
        "nlin",
        "nucl-ex",
        "nucl-th",
        "patt-sol",
        "physics",
        "plasm-ph",
        "q-alg",
        "q-bio",
        "quant-ph",
        "solv-int",
        "supr-con",
    ]
)

_NEW: Final = re.compile(r"([0-9]{2})([0-9]{2})\.([0-9]+)(?:v([0-9]+))?", re.IGNORECASE)
_OLD: Final = re.compile(r"([a-z-]+)(?:\.[a-z-]+)?/([0-9]{2})([0-9]{2})([0-9]{3})(?:v([0-9]+))?", re.IGNORECASE)
_PREFIX: Final = re.compile(r"(?:oai:arxiv\.org:|arxiv:|doi:)\s*", re.IGNORECASE)
_DOI: Final = re.compile(r"(?:doi:\s*)?10\.48550/arxiv\.", re.IGNORECASE)
# The stamp on a PDF's margin: arXiv:2509.18690v1 [cs.AI] 23 Sep 2025
_STAMP: Final = re.compile(r"\s+\[[A-Za-z.-]+\](?:\s+[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4})?$")
_PAGES: Final = frozenset(("abs", "pdf", "html", "format", "ps", "src", "e-print", "tb"))
_LOOKS_LIKE_LINK: Final = re.compile(r"(?:https?://)?(?:[a-z0-9-]+\.)*(?:arxiv\.org|doi\.org)(?::[0-9]+)?/", re.I)


def parse(text: str) -> Identifier:
    """Read any written form of an identifier: bare, with a prefix, a link, an OAI name, a DOI.

    Raises IdentifierError, saying what is wrong.
    """
    name = _bare(text)
    if match := _NEW.fullmatch(name):
        return _new_style(text, *match.groups())
    if match := _OLD.fullmatch(name):
        return _old_style(text, *match.groups())
    raise IdentifierError(text, "expected YYMM.NNNNN as in 2509.18690, or archive/YYMMNNN as in hep-th/9901001")


def sort_key(id: PaperId) -> tuple[int, int, int, str]:
    """Order by year, month, number; the archive, in which old numbers repeat, comes last."""
    archive, _, digits = id.rpartition("/")
    if archive:
        year = int(digits[:2])
        return (1900 if year >= 91 else 2000) + year, int(digits[2:4]), int(digits[4:]), archive
    return 2000 + int(id[:2]), int(id[2:4]), int(id[5:]), ""


def abs_url(id: PaperId, version: int | None = None) -> str:
    """Return the address of the abstract page, of the current version unless one is named."""
    return f"https://arxiv.org/abs/{Identifier(id, version)}"


def pdf_url(id: PaperId, version: int | None = None) -> str:
    """Return the address of the PDF, of the current version unless one is named."""
    return f"https://arxiv.org/pdf/{Identifier(id, version)}"


def _bare(text: str) -> str:
    name = _STAMP.sub("", text.strip())
    name = _from_link(text, name) if _LOOKS_LIKE_LINK.match(name) or "://" in name else name
    name = _DOI.sub("", name, count=1) if _DOI.match(name) else _PREFIX.sub("", name, count=1)
    return re.sub(r"\.pdf$", "", name, flags=re.IGNORECASE)


def _from_link(text: str, link: str) -> str:
    try:
        parts = urlsplit(link if "://" in link else f"https://{link}")
    except ValueError as error:
        raise IdentifierError(text, "the link cannot be read") from error
    host = (parts.hostname or "").lower()
    path = unquote(parts.path).strip("/")
    if host in ("doi.org", "dx.doi.org", "www.doi.org"):
        return path
    if host != "arxiv.org" and not host.endswith(".arxiv.org"):
        raise IdentifierError(text, f"the link leads to {host or 'no host'}, not to arxiv.org")
    page, _, name = path.partition("/")
    if page.lower() not in _PAGES or not name:
        raise IdentifierError(text, "the link leads to no paper; expected /abs/, /pdf/ or /html/ and an identifier")
    return name


def _new_style(text: str, year: str, month: str, number: str, version: str | None) -> Identifier:
    _check_month(text, month)
    yymm = int(year + month)
    if yymm < 704:
        raise IdentifierError(text, "identifiers of this form begin with 0704 (April 2007)")
    digits = 4 if yymm <= 1412 else 5
    if len(number) != digits:
        raise IdentifierError(text, f"papers of {year}{month} have {digits} digits after the dot, not {len(number)}")
    _check_number(text, number)
    return Identifier(PaperId(f"{year}{month}.{number}"), _version(text, version))


def _old_style(text: str, archive: str, year: str, month: str, number: str, version: str | None) -> Identifier:
    archive = archive.lower()
    if archive not in _ARCHIVES:
        raise IdentifierError(text, f"{archive!r} was never an archive of arXiv")
    _check_month(text, month)
    if not (int(year + month) >= 9107 or int(year + month) <= 703):
        raise IdentifierError(text, "identifiers of this form run from 9107 (July 1991) to 0703 (March 2007)")
    _check_number(text, number)
    return Identifier(PaperId(f"{archive}/{year}{month}{number}"), _version(text, version))


def _check_month(text: str, month: str) -> None:
    if not 1 <= int(month) <= 12:
        raise IdentifierError(text, f"there is no month {month}")


def _check_number(text: str, number: str) -> None:
    if int(number) == 0:
        raise IdentifierError(text, "numbers begin with 1")


def _version(text: str, version: str | None) -> int | None:
    if version is None:
        return None
    if version.startswith("0") or len(version) > 4:
        raise IdentifierError(text, f"there is no version v{version}")
    return int(version)
