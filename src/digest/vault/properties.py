"""Front matter: emitting it, and changing what is ours in the reader's without touching the rest.

Scalars are emitted one by one rather than by a YAML library: a night renders thousands of notes, and PyYAML's emitter
alone would cost more than everything else. That what is written reads back equal in YAML 1.1 and 1.2 is proven by test.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from io import StringIO
from typing import Any

import yaml

from digest.model import Page
from digest.nesting import is_too_deep

# libyaml's parser is ten times faster; both give the same nodes.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# What may stand bare: begins with a letter, so that it is no number, date, list or indicator, and holds nothing that
# YAML gives a meaning inside a line.
_PLAIN = re.compile(r"[^\W\d_](?:[\w .,;/()+'&=%!?-]|:(?=\S))*(?<! )")
_WORDS = frozenset(["null", "true", "false", "yes", "no", "on", "off", "y", "n"])
_ESCAPED = re.compile(r'[\\"\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]')
_SHORT = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_TAIL = re.compile(r"(?:^[ \t]*(?:#[^\n]*)?\r?\n)*\Z", re.MULTILINE)


class Unmergeable(ValueError):
    """The file cannot be changed safely; the message says why, in words for the reader."""


# --- emitting --------------------------------------------------------------------------------------------------------


def emit(properties: Mapping[str, object]) -> str:
    """The lines between the fences, LF, in the order given.

    Raises ``TypeError`` for a value that Obsidian has no property type for (a nested list or mapping, a time).
    """
    return "".join(emit_property(key, value) for key, value in properties.items())


def emit_property(key: str, value: object) -> str:
    if isinstance(value, list | tuple):
        if not value:
            return f"{scalar(key)}: []\n"
        return f"{scalar(key)}:\n" + "".join(f"  - {_item(item)}\n" for item in value)
    text = scalar(value)
    return f"{scalar(key)}: {text}\n" if text else f"{scalar(key)}:\n"


def _item(value: object) -> str:
    # A bare "-" reads back as null too, but its trailing space is lost by editors that trim lines.
    return scalar(value) or "null"


def scalar(value: object) -> str:
    """One value on one line; ``None`` is empty, as Obsidian writes it."""
    if isinstance(value, str):
        return _text(str(value))
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"no property of Obsidian's can hold {value!r}")


def _number(value: float) -> str:
    if value - value != 0:
        raise TypeError(f"no property of Obsidian's can hold {value!r}")
    text = repr(value)
    mantissa, e, exponent = text.partition("e")
    # YAML 1.1 reads 1e-05 as text: it wants the point and the exponent's sign.
    if e and "." not in mantissa:
        mantissa += ".0"
    if e and exponent[0] not in "+-":
        exponent = "+" + exponent
    return mantissa + e + exponent


@lru_cache(maxsize=8192)
def _text(value: str) -> str:
    if _PLAIN.fullmatch(value) and value.casefold() not in _WORDS:
        return value
    return '"' + _ESCAPED.sub(_escape, value) + '"'


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    if 0xD800 <= code <= 0xDFFF:  # half a character: no file can hold it
        return "\ufffd"
    return _SHORT.get(char) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


# --- merging ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Entry:
    """One property as it stands in the file: ``text[start:end]``, comments after it left out."""

    key: str
    start: int
    end: int
    value: object


class _Unreadable:
    """The value of a property that is no value of ours, whatever it is."""


def merge(text: str, page: Page) -> str:
    """Bring the generator's properties up to date in *text*, the lines between the fences.

    The reader's properties, their order, comments, quoting and line ends are kept byte for byte; so is everything when
    no value of ours changed. Properties in ``page.once`` are never touched; lists in ``page.shared`` get ours first,
    then what the reader added. A property of ours that is missing is put after the one that precedes it on the page.

    Raises ``Unmergeable``.
    """
    entries = {entry.key: entry for entry in _entries(text)}
    desired = _desired(page, entries)
    try:
        edits = list(_edits(text, page, entries, desired))
    except TypeError as error:  # the reader put into a list what none of Obsidian's properties can hold
        raise Unmergeable(f"its properties cannot be joined with ours ({error})") from error
    if not edits:
        return text
    merged = _apply(text, edits)
    _prove(merged, entries, desired)
    return merged


def set_value(text: str, key: str, before: object, after: object) -> str:
    """*text* with another value of a property, if it is *before* now; else as it is. Raises ``Unmergeable``."""
    entries = {entry.key: entry for entry in _entries(text)}
    entry = entries.get(key)
    if entry is None or not same(entry.value, before):
        return text
    eol = "\r\n" if "\r\n" in text else "\n"
    new = _rewritten(text[entry.start : entry.end], key, after).replace("\n", eol)
    merged = _apply(text, [(entry.start, entry.end, new)])
    _prove(merged, entries, {key: after})
    return merged


def _desired(page: Page, entries: Mapping[str, _Entry]) -> dict[str, object]:
    """What each property of ours should hold, beside the reader's."""
    desired: dict[str, object] = {}
    for key, value in page.properties.items():
        if key in page.once:
            continue
        if key in page.shared and isinstance(value, list | tuple):
            value = _union(value, entries[key].value if key in entries else None, page.written.get(key, ()))
        desired[key] = value
    return desired


def _union(ours: Sequence[object], theirs: object, written: Sequence[str]) -> list[object]:
    """Ours, and what the reader added: what is there and was not *written* by us before."""
    if theirs is None:
        return list(ours)
    if isinstance(theirs, _Unreadable | dict):
        raise Unmergeable("a list of its properties holds what is no list")
    listed = theirs if isinstance(theirs, list) else [theirs]
    return [*ours, *(item for item in listed if not any(same(item, own) for own in (*ours, *written)))]


