"""What was found, of which kind, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    DEAD_LINK = "dead link"
    DEAD_ANCHOR = "dead heading or block"
    SPELLING = "link spelled otherwise than its file"
    AMBIGUOUS = "ambiguous link"
    BAD_NAME = "bad name"
    COLLISION = "colliding names"
    BAD_PROPERTIES = "bad properties"
    SHADOWED_PROPERTIES = "properties not on the first line"
    DUPLICATE_PROPERTY = "property twice"
    DUPLICATE_PAPER = "paper twice"
    ID_NOT_TEXT = "arxiv_id is not text"
    NO_AUTHORS = "no authors"
    NOT_UTF8 = "not UTF-8"


REMEDIES: Mapping[Kind, str] = {
    Kind.DEAD_LINK: "Make the file, or correct or remove the link.",
    Kind.DEAD_ANCHOR: "Correct the part after “#”, or put the heading or block id back.",
    Kind.SPELLING: "Write the link as the file is named; where case counts, other programs do not find it.",
    Kind.AMBIGUOUS: "Write the whole path from the vault's root.",
    Kind.BAD_NAME: "Rename it within Obsidian, so that links follow.",
    Kind.COLLISION: "Rename one of them: on macOS, Windows and phones they are one file.",
    Kind.BAD_PROPERTIES: "Correct the lines between the “---”; quote text that holds “: ”, “#” or “[[”.",
    Kind.SHADOWED_PROPERTIES: "Move what stands before the first “---” below the properties.",
    Kind.DUPLICATE_PROPERTY: "Keep one of the two lines.",
    Kind.DUPLICATE_PAPER: "Keep one of the notes; move your words from the other into it.",
    Kind.ID_NOT_TEXT: 'Put the id in quotes (arxiv_id: "2509.18690"), or it is read as a number.',
    Kind.NO_AUTHORS: "Fetch the paper again, or remove the property.",
    Kind.NOT_UTF8: "Save the file as UTF-8.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault in one file."""

    kind: Kind
    path: str  # from the vault's root
    detail: str

    @property
    def remedy(self) -> str:
        return REMEDIES[self.kind]


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """All faults, by path, and counts of what is no fault in itself."""

    findings: tuple[Finding, ...]
    notes: int
    links: int  # internal ones, those in properties and embeds included
    orphans: int = 0  # notes that nothing links to
    one_way: int = 0  # links from a paper's note to another's that does not link back

    def by_kind(self) -> dict[Kind, list[Finding]]:
        """The findings of each kind that was found, in the order in which kinds are declared."""
        groups = {kind: [finding for finding in self.findings if finding.kind is kind] for kind in Kind}
        return {kind: group for kind, group in groups.items() if group}

    def to_json(self) -> dict[str, object]:
        """Plain values: counts, and all findings by kind with the remedy."""
        return {
            "notes": self.notes,
            "links": self.links,
            "orphans": self.orphans,
            "one_way": self.one_way,
            "findings": [
                {"kind": str(f.kind), "path": f.path, "detail": f.detail, "remedy": f.remedy} for f in self.findings
            ],
        }
