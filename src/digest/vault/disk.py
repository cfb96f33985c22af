"""The vault on disk: who owns a file, and how it is replaced.

A file is replaced as a whole only when the reader changed nothing in it; else our part is merged into it, and a file
that cannot be understood, or that we never wrote, is left alone and told. New bytes come under a temporary name beside
their target, reach the disk, and are renamed: a crash leaves the old file or the new, and temporary names that
``Vault.sweep`` removes.

A file in which somebody may be writing is not raced. One that was changed a moment ago, or that an editor has locked,
is ``busy`` and waits; and one that changes between our look and our rename keeps the reader's bytes: it is compared just
before the rename, and the bytes that the rename replaced are compared just after it, and put back when they differ.

What one file cannot take is told in its ``Written.remarks`` (with ``failed`` when the reader did not will it), and the
rest are written. A full or read-only disk is a ``VaultError``: everything after would fail too.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from digest.errors import VaultError
from digest.model import Asset, Furnishing, Page, PageState, Written
from digest.vault import boxes, settings
from digest.vault.layout import MARK, fresh, is_intact, sealed
from digest.vault.merge import Former, find_regions, merge, set_value, split
from digest.vault.notes import Reading, find_notes, linked, note_of, read_properties
from digest.vault.properties import Unmergeable, read_property

TEMPORARY = ".digest-tmp-"
MIXED = "~"
"""Leads the hash of a file that holds more than our own rendering."""

BATCH = 256
SYNCS = 16
"""Files that are brought to the disk at the same time."""

QUIET = 2.5
"""Seconds since its last change after which nobody is taken to be writing in a file: Obsidian saves every two."""

LOCKS = (".{}.swp", ".#{}", ".~lock.{}#")
"""What Vim, Emacs and LibreOffice put beside a file that is open in them."""

BUSY = "changed a moment ago, perhaps open in an editor; left alone for now"
OPEN = "open in an editor ({}); left alone for now"
DELETED = "deleted by the reader; not brought back"
ORPHANED = "what it was made for is no more; it holds words that are not ours, so it stays"
_FATAL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
_UNSAFE = re.compile(r"(?:^|/)(?:\.{0,2}|[A-Za-z]:[^/]*)(?:/|$)|[\\\x00]")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """A file as found: no bytes when there is none, a reason when it must not be touched."""

    data: bytes | None = None
    mode: int = 0o666
    changed: float = 0.0  # seconds since 1970
    reason: str = ""
    failed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    """What is to become of one file."""

    written: Written  # as it will be told when all goes well
    before: _Seen = _Seen()
    after: bytes | None = None  # None: nothing to write


@dataclass(slots=True)
class _Staged:
    """A file under its temporary name."""

    plan: _Plan
    temporary: Path
    target: Path
    folders: set[Path] = field(default_factory=set)  # whose entries changed


class Vault:
    """The only writer of notes. One object per run: it remembers where moved notes were found."""

    def __init__(self, root: Path, former: Callable[[], Former] = dict, *, quiet: float = 0.0) -> None:
        """*former* tells where notes were that the reader has moved: links to them are no edit of his. A file with his
        words that was changed less than *quiet* seconds ago is busy.
        """
        self.root = root
        self.quiet = quiet
        self._former = former
        self.is_lost = False
        self._busy_until = 0.0
        self._found: dict[str, str] | None = None
        self._inside: set[Path] = set()

    def write(self, items: Sequence[Page | Asset], known: Mapping[str, str]) -> Iterator[Written]:
        """Write what changed, and tell what became of each item, in order.

        *known* maps a vault path to the ``sha256`` that was told when it was last written; absent or "": never
        written. A file that is as the rendering is not touched. One that is as we left it is replaced. In a note that
        the reader changed, only our blocks and properties are. A note with an ``arxiv_id`` that is gone is looked for
        elsewhere in the vault, and stays gone when it is nowhere; other pages are made again.

        What was told is on the disk: a batch of files is synced before the first of it is told. Raises ``VaultError``
        for a path that leads out of the vault, before anything is written, and when the disk is full or read-only.
        """
        for item in items:
            self._target(item.path)
        if self.is_lost:
            known = {}
        for batch in _batches(items):
            yield from self._carry_out([self._plan(item, known) for item in batch])

    def remove(self, known: Mapping[str, str]) -> Iterator[Written]:
        """Remove files that are as we wrote them; *known* as in ``write``. One that the reader changed stays.

        What is told as removed is gone from the disk; a file that was not there counts as removed. Raises as ``write``.
        """
        for path in known:
            self._target(path)
        for path, sha256 in known.items():
            yield self._remove(path, sha256)

    def _remove(self, path: str, sha256: str) -> Written:
        seen, target = self._look(path), self._target(path)
        if seen.reason:
            return _kept(path, sha256 or MIXED, seen.reason, failed=seen.failed).written
        if seen.data is None:
            return Written(path=path, state=PageState.REMOVED, sha256="")
        if _sha256(seen.data) != sha256:
            return _kept(path, MIXED + _sha256(seen.data), ORPHANED).written
        try:
            target.unlink(missing_ok=True)
        except OSError as error:
            return _failed(_Plan(written=Written(path=path, state=PageState.KEPT, sha256=sha256), before=seen), error)
        if os.name != "nt":
            _flush(target.parent, os.O_RDONLY, target.parent)
        return Written(path=path, state=PageState.REMOVED, sha256="")

    def rename(self, path: str, other: str, sha256: str | None = None) -> bool:
        """Give a file another path, if nothing is there yet; whether it is there now.

        With *sha256* only a file that is as we wrote it is moved, without it one with the reader's words too.
        """
        source, target = self._look(path), self._look(other)
        if source.reason or target.reason:
            return False
        if source.data is None:
            # a run that was killed may have done so
            return target.data is not None and sha256 in (None, _sha256(target.data))
        if sha256 not in (None, _sha256(source.data)):
            return False
        if target.data is not None and not self._target(path).samefile(self._target(other)):
            return False  # the same file is found under both names where case counts for nothing
        folder = self._target(other).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._target(path).rename(self._target(other))
        except OSError:
            return False
        if os.name != "nt":
            for changed in {folder, folder.parent, self._target(path).parent}:
                _flush(changed, os.O_RDONLY, changed)
        return True

    def copy(self, path: str, other: str, sha256: str) -> tuple[str, str] | None:
        """Put what is in a file also at another path, if nothing is there yet; what is ``known`` of both from then on.

        *sha256* is what is known of the file. The copy keeps the reader's words, so that the original may be removed with
        them. None where there is no such file, or another one at that path.
        """
        source, target = self._look(path), self._look(other)
        if source.data is None or source.reason or target.reason or target.data not in (None, source.data):
            return None
        if target.data is None:
            plan = _Plan(written=Written(path=other, state=PageState.CREATED, sha256=""), after=source.data)
            (written,) = self._carry_out([plan])
            if written.failed:
                return None
        sha = _sha256(source.data)
        return sha, sha if sha == sha256 else MIXED + sha

    def edit(self, changes: Mapping[str, tuple[bytes, bytes]]) -> Iterator[Written]:
        """Give files of the reader's other bytes, if they still hold what was read: path → what was read, what is to be.

        What became of each, in order; those in which somebody may be writing are busy. Raises ``VaultError`` when the disk is full or read-only.
        """
        items = iter(changes.items())
        while batch := list(islice(items, BATCH)):
            yield from self._carry_out([self._plan_edit(path, before, after) for path, (before, after) in batch])

    def _plan_edit(self, path: str, before: bytes, after: bytes) -> _Plan:
        try:
            seen = self._look(path)
        except VaultError as error:
            return _kept(path, MIXED, str(error), failed=True)
        if seen.reason or seen.data != before:
            reason = seen.reason or "changed since it was read; left alone"
            return _kept(path, MIXED + _sha256(seen.data or b""), reason, failed=seen.failed)
        written = Written(path=path, state=PageState.UPDATED, sha256=MIXED + _sha256(after))
        return self._unless_busy(_Plan(written=written, before=seen, after=after), "")

    def linked(self, known: Mapping[str, str]) -> set[str]:
        """Of these notes, which are to be removed, the paths without ``.md`` that the rest of the vault links to.

        *known* as in ``write``. One that is as we wrote it goes, with its links; in others the reader's links stay.
        """
        paths = {path.removesuffix(".md"): sha256 for path, sha256 in known.items()}
        leaving = [path for path, sha256 in paths.items() if _sha256(self._look(f"{path}.md").data or b"") == sha256]
        return linked(self.root, paths, leaving)

    def lose(self) -> None:
        """Nothing of what was written is here: then nobody has deleted one note or another, and nothing is known."""
        self.is_lost = True

    def busy(self, known: Mapping[str, str]) -> dict[str, str]:
        """Of these files those in which somebody may be writing, and why that is thought; *known* as in ``write``."""
        found = {path: self._busy(path, self._look(path), sha256) for path, sha256 in known.items()}
        return {path: why for path, why in found.items() if why}

    def pause(self) -> None:
        """Wait until what was found changed a moment ago is a moment old, ``quiet`` seconds at most."""
        time.sleep(min(self.quiet, max(0.0, self._busy_until - time.time())))

    def stamps(self, paths: Iterable[str]) -> dict[str, str]:
        """What changes with a file: its time and size; files that are not there are left out."""
        wanted: dict[str, set[str]] = {}
        for path in paths:
            folder, _, name = path.rpartition("/")
            wanted.setdefault(folder, set()).add(name)
        found = {}
        for folder, names in wanted.items():
            prefix = f"{folder}/" if folder else ""
            target = self._target(f"{prefix}x").parent
            with suppress(OSError), os.scandir(target) as entries:  # thousands of pages: a look at each costs more
                for entry in entries:
                    if entry.name in names:
                        found[prefix + entry.name] = _stamp(entry.stat(follow_symlinks=False))
            for name in names:
                if prefix + name not in found and (stamp := _stamp_of(target / name)):
                    found[prefix + name] = stamp
        return found

    def read(self, path: str, known: str = "") -> Reading:
        """What a file says; nothing, with a reason, where it cannot be read. No properties of one whose hash is *known*."""
        seen = self._look(path)
        if seen.data is None:
            return Reading(reason=seen.reason)
        sha256 = _sha256(seen.data)
        plain = Reading(sha256=sha256, is_left=sha256 == known.removeprefix(MIXED), paper=note_of(seen.data))
        try:
            text = seen.data.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            return replace(plain, reason="it is not UTF-8")
        read = replace(plain, boxes=self._boxes(text))
        try:
            return read if sha256 == known else replace(read, properties=read_properties(text))
        except ValueError as error:
            return replace(read, reason=str(error))

    def _boxes(self, text: str) -> tuple[tuple[str, bool], ...]:
        try:
            regions = find_regions(text)
        except Unmergeable:  # told when it is written
            return ()
        blocks = (region.text(text) for region in regions)
        return tuple(box for block in blocks if "] [[" in block for box in boxes.read(block))

    def amend(self, path: str, known: str, name: str, before: object, after: object) -> Written:
        """Give one property of a note another value, if it is *before* now; what became of the file.

        *known* is the ``sha256`` that was told when it was last written.
        """
        seen = self._look(path)
        if seen.reason or seen.data is None:
            return _kept(path, MIXED, seen.reason or "is not there", failed=seen.failed).written
        sha = MIXED + _sha256(seen.data)
        try:
            data = set_value(seen.data, name, before, after)
        except (UnicodeDecodeError, Unmergeable) as error:
            reason = str(error) if isinstance(error, Unmergeable) else "it is not UTF-8"
            return _kept(path, sha, f"left alone: {reason}").written
        if data == seen.data:
            return Written(path=path, state=PageState.UNCHANGED, sha256=sha)
        written = Written(path=path, state=PageState.UPDATED, sha256=MIXED + _sha256(data))
        (told,) = self._carry_out([self._unless_busy(_Plan(written=written, before=seen, after=data), known)])
        return told

    def listed(self, path: str, name: str) -> list[str] | None:
        """The texts of a list property as it stands in a file; None when it is not there or cannot be understood."""
        try:
            _, front, _ = split((self._look(path).data or b"").decode("utf-8-sig"))
            present, value = read_property(front, name)
        except (UnicodeDecodeError, Unmergeable):
            return None
        if not present:
            return None
        items = value if isinstance(value, list) else [] if value is None else [value]
        return [item for item in items if isinstance(item, str)]

    def find(self, paper_ids: Iterable[str]) -> Mapping[str, str]:
        """Where the notes of these papers are now, by their ``arxiv_id`` property; those that are nowhere are left out.

        The first call reads the beginning of every note in the vault.
        """
        if self._found is None:
            self._found = find_notes(self.root)
        return {paper_id: self._found[paper_id] for paper_id in paper_ids if paper_id in self._found}

    def furnish(self, furnishings: Sequence[Furnishing]) -> tuple[tuple[str, str], ...]:
        """Bring settings of Obsidian's into the vault, see ``settings.furnish``."""
        return settings.furnish(self.root, furnishings)

    def moved(self, paper_ids: Iterable[str]) -> Mapping[str, str]:
        """As ``find``, of notes that we made: one of the reader's own about the same paper is no note of ours that moved."""

        found = {paper_id: (path, self._look(path).data) for paper_id, path in self.find(paper_ids).items()}
        if any(data is None for _, data in found.values()):  # moved once more since they were found
            self._found = None
            found = {paper_id: (path, self._look(path).data) for paper_id, path in self.find(found).items()}
        return {paper_id: path for paper_id, (path, data) in found.items() if data and MARK.encode() in data}

    def is_note_of(self, path: str, paper_id: str) -> bool:
        """Whether a file is our note of a paper."""
        data = self._look(path).data
        return data is not None and MARK.encode() in data and note_of(data) == paper_id

    def sweep(self) -> None:
        """Remove what a killed run left under temporary names."""
        for folder, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if name != ".git"]
            for name in files:
                if name.startswith(TEMPORARY):
                    with suppress(OSError):
                        Path(folder, name).unlink()

    # --- deciding ----------------------------------------------------------------------------------------------------

    def _plan(self, item: Page | Asset, known: Mapping[str, str]) -> _Plan:
        if isinstance(item, Asset):
            return self._plan_asset(item, known)
        try:
            rendered = fresh(item)
        except (VaultError, TypeError) as error:
            return _kept(item.path, known.get(item.path) or MIXED, str(error), failed=True)
        plan = self._plan_page(item, rendered, known)
        return self._unless_busy(plan, known.get(plan.written.path) or known.get(item.path, ""))

    def _unless_busy(self, plan: _Plan, last: str) -> _Plan:
        """*plan*, but for a file in which somebody may be writing; *last* is the hash of what we left there."""
        why = "" if plan.after is None else self._busy(plan.written.path, plan.before, last)
        return _put_off(plan.written.path, last, why) if why else plan

    def _busy(self, path: str, seen: _Seen, last: str) -> str:
        if seen.data is None:
            return ""
        for lock in LOCKS:
            name = lock.format(path.rpartition("/")[2])
            if os.path.lexists(self._target(path).with_name(name)):
                return OPEN.format(name)
        if abs(time.time() - seen.changed) < self.quiet and _sha256(seen.data) != last.removeprefix(MIXED):
            self._busy_until = max(self._busy_until, seen.changed + self.quiet)
            return BUSY
        return ""

    def _plan_asset(self, asset: Asset, known: Mapping[str, str]) -> _Plan:
        path, after, seen = asset.path, sealed(asset), self._look(asset.path)
        if seen.reason:
            return _kept(path, known.get(path) or MIXED, seen.reason, failed=seen.failed)
        if seen.data is None or seen.data == after:
            return _whole(path, seen, after)
        sha = _sha256(seen.data)
        if sha == known.get(path) or is_intact(seen.data) or path.startswith(".digest/"):
            return _whole(path, seen, after)
        if known.get(path):
            return _kept(path, MIXED + sha, "changed by the reader; delete it to have it drawn again")
        return _kept(path, "", "not ours; left alone")

    def _plan_page(self, page: Page, after: bytes, known: Mapping[str, str]) -> _Plan:
        path, seen = page.path, self._look(page.path)
        last = known.get(path, "")
        if not seen.reason and seen.data is None and last and page.properties.get("arxiv_id"):
            paper_id = str(page.properties["arxiv_id"])
            moved = self.moved([paper_id]).get(paper_id)
            if moved is None:
                return _kept(path, "", DELETED)
            path, seen = moved, self._look(moved)
            last = known.get(path) or last
        if seen.reason:
            return _kept(path, last or MIXED, seen.reason, failed=seen.failed)
        if seen.data is None or seen.data == after or _sha256(seen.data) == last:
            return _whole(path, seen, after)
        return _merged(path, page, seen, after, last, self._former())

    def _look(self, path: str) -> _Seen:
        target = self._target(path)
        try:
            status = target.lstat()
            if stat.S_ISLNK(status.st_mode):
                return _Seen(reason="a symbolic link; left alone")
            if not stat.S_ISREG(status.st_mode):
                return _Seen(reason="not a file; left alone")
            data = target.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return _Seen()
        except OSError as error:
            return _Seen(reason=f"cannot be read ({error.strerror}); left alone", failed=True)
        reason = "" if status.st_mode & 0o200 else "write-protected; left alone"
        return _Seen(data=data, mode=stat.S_IMODE(status.st_mode), changed=status.st_mtime, reason=reason)

    def _target(self, path: str) -> Path:
        """The file of a vault path. Raises ``VaultError`` when it would be outside the vault."""
        if _UNSAFE.search(path):
            raise VaultError(path, "is no path inside the vault; nothing was written")
        target = self.root / path
        if target.parent not in self._inside:
            if not _leads_inside(target.parent, self.root):
                raise VaultError(path, "leads out of the vault through a symbolic link; nothing was written")
            self._inside.add(target.parent)
        return target

    # --- doing -------------------------------------------------------------------------------------------------------

    def _carry_out(self, plans: Sequence[_Plan]) -> Iterator[Written]:
        staged: dict[int, _Staged | Written] = {}
        try:
            for number, plan in enumerate(plans):
                if plan.after is not None:
                    staged[number] = self._stage(plan, plan.after)
            self._sync(staged.values())
            told = [self._settle(staged[n]) if n in staged else plan.written for n, plan in enumerate(plans)]
        finally:
            _discard(staged.values())
        self._sync_folders(staged.values())
        yield from told

    def _stage(self, plan: _Plan, data: bytes) -> _Staged | Written:
        """Write the new bytes beside their target, under a temporary name."""
        target = self._target(plan.written.path)
        folders = {target.parent}
        try:
            for folder in _missing(target.parent):
                folder.mkdir(exist_ok=True)
                folders.add(folder.parent)
            temporary = target.parent / (TEMPORARY + secrets.token_hex(8))
            _create(temporary, data, plan.before)
        except OSError as error:
            return _failed(plan, error)
        return _Staged(plan, temporary, target, folders)

    def _sync(self, staged: Iterable[_Staged | Written]) -> None:
        # Many at once: a journalling file system commits them together, thirty times faster than one after the other.
        files = [one for one in staged if isinstance(one, _Staged)]
        with ThreadPoolExecutor(SYNCS) as pool:
            list(pool.map(lambda one: _flush(one.temporary, os.O_RDWR, one.plan.written.path), files))

    def _sync_folders(self, staged: Iterable[_Staged | Written]) -> None:
        if os.name == "nt":  # has no way to sync a folder
            return
        for folder in sorted({folder for one in staged if isinstance(one, _Staged) for folder in one.folders}):
            _flush(folder, os.O_RDONLY, folder)

    def _settle(self, one: _Staged | Written) -> Written:
        """Give the new file its name, if what it replaces is still what was looked at."""
        if isinstance(one, Written):
            return one
        before = one.plan.before.data
        now = self._look(one.plan.written.path)
        if now.data != before or now.reason:
            return _raced(one.plan, now.data)
        replaced = _second_name(one) if before is not None else None
        try:
            one.temporary.replace(one.target)
            if replaced and replaced.read_bytes() != before:
                replaced.replace(one.target)
                return _raced(one.plan, one.target.read_bytes())
        except OSError as error:
            return _failed(one.plan, error)
        finally:
            if replaced:
                replaced.unlink(missing_ok=True)
        return one.plan.written


