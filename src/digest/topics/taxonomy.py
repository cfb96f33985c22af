"""Trees of topics: the shipped one, and any that a reader brings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from digest.errors import ConfigError

DATA = files("digest.topics").joinpath("data")
CONCEPTS = "concepts.tsv"
SUPPLEMENT = "supplement.tsv"
ROOT_CONCEPT = "Computer Science"
NO_TOPIC = "-"
"""In the supplement, instead of what is broader: the ontology has the concept, and it names no topic."""


@dataclass(frozen=True)
class Taxonomy:
    """Topics by identifier, each with a name and at most one that is broader."""

    names: Mapping[str, str]
    broader: Mapping[str, str]  # of a topic at the top there is none

    def path(self, topic: str) -> tuple[str, ...]:
        """The names of a topic and all that are broader, the broadest first."""
        return tuple(reversed([self.names[one] for one in self.up(topic)]))

    def up(self, topic: str) -> Iterator[str]:
        """A topic, and what is broader, the nearest first."""
        while topic:
            yield topic
            topic = self.broader.get(topic, "")


def read_rows(name: str) -> list[tuple[str, str]]:
    """The rows of a shipped table of two columns."""
    lines = DATA.joinpath(name).read_text(encoding="utf-8").split("\n")
    return [(one, other) for one, _, other in (line.partition("\t") for line in lines if line and line[0] != "#")]


@cache
def shipped() -> Taxonomy:
    """The concepts of computer science; a concept's identifier is its canonical name."""
    found = {**dict(read_rows(CONCEPTS)), **dict(read_rows(SUPPLEMENT))}
    broader = {name: above for name, above in found.items() if above != NO_TOPIC}
    return Taxonomy({name: name for name in (ROOT_CONCEPT, *broader)}, broader)


def load(path: Path) -> Taxonomy:
    """A reader's own file: a line a topic, tab-separated: identifier, name, and the identifier of a broader one or none.

    Blank lines and those that begin with ``#`` are passed over. Raises ConfigError that names file and line when a line
    has another form, an identifier comes twice, a broader topic is not there, or topics are broader than each other.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"[topics] taxonomy: {path} cannot be read: {error}") from error
    names: dict[str, str] = {}
    broader: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        topic, name, above = _cells(line, f"{path}, line {number}")
        if topic in names:
            raise ConfigError(f"{path}, line {number}: the identifier {topic!r} comes twice")
        names[topic] = name
        if above:
            broader[topic] = above
    _judge(names, broader, path)
    return Taxonomy(names, broader)


def _cells(line: str, where: str) -> tuple[str, str, str]:
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) not in (2, 3) or not cells[0] or not cells[1]:
        raise ConfigError(f"{where}: not 'identifier<tab>name' or 'identifier<tab>name<tab>broader': {line!r:.80}")
    return cells[0], cells[1], cells[2] if len(cells) == 3 else ""


def _judge(names: Mapping[str, str], broader: Mapping[str, str], path: Path) -> None:
    if not names:
        raise ConfigError(f"{path}: no topic; a line is 'identifier<tab>name'")
    for topic, above in broader.items():
        if above not in names:
            raise ConfigError(f"{path}: {topic!r} is said to be narrower than {above!r}, which is not there")
    for topic in names:
        if _circles(topic, broader):
            raise ConfigError(f"{path}: {topic!r} is broader than itself")


def _circles(topic: str, broader: Mapping[str, str]) -> bool:
    seen: set[str] = set()
    while topic in broader and topic not in seen:
        seen.add(topic)
        topic = broader[topic]
    return topic in seen


def unnested(found: Iterable[str], taxonomy: Taxonomy) -> list[str]:
    """Those of *found*, in their order, that are broader than no other of them: a path tells what is broader."""
    wanted = list(found)
    above = {one for topic in wanted for one in list(taxonomy.up(topic))[1:]}
    return [topic for topic in wanted if topic not in above]
