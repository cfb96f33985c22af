"""The catalogue's tables, as numbered migrations: never edit one that has been released, add the next."""

from __future__ import annotations

import sqlite3

from digest.errors import CatalogueError

MIGRATIONS: tuple[str, ...] = (
    """
    -- What arXiv says. Dates are ISO days, moments ISO with +00:00; lists are JSON.
    CREATE TABLE papers (
        id TEXT PRIMARY KEY,
        version INTEGER NOT NULL,
        title TEXT NOT NULL,
        abstract TEXT NOT NULL,
        authors TEXT NOT NULL,
        categories TEXT NOT NULL,
        submitted TEXT,
        updated TEXT,
        comment TEXT NOT NULL,
        journal_ref TEXT NOT NULL,
        dois TEXT NOT NULL,
        license TEXT NOT NULL,
        withdrawn INTEGER NOT NULL,
        text_hash TEXT NOT NULL,          -- of what is embedded and read: title and abstract
        noted INTEGER NOT NULL,           -- has a note, or will when it is settled
        announced TEXT NOT NULL,          -- the first day it was announced to us
        announced_estimated INTEGER NOT NULL,
        settled INTEGER NOT NULL DEFAULT 0,
        tie REAL NOT NULL DEFAULT 0,      -- how near it was, when it came, to what the catalogue had: sum of cosines
        dismissed INTEGER NOT NULL DEFAULT 0  -- the reader deleted its note; it is not made again
    );
    CREATE INDEX papers_announced ON papers (announced);
    CREATE INDEX papers_without_date ON papers (id) WHERE submitted IS NULL;

    CREATE TABLE paper_categories (
        category TEXT NOT NULL,
        paper_id TEXT NOT NULL REFERENCES papers (id),
        PRIMARY KEY (category, paper_id)
    ) WITHOUT ROWID;

    CREATE TABLE versions (
        paper_id TEXT NOT NULL REFERENCES papers (id),
        version INTEGER NOT NULL,
        submitted TEXT,
        announced TEXT,
        PRIMARY KEY (paper_id, version)
    ) WITHOUT ROWID;

    CREATE TABLE announcements (
        day TEXT NOT NULL,
        category TEXT NOT NULL,
        paper_id TEXT NOT NULL REFERENCES papers (id),
        version INTEGER NOT NULL,
        kind TEXT NOT NULL,               -- within this category
        PRIMARY KEY (day, category, paper_id)
    ) WITHOUT ROWID;
    CREATE INDEX announcements_paper ON announcements (paper_id);

    -- One row a source, category ('' = all) and day: the latest word on it.
    CREATE TABLE verdicts (
        source TEXT NOT NULL,
        category TEXT NOT NULL,
        day TEXT NOT NULL,
        verdict TEXT NOT NULL,
        detail TEXT NOT NULL,
        announced INTEGER NOT NULL,       -- how many papers the source told of
        PRIMARY KEY (day, source, category)
    ) WITHOUT ROWID;

    CREATE TABLE watermarks (source TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

    -- What the stages concluded of one paper alone: functions of its text, kept so that nothing is computed twice.
    CREATE TABLE vectors (
        text_hash TEXT NOT NULL,
        model TEXT NOT NULL,
        vector BLOB NOT NULL,             -- float32, unit length
        PRIMARY KEY (text_hash, model)
    );
    CREATE TABLE readings (
        text_hash TEXT NOT NULL,
        recipe TEXT NOT NULL,             -- of the stage: another recipe, another reading
        value TEXT NOT NULL,
        PRIMARY KEY (text_hash, recipe)
    );

    -- What was concluded with the rest of the catalogue in view.
    CREATE TABLE queue (                  -- papers whose conclusions are to be drawn, a day at a time
        day TEXT NOT NULL,
        paper_id TEXT NOT NULL REFERENCES papers (id),
        PRIMARY KEY (day, paper_id)
    ) WITHOUT ROWID;
    CREATE TABLE terms (name TEXT PRIMARY KEY, papers INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE paper_terms (
        paper_id TEXT NOT NULL REFERENCES papers (id),
        name TEXT NOT NULL,
        PRIMARY KEY (paper_id, name)
    ) WITHOUT ROWID;
    CREATE TABLE decisions (              -- all keywords of a paper, linked and rejected, with scores and reasons
        paper_id TEXT PRIMARY KEY REFERENCES papers (id),
        catalogue_size INTEGER NOT NULL,
        value TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE keywords (               -- the linked ones
        name TEXT NOT NULL,
        paper_id TEXT NOT NULL REFERENCES papers (id),
        rank INTEGER NOT NULL,
        PRIMARY KEY (name, paper_id)
    ) WITHOUT ROWID;
    CREATE INDEX keywords_paper ON keywords (paper_id, rank);
    CREATE TABLE keyword_forms (
        name TEXT NOT NULL,
        form TEXT NOT NULL,
        paper_id TEXT NOT NULL REFERENCES papers (id),
        PRIMARY KEY (name, form, paper_id)
    ) WITHOUT ROWID;
    CREATE INDEX keyword_forms_paper ON keyword_forms (paper_id);
    CREATE TABLE neighbours (
        paper_id TEXT NOT NULL REFERENCES papers (id),
        rank INTEGER NOT NULL,
        other_id TEXT NOT NULL REFERENCES papers (id),
        cosine REAL NOT NULL,
        PRIMARY KEY (paper_id, rank)
    ) WITHOUT ROWID;
    CREATE INDEX neighbours_other ON neighbours (other_id);

    -- What was written where.
    CREATE TABLE pages (
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        path TEXT NOT NULL UNIQUE,        -- without ".md"; frozen at first write
        collision_key TEXT NOT NULL UNIQUE,
        since TEXT NOT NULL,              -- the announcement day on which it came to be
        recipe TEXT NOT NULL DEFAULT '',  -- what it was last rendered by
        PRIMARY KEY (kind, key)
    ) WITHOUT ROWID;
    CREATE TABLE files (path TEXT PRIMARY KEY, sha256 TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE pending (kind TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;

    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        as_of TEXT NOT NULL,
        command TEXT NOT NULL,
        exit_status INTEGER,
        report TEXT
    );
    """,
    """
    -- What each version changed against the one known before: a JSON list; '' where there was none to compare with.
    ALTER TABLE versions ADD COLUMN changes TEXT NOT NULL DEFAULT '';
    ALTER TABLE versions ADD COLUMN title TEXT NOT NULL DEFAULT '';
    UPDATE versions SET title = papers.title, changes = iif(papers.withdrawn, '["withdrawn"]', '')
    FROM papers WHERE papers.id = versions.paper_id AND papers.version = versions.version;
    """,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables up to date, each migration in a transaction of its own.

    Raises CatalogueError when a newer digest has written this catalogue.
    """
    (current,) = connection.execute("PRAGMA user_version").fetchone()
    if current > len(MIGRATIONS):
        raise CatalogueError(
            f"the catalogue has schema {current}, this digest knows {len(MIGRATIONS)}; install a newer digest"
        )
    for number, script in enumerate(MIGRATIONS[current:], current + 1):
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
