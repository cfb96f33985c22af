"""What was found, of which kind, how grave it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    FAULT = "fault"  # something does not work, here or on another system
    HINT = "hint"  # something is odd; whether it is wrong is for the reader to say


class Kind(StrEnum):
    DEAD_LINK = "dead link"
    DEAD_ANCHOR = "dead heading, block or view"
    SPELLING = "link spelled otherwise than its file"
    AMBIGUOUS = "ambiguous link"
    BAD_NAME = "bad name"
    COLLISION = "colliding names"
    BAD_PROPERTIES = "bad properties"
    SHADOWED_PROPERTIES = "properties not on the first line"
    DUPLICATE_PROPERTY = "property twice"
    DUPLICATE_PAPER = "paper twice"
    DUPLICATE_DAY = "day twice"
    ID_NOT_TEXT = "arxiv_id is not text"
    NO_AUTHORS = "no authors"
    NOT_UTF8 = "not UTF-8"
    UNREADABLE = "unreadable Base or canvas"
    BROKEN_BLOCKS = "broken markers"
    NEAR_KEYWORD = "near-duplicate keyword"
    ONE_WAY = "one-way related link"
    ORPHAN = "orphan note"
    NOT_A_LIST = "property that must be a list"
    DEAD_PROPERTY = "property that Obsidian reads no more"
    BAD_TAG = "bad tag"
    MIXED_TYPE = "property of another type"


HINTS = frozenset(
    {
        Kind.NEAR_KEYWORD,
        Kind.ONE_WAY,
        Kind.ORPHAN,
        Kind.NOT_A_LIST,
        Kind.DEAD_PROPERTY,
        Kind.BAD_TAG,
        Kind.MIXED_TYPE,
    }
)

REMEDIES: Mapping[Kind, str] = {
    Kind.DEAD_LINK: "Make the file, or correct or remove the link.",
    Kind.DEAD_ANCHOR: "Correct the part after “#”, or put the heading, block id or view back.",
    Kind.SPELLING: "Write the link as the file is named; where case counts, other programs do not find it.",
    Kind.AMBIGUOUS: "Write the whole path from the vault's root.",
    Kind.BAD_NAME: "Rename it within Obsidian, so that links follow.",
    Kind.COLLISION: "Rename one of them: on macOS, Windows and phones they are one file.",
    Kind.BAD_PROPERTIES: "Correct the lines between the “---”; quote text that holds “: ”, “#” or “[[”.",
    Kind.SHADOWED_PROPERTIES: "Move what stands before the first “---” below the properties.",
    Kind.DUPLICATE_PROPERTY: "Keep one of the two lines.",
    Kind.DUPLICATE_PAPER: "Keep one of the notes; move your words from the other into it.",
    Kind.DUPLICATE_DAY: "Keep one of the notes; move your words from the other into it.",
    Kind.ID_NOT_TEXT: 'Put the id in quotes (arxiv_id: "2509.18690"), or it is read as a number.',
    Kind.NO_AUTHORS: "Fetch the paper again, or remove the property.",
    Kind.NOT_UTF8: "Save the file as UTF-8.",
    Kind.UNREADABLE: "Open it in Obsidian and correct it, or delete it to have it made again.",
    Kind.BROKEN_BLOCKS: "Put the missing “%% digest:… %%” line back, or remove its partner; until then digest leaves the note alone.",
    Kind.NEAR_KEYWORD: "If they are one, join them: digest keywords merge.",
    Kind.ONE_WAY: "Link back from the other note, or remove the link.",
    Kind.ORPHAN: "Link to it from somewhere, if it is to be found by links.",
    Kind.NOT_A_LIST: "Write the value on a line of its own, as “  - value”.",
    Kind.DEAD_PROPERTY: "Rename it: tags, aliases and cssclasses are what Obsidian reads since 1.9.",
    Kind.BAD_TAG: "Use letters, digits, “_”, “-” and “/” only, and not digits alone.",
    Kind.MIXED_TYPE: "Give the property the type that it has in most notes; Obsidian knows one type for each name.",
}

GENERATED = (
    "It stands in a block that digest writes: run digest render --all; if it stays, put the file back where it was."
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault or hint in one file."""

    kind: Kind
    path: str  # from the vault's root
    detail: str
    generated: bool = False  # it stands in a block that digest writes
    fixable: bool = field(default=False, compare=False)  # can be mended without guessing

    @property
    def severity(self) -> Severity:
        return Severity.HINT if self.kind in HINTS else Severity.FAULT

    @property
    def remedy(self) -> str:
        return GENERATED if self.generated else REMEDIES[self.kind]

    def to_json(self) -> dict[str, object]:
        return {
            "kind": str(self.kind),
            "severity": str(self.severity),
            "path": self.path,
            "detail": self.detail,
            "remedy": self.remedy,
            "fixable": self.fixable,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """All findings, by path."""

    findings: tuple[Finding, ...]
    notes: int
    links: int  # internal ones, those in properties, canvases and embeds included

    def of(self, severity: Severity) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity is severity]

    @property
    def faults(self) -> int:
        return len(self.of(Severity.FAULT))

    @property
    def hints(self) -> int:
        return len(self.of(Severity.HINT))

    @property
    def fixable(self) -> int:
        return sum(finding.fixable for finding in self.findings)

    def by_kind(self) -> dict[Kind, list[Finding]]:
        """The findings of each kind that was found, in the order in which kinds are declared: faults, then hints."""
        groups: dict[Kind, list[Finding]] = {kind: [] for kind in Kind}
        for finding in self.findings:
            groups[finding.kind].append(finding)
        return {kind: group for kind, group in groups.items() if group}

    def to_json(self) -> dict[str, object]:
        """Plain values: what was read, how much of each kind was found, and all findings by path."""
        return {
            "notes": self.notes,
            "links": self.links,
            "faults": self.faults,
            "hints": self.hints,
            "fixable": self.fixable,
            "kinds": {str(kind): len(group) for kind, group in self.by_kind().items()},
            "findings": [finding.to_json() for finding in self.findings],
        }
