"""What pages show, read from the catalogue. A page is a function of these values: no clock, ties broken by identifier."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from digest import decide, periods
from digest.catalogue.chronicle import READ_FIRST
from digest.catalogue.rows import IN, PAPER_COLUMNS, keywords_of, listed, paper_of, summary_of, topics_of
from digest.catalogue.store import ABOUT, HOME, Catalogue, PageKey
from digest.document import Document
from digest.model import (
    About,
    Account,
    AnnounceType,
    AuthorTopic,
    CategoryTopic,
    CentralPaper,
    Change,
    CoupledPaper,
    Course,
    Day,
    DayCount,
    Definition,
    Doubt,
    Entry,
    FormerTopic,
    Home,
    KeyTerm,
    Keyword,
    KeywordCount,
    KeywordTopic,
    KeywordTrend,
    Landmark,
    Link,
    Neighbour,
    Network,
    Note,
    NoteKeyword,
    NoteTerm,
    Paper,
    PaperId,
    RelatedPaper,
    Revision,
    Section,
    Silence,
    Spell,
    Summary,
    TextNote,
    Topic,
    Trend,
    Verdict,
)
from digest.periods import Period

LATEST = 30
CITED = 5
ROWS = 20
DEFINED_IN = 100
"""Papers with a keyword, the first ones, in which a sentence is looked for that says what it is."""

LANDMARK = 4
"""Papers of a week that link a keyword before its map may show where they are."""

SILENT_DAYS = 14
"""How far back a day's page explains days without announcements."""

SATURDAY = 5

Shares = Callable[[Mapping[int, int]], Callable[[float], float | None]]
"""From the counts of ``Spread`` to what share of random pairs has a lower cosine."""

Layout = Callable[[Sequence[PaperId]], Mapping[PaperId, tuple[int, int]]]
"""From papers to places on a map, within 0 … 1000; those that have no vector are left out."""

Define = Callable[[Sequence[str], str], str]
"""From a keyword's ways of writing and an abstract to the sentence that says what it is; "" where none does."""

Topics = Callable[[Sequence[Topic], Collection[str]], tuple[Topic, ...]]
"""From the topics that were assigned to a paper, and the categories in which it is listed, to those that its note shows."""

Trends = Callable[[date, Sequence[str], str], Mapping[str, Trend]]
"""From a day, terms and a primary category ("" for all) to the terms' trends; those that have none are left out."""

Accounts = Callable[[Iterable[str]], Mapping[str, Account]]
"""From hashes of texts to what a language model made of them; those of which it made nothing are left out."""

COMMON = 300
"""Keywords with the most papers: where a fading one would be missed."""