# --- plans -----------------------------------------------------------------------------------------------------------


def _whole(path: str, seen: _Seen, after: bytes) -> _Plan:
    """The file is, or becomes, our rendering and nothing else."""
    if seen.data == after:
        return _Plan(written=Written(path=path, state=PageState.UNCHANGED, sha256=_sha256(after)))
    state = PageState.CREATED if seen.data is None else PageState.UPDATED
    return _Plan(written=Written(path=path, state=state, sha256=_sha256(after)), before=seen, after=after)


def _merged(path: str, page: Page, seen: _Seen, rendered: bytes, last: str, former: Former) -> _Plan:
    """The file holds the reader's words too."""
    current = seen.data or b""
    if MARK.encode() not in current:
        if not last:
            return _kept(path, "", "not ours; left alone")
        return _kept(path, MIXED + _sha256(current), "none of our blocks is left in it; left alone")
    result = merge(current, page, former)
    sha = _sha256(result.data) if result.data == rendered else MIXED + _sha256(result.data)
    if result.data != current:
        state, after = PageState.UPDATED, result.data
    else:
        state, after = (PageState.KEPT if result.remarks else PageState.UNCHANGED), None
    written = Written(path=path, state=state, sha256=sha, remarks=result.remarks)
    return _Plan(written=written, before=seen, after=after)


