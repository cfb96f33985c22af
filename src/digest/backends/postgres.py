"""A vector index in Postgres with pgvector: for a group that shares one, or where one machine's file is not enough.

Each recipe (with its dimensions and width) has a table of its own, so that a column has one type and its index one kind of
vector; ``digest_vector_tables`` says which is whose. Facts are columns of the row that they are about, so that a filter
and a search meet in one scan. A key that has facts only has no vector yet.

Search is exact until ``approximate`` is called. Then ``nearest`` goes by an HNSW index (Malkov and Yashunin, 2018) over
half-precision vectors and takes the cosines of the rows that it finds from the whole vectors; ``near`` stays exact, since
its promise is all pairs. Exact search of many queries reads the vectors once and multiplies here: pgvector computes one
distance at a time, BLAS some hundred in that time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Any, LiteralString, Self

import numpy as np

from digest.backends import product
from digest.backends.product import KEY_BYTES, Bytes, Piece, Rows, Vectors, checked_rows, checked_vectors, key_array
from digest.errors import IndexFault, MissingExtra
from digest.ports import Facts, Filter

if TYPE_CHECKING:
    from psycopg import Connection, sql

ROWS = 4096
"""Read, or looked up, at a time."""

FEW = 8
"""Queries that the server searches for by itself, one after the other; more are multiplied here."""

WIDER = 4
"""Times the limit are asked of the approximate index: half precision may confuse the last few."""

INLINE = 1900
"""Dimensions up to which a vector fits a page of Postgres; longer ones are kept aside, which costs a scan a lookup a row."""

_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_END = b"\xff\xff"


class PostgresIndex:
    """See ``digest.ports.VectorIndex``. Connects, and makes its tables, when first used.

    *url* is what libpq takes (``postgresql://user@host/database``); a password is better kept in ``~/.pgpass``.
    *ef_search* is how many candidates the approximate index keeps at hand: more, and recall and time rise.

    Raises MissingExtra without psycopg.
    """

    def __init__(self, url: str, *, recipe: str, dimensions: int, width: int, ef_search: int = 100) -> None:
        self.recipe = recipe
        self.ef_search = ef_search
        self._dimensions = dimensions
        self._width = width
        self._server = _Server(url)
        name = hashlib.sha256(f"{recipe}\0{dimensions}\0{width}".encode()).hexdigest()[:16]
        self._name = f"digest_vectors_{name}"
        self._ready = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection; the next call makes another."""
        self._server.close()
        self._ready = False

    # --- the port ---

    @property
    def count(self) -> int:
        return self._count(None)

    def missing(self, keys: Iterable[bytes]) -> set[bytes]:
        asked = list(keys)
        return set(asked) - self._rows_of(asked).keys()

    def add(self, keys: Sequence[bytes], vectors: Vectors, payloads: Bytes) -> None:
        """Raises ValueError for vectors that are no unit vectors, and for shapes that do not fit."""
        told = key_array(keys)
        vectors, payloads = checked_rows(keys, vectors, payloads, self._dimensions, self._width)
        missing = self.missing(keys)
        first = {key: position for position, key in reversed(list(enumerate(keys))) if key in missing}
        # In the order of keys, two that add the same do not wait for each other for ever.
        fresh = np.array([first[key] for key in sorted(first)], dtype=np.int64)
        if not len(fresh):
            return
        with self._session() as session, session.transaction():
            table, arrived = self._identifier(), self._identifier("_arrived")
            session.execute(
                self._sql(
                    "create temp table {} (key bytea, embedding vector({}), payload bytea) on commit drop",
                    arrived,
                    self._dimensions,
                )
            )
            with (
                session.cursor() as cursor,
                cursor.copy(self._sql("copy {} from stdin (format binary)", arrived)) as copy,
            ):
                copy.write(_COPY_HEADER)
                for start in range(0, len(fresh), ROWS):
                    some = fresh[start : start + ROWS]
                    copy.write(self._records(told[some], vectors[some], payloads[some]))
                copy.write(_COPY_END)
            session.execute(
                self._sql(
                    "insert into {} as known (key, embedding, payload) select key, embedding, payload from {} order by key"
                    " on conflict (key) do update set embedding = excluded.embedding, payload = excluded.payload"
                    " where known.embedding is null",
                    table,
                    arrived,
                )
            )

    def rows(self, keys: Sequence[bytes]) -> Rows:
        known = self._rows_of(keys)
        return np.array([known[key] for key in keys], dtype=np.int64)

    def keys(self, rows: Rows) -> list[bytes]:
        known: dict[int, bytes] = {}
        for some in _chunks(np.unique(rows).tolist()):
            known.update(self._all("select row, key from {} where row = any(%s) and embedding is not null", [some]))
        return [known[row] for row in self._known(rows, known)]

    def read(self, rows: Rows) -> tuple[Vectors, Bytes]:
        vectors = np.empty((len(rows), self._dimensions), dtype=np.float32)
        payloads = np.empty((len(rows), self._width), dtype=np.uint8)
        distinct, place = np.unique(np.asarray(rows, dtype=np.int64), return_inverse=True)
        for start in range(0, len(distinct), ROWS):
            some = distinct[start : start + ROWS]
            found = {
                row: (vector, payload)
                for row, vector, payload in self._all(
                    "select row, vector_send(embedding), payload from {} where row = any(%s) and embedding is not null",
                    [some.tolist()],
                )
            }
            pairs = [found[row] for row in self._known(some, found)]
            wanted = np.flatnonzero((place >= start) & (place < start + ROWS))
            at = place[wanted] - start
            vectors[wanted] = self._vectors([vector for vector, _ in pairs])[at]
            joined = b"".join(payload for _, payload in pairs)
            payloads[wanted] = np.frombuffer(joined, np.uint8).reshape(len(pairs), self._width)[at]
        return vectors, payloads

    def near(self, vectors: Vectors, floor: float) -> tuple[Rows, Rows, Vectors]:
        queries = checked_vectors(vectors, self._dimensions)
        return product.near(self._pieces(None) if len(queries) else (), queries, floor, self._damage)

    def nearest(self, vectors: Vectors, limit: int, among: Filter | None = None) -> list[tuple[Rows, Vectors]]:
        queries = checked_vectors(vectors, self._dimensions)
        if limit <= 0 or not len(queries):
            return product.nearest((), queries, 0, self._damage)
        if self.approximated:
            return [self._asked(query, limit, among, wider=WIDER) for query in queries]
        if len(queries) <= FEW:
            return [self._asked(query, limit, among, wider=1) for query in queries]
        if limit > ROWS:  # places for rows that may not be there would take memory
            limit = min(limit, self._count(among))
        return product.nearest(self._pieces(among), queries, limit, self._damage)

    def describe(self, facts: Iterable[Facts]) -> None:
        told = iter(facts)
        while some := list(islice(told, ROWS)):
            last = sorted({fact.key: fact for fact in some}.items())
            key_array([key for key, _ in last])
            # What is told again and is the same leaves the row alone: a new version of a row costs its vector, too.
            statement = self._sql(
                "insert into {} as known (key, categories, announced) values (%s, %s, %s)"
                " on conflict (key) do update set categories = excluded.categories, announced = excluded.announced"
                " where (known.categories, known.announced) is distinct from (excluded.categories, excluded.announced)",
                self._identifier(),
            )
            with self._session() as session, session.transaction(), session.cursor() as cursor:
                cursor.executemany(statement, [(key, list(fact.categories), fact.announced) for key, fact in last])

    # --- the approximate index ---

    @property
    def approximated(self) -> bool:
        """Whether ``nearest`` goes by an index, and may miss some."""
        valid = "select 1 from pg_index where indexrelid = to_regclass(%s) and indisvalid"
        return bool(self._all(valid, [self._name + "_hnsw"]))

    def approximate(self, *, m: int = 16, ef_construction: int = 128, memory: str = "1GB", workers: int = 1) -> None:
        """Build the HNSW index, once; later rows enter it as they are added. It takes a minute for each 100,000 rows.

        *m* links a node, *ef_construction* candidates for them: more, and recall, size and time rise. While the graph
        fits in *memory* (Postgres' ``maintenance_work_mem``; 1.2 KB a row of 384 dimensions), building is quick.
        *workers* build beside the first.
        """
        with self._session() as session, session.transaction():
            session.execute(self._sql("set local maintenance_work_mem = {}", memory))
            session.execute(self._sql("set local max_parallel_maintenance_workers = {}", workers))
            session.execute(
                self._sql(
                    "create index if not exists {} on {} using hnsw ((embedding::halfvec({})) halfvec_ip_ops)"
                    " with (m = {}, ef_construction = {})",
                    self._identifier("_hnsw"),
                    self._identifier(),
                    self._dimensions,
                    m,
                    ef_construction,
                )
            )

    # --- queries ---

    def _asked(self, query: Vectors, limit: int, among: Filter | None, *, wider: int) -> tuple[Rows, Vectors]:
        """The server's best for one query, ranked by the exact cosines of what it found."""
        whole = "embedding <#> {}::vector"
        half = "embedding::halfvec({}) <#> {}::halfvec({})".replace("{}", str(self._dimensions), 1)
        text = "[" + ",".join(map(repr, query.tolist())) + "]"
        order = self._sql(whole + ", row", text) if wider == 1 else self._sql(half, text, self._dimensions)
        with self._session() as session, session.transaction():
            if wider > 1:
                session.execute(
                    self._sql("set local hnsw.ef_search = {}", min(1000, max(self.ef_search, limit * wider)))
                )
                session.execute("set local hnsw.iterative_scan = relaxed_order")
            found = session.execute(
                self._sql(
                    "select row, vector_send(embedding) from {} where {} order by {} limit {}",
                    self._identifier(),
                    self._fitting(among),
                    order,
                    limit * wider,
                )
            ).fetchall()
        rows = np.array([row for row, _ in found], dtype=np.int64)
        vectors = self._vectors([vector for _, vector in found])
        zeros = np.zeros(len(rows), dtype=np.int64)
        cosines = product.exact_cosines(vectors, np.arange(len(rows)), query[None], zeros)
        best = np.lexsort((rows, -cosines))[:limit]
        return rows[best], cosines[best]

    def _pieces(self, among: Filter | None) -> Iterator[Piece]:
        """All rows that fit, as Postgres has them at hand."""
        record = np.dtype(
            [
                ("fields", ">i2"),
                ("row_bytes", ">i4"),
                ("row", ">i8"),
                ("vector_bytes", ">i4"),
                ("dimensions", ">i2"),
                ("unused", ">i2"),
                ("vector", ">f4", (self._dimensions,)),
            ]
        )
        statement = self._sql(
            "copy (select row, embedding from {} where {}) to stdout (format binary)",
            self._identifier(),
            self._fitting(among),
        )
        with self._session() as session, session.cursor() as cursor, cursor.copy(statement) as copy:
            left, skip = bytearray(), len(_COPY_HEADER)
            for data in copy:
                left += data
                if skip and len(left) >= skip:
                    del left[:skip]
                    skip = 0
                while not skip and len(left) >= ROWS * record.itemsize:
                    yield _piece(bytes(left[: ROWS * record.itemsize]), record)
                    del left[: ROWS * record.itemsize]
            if len(left) > len(_COPY_END):
                yield _piece(bytes(left[: -len(_COPY_END)]), record)

    def _count(self, among: Filter | None) -> int:
        with self._session() as session:
            statement = self._sql("select count(*) from {} where {}", self._identifier(), self._fitting(among))
            return int(session.execute(statement).fetchall()[0][0])

    def _fitting(self, among: Filter | None) -> sql.Composable:
        from psycopg import sql

        conditions = [self._sql("embedding is not null")]
        if among and among.categories:
            conditions.append(self._sql("categories && {}::text[]", list(among.categories)))
        if among and among.since:
            conditions.append(self._sql("announced >= {}", among.since))
        if among and among.until:
            conditions.append(self._sql("announced <= {}", among.until))
        if among:  # facts were told
            conditions.append(self._sql("announced is not null"))
        return sql.SQL(" and ").join(conditions)

    def _rows_of(self, keys: Sequence[bytes]) -> dict[bytes, int]:
        key_array(keys)
        known: dict[bytes, int] = {}
        for some in _chunks(list(dict.fromkeys(keys))):
            known.update(self._all("select key, row from {} where key = any(%s) and embedding is not null", [some]))
        return known

    def _known(self, rows: Rows, found: Any) -> list[int]:
        asked: list[int] = np.asarray(rows).tolist()
        if unknown := [row for row in asked if row not in found]:
            raise IndexError(f"{self._server}: has no row {unknown[0]}")
        return asked

    def _all(self, statement: LiteralString, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._session() as session:
            return session.execute(self._sql(statement, self._identifier()), parameters, binary=True).fetchall()

    def _records(self, keys: Bytes, vectors: Vectors, payloads: Bytes) -> bytes:
        """Rows in the form that COPY reads."""
        record = np.dtype(
            [
                ("fields", ">i2"),
                ("key_bytes", ">i4"),
                ("key", "u1", (KEY_BYTES,)),
                ("vector_bytes", ">i4"),
                ("dimensions", ">i2"),
                ("unused", ">i2"),
                ("vector", ">f4", (self._dimensions,)),
                ("payload_bytes", ">i4"),
                ("payload", "u1", (self._width,)),
            ]
        )
        rows = np.zeros(len(keys), dtype=record)
        rows["fields"], rows["key_bytes"], rows["key"] = 3, KEY_BYTES, keys
        rows["vector_bytes"], rows["dimensions"], rows["vector"] = 4 + 4 * self._dimensions, self._dimensions, vectors
        rows["payload_bytes"], rows["payload"] = self._width, payloads
        return rows.tobytes()

    def _vectors(self, sent: Sequence[bytes]) -> Vectors:
        """Vectors from pgvector's own form: their dimensions and a zero, both of two bytes, and the numbers."""
        record = np.dtype([("dimensions", ">i2"), ("unused", ">i2"), ("vector", ">f4", (self._dimensions,))])
        return np.frombuffer(b"".join(sent), record)["vector"].astype(np.float32)

    def _damage(self, row: int) -> IndexFault:
        return IndexFault(f"{self._server}: the vector of row {row} in {self._name} is damaged; drop the table")

    # --- the session and its tables ---

    @contextmanager
    def _session(self) -> Iterator[Connection[tuple[Any, ...]]]:
        with self._server.session() as session:
            if not self._ready:
                self._make(session)
                self._ready = True
            yield session

    def _make(self, session: Connection[tuple[Any, ...]]) -> None:
        if session.execute("select to_regclass(%s)", [self._name]).fetchone() != (None,):
            return
        with session.transaction():
            session.execute("select pg_advisory_xact_lock(7163214505)")  # two that come first make them once
            session.execute("create extension if not exists vector")
            session.execute(
                "create table if not exists digest_vector_tables"
                " (name text primary key, recipe text not null, dimensions int not null, width int not null)"
            )
            session.execute(
                "insert into digest_vector_tables values (%s, %s, %s, %s) on conflict do nothing",
                [self._name, self.recipe, self._dimensions, self._width],
            )
            table = self._identifier()
            session.execute(
                self._sql(
                    "create table if not exists {} (row bigint generated always as identity primary key,"
                    " key bytea not null unique, embedding vector({}), payload bytea, categories text[], announced date)",
                    table,
                    self._dimensions,
                )
            )
            if self._dimensions <= INLINE:
                session.execute(self._sql("alter table {} alter embedding set storage plain", table))
            session.execute(
                self._sql("create index if not exists {} on {} (announced)", self._identifier("_day"), table)
            )
            session.execute(
                self._sql("create index if not exists {} on {} using gin (categories)", self._identifier("_cat"), table)
            )

    def _identifier(self, ending: str = "") -> sql.Identifier:
        from psycopg import sql

        return sql.Identifier(self._name + ending)

    @staticmethod
    def _sql(statement: LiteralString, *parts: Any) -> sql.Composed:
        """A statement with names and literals, quoted: COPY and CREATE take no parameters."""
        from psycopg import sql

        wrapped = (part if isinstance(part, sql.Composable) else sql.Literal(part) for part in parts)
        return sql.SQL(statement).format(*wrapped)


class _Server:
    """One connection, made when it is needed; driver's errors become IndexFault, without the password."""

    def __init__(self, url: str) -> None:
        try:
            import psycopg
        except ImportError as error:
            raise MissingExtra("psycopg", "postgres") from error
        from psycopg.conninfo import conninfo_to_dict

        try:
            self._info: dict[str, Any] = conninfo_to_dict(url, application_name="digest")
        except psycopg.Error:
            # The driver's message has the address in it, and with it the password.
            raise IndexFault(
                "the address of the vector index cannot be read; wanted: postgresql://user@host:5432/database"
            ) from None
        self._connection: Connection[tuple[Any, ...]] | None = None

    def __str__(self) -> str:
        host = self._info.get("host") or self._info.get("hostaddr") or "localhost"
        return f"{host}:{self._info.get('port', 5432)}/{self._info.get('dbname', '')}"

    def close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None

    @contextmanager
    def session(self) -> Iterator[Connection[tuple[Any, ...]]]:
        import psycopg

        try:
            if self._connection is None or self._connection.closed:
                self._connection = psycopg.connect(**{"connect_timeout": 10, **self._info}, autocommit=True)
                # It lasts when ``add`` returns, whatever the server's default.
                self._connection.execute("set synchronous_commit = on")
                self._connection.execute("set jit = off")
            yield self._connection
        except psycopg.Error as error:
            raise IndexFault(f"{self}: {self._bare(error)}; {_advice(error)}") from error

    def _bare(self, error: Exception) -> str:
        told = " ".join(str(error).split())
        password = self._info.get("password")
        return told.replace(password, "***") if password else told


def _advice(error: Exception) -> str:
    from psycopg import errors

    if isinstance(error, (errors.UndefinedFile, errors.FeatureNotSupported)):
        return "install pgvector on the server (the package postgresql-NN-pgvector)"
    if isinstance(error, errors.InsufficientPrivilege):
        return "as an administrator: create extension vector; and grant this user create on the schema"
    if isinstance(error, errors.DiskFull):
        return "make room on the server; what was added before is safe"
    if isinstance(error, errors.OperationalError):
        return "see whether the server runs and [related] index_url is right; what was added before is safe"
    return "the server's log may tell more"


def _piece(data: bytes, record: np.dtype[np.void]) -> Piece:
    rows = np.frombuffer(data, record)
    return Piece(rows["row"].astype(np.int64), np.ascontiguousarray(rows["vector"], dtype=np.float32))


def _chunks(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), ROWS):
        yield items[start : start + ROWS]