class Views:
    """*summary_recipe* names the readings to show (asked for when a note is read: naming it loads the stage); *topics_recipe*
    likewise, of which *topics* chooses what to show; *shares* says what a cosine means here, *trends* tells where terms are
    going, *layout* makes maps, *define* finds definitions, *is_scheduled* says whether arXiv's schedule has a mailing on
    a day, *accounts* what a language model made of texts.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        summary_recipe: Callable[[], str],
        topics_recipe: Callable[[], str] = lambda: "",
        topics: Topics = lambda found, _: tuple(found),
        categories: Sequence[str],
        shares: Shares,
        trends: Trends,
        layout: Layout,
        define: Define,
        is_scheduled: Callable[[date], bool],
        accounts: Accounts = lambda _: {},
    ) -> None:
        self.catalogue = catalogue
        self.summary_recipe = summary_recipe
        self.topics_recipe = topics_recipe
        self.topics = topics
        self.categories = tuple(categories)
        self.shares = shares
        self.trends = trends
        self.layout = layout
        self.define = define
        self.is_scheduled = is_scheduled
        self.accounts = accounts

    def _all(self, sql: str, *parameters: object) -> list[sqlite3.Row]:
        return self.catalogue.connection.execute(sql, parameters).fetchall()

    # --- links ---

    def link(self, page: PageKey, text: str) -> Link | None:
        path = self.catalogue.path(page)
        return Link(path=path, text=text) if path else None

    def _links(self, kind: str, keys: Iterable[str]) -> dict[str, str]:
        rows = self._all(f"SELECT key, path FROM pages WHERE kind = ? AND key {IN}", kind, listed(keys))
        return {row[0]: row[1] for row in rows}

    def _home(self) -> Link:
        return self.link(HOME, "Home") or Link(path="Home", text="Home")

    def _day_link(self, day: date | None) -> Link | None:
        return self.link(PageKey("day", day.isoformat()), day.isoformat()) if day else None

    # --- notes ---

    def notes(self, ids: Sequence[PaperId]) -> dict[PaperId, Note]:
        """The notes of those of these papers that have one; many at once, because a night rewrites many."""
        wanted = listed(ids)
        rows = self._all(f"SELECT {PAPER_COLUMNS}, announced, announced_estimated FROM papers WHERE id {IN}", wanted)
        papers = {paper.id: paper for paper in map(paper_of, rows)}
        paths = self._links("paper", papers)
        summaries = self._summaries(rows)
        accounts = self.accounts(row["text_hash"] for row in rows)
        topics = self._topics(row["text_hash"] for row in rows)
        decisions = {row[0]: row for row in self._all(f"SELECT * FROM decisions WHERE paper_id {IN}", wanted)}
        decided = {paper: keywords_of(row["value"]) for paper, row in decisions.items()}
        related = self._related(papers, decided)
        former = self._former(wanted)
        revisions = self._revisions(wanted, former)
        outside = self.catalogue.outside.hearsay(papers)
        keyword_paths = self._keyword_paths(wanted)
        weighed = self.catalogue.terms.weighed(ids)
        categories = self._links("category", {c for paper in papers.values() for c in paper.categories})
        days = self._links("day", {row["announced"] for row in rows})
        texts, outcomes = self._links("text", papers), self.catalogue.texts.told(papers)
        networks = self._networks(ids)
        authors = self._links("author", {name for paper in papers.values() for name in paper.authors})
        found = {}
        for row, paper in zip(rows, papers.values(), strict=True):
            if paper.id not in paths:
                continue
            decision, keywords = decisions.get(paper.id), decided.get(paper.id, ())
            found[paper.id] = Note(
                path=paths[paper.id],
                paper=paper,
                announced=date.fromisoformat(row["announced"]),
                announced_estimated=bool(row["announced_estimated"]),
                day=Link(path=days[row["announced"]], text=row["announced"]) if row["announced"] in days else None,
                categories=tuple(Link(path=categories[c], text=c) for c in paper.categories if c in categories),
                authors={name: Link(path=authors[name], text=name) for name in paper.authors if name in authors},
                summary=summaries.get(paper.id, Summary(tldr="", key_points=())),
                keywords=tuple(
                    NoteKeyword(keyword=k, link=_link(keyword_paths, k.canonical)) for k in keywords if k.linked
                ),
                rejected=tuple(k for k in keywords if not k.linked),
                related=related[paper.id][0],
                related_cut=related[paper.id][1],
                revisions=revisions.get(paper.id, ()),
                former_titles=_former_titles(paper, former.get(paper.id, ())),
                vocabulary_version=decision["vocabulary"] if decision else "",
                catalogue_size=decision["catalogue_size"] if decision else 0,
                text=_link(texts, paper.id),
                outcome=outcomes[paper.id].outcome if paper.id in outcomes else None,
                network=networks.get(paper.id),
                outside=outside.get(paper.id, ()),
                topics=self.topics(topics.get(row["text_hash"], ()), paper.categories),
                terms=_terms(weighed.get(paper.id, ()), keyword_paths, {k.canonical for k in keywords if k.linked}),
                account=accounts.get(row["text_hash"]),
            )
        return found

    def _networks(self, ids: Sequence[PaperId]) -> dict[PaperId, Network]:
        citations = self.catalogue.citations
        cites, cited_by, coupled = citations.cites(ids), citations.cited_by(ids), citations.mutual(ids)
        references = citations.references(ids)
        wanted = {other for found in (cites, cited_by) for others in found.values() for other in others}
        wanted |= {one.id for others in coupled.values() for one in others}
        rows = self._all(f"SELECT id, title FROM papers WHERE id {IN} ORDER BY announced DESC, id", listed(wanted))
        paths = self._links("paper", wanted)
        entries = {
            PaperId(paper): Entry(
                id=PaperId(paper), title=title, link=Link(path=paths[paper], text=title) if paper in paths else None
            )
            for paper, title in rows
        }

        def newest(papers: Sequence[PaperId]) -> tuple[Entry, ...]:
            among = set(papers)
            return tuple(entry for paper, entry in entries.items() if paper in among)

        return {
            paper: Network(
                references=references.get(paper, (0, 0))[0],
                cites=newest(cites.get(paper, [])),
                cited_by=newest(cited_by.get(paper, [])),
                coupled=tuple(
                    CoupledPaper(link=link, shared=one.shared, both=one.both)
                    for one in coupled.get(paper, ())
                    if (link := entries[one.id].link)
                ),
            )
            for paper in ids
            if paper in references or paper in cited_by
        }

    def _most_cited(self, name: str) -> tuple[CentralPaper, ...]:
        """Of a keyword's papers those that most papers here cite; one citation ranks nothing."""
        counts = self.catalogue.citations.most_cited(name, least=2, limit=CITED)
        rows = {row["id"]: row for row in self._all(f"SELECT * FROM papers WHERE id {IN}", listed(counts))}
        entries = self._entries(rows[paper] for paper in counts)
        return tuple(CentralPaper(entry=e, papers=n) for e, n in zip(entries, counts.values(), strict=True))

    def text(self, paper: PaperId) -> TextNote | None:
        """None where the paper has no whole text any more."""
        texts = self.catalogue.texts
        document = texts.document(paper)
        if document is None:
            return None
        known = self.catalogue.papers([paper])[paper]
        license = known.license or document.license
        return TextNote(
            path=self.catalogue.path(PageKey("text", paper)) or "",
            paper=known,
            note=self.link(PageKey("paper", paper), known.title),
            version=texts.told([paper])[paper].version,
            document=document,
            cited=self._cited(paper, document),
            license=license,
            may_be_republished=decide.may_be_republished(license),
        )

    def _summaries(self, rows: Iterable[sqlite3.Row]) -> dict[str, Summary]:
        """By paper: from its whole text where that is read, else from its abstract."""
        keys = {row["id"]: row["text_hash"] for row in rows}
        whole = self.catalogue.texts.contents(keys)
        found = self.catalogue.readings({*keys.values(), *whole.values()}, self.summary_recipe())
        told = {paper: found.get(whole.get(PaperId(paper), "")) or found.get(key) for paper, key in keys.items()}
        return {paper: summary_of(value) for paper, value in told.items() if value}

    def _topics(self, hashes: Iterable[str]) -> dict[str, tuple[Topic, ...]]:
        rows = self._all(
            f"SELECT text_hash, value FROM readings WHERE recipe = ? AND text_hash {IN}",
            self.topics_recipe(),
            listed(hashes),
        )
        return {row[0]: topics_of(row[1]) for row in rows}

    def _former(self, papers: str) -> dict[PaperId, list[Paper]]:
        """The earlier versions of each paper that has any, oldest first."""
        found: dict[PaperId, list[Paper]] = {}
        for paper in self.catalogue.former_versions(json.loads(papers)):
            found.setdefault(paper.id, []).append(paper)
        return found

    def _revisions(
        self, papers: str, former: dict[PaperId, list[Paper]] | None = None
    ) -> dict[PaperId, tuple[Revision, ...]]:
        """What each version of a paper changed against the one known before it, newest first; of papers with several
        versions, and of those that are withdrawn.
        """
        former = self._former(papers) if former is None else former
        withdrawn = [row[0] for row in self._all(f"SELECT id FROM papers WHERE withdrawn AND id {IN}", papers)]
        current = self.catalogue.papers({*former, *withdrawn})  # few of a night's notes
        chains = {paper_id: [*former.get(paper_id, ()), paper] for paper_id, paper in current.items()}
        dates = {
            (row["paper_id"], row["version"]): row
            for row in self._all(
                f"SELECT paper_id, version, submitted, announced FROM versions WHERE paper_id {IN}",
                listed(chains),
            )
        }
        joined = {
            (row["paper_id"], row["day"])
            for row in self._all(
                "SELECT paper_id, day FROM announcements JOIN papers ON id = paper_id "
                f"WHERE kind = 'cross' AND day > announced AND paper_id {IN}",
                listed(chains),
            )
        }

        def revision(before: Paper, paper: Paper) -> Revision:
            row = dates[paper.id, paper.version]
            return Revision(
                version=paper.version,
                announced=date.fromisoformat(row["announced"]) if row["announced"] else None,
                submitted=datetime.fromisoformat(row["submitted"]) if row["submitted"] else None,
                changes=decide.changes(paper, before, joined=(paper.id, row["announced"]) in joined),
            )

        return {
            paper_id: tuple(revision(before, paper) for before, paper in reversed(list(pairwise(chain))))
            or (revision(chain[0], chain[0]),)
            for paper_id, chain in chains.items()
        }

    def _keyword_paths(self, papers: str) -> dict[str, str]:
        rows = self._all(
            "SELECT DISTINCT name, path FROM keywords JOIN pages ON kind = 'keyword' AND key = name "
            f"WHERE paper_id {IN}",
            papers,
        )
        return {row[0]: row[1] for row in rows}

    def _related(
        self, papers: Mapping[PaperId, Paper], decided: Mapping[PaperId, Sequence[Keyword]]
    ) -> dict[PaperId, tuple[tuple[RelatedPaper, ...], bool]]:
        """The papers that each paper, with what was *decided* of its keywords, has a link with, the nearest first; and
        whether more are near than that.
        """
        relations = self.catalogue.relations
        own, naming, linked = relations.neighbours(papers), relations.naming(papers), relations.linked(papers)
        others = {other for chosen in linked.values() for other in chosen}
        paths, credits = self._links("paper", others), self._credits(others)
        keywords: dict[PaperId, Sequence[decide.Decided]] = {
            **self.catalogue.decided(others - decided.keys()),
            **decided,
        }
        spread = relations.spread()
        share = self.shares(spread.counts if spread else {})

        def related(paper: PaperId, neighbour: Neighbour, *, is_own: bool) -> RelatedPaper:
            title, authors = credits[neighbour.id]
            return RelatedPaper(
                link=Link(path=paths[neighbour.id], text=title),
                neighbour=neighbour,
                share=share(neighbour.cosine),
                keywords=decide.shared_keywords(keywords.get(paper, ()), keywords.get(neighbour.id, ())),
                authors=decide.shared_authors(papers[paper].authors, authors),
                own=is_own,
            )

        found = {}
        for paper in papers:
            mine = {n.id for n in own.get(paper, ())}
            near = {n.id: n for n in (*own.get(paper, ()), *naming.get(paper, ()))}
            chosen = sorted(
                (near[other] for other in linked.get(paper, ()) if other in paths), key=lambda n: (-n.score, n.id)
            )
            shown = tuple(related(paper, n, is_own=n.id in mine) for n in chosen)
            found[paper] = shown, len(near) > len(linked.get(paper, ()))
        return found

    def _cited(self, paper: PaperId, document: Document) -> dict[str, Link]:
        found = self.catalogue.citations.found(paper)
        others = {other for papers in found.values() for other in papers}
        titles, paths = self.catalogue.papers(others), self._links("paper", others)
        return {
            document.bibliography[number].anchor: Link(path=paths[papers[0]], text=titles[papers[0]].title)
            for number, papers in found.items()
            if papers[0] in paths and number < len(document.bibliography)
        }

    def _credits(self, ids: Iterable[str]) -> dict[str, tuple[str, list[str]]]:
        """Title and authors of these papers."""
        rows = self._all(f"SELECT id, title, authors FROM papers WHERE id {IN}", listed(ids))
        return {row[0]: (row[1], json.loads(row[2])) for row in rows}

    # --- lines on other pages ---

    def _entries(self, rows: Iterable[sqlite3.Row]) -> tuple[Entry, ...]:
        rows = list(rows)
        paths = self._links("paper", (row["id"] for row in rows))
        summaries = self._summaries(rows)
        return tuple(
            Entry(
                link=Link(path=paths[row["id"]], text=row["title"]) if row["id"] in paths else None,
                id=PaperId(row["id"]),
                title=row["title"],
                tldr=summaries[row["id"]].tldr if row["id"] in summaries else "",
                day=date.fromisoformat(row["announced"]),
                category=json.loads(row["categories"])[0],
            )
            for row in rows
        )

    # --- days ---

    def day(self, day: date) -> Day:
        when = periods.day_of(day)
        before, after = self._beside(when)
        rows = self._all("SELECT * FROM papers WHERE noted AND settled AND announced = ? ORDER BY id", day.isoformat())
        entries = dict(zip((row["id"] for row in rows), self._entries(rows), strict=True))
        again = self._replaced(day)
        return Day(
            path=self.catalogue.path(_page(when)) or "",
            day=day,
            previous=before,
            following=after,
            home=self._home(),
            within=self._spell_links([periods.week_of(day), periods.month_of(day)]),
            papers=len(rows),
            counts=self.catalogue.counts(day, self.categories),
            incomplete=self._incomplete(day),
            silent=self._silent(day),
            read_first=self._read_first(day, entries),
            keywords=self._day_keywords(when),
            fading=self._told(when, Course.FADING),
            sections=self._sections(rows, entries),
            replaced=tuple(e for e in again if not _is_withdrawal(e)),
            withdrawn=tuple(e for e in again if _is_withdrawal(e)),
        )

    def _incomplete(self, day: date) -> tuple[Doubt, ...]:
        return tuple(
            Doubt(source=row["source"], verdict=Verdict(row["verdict"]), detail=_said(row["detail"]))
            for row in self.catalogue.open_verdicts(day)
        )

    def _read_first(self, day: date, entries: dict[str, Entry]) -> tuple[Entry, ...]:
        """The day's papers with the closest ties to what the vault had when they came; later papers change nothing."""
        rows = self._all(
            "SELECT id FROM papers WHERE noted AND settled AND announced = ? AND tie > 0 ORDER BY tie DESC, id LIMIT ?",
            day.isoformat(),
            READ_FIRST,
        )
        ids = [row[0] for row in rows]
        ties, keywords = self.catalogue.chronicle.ties(ids), self._keyword_links(ids)
        others = {other for found in ties.values() for other in found}
        titles = {paper.id: paper.title for paper in self.catalogue.papers(others).values()}
        paths = self._links("paper", others)
        return tuple(
            replace(
                entries[paper],
                near=tuple(Link(path=paths[o], text=titles[o]) for o in ties.get(paper, ()) if o in paths),
                keywords=keywords.get(paper, ()),
            )
            for paper in map(PaperId, ids)
        )

    def _keyword_links(self, papers: Iterable[str]) -> dict[PaperId, tuple[Link, ...]]:
        """Of each paper the keywords with a page, the best first."""
        found: dict[PaperId, list[Link]] = {}
        for row in self._all(
            "SELECT paper_id, name, path FROM keywords JOIN pages ON kind = 'keyword' AND key = name "
            f"WHERE paper_id {IN} ORDER BY paper_id, rank",
            listed(papers),
        ):
            found.setdefault(PaperId(row["paper_id"]), []).append(Link(path=row["path"], text=row["name"]))
        return {paper: tuple(links) for paper, links in found.items()}

    def _silent(self, day: date) -> tuple[Silence, ...]:
        """Weekdays since the last day with a page on which arXiv announced nothing, oldest first."""
        before, _ = self.catalogue.beside(_page(periods.day_of(day)))
        since = max(date.fromisoformat(before.key), day - timedelta(days=SILENT_DAYS)) if before else day
        between = (since + timedelta(days=n) for n in range(1, (day - since).days))
        found = (Silence(day=d, scheduled=self.is_scheduled(d)) for d in between if d.weekday() < SATURDAY)
        # Of a day that nobody asked about, nothing is known.
        return tuple(silence for silence in found if not silence.scheduled or self.catalogue.verdicts(silence.day))

    def _day_keywords(self, when: Period) -> tuple[KeywordCount, ...]:
        """Of the keywords that had a page that day: one promoted later changes no earlier day."""
        rows = self._all(
            "SELECT name, path, count(*) AS n, since = ?1 AS fresh FROM papers CROSS JOIN keywords ON paper_id = id "
            "CROSS JOIN pages ON kind = 'keyword' AND key = name AND since <= ?1 WHERE announced = ?1 "
            "GROUP BY name, path ORDER BY n DESC, name LIMIT ?2",
            when.key,
            ROWS,
        )
        news = self.catalogue.chronicle.news(when)
        found = (
            KeywordCount(
                link=Link(path=row["path"], text=row["name"]),
                count=trend.recent if (trend := news.get(row["name"])) else row["n"],
                trend=trend,
                fresh=bool(row["fresh"]),
            )
            for row in rows
        )
        return tuple(sorted(found, key=lambda row: (-row.count, row.link.text)))

    def _fresh(self, when: Period) -> tuple[KeywordCount, ...]:
        """Keywords that got their page in a time, those that most of its papers link first."""
        rows = self._all(
            "SELECT name, path, count(*) AS n FROM papers CROSS JOIN keywords ON paper_id = id "
            "CROSS JOIN pages ON kind = 'keyword' AND key = name AND since BETWEEN ?1 AND ?2 WHERE announced BETWEEN ?1 AND ?2 "
            "GROUP BY name, path ORDER BY n DESC, name LIMIT ?3",
            when.first.isoformat(),
            when.last.isoformat(),
            ROWS,
        )
        return tuple(KeywordCount(link=Link(path=r["path"], text=r["name"]), count=r["n"], fresh=True) for r in rows)

    def _told(self, when: Period, course: Course) -> tuple[KeywordTrend, ...]:
        """What was told of a time's keywords when it was settled, the furthest from their past first."""
        news = {name: t for name, t in self.catalogue.chronicle.news(when).items() if t.course is course}
        return _moving(news, self._links("keyword", news), course)

    def _sections(self, rows: Sequence[sqlite3.Row], entries: dict[str, Entry]) -> tuple[Section, ...]:
        """Each paper once: under its primary category where that is followed, else under its first followed one."""
        groups: dict[str, list[Entry]] = {}
        for row in rows:
            own = json.loads(row["categories"])
            home = next((c for c in own if c in self.categories), own[0])
            groups.setdefault(home, []).append(entries[row["id"]])
        order = [c for c in self.categories if c in groups] + sorted(set(groups) - set(self.categories))
        paths = self._links("category", order)
        return tuple(Section(category=c, link=_link(paths, c), entries=tuple(groups[c])) for c in order)

    def _replaced(self, day: date) -> tuple[Entry, ...]:
        """Replaced papers, with the version that this day has told: a later one changes no earlier day."""
        rows = self._all(
            "SELECT * FROM papers WHERE (announced <> ? OR NOT noted) AND id IN "
            "(SELECT paper_id FROM announcements WHERE day = ? AND kind IN (?, ?)) ORDER BY id",
            day.isoformat(),
            day.isoformat(),
            AnnounceType.REPLACE.value,
            AnnounceType.REPLACE_CROSS.value,
        )
        told = {
            paper: revision
            for paper, revisions in self._revisions(listed(row["id"] for row in rows)).items()
            for revision in revisions
            if revision.announced == day
        }
        return tuple(replace(entry, revision=told.get(entry.id)) for entry in self._entries(rows))

    # --- weeks and months ---

    def spell(self, when: Period) -> Spell:
        before, after = self._beside(when)
        span = when.first.isoformat(), when.last.isoformat()
        is_week = when.kind == "week"
        columns = "*" if is_week else "id, categories"  # a month has no list of its papers
        rows = self._all(
            f"SELECT {columns} FROM papers WHERE noted AND settled AND announced BETWEEN ? AND ? ORDER BY announced, id",
            *span,
        )
        others = map(periods.month_of, when) if is_week else map(periods.week_of, when)
        entries = dict(zip((row["id"] for row in rows), self._entries(rows), strict=True)) if is_week else {}
        return Spell(
            path=self.catalogue.path(_page(when)) or "",
            period=when,
            previous=before,
            following=after,
            home=self._home(),
            within=self._spell_links(dict.fromkeys(others)),
            days=self._day_counts("key BETWEEN ? AND ?", *span, order="key"),
            papers=len(rows),
            categories=self._spell_categories(rows),
            fresh=self._fresh(when),
            rising=self._told(when, Course.RISING),
            fading=self._told(when, Course.FADING),
            central=self._central(when),
            sections=self._sections(rows, entries) if is_week else (),
            places=self.layout([PaperId(row["id"]) for row in rows]) if is_week else {},
            landmarks=self._landmarks(when) if is_week else (),
        )

    def _beside(self, when: Period) -> tuple[Link | None, Link | None]:
        """Links to the pages of its kind before and after it."""
        before, after = self.catalogue.beside(_page(when))
        return self.link(before, before.key) if before else None, self.link(after, after.key) if after else None

    def _spell_links(self, found: Iterable[Period]) -> tuple[Link, ...]:
        """Links to the pages of these times that have one; the text is the key."""
        links = (self.link(_page(when), when.key) for when in found)
        return tuple(link for link in links if link)

    def _spell_categories(self, rows: Sequence[sqlite3.Row]) -> tuple[KeywordCount, ...]:
        """The primary categories of these papers, with a link where they have a page."""
        counts = Counter(json.loads(row["categories"])[0] for row in rows)
        paths = self._links("category", counts)
        order = sorted(counts, key=lambda category: (-counts[category], category))
        return tuple(KeywordCount(link=Link(path=paths.get(c, ""), text=c), count=counts[c]) for c in order)

    def _landmarks(self, when: Period) -> tuple[Landmark, ...]:
        rows = self._all(
            "SELECT name, path, json_group_array(paper_id) FROM papers CROSS JOIN keywords ON paper_id = id "
            "CROSS JOIN pages ON kind = 'keyword' AND key = name WHERE announced BETWEEN ? AND ? GROUP BY name, path HAVING count(*) >= ? "
            "ORDER BY count(*) DESC, name",
            when.first.isoformat(),
            when.last.isoformat(),
            LANDMARK,
        )
        return tuple(
            Landmark(link=Link(path=path, text=name), papers=tuple(map(PaperId, sorted(json.loads(papers)))))
            for name, path, papers in rows
        )

    def _central(self, when: Period) -> tuple[CentralPaper, ...]:
        central = self.catalogue.chronicle.central(when)
        rows = {row["id"]: row for row in self._all(f"SELECT * FROM papers WHERE id {IN}", listed(central))}
        entries = self._entries(rows[paper] for paper in central)
        return tuple(CentralPaper(entry=e, papers=n) for e, n in zip(entries, central.values(), strict=True))

    # --- keywords, categories, home ---

    def keyword(self, name: str) -> KeywordTopic | None:
        """None when no paper links the keyword any more."""
        history = self._history("id IN (SELECT paper_id FROM keywords WHERE name = ?)", name)
        if not history:
            return None
        forms = self._all(
            "SELECT form, count(*) AS n FROM keyword_forms WHERE name = ? AND form <> ? GROUP BY form ORDER BY n DESC, form",
            name,
            name,
        )
        related = self._all(
            "SELECT other.name, path, count(*) AS n FROM keywords AS mine JOIN keywords AS other USING (paper_id) "
            "JOIN pages ON kind = 'keyword' AND key = other.name WHERE mine.name = ? AND other.name <> ? "
            "GROUP BY other.name, path ORDER BY n DESC, other.name LIMIT 10",
            name,
            name,
        )
        return KeywordTopic(
            path=self.catalogue.path(PageKey("keyword", name)) or "",
            name=name,
            aliases=tuple(row["form"] for row in forms)[:LATEST],
            papers=sum(n for _, n in history),
            first=history[0][0],
            last=history[-1][0],
            related=_rows(related),
            trend=self.catalogue.terms.trend(name),
            definition=self._definition(name, [name, *(row["form"] for row in forms)]),
            history=history,
            latest=self._latest("id IN (SELECT paper_id FROM keywords WHERE name = ?)", name),
            home=self._home(),
            cited=self._most_cited(name),
        )

    def _definition(self, name: str, forms: Sequence[str]) -> Definition | None:
        """The first that one of its first papers gives."""
        rows = self._all(
            "SELECT papers.* FROM papers JOIN keywords ON id = paper_id WHERE noted AND settled AND name = ? "
            "ORDER BY announced, id LIMIT ?",
            name,
            DEFINED_IN,
        )
        found = ((row, self.define(forms, row["abstract"])) for row in rows)
        return next((Definition(text=t, source=self._entries([row])[0]) for row, t in found if t), None)

    def former(self, name: str, successor: str) -> FormerTopic:
        """*successor* is the preferred name for it."""
        return FormerTopic(
            path=self.catalogue.path(PageKey("former", name)) or "",
            name=name,
            successor=self.link(PageKey("keyword", successor), successor),
            home=self._home(),
        )

    def author(self, name: str) -> AuthorTopic | None:
        """None when no paper here has an author of this name any more."""
        papers = self.catalogue.papers(self.catalogue.papers_by(name))
        ids = listed(papers)
        history = self._history(f"id {IN}", ids)
        if not history:
            return None
        keywords = self._all(
            "SELECT name, path, count(*) AS n FROM keywords JOIN pages ON kind = 'keyword' AND key = name "
            f"WHERE paper_id {IN} GROUP BY name, path ORDER BY n DESC, name LIMIT {ROWS}",
            ids,
        )
        others = Counter(other for paper in papers.values() for other in set(paper.authors) - {name})
        paths = self._links("author", others)
        order = sorted(paths, key=lambda other: (-others[other], other))[:ROWS]
        return AuthorTopic(
            path=self.catalogue.path(PageKey("author", name)) or "",
            name=name,
            papers=sum(n for _, n in history),
            first=history[0][0],
            last=history[-1][0],
            keywords=_rows(keywords),
            others=tuple(KeywordCount(link=Link(path=paths[o], text=o), count=others[o]) for o in order),
            history=history,
            latest=self._latest(f"id {IN}", ids),
            home=self._home(),
        )

    def category(self, category: str) -> CategoryTopic:
        condition = "id IN (SELECT paper_id FROM paper_categories WHERE category = ?)"
        history = self._history(condition, category)
        last = history[-1][0] if history else None
        rising, fading = self._moving(last, category) if last else ((), ())
        return CategoryTopic(
            path=self.catalogue.path(PageKey("category", category)) or "",
            category=category,
            papers=sum(n for _, n in history),
            latest_day=self._day_link(last),
            rising=rising,
            fading=fading,
            history=history,
            latest=self._latest(condition, category),
            home=self._home(),
        )

    def home(self) -> Home:
        days = self._day_counts("1", order="key DESC")[:LATEST]
        last = days[0].day if days else None
        rising, fading = self._moving(last) if last else ((), ())
        categories = self._all(
            "SELECT key, path, (SELECT count(*) FROM paper_categories JOIN papers ON id = paper_id "
            f"WHERE category = key AND noted AND settled) AS n FROM pages WHERE kind = 'category' AND key {IN} "
            "ORDER BY n DESC, key",
            listed(self.categories),
        )
        return Home(
            path=self._home().path,
            papers=self.catalogue.count_noted(),
            days=days,
            rising=rising,
            fading=fading,
            categories=tuple(KeywordCount(link=Link(path=r["path"], text=r["key"]), count=r["n"]) for r in categories),
            spells=self._spell_links([periods.week_of(last), periods.month_of(last)] if last else []),
            about=self.link(ABOUT, "About the scores"),
        )

    def _day_counts(self, which: str, *parameters: object, order: str) -> tuple[DayCount, ...]:
        rows = self._all(
            "SELECT key, path, (SELECT count(*) FROM papers WHERE noted AND settled AND announced = key) AS n "
            f"FROM pages WHERE kind = 'day' AND {which} ORDER BY {order} LIMIT {LATEST + 1}",
            *parameters,
        )
        return tuple(
            DayCount(link=Link(path=r["path"], text=r["key"]), day=date.fromisoformat(r["key"]), papers=r["n"])
            for r in rows
        )

    def about(self) -> About:
        return About(path=self.catalogue.path(ABOUT) or "", home=self._home())

    def _history(self, condition: str, parameter: str) -> tuple[tuple[date, int], ...]:
        rows = self._all(
            f"SELECT announced, count(*) AS n FROM papers WHERE noted AND settled AND {condition} "
            "GROUP BY announced ORDER BY announced",
            parameter,
        )
        return tuple((date.fromisoformat(row["announced"]), row["n"]) for row in rows)

    def _latest(self, condition: str, parameter: str) -> tuple[Entry, ...]:
        return self._entries(
            self._all(
                f"SELECT * FROM papers WHERE noted AND settled AND {condition} ORDER BY announced DESC, id DESC LIMIT ?",
                parameter,
                LATEST,
            )
        )

    def _moving(self, day: date, category: str = "") -> tuple[tuple[KeywordTrend, ...], tuple[KeywordTrend, ...]]:
        """Keywords that rise and that fade, within a category or in all; the furthest from their past first.

        Looked at are those of the last month's papers and the ``COMMON`` most frequent ones (of the category's papers).
        """
        own = "paper_id IN (SELECT paper_id FROM paper_categories WHERE category = ?4)" if category else "?4 = ''"
        rows = self._all(
            "SELECT DISTINCT key, path FROM pages WHERE kind = 'keyword' AND key IN ("
            f"  SELECT name FROM keywords JOIN papers ON id = paper_id WHERE announced > ?1 AND announced <= ?2 AND {own} UNION"
            f"  SELECT name FROM (SELECT name FROM keywords WHERE {own} GROUP BY name ORDER BY count(*) DESC, name LIMIT ?3)"
            ") ORDER BY key",
            (day - timedelta(days=30)).isoformat(),
            day.isoformat(),
            COMMON,
            category,
        )
        paths = {row["key"]: row["path"] for row in rows}
        found = self.trends(day, list(paths), category)

        return _moving(found, paths, Course.RISING), _moving(found, paths, Course.FADING)


