"""The file of vectors: what is left of it after kills, lost power, full disks and rotten bits."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from io import FileIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.backends import vector_file
from digest.backends.vector_file import GRANULE, VectorFile
from digest.errors import IndexFault
from digest.ports import Filter

from .conftest import DIMENSIONS, WIDTH, key, payloads, unit

BLOCK = 4
MANY = 23  # several blocks, and the last one not full


def open_file(path: Path, *, block_rows: int = BLOCK, recipe: str = "test/1", **different) -> VectorFile:
    shape = {"dimensions": DIMENSIONS, "width": WIDTH, "select": lambda among: [], **different}
    return VectorFile(path, recipe=recipe, block_rows=block_rows, **shape)


def fill(path: Path, number: int = MANY, **options) -> None:
    with open_file(path, **options) as file:
        file.add([key(n) for n in range(number)], unit(number), payloads(number))


def all_is_right(file: VectorFile, number: int, *, at_least: int) -> int:
    """Every row is one of the *number* that were added, once, as it was added; the first *at_least* are all there."""
    assert not file.verify().size
    keys = file.keys(np.arange(file.count))
    assert len(set(keys)) == len(keys)
    numbers = {key(n): n for n in range(number)}
    held = [numbers[k] for k in keys]
    vectors, told = file.read(np.arange(file.count))
    assert np.array_equal(vectors, unit(number)[held])
    assert np.array_equal(told, payloads(number)[held])
    assert set(range(at_least)) <= set(held)
    assert np.array_equal(file.rows(keys), np.arange(len(keys)))
    return len(held)


def add_the_rest(path: Path, number: int) -> None:
    """The run after a crash: what is missing is added in small steps, and then all is there, whoever opens the file."""
    with open_file(path) as file:
        missing = [n for n in range(number) if key(n) in file.missing([key(n)])]
        for n in missing:
            file.add([key(n)], unit(number)[[n]], payloads(number)[[n]])
        assert all_is_right(file, number, at_least=number) == number
    with open_file(path) as file:
        assert all_is_right(file, number, at_least=number) == number


# --- the file and its header ---


def test_the_file_is_made_by_the_first_add(tmp_path):
    """Asking makes no file; folders on the way are made; nothing is left beside it."""
    path = tmp_path / "state" / "some.vectors"
    with open_file(path) as file:
        assert file.missing([key(1)]) == {key(1)}
        assert file.nearest(unit(1), 3)[0][0].size == file.near(unit(1), 0)[0].size == file.verify().size == 0
        assert not path.parent.exists()
        file.add([key(1)], unit(1), payloads(1))
    assert [entry.name for entry in path.parent.iterdir()] == ["some.vectors"]


@pytest.mark.parametrize(
    ("different", "told"),
    [
        pytest.param({"recipe": "other/2"}, "'test/1'.*'other/2'", id="recipe"),
        pytest.param({"dimensions": DIMENSIONS + 1}, "8 dimensions.*9 dimensions", id="dimensions"),
        pytest.param({"width": WIDTH - 1}, "5 bytes.*4 bytes", id="width"),
    ],
)
def test_a_file_of_other_vectors_is_refused(tmp_path, different, told):
    """The message says what it holds, what was wanted, and what to do; the file stays as it is."""
    path = tmp_path / "v"
    fill(path)
    before = path.read_bytes()
    for ask in (
        lambda file: file.missing([key(1)]),
        lambda file: file.nearest(unit(1, dimensions=different.get("dimensions", DIMENSIONS)), 1),
    ):
        with open_file(path, **different) as file, pytest.raises(IndexFault, match=rf"{told}.*delete the file"):
            ask(file)
    assert path.read_bytes() == before


@pytest.mark.parametrize("position", [0, 9, 30, 36])
def test_a_damaged_header_is_told(tmp_path, position):
    path = tmp_path / "v"
    fill(path)
    flip(path, position)
    with open_file(path) as file, pytest.raises(IndexFault, match=r"its beginning is damaged; delete it"):
        file.missing([])


@pytest.mark.parametrize("content", [b"", b"digestVF", b"# notes\n" * 10_000])
def test_another_file_is_left_alone(tmp_path, content):
    path = tmp_path / "v"
    path.write_bytes(content)
    with open_file(path) as file, pytest.raises(IndexFault, match="no vector file"):
        file.add([key(1)], unit(1), payloads(1))
    assert path.read_bytes() == content


def test_a_file_of_another_block_size_is_read(tmp_path):
    """The file says its own block size, so that another default reads and continues old files."""
    path = tmp_path / "v"
    fill(path, 10, block_rows=3)
    with open_file(path, block_rows=7) as file:
        numbers = list(range(10, MANY))
        file.add([key(n) for n in numbers], unit(MANY)[numbers], payloads(MANY)[numbers])
    with open_file(path, block_rows=7) as file:
        assert np.array_equal(file.read(file.rows([key(n) for n in numbers]))[0], unit(MANY)[numbers])


@pytest.mark.parametrize("width", [0, 1, 300])
def test_payloads_of_any_width(tmp_path, width):
    told = payloads(9, width=width)
    for _ in range(2):
        with open_file(tmp_path / "v", width=width) as file:
            file.add([key(n) for n in range(9)], unit(9), told)
            assert np.array_equal(file.read(np.arange(9))[1], told)
            assert not file.verify().size


def test_rows_that_are_not_there(tmp_path):
    fill(tmp_path / "v", 3)
    with open_file(tmp_path / "v") as file:
        for rows in ([3], [-1]):
            with pytest.raises(IndexError, match="has rows 0 to 2"):
                file.read(np.array(rows))


# --- the same answers whatever the blocks ---


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), number=st.integers(1, 60), limit=st.integers(1, 9), every=st.integers(1, 9))
def test_answers_do_not_depend_on_the_blocks(tmp_path_factory, seed, number, limit, every):
    """Cosines and their order are the same, bit for bit, in blocks of one row, of some, and in one block."""
    folder = tmp_path_factory.mktemp("blocks")
    vectors = unit(number, seed=seed, dimensions=24)
    vectors[number // 2 :] = vectors[: number - number // 2]  # ties across blocks
    keys = [key(n) for n in range(number)]
    answers = []
    for block_rows in (1, 7, 4096):
        options = {"dimensions": 24, "width": 0, "select": lambda among: iter(keys[::every]), "block_rows": block_rows}
        with VectorFile(folder / str(block_rows), recipe="r", **options) as file:
            file.add(keys, vectors, payloads(number, width=0))
            found = file.nearest(vectors[:5], limit) + file.nearest(vectors[:5], limit, Filter(categories=("any",)))
            answers.append([(rows.tolist(), cosines.tolist()) for rows, cosines in found])
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize("block_rows", [16, 4096])
def test_near_ties_are_told_apart(tmp_path, block_rows):
    """Where float32 products differ by less than they are wrong, the order is that of float64."""
    dice = np.random.default_rng(2)
    vectors = unit(1, dimensions=384) + dice.normal(size=(300, 384)) * 2e-6
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    exact = (vectors.astype(np.float64) @ vectors[:40].astype(np.float64).T).astype(np.float32)
    with open_file(tmp_path / "v", dimensions=384, width=0, block_rows=block_rows) as file:
        file.add([key(n) for n in range(300)], vectors, payloads(300, width=0))
        for query, (rows, cosines) in enumerate(file.nearest(vectors[:40], 7)):
            best = np.lexsort((np.arange(300), -exact[:, query]))[:7]
            assert rows.tolist() == best.tolist()
            assert np.array_equal(cosines, exact[best, query])


# --- readers beside a writer ---


def test_a_reader_sees_the_rows_of_when_it_opened(tmp_path):
    """A reader beside a writer is neither disturbed nor surprised; who opens later sees more."""
    path = tmp_path / "v"
    fill(path, 6)
    with open_file(path) as reader, open_file(path) as writer:
        assert reader.count == 6
        writer.add([key(n) for n in range(MANY)], unit(MANY), payloads(MANY))
        assert all_is_right(reader, 6, at_least=6) == 6
        assert reader.missing([key(7)]) == {key(7)}
        with open_file(path) as later:
            assert later.count == MANY


def test_a_reader_writes_nothing(tmp_path):
    """A torn tail is ignored by who only reads, and cut by who writes."""
    path = tmp_path / "v"
    fill(path)
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(b"torn" * 100_000)
    path.chmod(0o444)
    content = path.read_bytes()
    with open_file(path) as reader:
        assert all_is_right(reader, MANY, at_least=MANY) == MANY
    assert path.read_bytes() == content
    path.chmod(0o644)
    with open_file(path) as writer:
        writer.add([key(n) for n in range(MANY)], unit(MANY), payloads(MANY))  # nothing new: nothing written
        assert path.stat().st_size == len(content)
        writer.add([key(MANY)], unit(1), payloads(1))
    assert path.stat().st_size <= size + GRANULE


# --- torn ends ---


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0, 1), tail=st.sampled_from(["nothing", "zeros", "garbage"]), length=st.integers(0, 1_200_000))
def test_a_file_that_was_cut(tmp_path_factory, cut, tail, length):
    """Cut anywhere behind the header, with anything behind: it opens, what is there is right, and the rest is added."""
    path = tmp_path_factory.mktemp("cut") / "v"
    fill(path)
    keep = GRANULE + int(cut * (path.stat().st_size - GRANULE))
    os.truncate(path, keep)
    with path.open("ab") as file:
        file.write({"nothing": b"", "zeros": bytes(length), "garbage": random.Random(length).randbytes(length)}[tail])
    with open_file(path) as file:
        all_is_right(file, MANY, at_least=MANY if cut == 1 else 0)
    add_the_rest(path, MANY)


class Disk:
    """Remembers what is written and when it is synced, so that a loss of power can be played at any moment.

    Until it is synced, any sector of a write may have reached the disk, in any order, and a truncation, too.
    """

    SECTOR = 512

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = path
        self.before = path.read_bytes() if path.exists() else b""
        self.log: list[tuple] = []
        monkeypatch.setattr(vector_file, "_write", self._told("write", vector_file._write))
        monkeypatch.setattr(vector_file, "_truncate", self._told("truncate", vector_file._truncate))
        monkeypatch.setattr(vector_file, "_sync", self._told("sync", vector_file._sync))

    def _told(self, name, function):
        def call(file: FileIO, *arguments) -> None:
            function(file, *arguments)
            if file.name == self.path:
                self.log.append((name, *arguments))

        return call

    def left(self, moment: int, dice: random.Random) -> bytes:
        synced = max((n + 1 for n in range(moment) if self.log[n][0] == "sync"), default=0)
        disk = bytearray(self.before)
        for number, (name, *arguments) in enumerate(self.log[:moment]):
            if name == "write":
                offset, data = arguments
                for start in range(0, len(data), self.SECTOR):
                    if number < synced or dice.random() < 0.5:
                        self._put(disk, offset + start, data[start : start + self.SECTOR])
            elif name == "truncate" and (number < synced or dice.random() < 0.5):
                del disk[arguments[0] :]
        return bytes(disk)

    @staticmethod
    def _put(disk: bytearray, offset: int, data: bytes) -> None:
        disk.extend(bytes(max(0, offset + len(data) - len(disk))))
        disk[offset : offset + len(data)] = data


def test_power_that_is_lost_at_any_moment(tmp_path, monkeypatch):
    """Whatever part of what was not synced reached the disk: no promised row is lost, none is wrong, none is twice."""
    path, total, block = tmp_path / "v", 60, 40  # a block's entries are three sectors
    fill(path, 3, block_rows=block)
    dice = random.Random(3)
    for power_loss in range(150):
        with monkeypatch.context() as patch:
            disk = Disk(path, patch)
            with open_file(path) as file:
                promised = {0: file.keys(np.arange(file.count))}
                for _ in range(dice.randint(1, 3)):
                    missing = [n for n in range(total) if key(n) in file.missing([key(n)])]
                    numbers = dice.sample(missing, min(len(missing), dice.randint(1, 30)))
                    file.add([key(n) for n in numbers], unit(total)[numbers], payloads(total)[numbers])
                    promised[len(disk.log)] = file.keys(np.arange(file.count))
        moment = dice.randint(0, len(disk.log))
        path.write_bytes(disk.left(moment, dice))
        kept = max((keys for when, keys in promised.items() if when <= moment), key=len)
        with open_file(path) as file:
            assert all_is_right(file, total, at_least=0) >= len(kept), power_loss
            assert file.keys(np.arange(len(kept))) == kept
            full = file.count > total - 10
        if full:
            path.unlink()
            fill(path, 3, block_rows=block)


def test_rows_behind_a_torn_one_stay_dead(tmp_path, monkeypatch):
    """Two appends are torn, one after the other: what the first left behind does not end the second.

    Of the first, all but row 4's entry reached the disk. Of the second, which has the same keys in another order, the
    first three rows did, so that the first one's row 7 follows them, whole, with a key that is among the three.
    """
    path, told = tmp_path / "v", payloads(10) * 0
    with open_file(path, block_rows=40) as file:
        file.add([key(n) for n in range(10)], unit(10), told)
        layout = file._layout
    with path.open("r+b") as torn:
        torn.seek(layout.at(0) + 4 * 36)
        torn.write(bytes(36))
    disk, order = Disk(path, monkeypatch), [9, 8, 7, 6, 5]
    with open_file(path) as file:
        assert file.count == 4
        file.add([key(n) for n in order], unit(10)[order], told[order])
    left, whole = (
        bytearray(disk.left(1 + [name for name, *_ in disk.log].index("sync"), random.Random())),
        path.read_bytes(),
    )
    left.extend(bytes(len(whole) - len(left)))
    for begin, size in (0, 36), (layout.vectors_at, layout.vector_bytes):
        at = slice(layout.at(0) + begin + 4 * size, layout.at(0) + begin + 7 * size)
        left[at] = whole[at]
    path.write_bytes(left)
    with open_file(path) as file:
        assert file.keys(np.arange(file.count)) == [key(n) for n in (0, 1, 2, 3, 9, 8, 7)]


ZYGOTE = """
import os, sys
import numpy as np
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from digest.backends.vector_file import VectorFile
from content import DIMENSIONS, WIDTH, batches

