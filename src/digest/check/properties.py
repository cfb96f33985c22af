"""The properties of a note, as far as a check needs them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from digest.check.report import Finding, Kind
from digest.nesting import is_too_deep

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"

_FRONT = re.compile(r"---[ \t]*\r?\n(.*?)^---[ \t]*\r?(?:\n|\Z)", re.DOTALL | re.MULTILINE)
# Possessive: a file of nothing but blanks or comments must not be tried in every way.
_SHADOWED = re.compile(
    r"((?:\s++|<!--.*?-->|%%.*?%%)++)(?<=\n)(---[ \t]*\r?\n[\w\"' -]+:.*?^---[ \t]*\r?(?:\n|\Z))",
    re.DOTALL | re.MULTILINE,
)
# Front matter of nothing but simple lines is valid as it stands; to parse it all the same takes ten times as long.
_INSIDE = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff"
_BARE = r"[\w .,;/()+'&=%!?-]*"
_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|[0-9]{4}-[0-9]{2}-[0-9]{2}"
_QUOTED = rf"\"(?:[^\"\\{_INSIDE}]|\\[\"\\])*\"|'[^'{_INSIDE}]*'"
_SIMPLE_VALUE = rf"(?:{_QUOTED}|[^\W\d_]{_BARE}(?::(?=[\w/]){_BARE})*|{_NUMBER}|\[\])"
_SIMPLE = re.compile(rf"(?:[A-Za-z_][\w-]*:(?: {_SIMPLE_VALUE}\n|\n(?:[ ]{{2}}- {_SIMPLE_VALUE}\n)*))*")
_SIMPLE_LINE = re.compile(rf"(?:([A-Za-z_][\w-]*):(?: ({_SIMPLE_VALUE}))?|[ ]{{2}}- ({_SIMPLE_VALUE}))\n")
# Texts that a property of that type holds as well: in quotes, or of a form that YAML does not know.
_LOOKS = {
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?"),
    "number": re.compile(r"-?[0-9]+(?:\.[0-9]+)?"),
}
_PAIR = re.compile(r"\\(.)")

LISTS = ("tags", "aliases", "cssclasses")
DEAD = {"tag": "tags", "alias": "aliases", "cssclass": "cssclasses"}
# What Obsidian takes for a tag: neither blanks nor punctuation but "_", "-" and "/".
_BAD_TAG = re.compile(r"[\s!-,.:-@\[-^`{-~\u2000-\u206f\u2e00-\u2e7f]")


class Value(NamedTuple):
    """One property's value. The type is Obsidian's, by YAML 1.2: null, text, number, checkbox, date, list or map."""

    type: str
    texts: tuple[str, ...]  # of a list its items, as written if they are no text; else one

    @property
    def is_empty(self) -> bool:
        return self.type == "null" or not any(self.texts)

    @property
    def looks_like(self) -> str:
        """The type, or for a text the one that it might as well be."""
        if self.type != "text" or (not self.texts[0][:1].isdigit() and self.texts[0][:1] != "-"):
            return self.type
        return next((name for name, pattern in _LOOKS.items() if pattern.fullmatch(self.texts[0])), "text")


_NONE = Value("null", ("",))


@dataclass(slots=True)
class Properties:
    """What a check looks at."""

    values: dict[str, Value] = field(default_factory=dict)  # of two with one name, the last
    twice: tuple[str, ...] = ()
    texts: list[str] = field(default_factory=list)  # every text in a value, wherever it stands
    bare_links: tuple[str, ...] = ()  # properties whose links lack quotes

    @property
    def arxiv_id(self) -> str | None:
        """``None``: no such property, or no text."""
        value = self.values.get("arxiv_id")
        return value.texts[0] if value and value.type == "text" else None

    def items(self, name: str) -> tuple[str, ...]:
        """The texts of a list, or the one of a single value."""
        value = self.values.get(name, _NONE)
        return () if value.is_empty else value.texts

    def text(self, name: str) -> str:
        return "".join(self.items(name)[:1])


def split(text: str) -> tuple[str | None, str]:
    """The lines between the fences, ``None`` when there are none, and the rest of the note."""
    front = _FRONT.match(text) if text.startswith("---") else None
    return (front[1], text[front.end() :]) if front else (None, text)


def shadowed(text: str) -> tuple[str, str] | None:
    """What stands before properties that are none because of it, and those properties with their fences."""
    found = None if text.startswith("---") else _SHADOWED.match(text)
    return (found[1], found[2]) if found else None


def read(front: str) -> Properties:
    """Raises ``yaml.YAMLError`` for what is no YAML and ``ValueError`` for what is no list of properties."""
    front = front.replace("\r\n", "\n")
    if _SIMPLE.fullmatch(front):
        return _read_simple(front)
    if is_too_deep(front):
        raise ValueError("nested too deep")
    return _read_yaml(front)


def faults(path: str, text: str, front: str | None, found: Properties | Exception) -> Iterator[Finding]:
    """What is wrong with the properties of one note, its text given."""
    if front is None:
        if shadowed(text):
            yield Finding(Kind.SHADOWED_PROPERTIES, path, "something stands before the properties, so they are none")
        return
    if isinstance(found, Exception):
        yield Finding(Kind.BAD_PROPERTIES, path, reason(found))
        return
    for name in found.twice:
        yield Finding(Kind.DUPLICATE_PROPERTY, path, name)
    for name in found.bare_links:
        yield Finding(Kind.BAD_PROPERTIES, path, f"“{name}” has a link without quotes, which is a list in a list")
    values = found.values
    if "arxiv_id" in values and found.arxiv_id is None:
        yield Finding(Kind.ID_NOT_TEXT, path, "arxiv_id")
    if "authors" in values and values["authors"].is_empty:
        yield Finding(Kind.NO_AUTHORS, path, "authors is empty")
    for name in LISTS:
        if name in values and values[name].type != "list" and not values[name].is_empty:
            yield Finding(Kind.NOT_A_LIST, path, name)
    for name, now in DEAD.items():
        if name in values and not values[name].is_empty:
            yield Finding(Kind.DEAD_PROPERTY, path, f"{name}: it is {now} now")
    if "tags" in values and values["tags"].type == "list":
        yield from (Finding(Kind.BAD_TAG, path, tag) for tag in values["tags"].texts if is_bad_tag(tag))


def is_bad_tag(tag: str) -> bool:
    """Whether Obsidian does not take *tag*, the text of an item of ``tags``, for one; an empty item is none."""
    name = tag.removeprefix("#")
    return bool(name) and (_BAD_TAG.search(name) is not None or name.isdigit())


def _gathered(pairs: Iterable[tuple[str, Value]]) -> Properties:
    found, twice = Properties(), {}
    for name, value in pairs:
        if name in found.values:
            twice[name] = True
        found.values[name] = value
        found.texts += value.texts
    found.twice = tuple(twice)
    return found


def _read_simple(front: str) -> Properties:
    pairs: list[tuple[str, Value]] = []
    items: list[str] = []
    for name, value, item in _SIMPLE_LINE.findall(front):
        if item:
            if not items:
                pairs[-1] = (pairs[-1][0], _NONE)
            items.append(_text(item))
            continue
        if items:
            pairs[-1] = (pairs[-1][0], Value("list", tuple(items)))
            items = []
        pairs.append((name, _scalar(value) if value else _NONE))
    if items:
        pairs[-1] = (pairs[-1][0], Value("list", tuple(items)))
    return _gathered(pairs)


_NULLS = frozenset({"null", "Null", "NULL"})
_CHECKS = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})


def _scalar(value: str) -> Value:
    """What a simple value says."""
    first, text = value[0], _text(value)
    if first in "\"'":
        return Value("text", (text,))
    if first == "[":
        return Value("list", ())
    if first == "-" or first.isdigit():
        return Value("date" if value[4:5] == "-" else "number", (text,))
    if not text:
        return _NONE
    return Value("checkbox" if text in _CHECKS else "text", (text,))


def _text(value: str) -> str:
    first = value[0]
    if first == '"':
        return _PAIR.sub(r"\1", value[1:-1]) if "\\" in value else value[1:-1]
    if first == "'":
        return value[1:-1]
    value = value.rstrip(" ")
    return "" if value in _NULLS else value


def _read_yaml(front: str) -> Properties:
    root = _Loader(front).get_single_node()
    if root is None:
        return Properties()
    if not isinstance(root, yaml.MappingNode):
        raise ValueError("not a list of “name: value” lines")  # noqa: TRY004 - the reader's YAML, no bug
    named = [(key.value if isinstance(key, yaml.ScalarNode) else "?", value) for key, value in root.value]
    found = _gathered((name, _value(node)) for name, node in named)
    found.texts = [text for _, node in named for text in _texts(node, 0)]
    found.bare_links = tuple(dict.fromkeys(name for name, node in named if _is_bare_link(node)))
    return found


def _value(node: yaml.Node) -> Value:
    if isinstance(node, yaml.SequenceNode):
        return Value(
            "list", tuple(_value(item).texts[0] if isinstance(item, yaml.ScalarNode) else "?" for item in node.value)
        )
    if not isinstance(node, yaml.ScalarNode):
        return Value("map", ("?",))
    return _NONE if node.tag == _TAG + "null" else Value(_type(node), (node.value,))


def _type(node: yaml.ScalarNode) -> str:
    """YAML 1.1, which PyYAML reads, takes more for numbers and checkboxes than Obsidian's 1.2 does."""
    tag, text = node.tag.removeprefix(_TAG), node.value
    if tag == "bool":
        return "checkbox" if text in _CHECKS else "text"
    if tag in ("int", "float"):
        return "text" if ":" in text or "_" in text else "number"
    return "date" if tag == "timestamp" else "text"


def _texts(node: yaml.Node, depth: int) -> Iterator[str]:
    if isinstance(node, yaml.ScalarNode):
        yield node.value
    elif depth < 9:  # aliases can make a tree of any size out of a few lines
        for child in node.value[:1000]:
            for one in child if isinstance(child, tuple) else (child,):
                yield from _texts(one, depth + 1)


def _is_bare_link(node: yaml.Node) -> bool:
    """``[[name]]`` without quotes."""
    if not isinstance(node, yaml.SequenceNode):
        return False
    inner = node.value[0] if len(node.value) == 1 else None
    if isinstance(inner, yaml.SequenceNode) and node.flow_style and inner.flow_style:
        return all(isinstance(leaf, yaml.ScalarNode) for leaf in inner.value)
    return any(_is_bare_link(child) for child in node.value if child is not node)


def reason(error: Exception) -> str:
    """What a parser found wrong, in a line."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error).partition("\n")[0]
    return f"line {mark.line + 2}: {problem}" if mark else f"{problem}"
