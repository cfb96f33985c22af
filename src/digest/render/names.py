"""File names: a title made safe for every file system and every reader of the vault, and where each page lives.

The rules are those of Obsidian's own importer (NFC, Windows' and Android's characters and names), tightened by what
other readers of a vault trip over; a name is meant to be read, so characters are replaced by what looks like them
before they are dropped.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Literal

from digest.periods import Period
from digest.render import tex

NAME_BYTES = 100  # of a title within a name
BASE_BYTES = 120  # of a whole base name: encrypting file systems and sync services fail from 133 to 143 on
PATH_CHARACTERS = 150  # Windows counts 260, of which the vault's own place takes about 100

_ENTITY = re.compile(r"&#?\w{1,32};")
_SPACES = re.compile(r"[\s\u2028\u2029]+")
_COLON = re.compile(r"\s*:\s+|:$")
_PERCENT = re.compile(r"(?<=\d)\s?%")
_SHARP = re.compile(r"(?<![^\W_])([CFJ])#(?!\w)")
_REPEATED = re.compile(r"([=~])\1+")
_EDGE_UNDERSCORE = re.compile(r"(?<!\w)_+|_++(?!\w)")
_JOINERS = re.compile(r"(?<![^\W\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?![^\W\x00-\x7f])")
_REPLACED = str.maketrans(
    {"/": "-", "\\": "-", ":": "-", "|": "-", "<": "‹", ">": "›", "*": "∗", "~": "∼", "[": "(", "]": ")"}
    | dict.fromkeys('?"#^%`$', "")
)
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|conin|conout|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)")
_FILE_TYPE = re.compile(
    r"(?i)\.(md|markdown|base|canvas|png|jpe?g|gif|bmp|svg|webp|avif|pdf|mp3|wav|m4a|3gp|flac|og[gav]|opus|mp4|webm|mov"
    r"|mkv|html?|css|json|txt|csv|ya?ml|zip|exe|lnk|icloud)$"
)
_FALLBACK = "Untitled"
_SEPARATOR = re.compile(r"(?<!\\)[:/|]")

Preset = Literal["default", "seed"]
"""How files are named and pages look: as digest does, or as the vault did that its seed documents come from."""


def safe_name(title: str, *, limit: int) -> str:
    """A file's base name that says *title*: at most *limit* bytes of UTF-8, the same when made safe again.

    Two titles may get one name; ``collision_key`` and ``distinct`` tell them apart.
    """
    name = tex.plain(_without_entities(title))
    for _ in range(8):  # a cut can uncover a rule's work again; every round only shortens or replaces
        before, name = name, _round(name, limit)
        if name == before:
            break
    return name or _FALLBACK[:limit]


def _without_entities(title: str) -> str:
    """HTML's entities as characters, those of entities too; what only looks like one goes."""
    while (text := _ENTITY.sub(_character, title)) != title:
        title = text
    return title


def _character(entity: re.Match[str]) -> str:
    text = html.unescape(entity[0])
    return "" if text == entity[0] else text


def _round(name: str, limit: int) -> str:
    name = _without_entities(_SPACES.sub(" ", unicodedata.normalize("NFC", name)))
    name = "".join(c for c in name if _is_kept(c))
    name = _JOINERS.sub("", name)
    name = _PERCENT.sub(" percent", _SHARP.sub(r"\1-sharp", _COLON.sub(" - ", name)))
    name = _REPEATED.sub(r"\1", name.translate(_REPLACED))
    name = _EDGE_UNDERSCORE.sub("", name)
    name = _cut(_SPACES.sub(" ", name).strip(" .").removesuffix(" -").rstrip(" ."), limit)
    name = _FILE_TYPE.sub(r"-\1", name)
    return _RESERVED.sub(r"\1-", name)


def _is_kept(character: str) -> bool:
    """Neither control, format, private nor unassigned characters, nor emoji: some Android systems refuse those."""
    if character in "\u200c\u200d":
        return True
    category = unicodedata.category(character)
    if category[0] == "C" or category in ("Zl", "Zp") or "\ufe00" <= character <= "\ufe0f":
        return False
    return not (category in ("So", "Sk") and character > "\uffff") and character != "\u20e3"


def _cut(name: str, limit: int) -> str:
    """At most *limit* bytes, at the end of a word where one is near, never between a letter and its marks."""
    raw = name.encode()
    if len(raw) <= limit:
        return name
    kept = raw[:limit].decode(errors="ignore")
    while kept and _joins(kept[-1], name[len(kept)]):
        kept = kept[:-1]
    if name[len(kept)] != " " and (space := kept.rfind(" ")) > len(kept) * 0.6:
        kept = kept[:space]
    return kept.rstrip(" .,;-–(‹&")


