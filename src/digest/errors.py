"""The error tree. An error names the thing, what is wrong with it, and what to do.

DigestError
├── ConfigError          a setting is wrong                                            exit 2
├── LockHeld             another run is at work                                        exit 3
├── IdentifierError      not an arXiv identifier                                       exit 2
├── UnknownPaper         a paper that the catalogue does not have                      exit 2
├── UnknownPage          a page that the vault does not have                           exit 2
├── SourceError          an answer of arXiv that cannot be believed; has a Verdict
├── PaperError           one paper failed; the run goes on
├── VaultError           a file of the vault cannot be read or written; the run goes on
├── TemplateError        a template is wrong; nothing was written                      exit 2
├── VocabularyError      a ruling on a keyword that cannot be followed                 exit 2
├── ModelError           an embedding model is missing or not the published one        exit 2
├── WriterFault          a language model's server gives no answer; the run goes on
├── IndexFault           the vector index cannot be reached, or is damaged              exit 2
├── CatalogueError       the catalogue is from a newer digest, or damaged              exit 2
└── MissingExtra         an optional part is not installed                             exit 2
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.model import Verdict


class DigestError(Exception):
    """The root of all expected faults."""


class ConfigError(DigestError):
    pass


class LockHeld(DigestError):
    pass


class IdentifierError(DigestError):
    """``text`` is what was given."""

    def __init__(self, text: str, message: str) -> None:
        super().__init__(f"{text!r} is no arXiv identifier: {message}")
        self.text = text


class UnknownPaper(DigestError):
    pass


class UnknownPage(DigestError):
    """A page that the vault does not have."""


class SourceError(DigestError):
    """An answer of a source that cannot be believed; ``verdict`` says in which way."""

    def __init__(self, source: str, verdict: Verdict, message: str) -> None:
        super().__init__(f"{source}: {message}")
        self.source = source
        self.verdict = verdict


class PaperError(DigestError):
    """One paper failed; ``paper_id`` says which."""

    def __init__(self, paper_id: object, message: str) -> None:
        super().__init__(f"{paper_id}: {message}")
        self.paper_id = paper_id


class VaultError(DigestError):
    """One file of the vault could not be read or written; ``path`` says which."""

    def __init__(self, path: object, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path


class TemplateError(DigestError):
    pass


class VocabularyError(DigestError):
    pass


class ModelError(DigestError):
    pass


class WriterFault(DigestError):
    """A language model's server gave no answer of its protocol.

    ``reason`` is what is counted; of a ``lasting`` fault the next question would meet the same.
    """

    def __init__(self, server: str, reason: str, message: str, *, lasting: bool = False) -> None:
        super().__init__(f"{server}: {message}")
        self.reason = reason
        self.lasting = lasting


class IndexFault(DigestError):
    pass


class CatalogueError(DigestError):
    pass


class MissingExtra(DigestError):
    def __init__(self, name: str, extra: str) -> None:
        super().__init__(f"{name} is not installed; try: pip install 'digest[{extra}]'")