def _kept(path: str, sha256: str, remark: str, *, failed: bool = False) -> _Plan:
    return _Plan(
        written=Written(path=path, state=PageState.KEPT, sha256=sha256, remarks=(remark,), failed=failed),
    )


def _put_off(path: str, last: str, remark: str) -> _Plan:
    written = Written(path=path, state=PageState.KEPT, sha256=last or MIXED, remarks=(remark,), busy=True)
    return _Plan(written=written)


def _batches(items: Sequence[Page | Asset]) -> Iterator[list[Page | Asset]]:
    """In order; a path that comes twice is in two batches, so that the second sees what the first wrote."""
    batch: dict[str, Page | Asset] = {}
    for item in items:
        if len(batch) == BATCH or item.path in batch:
            yield list(batch.values())
            batch = {}
        batch[item.path] = item
    yield list(batch.values())


# --- files -----------------------------------------------------------------------------------------------------------


def _leads_inside(folder: Path, root: Path) -> bool:
    try:
        return folder.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # links that lead to each other
        return False


def _missing(folder: Path) -> list[Path]:
    """The folders to be made, outermost first."""
    if folder.is_dir():
        return []
    return [one for one in reversed([folder, *folder.parents]) if not one.exists()]


def _create(path: Path, data: bytes, before: _Seen) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        if before.data is not None:
            path.chmod(before.mode)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _stamp(status: os.stat_result) -> str:
    return f"{status.st_mtime_ns}:{status.st_size}"


