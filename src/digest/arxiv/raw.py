"""arXiv's answers as they came: kept for a while, so that one can look at what a night was told, and run it again.

A body is a file named by its SHA-256, so that the same answer of two nights is kept once. Each run has an index, one
line a question in the order asked, that is only ever appended to.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import sys
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
from requests.structures import CaseInsensitiveDict

from digest.arxiv.session import LIMIT_BYTES, Answer, Check, RefusedAnswer, ServerFault, Session
from digest.errors import ConfigError, SourceError
from digest.model import Verdict

SOURCE: Final = "raw"

_HEADERS: Final = (
    "Age",
    "Cache-Control",
    "Content-Type",
    "Date",
    "ETag",
    "Last-Modified",
    "Retry-After",
)
"""What is kept of an answer's headers."""

_DRAFT: Final = ".part"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """One question of a run, and what came of it in the end."""

    method: str = "GET"
    url: str  # as asked
    params: dict[str, str]
    source: str  # who was asked, as errors name it
    answered_by: str = ""  # the address that answered, after redirects
    status: int = 0  # 0: there was no answer
    headers: dict[str, str]
    sha256: str = ""  # of the body; "": there is none
    time: datetime  # when it was over, aware, UTC
    verdict: Verdict | None = None  # of the error in which it ended; None: it ended well
    message: str = ""


@dataclass(frozen=True, slots=True)
class Expired:
    """How much ``RawStore.expire`` deleted."""

    runs: int
    bodies: int


class RawStore:
    """Bodies and indexes in *folder*, which is made when something is kept.

    All that is in an index is on the disk, body first. A line that a crash has cut is not there. Methods that write
    raise OSError.
    """

    def __init__(self, folder: Path) -> None:
        self._bodies = folder / "bodies"
        self._runs = folder / "runs"

    # --- bodies ------------------------------------------------------------------------------------------------------

    def put(self, body: bytes) -> str:
        """Keep *body* and return its SHA-256; what is kept already is not written again."""
        sha256 = hashlib.sha256(body).hexdigest()
        path = self._body_file(sha256)
        if not path.exists():
            _write_whole(path, gzip.compress(body, mtime=0))
        return sha256

    def body(self, sha256: str) -> bytes:
        """Return a body. Raises SourceError: UNREACHABLE when it is not there, MALFORMED when it is damaged."""
        path = self._body_file(sha256)
        try:
            body = gzip.decompress(path.read_bytes())
        except FileNotFoundError as error:
            raise SourceError(SOURCE, Verdict.UNREACHABLE, f"the kept answer {path} is gone") from error
        except (OSError, EOFError, zlib.error) as error:
            raise _damaged(path) from error
        if hashlib.sha256(body).hexdigest() != sha256:
            raise _damaged(path)
        return body

    def _body_file(self, sha256: str) -> Path:
        return self._bodies / sha256[:2] / f"{sha256}.gz"

    # --- indexes -----------------------------------------------------------------------------------------------------

    def append(self, run: int, kept: Kept) -> None:
        """Write one line at the end of the index of *run*; a line that a crash has cut is taken away first."""
        path = self._index_file(run)
        is_first = not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.truncate(len(_whole_lines(path.read_bytes())))
            file.write(msgspec.json.encode(kept) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if is_first:
            _sync_folder(path.parent)

    def kept(self, run: int) -> tuple[Kept, ...]:
        """Return the questions of *run* in the order asked; none when nothing of it is kept.

        Raises SourceError, MALFORMED, for a line that is whole and cannot be read.
        """
        found: list[Kept] = []
        for number, line in enumerate(self._lines(run), 1):
            try:
                found.append(msgspec.json.decode(line, type=Kept))
            except msgspec.DecodeError as error:
                message = f"{self._index_file(run)}, line {number}: damaged; delete the line, or the file"
                raise SourceError(SOURCE, Verdict.MALFORMED, message) from error
        return tuple(found)

    def runs(self) -> tuple[int, ...]:
        """Return the runs of which something is kept, oldest first."""
        return tuple(sorted(int(path.stem) for path in self._runs.glob("*.jsonl") if path.stem.isdecimal()))

    def expire(self, keep_days: int, now: datetime) -> Expired:
        """Delete the runs whose last question is more than *keep_days* before *now*, and bodies that no run needs.

        To be called while no run is being recorded: its next line could need a body that is deleted here.
        """
        kept = {run: self._readable(run) for run in self.runs()}
        oldest = now - timedelta(days=keep_days)
        gone = [run for run, rows in kept.items() if not rows or rows[-1].time < oldest]
        for run in gone:
            self._index_file(run).unlink(missing_ok=True)
        needed = {row.sha256 for run, rows in kept.items() if run not in gone for row in rows}
        return Expired(len(gone), self._keep_only(needed))

    def _keep_only(self, needed: set[str]) -> int:
        """Delete all other bodies, and drafts that a crash has left; return how many bodies went."""
        bodies = [path for path in self._bodies.glob("*/*.gz") if path.stem not in needed]
        for path in [*bodies, *self._bodies.glob(f"*/*{_DRAFT}")]:
            path.unlink(missing_ok=True)
        for folder in {path.parent for path in bodies}:
            with suppress(OSError):  # it is not empty
                folder.rmdir()
        return len(bodies)

    def _readable(self, run: int) -> list[Kept]:
        rows: list[Kept] = []
        for line in self._lines(run):
            with suppress(msgspec.DecodeError):
                rows.append(msgspec.json.decode(line, type=Kept))
        return rows

    def _lines(self, run: int) -> list[bytes]:
        try:
            return _whole_lines(self._index_file(run).read_bytes()).splitlines()
        except FileNotFoundError:
            return []

    def _index_file(self, run: int) -> Path:
        return self._runs / f"{int(run):06d}.jsonl"


def _whole_lines(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]


def _damaged(path: Path) -> SourceError:
    return SourceError(SOURCE, Verdict.MALFORMED, f"the kept answer {path} is damaged; delete the file")


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}{_DRAFT}")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Bring new names to the disk; Windows does so by itself and opens no folder."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- sessions --------------------------------------------------------------------------------------------------------


