"""A random reader who lives in a vault: between two nights he writes, moves, renames, ticks, breaks and deletes.

Each word that he writes is a *token*, unlike any other, so that it can be looked for after the night: in the text, the
properties or the name of any file. What he deletes himself is gone by his own will, and is not looked for.

    faults = live(make_history(7, weeks=1), home)

runs the nights of a history with a reader between them, and says what he would complain about.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from digest import check, config
from digest.check.links import Resolver, links_in
from digest.model import PaperId
from digest.pipeline import commands
from digest.testing import demo, storms
from digest.testing.fake_arxiv import FakeArxiv
from digest.testing.fakes import make_home
from digest.testing.histories import History
from digest.vault.layout import checksum
from digest.vault.merge import find_regions
from digest.vault.properties import Unmergeable

TOKEN = re.compile(r"zq[a-z]+\d+zq")
_TARGET = re.compile(r"\[\[[^\]|\n]*")
_ID = re.compile(r"""^arxiv_id: ["']?([\w./-]+)""", re.MULTILINE)
_MARKER = re.compile(r"^%% digest:(?:begin|end)")
_BOX = re.compile(r"(?m)^(- \[)(.)(\] \[\[)")


class Reader:
    """The same for a *seed* and a vault; ``did`` says what he did, for whoever looks into a fault."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.dice = random.Random(f"reader {seed}")
        self.did: list[str] = []
        self.deleted: set[str] = set()  # papers whose only note he deleted
        self._tokens = 0
        self._edits = 0

    def spend_day(self) -> None:
        """A few edits, none of them of this moment: he has gone to bed since."""
        for _ in range(self.dice.choice((0, 1, 2, 3, 5, 8))):
            edit = self.dice.choice(EDITS)
            try:
                told = edit(self)
            except (OSError, UnicodeDecodeError):  # there is no such file any more, or it is in the way
                continue
            if told:
                self.did.append(f"{edit.__name__}: {told}")

    def words(self) -> Counter[str]:
        """His tokens, wherever they are in the vault but in the targets of links, and how often."""
        found: Counter[str] = Counter()
        for path in self.root.rglob("*"):
            found.update(TOKEN.findall(path.name))
            if path.is_file():
                found.update(TOKEN.findall(_TARGET.sub("", path.read_text("utf-8", "replace"))))
        return found

    # --- what he works with ---

    def token(self) -> str:
        self._tokens += 1
        return f"zq{self.dice.choice(('note', 'idea', 'why', 'see', 'hm'))}{self._tokens}zq"

    def _pages(self) -> list[Path]:
        return sorted(p for p in self.root.rglob("*.md") if not any(part.startswith(".") for part in p.parts[-3:]))

    def page(self) -> Path:
        return self.dice.choice(self._pages())

    def note(self) -> Path:
        """A paper's note, his own copies among them."""
        return self.dice.choice([p for p in self._pages() if self.paper(p)] or self._pages())

    def paper(self, path: Path) -> str:
        if not path.is_file():
            return ""
        found = _ID.search(path.read_text("utf-8", "replace").partition("\n---")[0])
        return found[1] if found else ""

    def text(self, path: Path) -> str:
        return path.read_bytes().decode()

    def save(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.dice.random() < 0.3:  # as some editors do
            other = path.with_name(".saving")
            other.write_bytes(text.encode())
            other.replace(path)
        else:
            path.write_bytes(text.encode())
        self.backdate(path)

    def backdate(self, path: Path) -> None:
        self._edits += 1
        moment = time.time_ns() - 10**9 * (7200 - self._edits)
        os.utime(path, ns=(moment, moment))

    def told(self, path: Path, what: str = "") -> str:
        return f"{path.relative_to(self.root).as_posix()} {what}".strip()


# --- what he does ----------------------------------------------------------------------------------------------------


def write_below_the_heading(reader: Reader) -> str:
    path = reader.page()
    text, word = reader.text(path), reader.token()
    reader.save(path, re.sub(r"(## My notes\r?\n)", rf"\1\n{word} here\n", text, count=1))
    return reader.told(path, word)


def write_anywhere(reader: Reader) -> str:
    """A line between two others below the properties, maybe in a block of ours, maybe a heading or a task."""
    path = reader.page()
    head, fence, rest = reader.text(path).partition("\n---")
    lines = (rest if fence else head).splitlines(keepends=True)
    word = reader.token()
    line = reader.dice.choice(
        ("{}\n", "# {}\n", "- [ ] {}\n", "> {}\n", "%% {} %%\n", "\n{}\n\n", "see [{}](x)\n")
    ).format(word)
    lines.insert(reader.dice.randint(1 if fence else 0, len(lines)), line)
    reader.save(path, head + fence + "".join(lines) if fence else "".join(lines))
    return reader.told(path, line.strip())


def write_in_a_line(reader: Reader) -> str:
    """In the midst of any line below the properties, a marker of ours among them, but not in the machine's data."""
    path = reader.page()
    head, fence, rest = reader.text(path).partition("\n---\n")
    words = len(rest.partition("<!-- KEYWORD_LINKING_METADATA")[0])
    if not fence or not words:
        return ""
    at, word = reader.dice.randrange(words), reader.token()
    reader.save(path, f"{head}{fence}{rest[:at]} {word} {rest[at:]}")
    return reader.told(path, word)


def write_at_the_end(reader: Reader) -> str:
    path, word = reader.page(), reader.token()
    reader.save(path, reader.text(path) + f"\n{word}")
    return reader.told(path, word)


def delete_a_paragraph(reader: Reader) -> str:
    path = reader.page()
    head, fence, rest = reader.text(path).partition("\n---\n")
    parts = rest.split("\n\n")
    gone = parts.pop(reader.dice.randrange(len(parts)))
    reader.save(path, head + fence + "\n\n".join(parts))
    return reader.told(path, repr(gone[:40]))


def delete_a_block(reader: Reader) -> str:
    path = reader.page()
    lines = reader.text(path).splitlines(keepends=True)
    marks = [n for n, line in enumerate(lines) if _MARKER.match(line)]
    if len(marks) < 2:
        return ""
    first = 2 * reader.dice.randrange(len(marks) // 2)
    reader.save(path, "".join(lines[: marks[first]] + lines[marks[first + 1] + 1 :]))
    return reader.told(path, lines[marks[first]].strip())


def move(reader: Reader) -> str:
    """A note to another folder, or under another name, or both; links stay as they are."""
    path = reader.note()
    return _moved(reader, path, _elsewhere(reader, path))


def move_in_obsidian(reader: Reader) -> str:
    """As before, with all links to the note changed by Obsidian, in the form that the reader has set."""
    path = reader.note()
    old = path.relative_to(reader.root).with_suffix("").as_posix()
    target = _elsewhere(reader, path)
    told = _moved(reader, path, target)
    if not told:
        return ""
    new = target.relative_to(reader.root).with_suffix("").as_posix()
    form = reader.dice.choice((new, new, target.stem))
    for page in reader._pages():
        text = page.read_bytes().decode("utf-8", "replace")
        led = re.sub(rf"\[\[{re.escape(old)}(?=[\]|\\#])", lambda _: f"[[{form}", text)
        if led != text:
            page.write_bytes(led.encode())
            reader.backdate(page)
    return told


def _elsewhere(reader: Reader, path: Path) -> Path:
    names = (
        path.name,
        path.name,
        f"{reader.token()}.md",
        f"{path.stem} {reader.token()}.md",
        f"#1 {path.name}",
        path.name.upper()[:-3] + ".md",
    )
    folders = (path.parent, reader.root / "Reading", reader.root / "Projects" / reader.token(), reader.root)
    return reader.dice.choice(folders) / reader.dice.choice(names)


def _moved(reader: Reader, path: Path, target: Path) -> str:
    if target.exists() or target == path:
        return ""
    target.parent.mkdir(parents=True, exist_ok=True)
    path.rename(target)
    return reader.told(path, f"→ {reader.told(target)}")


def swap(reader: Reader) -> str:
    one, other = reader.note(), reader.note()
    if one == other:
        return ""
    aside = one.with_name("aside.md")
    one.rename(aside)
    other.rename(one)
    aside.rename(other)
    return f"{reader.told(one)} ↔ {reader.told(other)}"


def move_over_another(reader: Reader) -> str:
    """What was there is lost by his own will."""
    one, other = reader.note(), reader.page()
    if one == other:
        return ""
    _note_deletion(reader, other)
    one.replace(other)
    return f"{reader.told(one)} onto {reader.told(other)}"


def rename_a_folder(reader: Reader) -> str:
    folders = sorted(p for p in reader.root.iterdir() if p.is_dir() and not p.name.startswith("."))
    folder = reader.dice.choice(folders)
    target = folder.with_name(f"{folder.name} {reader.token()}")
    folder.rename(target)
    return reader.told(folder, f"→ {target.name}")


def set_properties(reader: Reader) -> str:
    """As in a Base, or with one tap on the phone."""
    path = reader.note()
    name, value = reader.dice.choice(
        (
            *(("status", word) for word in ("unread", "reading", "read", "skip", "Read", "done")),
            *(("queue", word) for word in ("true", "true", "false", "maybe", "")),
            *(("rating", word) for word in ("1", "4.5", "10", '"3"', "high", "", "[5]")),
        )
    )
    return _with_front(reader, path, lambda front: re.sub(rf"(?m)^{name}:.*?(\r?)$", rf"{name}: {value}\1", front))


def add_properties(reader: Reader) -> str:
    path, word = reader.page(), reader.token()
    line = reader.dice.choice(
        (
            f"mine: {word}\n",
            f"{word}: 1\n",
            f"list:\n  - {word}\n  - '{word}' # {word}\n",
            f"# {word}\n",
            f"when: 2026-13-45\nx: {word}\n",
        )
    )
    if "mine:" in line and "\nmine:" in reader.text(path):
        return ""
    return _with_front(reader, path, lambda front: front + line if reader.dice.random() < 0.5 else line + front)


def add_to_lists(reader: Reader) -> str:
    path, word, name = reader.page(), reader.token(), reader.dice.choice(("tags", "aliases"))
    return _with_front(reader, path, lambda front: re.sub(rf"(?m)^{name}:(\r?\n)", rf"{name}:\1  - {word}\1", front))


def reorder_properties(reader: Reader) -> str:
    def shuffled(front: str) -> str:
        entries = re.findall(r"(?m)^\S.*\n(?:[ \t]+.*\n|\r?\n)*", front)
        reader.dice.shuffle(entries)
        return "".join(entries)

    return _with_front(reader, reader.page(), shuffled)


def retype_a_property(reader: Reader) -> str:
    change: Callable[[str], str] = reader.dice.choice(
        (
            lambda f: re.sub(r'(?m)^arxiv_id: "(.*)"', r"arxiv_id: \1", f),
            lambda f: re.sub(r"(?m)^arxiv_id: \"(.*)\"", r"arxiv_id: '\1'", f),
            lambda f: re.sub(r"(?m)^tags:\r?\n(?:  - .*\n)+", "tags: paper\n", f),
            lambda f: re.sub(r"(?m)^keywords:\r?\n(?:  - .*\n)+", "keywords: none of these\n", f),
            lambda f: re.sub(r"(?m)^(announced|date): (.*)$", r'\1: "\2"', f),
            lambda f: re.sub(r"(?m)^papers: (\d+)", r"papers: many", f),
            lambda f: re.sub(r"(?m)^authors:\r?\n(?:  - .*\n)+", "", f),
            lambda f: re.sub(r"(?m)^(pdf|url|cssclasses|title|rating|status|queue):.*\n(?:  - .*\n)*", "", f, count=1),
        )
    )

    def changed(front: str) -> str:
        new = change(front)
        return new if TOKEN.findall(new) == TOKEN.findall(front) else front

    return _with_front(reader, reader.page(), changed)


def break_the_yaml(reader: Reader) -> str:
    word = reader.token()
    line = reader.dice.choice(
        (f"x: [{word}\n", f"y: {word}: no\n", f"\t{word}: 1\n", f"title: {word}\ntitle: 2\n", f'z: "{word}\n')
    )
    return _with_front(reader, reader.page(), lambda front: front + line)


def mend_the_yaml(reader: Reader) -> str:
    for path in reader._pages():
        head, fence, rest = path.read_bytes().decode("utf-8", "replace").partition("\n---")
        broken = re.compile(r"(?m)^(?:x: \[|y: zq|\t|title: zq\w+\r?\ntitle: 2|z: \"zq).*\n?")
        if fence and broken.search(head + "\n"):
            reader.save(path, broken.sub("", head + "\n").rstrip("\n") + fence + rest)
            return reader.told(path)
    return ""


def delete_the_properties(reader: Reader) -> str:
    path = reader.page()
    head, fence, rest = reader.text(path).partition("\n---\n")
    if not fence or not head.startswith("---"):
        return ""
    reader.save(path, rest)
    return reader.told(path)


def _with_front(reader: Reader, path: Path, change: Callable[[str], str]) -> str:
    found = re.match(r"(\ufeff?---\r?\n)(.*?^)(---)", reader.text(path), re.DOTALL | re.MULTILINE)
    if not found:
        return ""
    front = change(found[2])
    if front == found[2]:
        return ""
    reader.save(path, found[1] + front + reader.text(path)[found.start(3) :])
    return reader.told(path, repr("".join(set(front.splitlines()) - set(found[2].splitlines()))[:60]))


def tick(reader: Reader) -> str:
    """Or untick, or put in another sign, as some themes have them."""
    pages = [p for p in reader._pages() if _BOX.search(p.read_text("utf-8", "replace"))]
    if not pages:
        return ""
    path = reader.dice.choice(pages)
    text = reader.text(path)
    box = reader.dice.choice(list(_BOX.finditer(text)))
    sign = reader.dice.choice("xxxxX  -/")
    reader.save(path, text[: box.start(2)] + sign + text[box.end(2) :])
    return reader.told(path, repr(text[box.start() : box.start() + 50]) + sign)


def convert_line_ends(reader: Reader) -> str:
    path = reader.page()
    text = reader.text(path).replace("\r\n", "\n")
    reader.save(path, text.replace("\n", "\r\n") if reader.dice.random() < 0.7 else text)
    return reader.told(path)


def add_a_mark(reader: Reader) -> str:
    """A byte order mark, as Windows' editor does."""
    path = reader.page()
    text = reader.text(path)
    reader.save(path, text if text.startswith("\ufeff") else "\ufeff" + text)
    return reader.told(path)


def save_as_latin(reader: Reader) -> str:
    path, word = reader.page(), reader.token()
    path.write_bytes(path.read_bytes() + f"\n{word} Größe\n".encode("latin-1"))
    reader.backdate(path)
    return reader.told(path, word)


def delete(reader: Reader) -> str:
    path = reader.page() if reader.dice.random() < 0.3 else reader.note()
    _note_deletion(reader, path)
    if reader.dice.random() < 0.5:
        path.unlink()
    else:  # as Obsidian does
        (reader.root / ".trash").mkdir(exist_ok=True)
        path.replace(reader.root / ".trash" / f"{reader.token()}.md")
    return reader.told(path)


def restore(reader: Reader) -> str:
    """Out of the bin, to any place."""
    bin_ = sorted((reader.root / ".trash").glob("*.md"))
    if not bin_:
        return ""
    path = reader.dice.choice(bin_)
    reader.deleted.discard(reader.paper(path))
    return _moved(reader, path, reader.root / "Restored" / path.name)


def _note_deletion(reader: Reader, path: Path) -> None:
    paper = reader.paper(path)
    if paper and [p for p in reader._pages() if reader.paper(p) == paper] == [path]:
        reader.deleted.add(paper)


def empty(reader: Reader) -> str:
    path = reader.page()
    _note_deletion(reader, path)
    reader.save(path, "")
    return reader.told(path)


def copy(reader: Reader) -> str:
    path, word = reader.note(), reader.token()
    reader.save(path.with_name(f"{path.stem} {word}.md"), reader.text(path) + f"\n{word}\n")
    return reader.told(path)


def write_a_note(reader: Reader) -> str:
    """His own, which links to one of ours."""
    path, word = reader.page(), reader.token()
    target = path.relative_to(reader.root).with_suffix("").as_posix()
    form = reader.dice.choice((f"[[{target}]]", f"[[{path.stem}|{word}]]", f"![[{target}]]"))
    folder = reader.dice.choice(("", "keywords/", "categories/", "Mine/", f"{path.parent.name}/"))
    reader.save(reader.root / f"{folder}{word}.md", f"---\nstatus: {word}\n---\n{form}\n")
    return reader.told(path)


EDITS: Sequence[Callable[[Reader], str]] = (
    *(3 * (write_below_the_heading, write_anywhere, move, move_in_obsidian, set_properties, tick)),
    *(2 * (write_at_the_end, write_in_a_line, add_properties, add_to_lists, retype_a_property, delete)),
    *(delete_a_paragraph, delete_a_block, swap, move_over_another, rename_a_folder, reorder_properties),
    *(break_the_yaml, mend_the_yaml, delete_the_properties, convert_line_ends, add_a_mark, save_as_latin, empty, copy),
    *(write_a_note, write_a_note, restore),
)


# --- living with the program -----------------------------------------------------------------------------------------


def live(history: History, home: Path, **settings: str) -> list[str]:
    """What a reader would complain about after any night of *history*, lived in the new workspace *home* with these
    settings, by their names in the environment.
    """
    make_home(home)
    reader = Reader(home / "vault", history.seed)
    faults: list[str] = []
    with FakeArxiv(history.papers, page_size=storms.PAGE_SIZE) as arxiv:
        environment = demo.settings(arxiv.url, json.dumps(history.categories)) | settings
        for night in history.nights:
            if reader.root.is_dir() and any(reader.root.glob("*/*.md")):
                reader.did.append(f"--- before {night:%Y-%m-%d %H:%M}")
                reader.spend_day()
            words, ticked = reader.words(), _ticked(reader.root)
            arxiv.as_of = night
            status = _run(home, environment, night)
            faults += [f"{night:%Y-%m-%d}: {fault}" for fault in _complaints(reader, home, words, ticked, status)]
            if faults:
                return [*faults, *reader.did]
        before = _state(reader.root)
        _run(home, environment, history.nights[-1])
        after = _state(reader.root)
        faults += [f"a second run changed {p}" for p in sorted({*before, *after}) if before.get(p) != after.get(p)]
    return [*faults, *reader.did] if faults else []


def _run(home: Path, environment: dict[str, str], night: Any) -> int:
    assembly = storms.HastyAssembly(home, config.load(home, environment))
    with assembly:
        report = commands.run(assembly, night)
        list(report.as_dict())
    return report.exit_status


def _state(root: Path) -> dict[str, tuple[int, bytes]]:
    return {
        p.relative_to(root).as_posix(): (p.stat().st_mtime_ns, p.read_bytes()) for p in root.rglob("*") if p.is_file()
    }


def _ticked(root: Path) -> dict[tuple[str, str], str]:
    """Page and line of each box → its sign."""
    found = {}
    for path in (root / "digests").glob("*.md") if (root / "digests").is_dir() else ():
        for line in path.read_text("utf-8", "replace").splitlines():
            if box := _BOX.match(line):
                found[path.name, line[box.end() :]] = box[2]
    return found


def _complaints(
    reader: Reader, home: Path, words: Counter[str], ticked: dict[tuple[str, str], str], status: int
) -> Iterator[str]:
    if status not in (commands.GOOD, commands.SOME_FAILED):
        yield f"the night ended with status {status}"
    yield from (f"“{word}” is lost" for word in sorted((words - reader.words()).elements()))
    after = _ticked(reader.root)
    yield from (f"the box of {key} was {sign!r}" for key, sign in ticked.items() if after.get(key, sign) != sign)
    if left := list(reader.root.rglob(".digest-tmp-*")):
        yield f"left under a temporary name: {left}"
    papers = {reader.paper(path) for path in reader._pages()}
    yield from (f"the note of {paper}, which he deleted, is back" for paper in sorted(reader.deleted & papers))
    with storms.HastyAssembly(home, config.load(home, {})) as assembly:
        catalogue = assembly.catalogue
        known = catalogue.feedback.places()
        opinions = catalogue.feedback.current(place.key for place in known.values())
        for path, place in known.items():
            if not (reader.root / path).is_file():
                yield f"{path}: the catalogue has it there, and it is not"
            elif place.kind == "paper":
                yield from _unheard(reader.root / path, path, opinions.get(PaperId(place.key)))
        unread = {path for path, why in catalogue.feedback.left_alone() if why.startswith("left alone")}
        # a note that the reader has put at the place of another page is none of ours any more
        displaced = {p for p, place in known.items() if place.kind != "paper" and reader.paper(reader.root / p)}
        hashes = {path: place.sha256 for path, place in known.items() if path not in unread | displaced}
    if known:
        yield from _dead_links(reader.root, hashes)


def _unheard(file: Path, path: str, said: Any) -> Iterator[str]:
    """What plainly stands in the note's properties, and is not in the catalogue."""
    try:
        found = re.match(r"\ufeff?---\r?\n(.*?\n)---\r?\n", file.read_text("utf-8"), re.DOTALL)
        values = yaml.load(found[1], Loader=yaml.BaseLoader) if found else {}
    except (UnicodeDecodeError, yaml.YAMLError):
        return
    if not isinstance(values, dict):
        return
    status, queue, rating = (values.get(name) for name in ("status", "queue", "rating"))
    if status in ("unread", "reading", "read", "skip") and status != (said.status.value if said else "unread"):
        yield f"{path}: its status is {status}, and the catalogue says {said}"
    if queue in ("true", "false") and (queue == "true") is not bool(said and said.queue):
        yield f"{path}: its queue is {queue}, and the catalogue says {said}"
    if rating in ("1", "4.5", "10", "3") and float(rating) != (said and said.rating):
        yield f"{path}: its rating is {rating}, and the catalogue says {said}"


def _dead_links(root: Path, hashes: dict[str, str]) -> Iterator[str]:
    """Links that lead nowhere from pages that are ours alone, and from blocks of ours that he did not edit."""
    files = [p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()]
    resolver = Resolver([f for f in files if not any(part.startswith(".") for part in f.split("/"))])
    for finding in check.check(root).findings:
        if finding.kind is not check.Kind.DEAD_LINK:
            continue
        data = (root / finding.path).read_bytes()
        if hashlib.sha256(data).hexdigest() == hashes.get(finding.path):
            yield f"{finding.path}: a dead link to {finding.detail}"
            continue
        if finding.path not in hashes:
            continue
        body = data.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")
        try:
            regions = find_regions(body)
        except Unmergeable:
            continue
        for region in regions:
            text = region.text(body)
            if checksum(text) == region.seal:
                dead = [
                    one.link.target
                    for one in links_in(text)
                    if one.link.target and resolver.resolve(one.link.target, finding.path).path is None
                ]
                yield from (f"{finding.path}: in its block {region.name} a dead link to {target}" for target in dead)