def _joins(left: str, right: str) -> bool:
    """Whether the two make one visible character (the common part of Unicode's grapheme clusters)."""
    return bool(unicodedata.category(right)[0] == "M" or right in "\u200c\u200d" or left == "\u200d" or _is_jamo(right))


def _is_jamo(character: str) -> bool:
    return "\u1160" <= character <= "\u11ff"


def note_path(title: str, paper_id: str, announced: date, preset: Preset = "default") -> str:
    """Where a paper's note is first written, without ``.md``: the day of its first announcement, its title, its id.

    The preset ``seed`` has the day again in place of the id, and "_" for what cannot stand in a name.
    """
    if preset == "seed":
        suffix = f"_{announced:%Y%m%d}"
        title = _SEPARATOR.sub("_", title)
    else:
        suffix = f" ({_id_name(paper_id)})"
    name = safe_name(title, limit=min(NAME_BYTES, BASE_BYTES - len(suffix.encode())))
    return f"{announced:%Y-%m-%d}/{name}{suffix}"


def _id_name(paper_id: str) -> str:
    return safe_name(paper_id.replace("/", "-"), limit=40)


def text_path(note: str) -> str:
    """Where the whole text of a paper is first written: beside its note, which is at *note*."""
    return f"{note} text"


def keyword_path(name: str) -> str:
    return f"keywords/{safe_name(name, limit=NAME_BYTES)}"


def author_path(name: str) -> str:
    return f"authors/{safe_name(name, limit=NAME_BYTES)}"


def category_path(category: str) -> str:
    return f"categories/{safe_name(category, limit=NAME_BYTES)}"


def day_path(day: date) -> str:
    """Never the bare date: that is the name of Obsidian's own daily notes."""
    return f"digests/daily_digest_{day:%Y%m%d}"


def period_path(when: Period) -> str:
    """Where the page of a day, week or month is."""
    if when.kind == "day":
        return day_path(when.first)
    return f"digests/weekly_digest_{when.key}" if when.kind == "week" else f"digests/monthly_digest_{when.first:%Y%m}"


def network_path(paper_id: str) -> str:
    """Where a paper's place among its citations is drawn; by its identifier, for the reader may move its note."""
    return f"assets/citations/{_id_name(paper_id)}.svg"


def plot_path(path: str) -> str:
    """Where the plot of a page is: of a day's, week's, month's, keyword's or category's."""
    day = day_of(path)
    return f"assets/{day.isoformat()}-categories.svg" if day else f"assets/{path}.svg"


def map_path(path: str) -> str:
    """Where the map of a week's page is."""
    return f"assets/{path}-map.svg"


def canvas_path(path: str) -> str:
    """Where the canvas of a week's page is."""
    return f"{path}.canvas"


def drawings(path: str) -> tuple[str, ...]:
    """Where everything that may be drawn for a page is."""
    return plot_path(path), map_path(path), canvas_path(path)


def is_our_note_path(path: str, paper_id: str) -> bool:
    """Whether a path is one that ``note_path`` could have made, and not a place that the reader chose."""
    named = rf" \({re.escape(_id_name(paper_id))}\)"
    dated = r"_(?P=year)(?P=month)(?P=day)"
    return (
        re.fullmatch(rf"(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)/[^/]*(?:{named}|{dated})(?: \d+)?", path)
        is not None
    )


def day_of(path: str) -> date | None:
    """The day of a path that ``day_path`` made."""
    match = re.search(r"daily_digest_(\d{4})(\d\d)(\d\d)$", path)
    return date(int(match[1]), int(match[2]), int(match[3])) if match else None


def collision_key(path: str) -> str:
    """Equal for two paths that macOS or Windows would put into one file."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def distinct(path: str, taken: Callable[[str], bool]) -> str:
    """*path*, or the first of ``path 2``, ``path 3`` … that is not *taken*, within the limits of a name."""
    folder, slash, base = path.rpartition("/")
    room = min(BASE_BYTES, PATH_CHARACTERS - len(folder) - len(slash))
    found, number = path, 2
    while taken(found):
        suffix = f" {number}"
        found = f"{folder}{slash}{_cut(base, room - len(suffix))}{suffix}"
        number += 1
    return found
