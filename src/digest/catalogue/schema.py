"""The catalogue's tables, as numbered migrations: never edit one that has been released, add the next."""

from __future__ import annotations

import sqlite3

from digest.errors import CatalogueError


def _undo(table: str, key: str, columns: str, *, only: str = "1", of: str = "") -> str:
    """Triggers that write down, while conclusions are recorded, how to undo each change of a table.

    After https://www.sqlite.org/undoredo.html. *of* names the columns whose changes count; rows are told apart by
    *key*, and only those that fulfil *only* (with ``ROW`` for the row) are written down.
    """

    def quoted(row: str, names: str, joint: str) -> str:
        return f" || '{joint}' || ".join(f"'{name} = ' || quote({row}.{name})" for name in names.split())

    def trigger(event: str, row: str, statement: str) -> str:
        name = event.split()[0].lower()
        return f"""
    CREATE TRIGGER undo_{name}_{table} AFTER {event} ON {table}
        WHEN EXISTS (SELECT 1 FROM recording) AND {only.replace("ROW", row)} BEGIN
        INSERT INTO undo (day, statement) SELECT day, {statement} FROM recording;
    END;"""

    which = f"' WHERE ' || {quoted('NEW', key, ' AND ')}"
    values = " || ',' || ".join(f"quote(OLD.{name})" for name in columns.split())
    restored = f"INSERT INTO {table} ({', '.join(columns.split())}) VALUES ("
    update = trigger(
        f"UPDATE OF {of or ', '.join(columns.split())}",
        "NEW",
        f"'UPDATE {table} SET ' || {quoted('OLD', (of or columns).replace(',', ''), ', ')} || {which}",
    )
    if of:
        return update
    return (
        update
        + trigger("INSERT", "NEW", f"'DELETE FROM {table}' || {which}")
        + trigger("DELETE", "OLD", f"'{restored}' || {values} || ')'")
    )


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
    -- Conclusions follow from what arXiv announced by day. They are drawn at once and drawn anew when more of a day is
    -- told later, so that a night on which arXiv failed ends as if it had not.
    ALTER TABLE papers ADD COLUMN noted_on TEXT;                         -- the day with which its note is first settled
    ALTER TABLE papers ADD COLUMN settled_hash TEXT NOT NULL DEFAULT ''; -- the text it was last settled with
    UPDATE papers SET noted_on = announced WHERE noted;
    UPDATE papers SET settled_hash = text_hash WHERE settled;

    ALTER TABLE versions ADD COLUMN earliest TEXT;     -- the first day on which it can have been announced
    ALTER TABLE versions ADD COLUMN text_hash TEXT;    -- NULL: arXiv never told us this version's text
    ALTER TABLE versions ADD COLUMN title TEXT;        -- of versions that are not the current one
    ALTER TABLE versions ADD COLUMN abstract TEXT;
    ALTER TABLE versions ADD COLUMN authors TEXT;
    ALTER TABLE versions ADD COLUMN withdrawn INTEGER;
    UPDATE versions SET text_hash = (SELECT text_hash FROM papers WHERE id = paper_id AND papers.version = versions.version);

    ALTER TABLE announcements ADD COLUMN estimated INTEGER NOT NULL DEFAULT 0; -- worked out, not told by arXiv

    ALTER TABLE queue RENAME TO old_queue;
    CREATE TABLE queue (                  -- what is to be settled: papers with a text, a day at a time
        day TEXT NOT NULL,
        paper_id TEXT NOT NULL REFERENCES papers (id),
        text_hash TEXT NOT NULL,
        PRIMARY KEY (day, paper_id)
    ) WITHOUT ROWID;
    INSERT INTO queue SELECT day, paper_id, text_hash FROM old_queue JOIN papers ON id = paper_id;
    DROP TABLE old_queue;
    CREATE TABLE settlements (            -- what was settled
        day TEXT NOT NULL,
        paper_id TEXT NOT NULL REFERENCES papers (id),
        text_hash TEXT NOT NULL,
        PRIMARY KEY (day, paper_id)
    ) WITHOUT ROWID;
    CREATE INDEX settlements_paper ON settlements (paper_id);
    INSERT INTO settlements SELECT announced, id, text_hash FROM papers
        WHERE settled AND id NOT IN (SELECT paper_id FROM queue);        -- of those, not with the text that they have now
    DELETE FROM watermarks WHERE source = 'feed';  -- its form is another now
    INSERT INTO watermarks SELECT 'floor', date(max(announced), '+1 day') FROM papers
        WHERE settled HAVING max(announced) IS NOT NULL;

    CREATE TABLE recording (day TEXT NOT NULL);                          -- one row while conclusions are drawn
    CREATE TABLE undo (id INTEGER PRIMARY KEY, day TEXT NOT NULL, statement TEXT NOT NULL);
    CREATE INDEX undo_day ON undo (day);
    CREATE TABLE touched (day TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (day, kind, key))
        WITHOUT ROWID;                                                   -- pages that a day's conclusions concern
    CREATE TABLE vanished (path TEXT PRIMARY KEY) WITHOUT ROWID;         -- files of pages that are no more
    """
    + _undo("settlements", "day paper_id", "day paper_id text_hash")
    + _undo("papers", "id", "", of="settled, settled_hash, tie")
    + _undo("paper_terms", "paper_id name", "paper_id name")
    + _undo("terms", "name", "name papers")
    + _undo("decisions", "paper_id", "paper_id catalogue_size value")
    + _undo("keywords", "name paper_id", "name paper_id rank")
    + _undo("keyword_forms", "name form paper_id", "name form paper_id")
    + _undo("neighbours", "paper_id rank", "paper_id rank other_id cosine")
    + _undo("pages", "kind key", "kind key path collision_key since recipe", only="ROW.kind <> 'paper'"),
    """
    -- What the reader rules about terms: his own word, which no redrawn day takes back.
    CREATE TABLE rulings (
        id INTEGER PRIMARY KEY,
        verb TEXT NOT NULL,
        term TEXT NOT NULL,
        other TEXT NOT NULL,
        source TEXT NOT NULL,
        revoked INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE followed (ruling INTEGER PRIMARY KEY);                  -- rulings that the conclusions follow

    -- Acronyms as the catalogue's papers define them, and those of which nearly all papers say the same.
    CREATE TABLE definitions (
        short TEXT NOT NULL,
        long TEXT NOT NULL,               -- the canonical name
        paper_id TEXT NOT NULL REFERENCES papers (id),
        PRIMARY KEY (short, long, paper_id)
    ) WITHOUT ROWID;
    CREATE INDEX definitions_paper ON definitions (paper_id);
    CREATE TABLE acronyms (short TEXT PRIMARY KEY, long TEXT NOT NULL) WITHOUT ROWID;

    -- Papers with a term, by their first day and primary category; under the empty name, all papers.
    ALTER TABLE paper_terms ADD COLUMN probability REAL NOT NULL DEFAULT 1; -- that the authors would choose it
    CREATE INDEX paper_terms_name ON paper_terms (name, probability);
    DROP TRIGGER undo_update_paper_terms;
    DROP TRIGGER undo_insert_paper_terms;
    DROP TRIGGER undo_delete_paper_terms;
    CREATE TABLE term_cells (             -- where a paper's terms are counted
        paper_id TEXT PRIMARY KEY REFERENCES papers (id),
        day TEXT NOT NULL,
        category TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE term_days (
        name TEXT NOT NULL,
        day TEXT NOT NULL,
        category TEXT NOT NULL,
        papers INTEGER NOT NULL,
        PRIMARY KEY (name, day, category)
    ) WITHOUT ROWID;
    INSERT INTO term_cells SELECT id, announced, json_extract(categories, '$[0]') FROM papers
        WHERE id IN (SELECT paper_id FROM paper_terms);
    INSERT INTO term_days SELECT name, day, category, count(*) FROM paper_terms JOIN term_cells USING (paper_id)
        GROUP BY name, day, category;
    INSERT INTO term_days SELECT '', day, category, count(*) FROM term_cells GROUP BY day, category;
    DELETE FROM terms WHERE papers = 0;

    CREATE TABLE trends (                 -- of keywords, on the day on which their papers last changed
        name TEXT PRIMARY KEY,
        course TEXT NOT NULL,
        days INTEGER NOT NULL,
        recent INTEGER NOT NULL,
        expected REAL NOT NULL
    ) WITHOUT ROWID;

    ALTER TABLE decisions ADD COLUMN vocabulary TEXT NOT NULL DEFAULT ''; -- version of what the names were made with
    DROP TRIGGER undo_update_decisions;
    DROP TRIGGER undo_insert_decisions;
    DROP TRIGGER undo_delete_decisions;

    ALTER TABLE vanished ADD COLUMN kind TEXT NOT NULL DEFAULT '';
    ALTER TABLE vanished ADD COLUMN key TEXT NOT NULL DEFAULT '';

    -- The aliases of keywords' pages as last written, and the files as last looked at: how the reader's are told apart.
    CREATE TABLE page_aliases (path TEXT PRIMARY KEY, aliases TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE looks (path TEXT PRIMARY KEY, stamp TEXT NOT NULL) WITHOUT ROWID;
    """
    + _undo("paper_terms", "paper_id name", "paper_id name probability")
    + _undo("followed", "ruling", "ruling")
    + _undo("definitions", "short long paper_id", "short long paper_id")
    + _undo("acronyms", "short", "short long")
    + _undo("term_cells", "paper_id", "paper_id day category")
    + _undo("term_days", "name day category", "name day category papers")
    + _undo("trends", "name", "name course days recent expected")
    + _undo("decisions", "paper_id", "paper_id catalogue_size value vocabulary"),
    """
    -- Vectors are kept in an index of their own; what was near which is found anew with the words of the texts.
    DROP TABLE vectors;
    CREATE INDEX papers_linkable ON papers (settled_hash, id) WHERE settled AND noted AND NOT dismissed;
    CREATE INDEX papers_dismissed ON papers (id) WHERE dismissed;
    CREATE INDEX queue_paper ON queue (paper_id);
    DROP TRIGGER undo_update_neighbours;
    DROP TRIGGER undo_insert_neighbours;
    DROP TRIGGER undo_delete_neighbours;
    ALTER TABLE neighbours ADD COLUMN score REAL NOT NULL DEFAULT 0;
    ALTER TABLE neighbours ADD COLUMN words REAL NOT NULL DEFAULT 0;
    CREATE TABLE links (                  -- of the papers near a paper, those that its note has room for
        paper_id TEXT NOT NULL REFERENCES papers (id),
        rank INTEGER NOT NULL,
        other_id TEXT NOT NULL REFERENCES papers (id),
        PRIMARY KEY (paper_id, other_id)
    ) WITHOUT ROWID;
    CREATE TABLE spread (                 -- how like random pairs are, when it was last measured
        id INTEGER PRIMARY KEY CHECK (id = 1),
        recipe TEXT NOT NULL,
        papers INTEGER NOT NULL,
        counts TEXT NOT NULL              -- JSON: thousandths of the cosine → pairs
    );

    -- Exact words. A paper's row has a number of its own: those of ``papers`` change when the file is vacuumed.
    CREATE TABLE searched (number INTEGER PRIMARY KEY, paper_id TEXT NOT NULL UNIQUE REFERENCES papers (id));
    CREATE VIRTUAL TABLE search USING fts5
        (title, abstract, authors, content = '', tokenize = 'porter unicode61 remove_diacritics 2');
    INSERT INTO searched (paper_id) SELECT id FROM papers ORDER BY id;
    INSERT INTO search (rowid, title, abstract, authors)
        SELECT number, title, abstract, authors FROM searched JOIN papers ON id = paper_id;
    CREATE TRIGGER search_insert AFTER INSERT ON papers BEGIN
        INSERT INTO searched (paper_id) VALUES (NEW.id);
        INSERT INTO search (rowid, title, abstract, authors)
            SELECT number, NEW.title, NEW.abstract, NEW.authors FROM searched WHERE paper_id = NEW.id;
    END;
    CREATE TRIGGER search_update AFTER UPDATE OF title, abstract, authors ON papers
        WHEN (OLD.title, OLD.abstract, OLD.authors) IS NOT (NEW.title, NEW.abstract, NEW.authors) BEGIN
        INSERT INTO search (search, rowid, title, abstract, authors)
            SELECT 'delete', number, OLD.title, OLD.abstract, OLD.authors FROM searched WHERE paper_id = NEW.id;
        INSERT INTO search (rowid, title, abstract, authors)
            SELECT number, NEW.title, NEW.abstract, NEW.authors FROM searched WHERE paper_id = NEW.id;
    END;
    """
    + _undo("neighbours", "paper_id rank", "paper_id rank other_id score cosine words")
    + _undo("links", "paper_id other_id", "paper_id rank other_id")
    + _undo("spread", "id", "id recipe papers counts"),
    """
    -- What a day, week or month brought, as it stood when its last day was settled.
    CREATE TABLE news (                   -- keywords against the time before
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        name TEXT NOT NULL,
        course TEXT NOT NULL,
        days INTEGER NOT NULL,
        recent INTEGER NOT NULL,
        expected REAL NOT NULL,
        PRIMARY KEY (kind, key, name)
    ) WITHOUT ROWID;
    CREATE INDEX news_name ON news (name);
    CREATE TABLE central (                -- papers that most others are near
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        rank INTEGER NOT NULL,
        paper_id TEXT NOT NULL REFERENCES papers (id),
        papers INTEGER NOT NULL,
        PRIMARY KEY (kind, key, rank)
    ) WITHOUT ROWID;
    CREATE TABLE ties (                   -- what a paper was nearest to when it came
        paper_id TEXT NOT NULL REFERENCES papers (id),
        rank INTEGER NOT NULL,
        other_id TEXT NOT NULL REFERENCES papers (id),
        PRIMARY KEY (paper_id, rank)
    ) WITHOUT ROWID;
    CREATE INDEX ties_other ON ties (other_id);
    CREATE TABLE layouts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID; -- maps, by what they are drawn from
    """
    + _undo("news", "kind key name", "kind key name course days recent expected")
    + _undo("central", "kind key rank", "kind key rank paper_id papers")
    + _undo("ties", "paper_id rank", "paper_id rank other_id"),
    """
    -- What the reader said of papers, in their notes and by boxes on pages: his own word, which no redrawn day takes back.
    CREATE TABLE feedback (               -- a row for each change; the last one of a paper is in force
        id INTEGER PRIMARY KEY,
        paper_id TEXT NOT NULL REFERENCES papers (id),
        day TEXT NOT NULL,                -- of the run that found it
        status TEXT NOT NULL,
        queue INTEGER NOT NULL,
        rating REAL
    );
    CREATE INDEX feedback_paper ON feedback (paper_id, id);
    CREATE TABLE ticks (                  -- boxes that are ticked
        page TEXT NOT NULL,               -- the day of the page
        paper_id TEXT NOT NULL REFERENCES papers (id),
        wrote INTEGER NOT NULL,           -- the tick has set the note's property
        PRIMARY KEY (page, paper_id)
    ) WITHOUT ROWID;
    CREATE TABLE former_paths (           -- where notes were that the reader has moved, oldest first
        id INTEGER PRIMARY KEY,
        paper_id TEXT NOT NULL REFERENCES papers (id),
        path TEXT NOT NULL                -- without ".md"
    );
    CREATE TABLE left_alone (             -- files of ours that stay as they are, wholly or in part
        path TEXT NOT NULL,
        task TEXT NOT NULL,               -- what could not be done: read, or write
        why TEXT NOT NULL,
        PRIMARY KEY (path, task, why)
    ) WITHOUT ROWID;
    """,
    """
    -- What arXiv's HTML says of the papers, and who cites whom. Functions of the answers, whenever they come: no part of
    -- a day's conclusions.
    CREATE TABLE texts (                  -- the latest word on each paper's full text
        paper_id TEXT PRIMARY KEY REFERENCES papers (id),
        version INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        asked TEXT NOT NULL,              -- the day of the run that asked for it
        tries INTEGER NOT NULL,           -- of this version
        again TEXT,                       -- the day from which it is asked for once more; NULL: never
        sha256 TEXT NOT NULL,             -- of the answer
        modified TEXT NOT NULL,           -- as the answer told
        document BLOB                     -- JSON, compressed; NULL where there is none
    );
    CREATE TABLE bibliographies (         -- the references of a paper, in their order
        paper_id TEXT NOT NULL REFERENCES papers (id),
        number INTEGER NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (paper_id, number)
    ) WITHOUT ROWID;
    CREATE TABLE reference_keys (         -- what a reference may be found by
        key TEXT NOT NULL,
        paper_id TEXT NOT NULL REFERENCES papers (id),
        number INTEGER NOT NULL,
        PRIMARY KEY (key, paper_id, number)
    ) WITHOUT ROWID;
    CREATE INDEX reference_keys_paper ON reference_keys (paper_id, number);
    CREATE TABLE paper_keys (             -- what a paper may be found by in references
        key TEXT NOT NULL,
        paper_id TEXT NOT NULL REFERENCES papers (id),
        PRIMARY KEY (key, paper_id)
    ) WITHOUT ROWID;
    CREATE INDEX paper_keys_paper ON paper_keys (paper_id);
    CREATE TABLE unkeyed (paper_id TEXT PRIMARY KEY REFERENCES papers (id)) WITHOUT ROWID; -- whose keys are to be made
    INSERT INTO unkeyed SELECT id FROM papers;
    CREATE TRIGGER unkeyed_insert AFTER INSERT ON papers BEGIN
        INSERT OR IGNORE INTO unkeyed VALUES (NEW.id);
    END;
    CREATE TRIGGER unkeyed_update AFTER UPDATE OF title, authors, dois ON papers
        WHEN (OLD.title, OLD.authors, OLD.dois) IS NOT (NEW.title, NEW.authors, NEW.dois) BEGIN
        INSERT OR IGNORE INTO unkeyed VALUES (NEW.id);
    END;
    CREATE TABLE citations (
        paper_id TEXT NOT NULL REFERENCES papers (id),
        other_id TEXT NOT NULL REFERENCES papers (id), -- the one that is cited
        number INTEGER NOT NULL,          -- of the reference; one paper can be cited in several
        ground TEXT NOT NULL,             -- by what it was found: arxiv, doi, title
        PRIMARY KEY (paper_id, other_id, number)
    ) WITHOUT ROWID;
    CREATE TABLE coupled (                -- of each paper those that cite most of what it cites, or are cited with it
        paper_id TEXT NOT NULL REFERENCES papers (id),
        other_id TEXT NOT NULL REFERENCES papers (id),
        shared INTEGER NOT NULL,          -- references in common
        both INTEGER NOT NULL,            -- papers here that cite both
        score REAL NOT NULL,
        PRIMARY KEY (paper_id, other_id)
    ) WITHOUT ROWID;
    CREATE INDEX citations_other ON citations (other_id, paper_id);

    -- What a language model answered about a text.
    CREATE TABLE replies (
        text_hash TEXT NOT NULL,
        recipe TEXT NOT NULL,             -- task, version of the prompt, model, and what else the question is made of
        day TEXT NOT NULL,                -- of the run that asked
        value TEXT,                       -- as it was accepted; JSON. NULL: refused, and not asked again
        tokens INTEGER NOT NULL,
        cost REAL NOT NULL,               -- in the currency of the settings
        PRIMARY KEY (text_hash, recipe)
    ) WITHOUT ROWID;
    CREATE INDEX replies_day ON replies (day);

    -- What others say of papers, by source.
    CREATE TABLE outside (
        source TEXT NOT NULL,
        paper_id TEXT NOT NULL REFERENCES papers (id),
        asked TEXT NOT NULL,              -- the day of the run that asked
        again TEXT,                       -- the day from which it is asked once more; NULL: never
        cause TEXT NOT NULL,              -- what came of it: found, unknown, unreadable
        since TEXT,                       -- the day of the run that first heard what a note shows of it
        value TEXT,                       -- JSON; NULL: the source does not know the paper
        PRIMARY KEY (source, paper_id)
    ) WITHOUT ROWID;
    CREATE INDEX outside_paper ON outside (paper_id);
    CREATE TABLE silent_sources (         -- those that have not answered when they were asked last
        source TEXT PRIMARY KEY,
        nights INTEGER NOT NULL,          -- in a row
        until TEXT NOT NULL,              -- the day from which it is asked again
        why TEXT NOT NULL
    ) WITHOUT ROWID;

    -- Conclusions: the terms that a paper stands for, with weights by the figures of the day on which it was settled.
    CREATE TABLE key_terms (
        paper_id TEXT PRIMARY KEY REFERENCES papers (id),
        size INTEGER NOT NULL,            -- of the catalogue on that day
        value TEXT NOT NULL
    ) WITHOUT ROWID;
    """
    + _undo("key_terms", "paper_id", "paper_id size value"),
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