def _rows(found: Iterable[sqlite3.Row]) -> tuple[KeywordCount, ...]:
    return tuple(KeywordCount(link=Link(path=row["path"], text=row["name"]), count=row["n"]) for row in found)


def _page(when: Period) -> PageKey:
    return PageKey(when.kind, when.key)


def _moving(found: Mapping[str, Trend], paths: Mapping[str, str], course: Course) -> tuple[KeywordTrend, ...]:
    """Those that rise or those that fade, of keywords with a page; the furthest from their past first."""
    moving = [name for name in decide.furthest(found, course) if name in paths][:ROWS]
    return tuple(KeywordTrend(link=Link(path=paths[name], text=name), trend=found[name]) for name in moving)


def _said(detail: str) -> str:
    """What an error says, without the source that leads it and the address that ends it."""
    return re.sub(r"^(feed|oai|list|catchup|api): | \(https?://[^\s)]*\)", "", detail)


def _link(paths: dict[str, str], name: str) -> Link | None:
    return Link(path=paths[name], text=name) if name in paths else None


def _terms(terms: Sequence[KeyTerm], paths: dict[str, str], own: Collection[str]) -> tuple[NoteTerm, ...]:
    """Key terms, linked where they are the paper's *own* keywords: their notes follow when a page comes or goes."""
    return tuple(NoteTerm(term=term, link=_link(paths, term.name) if term.name in own else None) for term in terms)


def _former_titles(paper: Paper, former: Sequence[Paper]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.title for one in reversed(former) if one.title != paper.title))


def _is_withdrawal(entry: Entry) -> bool:
    return entry.revision is not None and Change.WITHDRAWN in entry.revision.changes
