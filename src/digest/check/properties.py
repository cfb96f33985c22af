"""The properties of a note, as far as a check needs them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from digest.check.report import Finding, Kind
from digest.nesting import is_too_deep

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT = "tag:yaml.org,2002:str"
_NULL = "tag:yaml.org,2002:null"

_FRONT = re.compile(r"---[ \t]*\r?\n(.*?)^---[ \t]*\r?(?:\n|\Z)", re.DOTALL | re.MULTILINE)
# Possessive: a file of nothing but blanks or comments must not be tried in every way.
_SHADOWED = re.compile(
    r"(?:\s++|<!--.*?-->|%%.*?%%)++(?<=\n)---[ \t]*\r?\n[\w\"' -]+:.*?^---[ \t]*\r?$", re.DOTALL | re.MULTILINE
)
# Front matter of nothing but simple lines is valid as it stands; to parse it all the same takes ten times as long.
_INSIDE = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff"
_BARE = r"[\w .,;/()+'&=%!?-]*"
_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|[0-9]{4}-[0-9]{2}-[0-9]{2}"
_QUOTED = rf"\"(?:[^\"\\{_INSIDE}]|\\[\"\\])*\"|'[^'{_INSIDE}]*'"
_SIMPLE_VALUE = rf"(?:{_QUOTED}|[^\W\d_]{_BARE}(?::(?=[\w/]){_BARE})*|{_NUMBER}|\[\])"
_SIMPLE = re.compile(rf"(?:[A-Za-z_][\w-]*:(?: {_SIMPLE_VALUE}\n|\n(?:[ ]{{2}}- {_SIMPLE_VALUE}\n)*))*")
_SIMPLE_LINE = re.compile(rf"(?:([A-Za-z_][\w-]*):(?: ({_SIMPLE_VALUE}))?|[ ]{{2}}- ({_SIMPLE_VALUE}))\n")
_PAIR = re.compile(r"\\(.)")
_WORDS = frozenset(["null", "true", "false", "yes", "no", "on", "off", "y", "n"])


@dataclass(slots=True)
class Properties:
    """What a check looks at."""

    keys: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)  # every text in a value, wherever it stands
    arxiv_id: str | None = None  # None: no such property, or no text
    id_is_text: bool = True
    no_authors: bool = False
    bare_link: str = ""  # a property whose link lacks quotes


def split(text: str) -> tuple[str | None, str]:
    """The lines between the fences, ``None`` when there are none, and the rest of the note."""
    front = _FRONT.match(text) if text.startswith("---") else None
    return (front[1], text[front.end() :]) if front else (None, text)


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
        if _SHADOWED.match(text):
            yield Finding(Kind.SHADOWED_PROPERTIES, path, "something stands before the properties, so they are none")
        return
    if isinstance(found, Exception):
        yield Finding(Kind.BAD_PROPERTIES, path, _reason(found))
        return
    for name in dict.fromkeys(name for name in found.keys if found.keys.count(name) > 1):
        yield Finding(Kind.DUPLICATE_PROPERTY, path, name)
    if found.bare_link:
        yield Finding(
            Kind.BAD_PROPERTIES, path, f"“{found.bare_link}” has a link without quotes, which is a list in a list"
        )
    if not found.id_is_text:
        yield Finding(Kind.ID_NOT_TEXT, path, "arxiv_id")
    if found.no_authors:
        yield Finding(Kind.NO_AUTHORS, path, "authors is empty")


def _read_simple(front: str) -> Properties:
    found, last, filled = Properties(), "", set()
    for key, value, item in _SIMPLE_LINE.findall(front):
        last = key or last
        if key:
            found.keys.append(key)
            filled.discard(key)  # of two, the last counts
        if item or value not in ("", "[]", '""', "''"):
            filled.add(last)
            found.texts.append(_bare(value or item))
        if key in ("arxiv_id", "authors") and value.lower() in _WORDS:  # which of them are text is for YAML to say
            return _read_yaml(front)
        if key == "arxiv_id":
            found.id_is_text = value[:1] in ("'", '"') or value[:1].isalpha()
            found.arxiv_id = _bare(value) if found.id_is_text else None
    if last and "authors" in found.keys:
        found.no_authors = "authors" not in filled
    return found


def _bare(value: str) -> str:
    if value[:1] == '"':
        return _PAIR.sub(r"\1", value[1:-1])
    return value[1:-1] if value[:1] == "'" else value.rstrip(" ")


def _read_yaml(front: str) -> Properties:
    root = _Loader(front).get_single_node()
    if root is None:
        return Properties()
    if not isinstance(root, yaml.MappingNode):
        raise ValueError("not a list of “name: value” lines")  # noqa: TRY004 - the reader's YAML, no bug
    found = Properties()
    for key, value in root.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else "?"
        found.keys.append(name)
        found.texts += _texts(value, 0)
        if _is_bare_link(value):
            found.bare_link = found.bare_link or name
        if name == "arxiv_id":
            found.id_is_text = value.tag == _TEXT
            found.arxiv_id = value.value if found.id_is_text else None
        if name == "authors":
            found.no_authors = value.tag == _NULL or not value.value
    return found


def _texts(node: yaml.Node, depth: int) -> Iterator[str]:
    if isinstance(node, yaml.ScalarNode):
        if node.tag == _TEXT:
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


def _reason(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error).partition("\n")[0]
    return f"line {mark.line + 2}: {problem}" if mark else f"{problem}"
