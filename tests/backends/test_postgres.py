"""The index in Postgres: what is its own beside the contract, against a real server."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pytest

from digest.backends.postgres import FEW, PostgresIndex
from digest.errors import IndexFault, MissingExtra
from digest.ports import Facts, Filter
from digest.testing.postgres import NoServer, postgres_server

from .conftest import DIMENSIONS, WIDTH, key, payloads, unit

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")

URL = "postgresql://reader:open-sesame@127.0.0.1:1/papers"


@pytest.fixture
def index(postgres_url, tmp_path) -> Iterator[PostgresIndex]:
    with PostgresIndex(postgres_url, recipe=str(tmp_path), dimensions=DIMENSIONS, width=WIDTH) as index:
        yield index


def clustered(number: int, *, dimensions: int = 96, seed: int = 0) -> np.ndarray:
    """Unit vectors round one centre for each hundred, as papers of one field are."""
    dice = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(max(1, number // 100), dimensions))
    vectors = centres[dice.integers(0, len(centres), number)] + dice.normal(size=(number, dimensions)) * 0.7
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


# --- exact ---


def test_few_queries_and_many_have_the_same_answers(index):
    """Whether the server searches or we multiply, rows and cosines are the same, filtered or not."""
    number = 300
    vectors = unit(number)
    vectors[200:] = vectors[:100]  # ties
    index.add([key(n) for n in range(number)], vectors, payloads(number))
    day = date(2026, 1, 1)
    index.describe(
        Facts(key=key(n), categories=(f"c.{n % 3}",), announced=day + timedelta(days=n % 7))
        for n in range(0, number, 2)
    )
    for among in (
        None,
        Filter(categories=("c.1", "c.2")),
        Filter(since=day + timedelta(days=2), until=day + timedelta(days=4)),
    ):
        many = index.nearest(vectors[: FEW + 5], 9, among)
        one_by_one = [index.nearest(query[None], 9, among)[0] for query in vectors[: FEW + 5]]
        for (rows, cosines), (few_rows, few_cosines) in zip(many, one_by_one, strict=True):
            assert rows.tolist() == few_rows.tolist()
            assert np.array_equal(cosines, few_cosines)


def test_recipes_do_not_mix(postgres_url, tmp_path):
    """Another recipe, dimension or width on the same server is another index."""
    shapes = [("a", 8, 5), ("b", 8, 5), ("a", 9, 5), ("a", 8, 0)]
    for number, (recipe, dimensions, width) in enumerate(shapes):
        with PostgresIndex(postgres_url, recipe=f"{tmp_path}{recipe}", dimensions=dimensions, width=width) as index:
            assert index.missing([key(n) for n in range(4)]) == {key(n) for n in range(4)}
            index.add([key(number)], unit(1, dimensions=dimensions), payloads(1, width=width))
            assert index.missing([key(n) for n in range(4)]) == {key(n) for n in range(4)} - {key(number)}


def test_long_vectors(postgres_url, tmp_path):
    """Vectors that no page of Postgres holds are kept as well."""
    vectors = unit(12, dimensions=3000)
    with PostgresIndex(postgres_url, recipe=str(tmp_path), dimensions=3000, width=0) as index:
        keys = [key(n) for n in range(12)]
        index.add(keys, vectors, payloads(12, width=0))
        assert np.array_equal(index.read(index.rows(keys))[0], vectors)
        assert index.keys(index.nearest(vectors[5:6], 1)[0][0]) == [key(5)]
        assert len(index.near(vectors, 0.999)[0]) == 12


def test_more_rows_than_are_read_at_a_time(index):
    """Of more rows than one piece all are found, read and multiplied."""
    number = 9000
    vectors = unit(number, seed=3)
    keys = [key(n) for n in range(number)]
    index.add(keys, vectors, payloads(number))
    order = np.random.default_rng(0).permutation(number)
    found, told = index.read(index.rows(keys)[order])
    assert np.array_equal(found, vectors[order])
    assert np.array_equal(told, payloads(number)[order])
    assert len(index.near(vectors[:3], -1.1)[0]) == 3 * number
    (rows, _), *_ = index.nearest(vectors[-(FEW + 1) :], 1)
    assert index.keys(rows) == [key(number - FEW - 1)]


def test_two_add_the_same_at_once(postgres_url, tmp_path):
    """Two machines with the same papers in another order: each key has one row in the end, and nobody waits for ever."""
    vectors, told, faults = unit(400), payloads(400), []

    def add(order: np.ndarray) -> None:
        try:
            with PostgresIndex(postgres_url, recipe=str(tmp_path), dimensions=DIMENSIONS, width=WIDTH) as index:
                for some in np.array_split(order, 8):
                    index.add([key(n) for n in some], vectors[some], told[some])
        except Exception as fault:
            faults.append(fault)
            raise

    threads = [threading.Thread(target=add, args=(order,)) for order in (np.arange(400), np.arange(400)[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    with PostgresIndex(postgres_url, recipe=str(tmp_path), dimensions=DIMENSIONS, width=WIDTH) as index:
        assert len(index.near(vectors[:1], -1.1)[0]) == 400
        assert np.array_equal(index.read(index.rows([key(n) for n in range(400)]))[0], vectors)


# --- approximate ---


@pytest.mark.long
def test_the_approximate_index_finds_nearly_all(postgres_url, tmp_path):
    """Recall of the nearest five is at least 0.95, filtered or not, also of rows that came after the index was built.

    Cosines are exact all the same, and ``near`` still finds all pairs.
    """
    vectors, queries = clustered(6000), clustered(100, seed=1)
    keys, none = [key(n) for n in range(6000)], payloads(6000, width=0)
    facts = [
        Facts(
            key=key(n),
            categories=("even" if n % 2 == 0 else "odd", "rare" if n % 500 == 0 else "common"),
            announced=date(2026, 1, 1) + timedelta(days=n % 30),
        )
        for n in range(6000)
    ]
    filters = [None, Filter(categories=("even",)), Filter(categories=("rare",)), Filter(since=date(2026, 1, 28))]
    with PostgresIndex(postgres_url, recipe=str(tmp_path), dimensions=96, width=0) as index:
        index.add(keys[:5000], vectors[:5000], none[:5000])
        assert not index.approximated
        index.approximate()
        assert index.approximated
        index.add(keys[5000:], vectors[5000:], none[5000:])
        index.describe(facts)
        row_keys = dict(zip(keys, range(6000), strict=True))
        exact = queries.astype(np.float64) @ vectors.astype(np.float64).T
        for among in filters:
            fitting = np.array(
                [
                    among is None
                    or bool(set(f.categories) & set(among.categories))
                    or bool(among.since and f.announced >= among.since)
                    for f in facts
                ]
            )
            best = np.argsort(np.where(fitting, -exact, 9), axis=1)[:, :5]
            answers = index.nearest(queries, 5, among)
            hits = 0
            for query, (rows, cosines) in enumerate(answers):
                places = [row_keys[k] for k in index.keys(rows)]
                assert fitting[places].all()
                assert np.allclose(cosines, exact[query, places], atol=1e-6)
                assert (np.diff(cosines) <= 0).all()
                hits += len(set(places) & set(best[query].tolist()))
            assert hits / best.size >= 0.95, among
        assert len(index.near(queries, 0.6)[0]) == pytest.approx((exact >= 0.6).sum(), abs=3)
        name = index._name
    with psycopg.connect(postgres_url) as other:  # else Postgres thought it too small to use, and all was exact
        scans = "select idx_scan from pg_stat_user_indexes where indexrelname = %s"
        assert other.execute(scans, [name + "_hnsw"]).fetchone()[0] >= len(queries)


# --- faults ---


def test_without_the_driver(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match=r"psycopg is not installed; try: pip install 'digest\[postgres\]'"):
        PostgresIndex(URL, recipe="r", dimensions=8, width=0)


@pytest.mark.parametrize(
    "url", ["postgresql://reader:open-sesame@127.0.0.1:1/papers?no=such", "host=127.0.0.1 password=open-sesame port"]
)
def test_an_address_that_cannot_be_read(url):
    """The message shows what an address looks like, and nothing of this one, which may hold a password."""
    with pytest.raises(IndexFault, match=r"postgresql://user@host:5432/database") as raised:
        PostgresIndex(url, recipe="r", dimensions=8, width=0)
    assert "sesame" not in str(raised.value)
    assert raised.value.__suppress_context__


def test_a_server_that_does_not_answer():
    """The message names host and port and what to do, and not the password."""
    with (
        PostgresIndex(URL, recipe="r", dimensions=8, width=0) as index,
        pytest.raises(IndexFault, match=r"^127\.0\.0\.1:1/papers: .*refused.*see whether the server runs") as raised,
    ):
        index.missing([key(1)])
    assert "sesame" not in str(raised.value)


def test_a_connection_that_was_cut(index, postgres_url):
    """A server that restarts between two calls costs one of them; the next connects again, and what was added is there."""
    index.add([key(1)], unit(1), payloads(1))
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and application_name = 'digest'"
        )
    with pytest.raises(IndexFault, match="see whether the server runs"):
        index.missing([key(1)])
    assert index.missing([key(1), key(2)]) == {key(2)}


def test_who_may_not_make_tables_is_told(postgres_url, tmp_path):
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute("drop role if exists guest")
        admin.execute("create role guest login")
    url = postgres_url.replace("postgres@", "guest@")
    with (
        PostgresIndex(url, recipe=str(tmp_path), dimensions=8, width=0) as index,
        pytest.raises(IndexFault, match=r"permission denied.*grant"),
    ):
        index.missing([key(1)])


def test_rows_that_are_not_there(index):
    index.add([key(1)], unit(1), payloads(1))
    index.describe([Facts(key=key(2), categories=("a",), announced=date(2026, 1, 1))])
    for ask in (index.read, index.keys):
        for row in (999, int(index.rows([key(1)])[0]) + 1):  # the second has facts, and no vector
            with pytest.raises(IndexError, match="has no row"):
                ask(np.array([row]))


def test_facts_that_are_told_again_rewrite_nothing(index, postgres_url):
    """The same facts each night leave the rows as they are on the disk."""
    facts = [Facts(key=key(n), categories=("b", "a"), announced=date(2026, 1, 1)) for n in range(5)]
    index.describe(facts)
    with psycopg.connect(postgres_url) as other:
        before = other.execute(f"select key, xmin, ctid from {index._name} order by key").fetchall()
        index.describe(facts)
        assert other.execute(f"select key, xmin, ctid from {index._name} order by key").fetchall() == before


def test_an_append_that_is_killed_is_there_whole_or_not_at_all(index, postgres_url):
    """A connection that ends in the middle of an add leaves nothing of it."""
    index.add([key(0)], unit(1), payloads(1))
    told = payloads(50)
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute(
            f"alter table {index._name} add constraint no_seven check (key <> decode('{key(7).hex()}', 'hex'))"
        )
        with pytest.raises(IndexFault, match="no_seven"):
            index.add([key(n) for n in range(50)], unit(50), told)
        assert index.missing(key(n) for n in range(50)) == {key(n) for n in range(1, 50)}
        other.execute(f"alter table {index._name} drop constraint no_seven")
    index.add([key(n) for n in range(50)], unit(50), told)
    assert not index.missing(key(n) for n in range(50))


# --- the server that tests start ---


@pytest.mark.long
def test_a_server_ends_with_its_block():
    """Its process, socket and folder are gone after; a setting that is wrong is told."""
    try:
        with postgres_server({"shared_buffers": "16MB"}) as url, psycopg.connect(url) as connection:
            assert connection.execute("show shared_buffers").fetchone() == ("16MB",)
    except NoServer as reason:
        pytest.skip(str(reason))
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    with pytest.raises(NoServer, match="does not start"), postgres_server({"no_such_setting": "1"}):
        pass