def _stamp_of(path: Path) -> str:
    """As ``_stamp``; "" where there is no such file, and something else where there may be one."""
    try:
        return _stamp(path.lstat())
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        return f"cannot be looked at ({error.strerror})"


def _second_name(one: _Staged) -> Path | None:
    """Another name for the file that is to be replaced, by which its bytes are found after that."""
    name = one.temporary.with_name(one.temporary.name + "-old")
    try:
        name.hardlink_to(one.target)
    except (OSError, NotImplementedError):  # a file system without hard links
        return None
    return name


def _flush(path: Path, flags: int, told: object) -> None:
    try:
        descriptor = os.open(path, flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise VaultError(told, f"could not be brought to the disk ({error.strerror}); see to the disk") from error


def _discard(staged: Iterable[_Staged | Written]) -> None:
    for one in staged:
        if isinstance(one, _Staged):
            with suppress(OSError):
                one.temporary.unlink(missing_ok=True)


def _failed(plan: _Plan, error: OSError) -> Written:
    if error.errno in _FATAL:
        raise VaultError(plan.written.path, f"could not be written ({error.strerror}); see to the disk") from error
    return _fault(plan, plan.before.data, f"could not be written ({error.strerror})")


def _fault(plan: _Plan, data: bytes | None, remark: str) -> Written:
    sha256 = MIXED + (_sha256(data) if data is not None else "")
    return replace(plan.written, state=PageState.KEPT, sha256=sha256, remarks=(remark,), failed=True)


def _raced(plan: _Plan, data: bytes | None) -> Written:
    return replace(_fault(plan, data, "changed while it was being written; left alone this time"), busy=True)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