path = Path(sys.argv[2])
for line in sys.stdin:
    child = os.fork()
    if not child:
        with VectorFile(path, recipe="kill", dimensions=DIMENSIONS, width=WIDTH, select=iter, block_rows=64) as file:
            for end, keys, vectors, payloads in batches(file.count, int(line)):
                file.add(keys, vectors, payloads)
                os.write(1, b"%d\\n" % end)
        os._exit(0)
    os.write(1, b"pid %d\\n" % child)
    os.waitpid(child, 0)
    os.write(1, b"end\\n")
"""

CONTENT = """
import hashlib
import numpy as np

DIMENSIONS, WIDTH = 32, 50

def row(number):
    dice = np.random.default_rng(number)
    vector = dice.normal(size=DIMENSIONS)
    return (vector / np.linalg.norm(vector)).astype(np.float32), dice.integers(0, 256, WIDTH, dtype=np.uint8)

def key(number):
    return hashlib.sha256(b"%d" % number).digest()

def rows(numbers):
    found = [row(n) for n in numbers]
    return [key(n) for n in numbers], np.stack([f[0] for f in found]), np.stack([f[1] for f in found])

def batches(start, seed):
    dice = np.random.default_rng(seed)
    while True:
        end = start + int(dice.integers(1, dice.choice([3, 30, 200])))
        yield end, *rows(range(start, end))
        start = end
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
@pytest.mark.parametrize("kills", [20, pytest.param(200, marks=pytest.mark.long)])
def test_killed_at_any_moment(tmp_path, kills):
    """SIGKILL during an append: the file opens, no vector is wrong, none that was promised is lost."""
    (tmp_path / "content.py").write_text(CONTENT)
    content: dict = {}
    exec(CONTENT, content)
    path, dice, promised, seen = tmp_path / "v", random.Random(11), 0, 0
    command = [sys.executable, "-c", ZYGOTE, str(tmp_path), str(path)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as zygote:
        for number in range(kills):
            print(number, file=zygote.stdin, flush=True)
            child = int(zygote.stdout.readline().removeprefix("pid "))
            # Every other one while it appends, however slow the machine is; the rest as they come, while it opens, too.
            said = [int(zygote.stdout.readline())] if number % 2 else []
            time.sleep(dice.uniform(0, 0.03))
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            said += [int(line) for line in iter(zygote.stdout.readline, "end\n")]
            promised = max([promised, *said])
            with VectorFile(
                path, recipe="kill", dimensions=content["DIMENSIONS"], width=content["WIDTH"], select=iter
            ) as file:
                count = file.count
                assert count >= promised
                last = number == kills - 1
                rows = np.arange(0 if last else max(0, seen - 300), count)
                keys, vectors, told = file.keys(rows), *file.read(rows)
                if len(rows):
                    wanted = content["rows"](rows.tolist())
                    assert keys == wanted[0]
                    assert np.array_equal(vectors, wanted[1])
                    assert np.array_equal(told, wanted[2])
                assert not last or not file.verify().size
                seen = promised = count
        zygote.stdin.close()
    assert seen >= kills // 2


# --- damage ---


def flip(path: Path, position: int) -> None:
    with path.open("r+b") as file:
        file.seek(position)
        byte = file.read(1)[0]
        file.seek(position)
        file.write(bytes([byte ^ 0x10]))


@pytest.mark.parametrize("part", ["key", "check", "vector", "payload"])
def test_rotten_bits_are_told(tmp_path, part):
    """A row that the disk spoiled is named by who reads it and by ``verify``, with what to do; others are read."""
    path = tmp_path / "v"
    fill(path)
    with open_file(path) as file:
        layout, row = file._layout, 9
        at = layout.at(row // BLOCK)
        inside = row % BLOCK
    position = {
        "key": at + inside * 36 + 7,
        "check": at + inside * 36 + 33,
        "vector": at + layout.vectors_at + inside * layout.vector_bytes + 6,
        "payload": at + layout.payloads_at + inside * WIDTH + 2,
    }[part]
    flip(path, position)
    with open_file(path) as file:
        assert file.verify().tolist() == [row]
        others = [n for n in range(MANY) if n != row]
        assert np.array_equal(file.read(np.array(others))[0], unit(MANY)[others])
        for ask in (lambda: file.read(np.arange(MANY)), lambda: file.nearest(unit(MANY)[[row]], MANY)):
            with pytest.raises(IndexFault, match=r"v: row 9 is damaged.*delete the file"):
                ask()


def test_bytes_in_the_place_of_others(tmp_path):
    """A disk that wrote a whole row to another row's place is found out."""
    path = tmp_path / "v"
    fill(path)
    with open_file(path) as file:
        layout = file._layout
    content = bytearray(path.read_bytes())
    for at, size in (0, 36), (layout.vectors_at, layout.vector_bytes), (layout.payloads_at, layout.width):
        begin = layout.at(1) + at
        content[begin + size : begin + 2 * size] = content[begin + 3 * size : begin + 4 * size]
    path.write_bytes(content)
    with open_file(path) as file:
        assert file.verify().tolist() == [5]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_damage_that_no_cosine_shows(tmp_path, value):
    """A vector that became NaN is near nothing; it is told all the same."""
    path = tmp_path / "v"
    fill(path)
    with open_file(path) as file:
        position = file._layout.at(1) + file._layout.vectors_at + 2 * file._layout.vector_bytes
    with path.open("r+b") as spoiled:
        spoiled.seek(position)
        spoiled.write(np.array([value, value, -value], dtype="<f4").tobytes())
    with open_file(path) as file:
        for ask in (lambda: file.near(unit(3), 0.5), lambda: file.nearest(unit(3), 2)):
            with pytest.raises(IndexFault, match="row 6 is damaged"):
                ask()


@pytest.mark.skipif(sys.platform == "win32", reason="limits no file's size")
def test_a_full_disk(tmp_path):
    """An append that fails says so, and leaves all that was promised; with room again, it goes on."""
    import resource

    path = tmp_path / "v"
    fill(path, 6)
    many = [key(n) for n in range(MANY)]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with open_file(path) as file:
        for room in (path.stat().st_size + 3 * GRANULE, path.stat().st_size + 10):
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
            try:
                with pytest.raises(IndexFault, match=r"v: File too large; what was added before is safe"):
                    file.add(many, unit(MANY), payloads(MANY))
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            with open_file(path) as other:
                all_is_right(other, MANY, at_least=6)
        file.add(many, unit(MANY), payloads(MANY))
        assert all_is_right(file, MANY, at_least=MANY) == MANY
    with open_file(path) as file:
        assert all_is_right(file, MANY, at_least=MANY) == MANY


def test_a_file_that_cannot_be_opened(tmp_path):
    (tmp_path / "v").mkdir()
    with open_file(tmp_path / "v") as file, pytest.raises(IndexFault, match="v: Is a directory"):
        file.missing([key(1)])