def _edits(
    text: str, page: Page, entries: Mapping[str, _Entry], desired: Mapping[str, object]
) -> Iterator[tuple[int, int, str]]:
    eol = "\r\n" if "\r\n" in text else "\n"
    anchor = 0
    for key in page.properties:
        entry = entries.get(key)
        if entry is None and key in desired:
            yield anchor, anchor, emit_property(key, desired[key]).replace("\n", eol)
        elif entry is not None:
            anchor = entry.end
            if key in desired and not same(entry.value, desired[key]):
                new = _rewritten(text[entry.start : entry.end], key, desired[key])
                yield entry.start, entry.end, new.replace("\n", eol)


def _apply(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    # Stable: several insertions at one place keep the page's order; the reader may have moved properties about.
    parts, at = [], 0
    for start, end, new in sorted(edits, key=lambda edit: (edit[0], edit[1])):
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])


def _prove(merged: str, before: Mapping[str, _Entry], desired: Mapping[str, object]) -> None:
    """Read the result again: nothing that cannot be read back is ever written over the reader's file."""
    after = {entry.key: entry for entry in _entries(merged)}
    kept = [key for key in after if key in before] == list(before)
    if not kept or not all(key in after and same(after[key].value, value) for key, value in desired.items()):
        raise Unmergeable("its properties are written in a way that cannot be changed safely")


def same(theirs: object, ours: object) -> bool:
    """Equal in value and in type: ``1``, ``1.0``, ``true`` and ``"1"`` are four different properties."""
    if isinstance(ours, list | tuple):
        return isinstance(theirs, list) and len(theirs) == len(ours) and all(map(same, theirs, ours))
    if isinstance(ours, str):
        return isinstance(theirs, str) and theirs == str(ours)
    return type(theirs) is type(ours) and repr(theirs) == repr(ours)


def read_value(text: str, key: str) -> object:
    """The value of one property; ``None`` when it is absent. Raises ``Unmergeable``."""
    return read_property(text, key)[1]


def read_property(text: str, key: str) -> tuple[bool, object]:
    """Whether a property is there, and its value. Raises ``Unmergeable``."""
    return next(((True, entry.value) for entry in _entries(text) if entry.key == key), (False, None))


def _entries(text: str) -> list[_Entry]:
    """The properties in *text*, in order. Raises ``Unmergeable`` for what Obsidian would not read as properties."""
    if is_too_deep(text):
        raise Unmergeable("its properties are nested too deep")
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
    except (yaml.YAMLError, ValueError) as error:
        raise Unmergeable(f"its properties are not valid YAML ({_reason(error)})") from error
    if root is None:
        return []
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise Unmergeable("its properties are not written as “name: value” lines")
    entries = list(_located(text, root, loader))
    names = [entry.key for entry in entries]
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise Unmergeable(f"its property “{twice[0]}” stands there twice")
    return entries


def _located(text: str, root: yaml.MappingNode, loader: Any) -> Iterator[_Entry]:
    starts = [key.start_mark.index for key, _ in root.value]
    for (key, value), start, stop in zip(root.value, starts, [*starts[1:], len(text)], strict=True):
        if not isinstance(key, yaml.ScalarNode) or (start and text[start - 1] != "\n"):
            raise Unmergeable("its properties are not written as “name: value” lines")
        tail = _TAIL.search(text, start, stop)
        yield _Entry(key.value, start, tail.start() if tail else stop, _value(loader, value))


def _value(loader: Any, node: yaml.Node) -> object:
    try:
        value: object = loader.construct_document(node)
    except (yaml.YAMLError, ValueError, TypeError):  # a month 13, a list as a key: the reader's business
        return _Unreadable()
    return value


def _reason(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error).partition("\n")[0]
    return f"line {mark.line + 2}: {problem}" if mark else problem


# --- a property with a comment of the reader's -----------------------------------------------------------------------


def _rewritten(text: str, key: str, value: object) -> str:
    if "#" not in text:
        return emit_property(key, value)
    return _with_comments(text.replace("\r\n", "\n"), key, value)


def _with_comments(text: str, key: str, value: object) -> str:
    """Change one property by a YAML round trip, which keeps the comments beside its lines."""
    from ruamel.yaml import YAML  # rarely needed, and slow to load
    from ruamel.yaml.comments import CommentedSeq
    from ruamel.yaml.error import YAMLError

    dialect = YAML()
    dialect.preserve_quotes = True
    dialect.width = 1 << 30
    dialect.indent(sequence=4, offset=2)
    try:
        data = dialect.load(text)
        if isinstance(value, list | tuple) and isinstance(data[key], CommentedSeq) and value:
            _become(data[key], [_styled(item) for item in value])
        else:
            data[key] = [_styled(item) for item in value] if isinstance(value, list | tuple) else _styled(value)
        out = StringIO()
        dialect.dump(data, out)
    except (YAMLError, ValueError, KeyError) as error:
        raise Unmergeable(f"its property “{key}” has comments that cannot be kept") from error
    return out.getvalue()


def _become(items: Any, wanted: Sequence[object]) -> None:
    """Turn one list into the other in place, so that each item keeps its comment."""
    for index in reversed(range(len(items))):
        if items[index] not in wanted:
            del items[index]
    for index, item in enumerate(wanted):
        if index < len(items) and items[index] == item:
            continue
        items.insert(index, item)
        if item in items[index + 1 :]:
            del items[items.index(item, index + 1)]


def _styled(value: object) -> object:
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    if isinstance(value, str) and scalar(value).startswith('"'):
        return DoubleQuotedScalarString(value)
    return value