class RecordingSession:
    """Asks by *session* and keeps what comes of it in *store*, as part of *run*.

    What cannot be kept does not end the run: ``faults`` has a sentence for each, and a replay will miss it.
    """

    def __init__(self, session: Session, store: RawStore, run: int, *, clock: Callable[[], float] = time.time) -> None:
        self.faults: list[str] = []
        self._session = session
        self._store = store
        self._run = run
        self._clock = clock

    @property
    def requests_made(self) -> int:
        return self._session.requests_made

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        source: str,
        limit_bytes: int = LIMIT_BYTES,
        check: Check | None = None,
        validators: Mapping[str, str] | None = None,
    ) -> Answer:
        """As ``PoliteSession.get``; errors are kept too, with the answer that was refused where there is one."""
        asked = dict(params or {})
        try:
            answer = self._session.get(
                url, params, source=source, limit_bytes=limit_bytes, check=check, validators=validators
            )
        except SourceError as error:
            self._keep(url, asked, source, error.answer if isinstance(error, RefusedAnswer) else None, error)
            raise
        self._keep(url, asked, source, answer, None)
        return answer

    def _keep(
        self, url: str, params: dict[str, str], source: str, answer: Answer | None, error: SourceError | None
    ) -> None:
        status = answer.status if answer else error.status if isinstance(error, ServerFault) else 0
        try:
            kept = Kept(
                url=url,
                params=params,
                source=source,
                answered_by=answer.url if answer else "",
                status=status,
                headers={name: answer.headers[name] for name in _HEADERS if name in answer.headers} if answer else {},
                sha256=self._store.put(answer.body) if answer else "",
                time=datetime.fromtimestamp(self._clock(), UTC),
                verdict=error.verdict if error else None,
                message=_bare(error) if error else "",
            )
            self._store.append(self._run, kept)
        except OSError as fault:
            self.faults.append(f"an answer of {source} could not be kept ({fault.strerror})")


class ReplaySession:
    """Answers from the recording of *run*, and never from the network.

    A question that was asked several times has its answers in their order, and then the last one again. Raises
    ConfigError when nothing of the run is kept.
    """

    requests_made = 0

    def __init__(self, store: RawStore, run: int) -> None:
        self._store = store
        self._run = run
        self._kept: dict[tuple[str, frozenset[tuple[str, str]]], deque[Kept]] = {}
        for kept in store.kept(run):
            self._kept.setdefault(_question(kept.url, kept.params), deque()).append(kept)
        if not self._kept:
            raise ConfigError(f"nothing of run {run} is kept; kept are: {_told_runs(store.runs())}")

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        source: str,
        limit_bytes: int = LIMIT_BYTES,
        check: Check | None = None,
        validators: Mapping[str, str] | None = None,  # noqa: ARG002 - the recording is what it is
    ) -> Answer:
        """Answer as the run was answered; *check* judges anew, so that what was refused can be read by a better one.

        Raises SourceError: as in the run; by *check*; UNREACHABLE for a question that was not asked in the run and
        for an answer whose body is gone; MALFORMED for one that is damaged or larger than *limit_bytes*.
        """
        answers = self._kept.get(_question(url, params or {}))
        if not answers:
            message = f"not in the recording of run {self._run}: {_told_question(url, params or {})}"
            raise SourceError(source, Verdict.UNREACHABLE, message)
        kept = answers.popleft() if len(answers) > 1 else answers[0]
        answer = self._answer(kept, source)
        if len(answer.body) > limit_bytes:
            raise SourceError(
                source, Verdict.MALFORMED, f"the kept answer is larger than {limit_bytes:,} bytes ({url})"
            )
        if check is not None and answer.status == 200:
            check(answer)
        elif kept.verdict is not None:
            raise SourceError(source, kept.verdict, kept.message)
        return answer

    def _answer(self, kept: Kept, source: str) -> Answer:
        if not kept.sha256:
            verdict = kept.verdict or Verdict.UNREACHABLE
            if kept.status:
                raise ServerFault(source, verdict, kept.message, kept.status)
            raise SourceError(source, verdict, kept.message)
        try:
            body = self._store.body(kept.sha256)
        except SourceError as error:
            raise SourceError(source, error.verdict, f"{_bare(error)}; run {self._run} cannot be replayed") from error
        return Answer(kept.answered_by, kept.status, CaseInsensitiveDict(kept.headers), body)


def _question(url: str, params: Mapping[str, str]) -> tuple[str, frozenset[tuple[str, str]]]:
    return url, frozenset(params.items())


def _told_question(url: str, params: Mapping[str, str]) -> str:
    return f"{url} {dict(params)}" if params else url


def _told_runs(runs: Iterable[int]) -> str:
    numbers = [str(run) for run in runs]
    return ", ".join(numbers[-10:]) if numbers else "none"


def _bare(error: SourceError) -> str:
    """The message without the source that leads it."""
    return str(error).removeprefix(f"{error.source}: ")
