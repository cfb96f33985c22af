"""Between values of the model and rows of the catalogue."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from digest.model import Candidate, KeyTerm, Keyword, Paper, PaperId, Summary, Testimony, Topic

PAPER_COLUMNS = (
    "id, version, title, abstract, authors, categories, submitted, updated, "
    "comment, journal_ref, dois, license, withdrawn, text_hash"
)


@cache  # a decoder is built from its type at the first use: most nights with nothing new need none
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def text_of(paper: Paper) -> str:
    """What a paper is embedded and known again by."""
    return f"{paper.title}\n\n{paper.abstract}"


def text_hash(paper: Paper) -> str:
    return hash_of(text_of(paper))


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def paper_row(paper: Paper) -> tuple[Any, ...]:
    return (
        paper.id,
        paper.version,
        paper.title,
        paper.abstract,
        json.dumps(paper.authors, ensure_ascii=False),
        json.dumps(paper.categories),
        paper.submitted and paper.submitted.isoformat(),
        paper.updated and paper.updated.isoformat(),
        paper.comment,
        paper.journal_ref,
        json.dumps(paper.dois),
        paper.license,
        int(paper.withdrawn),
        text_hash(paper),
    )


def paper_of(row: sqlite3.Row) -> Paper:
    return Paper(
        id=PaperId(row["id"]),
        version=row["version"],
        title=row["title"],
        abstract=row["abstract"],
        authors=tuple(json.loads(row["authors"])),
        categories=tuple(json.loads(row["categories"])),
        submitted=_moment(row["submitted"]),
        updated=_moment(row["updated"]),
        comment=row["comment"],
        journal_ref=row["journal_ref"],
        dois=tuple(json.loads(row["dois"])),
        license=row["license"],
        withdrawn=bool(row["withdrawn"]),
    )


def former_of(row: sqlite3.Row, current: Paper) -> Paper:
    """An earlier version of a paper: its own text and authors, and what is not of a version."""
    return replace(
        current,
        version=row["version"],
        title=row["title"],
        abstract=row["abstract"],
        authors=tuple(json.loads(row["authors"])),
        updated=_moment(row["submitted"]),
        comment="",
        license="",
        withdrawn=bool(row["withdrawn"]),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def dump(value: Sequence[Candidate] | Sequence[Keyword] | Sequence[KeyTerm] | Sequence[Topic] | Summary) -> str:
    return msgspec.json.encode(value).decode()


def candidates_of(text: str) -> tuple[Candidate, ...]:
    found: tuple[Candidate, ...] = _decoder(tuple[Candidate, ...]).decode(text)
    return found


def keywords_of(text: str) -> tuple[Keyword, ...]:
    found: tuple[Keyword, ...] = _decoder(tuple[Keyword, ...]).decode(text)
    return found


def key_terms_of(text: str) -> tuple[KeyTerm, ...]:
    found: tuple[KeyTerm, ...] = _decoder(tuple[KeyTerm, ...]).decode(text)
    return found


def topics_of(text: str) -> tuple[Topic, ...]:
    found: tuple[Topic, ...] = _decoder(tuple[Topic, ...]).decode(text)
    return found


class Decision(msgspec.Struct, frozen=True):
    """Of a keyword, what was decided: several times as quick to read as the whole."""

    canonical: str
    linked: bool
    reason: str
    hub: bool = False


def decisions_of(text: str) -> tuple[Decision, ...]:
    found: tuple[Decision, ...] = _decoder(tuple[Decision, ...]).decode(text)
    return found


def summary_of(text: str) -> Summary:
    found: Summary = _decoder(Summary).decode(text)
    return found


def dump_testimony(statement: Testimony) -> str:
    """What is said; what is not said is left out."""
    silent = msgspec.to_builtins(Testimony())
    said = {name: value for name, value in msgspec.to_builtins(statement).items() if value != silent[name]}
    return msgspec.json.encode(said).decode()


def testimony_of(text: str) -> Testimony:
    found: Testimony = _decoder(Testimony).decode(text)
    return found


IN = "IN (SELECT value FROM json_each(?))"


def listed(values: Iterable[str]) -> str:
    """A list as one parameter, for ``IN``: no limit on its length."""
    return json.dumps(list(values))
