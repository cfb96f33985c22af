"""Views in, pages and plots out: what every page of the vault says and how it is laid out. Nothing is written here."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Literal

from digest.model import (
    About,
    Asset,
    AuthorTopic,
    Block,
    CategoryCount,
    CategoryTopic,
    Change,
    Course,
    Day,
    DayCount,
    Doubt,
    Entry,
    FormerTopic,
    Furnishing,
    Home,
    KeywordCategory,
    KeywordCount,
    KeywordTopic,
    Link,
    Note,
    NoteKeyword,
    Page,
    Section,
    Space,
    Spell,
    Statement,
    TextNote,
    Trend,
)
from digest.periods import Period, period
from digest.render import (
    canvas,
    escape,
    fulltext,
    hearsay,
    labels,
    metadata,
    names,
    network,
    obsidian,
    plots,
    properties,
    tex,
)
from digest.render.escape import Safe
from digest.render.templating import Templates
from digest.taxonomy import CATEGORIES

Output = tuple[Page | Asset, ...]

VARIABLES: Mapping[str, tuple[str, str]] = {
    "note": ("Note", "a paper's note"),
    "groups": (
        "list[tuple[str, list[NoteKeyword]]]",
        "its keywords by category, broad first: the category's word, its keywords",
    ),
    "text": ("TextNote", "the note of a paper's whole text"),
    "body": ("text", "the whole text, laid out"),
    "day": ("Day", "a day"),
    "links": ("Mapping[str, Link]", "category → its page"),
    "whole": ("int", "items that arXiv announced that day, where all are here; else 0"),
    "most": ("int", "the largest count of the day's keywords, for `bar`"),
    "usual": ("bool", "whether some of them can be compared with days before"),
    "spell": ("Spell", "a week or a month"),
    "map": ("text or none", "the embedded map"),
    "topic": ("KeywordTopic, FormerTopic, AuthorTopic or CategoryTopic", "what the page is about"),
    "name": ("str", "the category's name in words; may be empty"),
    "periods": ("list[tuple[text, int]]", "the figures of the plot: period, papers"),
    "home": ("Home", "the home page"),
    "guide": ("list[text]", "lines on how to use the vault"),
    "about": ("About", "the page on the scores"),
    "plot": ("text or none", "the embedded plot"),
}
"""What templates see, by name: its type, of ``digest.model`` where it is none of Python's, and what it is."""

TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "paper.header.md.j2": ("note", "plot"),
    "paper.body.md.j2": ("note", "plot", "groups"),
    "text.header.md.j2": ("text",),
    "text.body.md.j2": ("text", "body"),
    "day.header.md.j2": ("day", "plot", "links", "whole"),
    "day.papers.md.j2": ("day", "plot", "most", "usual"),
    "spell.header.md.j2": ("spell", "plot", "map"),
    "spell.papers.md.j2": ("spell", "plot", "map"),
    "keyword.header.md.j2": ("topic", "plot", "periods"),
    "keyword.papers.md.j2": ("topic", "plot", "periods"),
    "keyword.former.md.j2": ("topic",),
    "author.header.md.j2": ("topic", "plot", "periods"),
    "author.papers.md.j2": ("topic", "plot", "periods"),
    "category.header.md.j2": ("topic", "plot", "periods", "name"),
    "category.papers.md.j2": ("topic", "plot", "periods", "name"),
    "home.home.md.j2": ("home", "plot", "guide"),
    "about.scores.md.j2": ("about",),
    "Papers.base.j2": (),
}
"""The templates that make pages, with what each sees; those that they include see the same."""

SIDE = 1000
"""Of a map; places on it are from 0 to this."""

ROWS = 12
"""Categories in the plot of a week."""

BAR = "▇"
BAR_LENGTH = 8


class Renderer:
    """Turns views into pages with one set of templates and one language; pure, and the same bytes each time.

    *templates* are folders, searched in order; an unknown language is English. Raises TemplateError when a template is
    missing or wrong; every method raises TemplateError when a template fails on its view.
    """

    def __init__(
        self,
        *,
        templates: Sequence[Path],
        language: str = "en",
        keyword_metadata: Literal["comment", "sidecar", "off"] = "comment",
        furnished: bool = True,
        canvas: bool = False,
    ) -> None:
        self._labels = labels.load(language)
        self._metadata = keyword_metadata
        self._furnished = furnished
        self._canvas = canvas
        filters = self._filters()
        self.filters = {name: says for name, (_, says) in filters.items()}
        """What a template may pass a value through, beside Jinja's filters that only pick and count, and what for."""
        functions = {name: function for name, (function, _) in filters.items()}
        self._templates = Templates(templates, tuple(TEMPLATES), filters=functions, values=self._values())
        self._recipe = _recipe(
            self._templates.fingerprint(), self._labels.source, keyword_metadata, repr((canvas, CATEGORIES))
        )

    @property
    def recipe(self) -> str:
        """Changes when the same view might give other bytes: by a template, the language or this code."""
        return self._recipe

    # --- pages -------------------------------------------------------------------------------------------------------

    def note(self, note: Note) -> Output:
        """A paper's note and, with ``keyword_metadata="sidecar"``, the file of its keyword decisions."""
        drawn = self._network(note)
        render = partial(self._templates.render, note.path, note=note, plot=_embed(drawn))
        page = self._page(
            note.path,
            properties.of_note(note),
            header=render("paper.header.md.j2"),
            body=render("paper.body.md.j2", groups=_groups(note.keywords)),
            once=properties.ONCE,
            comment=metadata.comment(note) if self._metadata == "comment" else "",
        )
        if self._metadata != "sidecar":
            return (page, *drawn)
        name = str(note.paper.id).replace("/", "-")
        text = json.dumps(metadata.record(note), ensure_ascii=False, indent=2)
        return (page, *drawn, Asset(path=f".digest/{name}.json", content=text + "\n"))

    def _network(self, note: Note) -> tuple[Asset, ...]:
        """Drawn where there is something to see: a paper here that it cites, or that cites it."""
        found, words = note.network, self._labels.words
        if found is None or not (found.cites or found.cited_by):
            return ()

        def side(key: str, entries: Sequence[Entry]) -> network.Side:
            papers = [(_short(entry), tex.plain(entry.title)) for entry in entries]
            return network.Side(name=words[key], papers=papers)

        content = network.citation_network(
            (str(note.paper.id), tex.plain(note.paper.title)),
            cites=side("network_cites", found.cites),
            cited_by=side("network_cited_by", found.cited_by),
            title=self._labels.say("plot_network", paper=str(note.paper.id)),
            description=f"{words['network_cites']}: {len(found.cites)}; {words['network_cited_by']}: {len(found.cited_by)}",
        )
        return (Asset(path=names.network_path(note.paper.id), content=content),)

    def text(self, text: TextNote) -> Output:
        """The note of a paper's whole text."""
        render, words = partial(self._templates.render, text.path, text=text), self._labels.words
        shown = fulltext.body(
            text.document, image=words["text_image"], references=words["text_references"], cited=text.cited
        )
        page = self._page(
            text.path,
            properties.of_text(text),
            header=render("text.header.md.j2"),
            body=render("text.body.md.j2", body=shown),
        )
        return (page,)

    def day(self, day: Day) -> Output:
        plot = self._day_plot(day)
        alias = self._labels.say("digest_of", day=day.day.isoformat())
        links = {section.category: section.link for section in day.sections if section.link}
        render = partial(self._templates.render, day.path, day=day, plot=_embed(plot))
        page = self._page(
            day.path,
            properties.of_day(day, alias),
            header=render("day.header.md.j2", links=links, whole=_whole(day)),
            papers=render(
                "day.papers.md.j2",
                most=max((row.count for row in day.keywords), default=0),
                usual=any(r.trend for r in day.keywords),
            ),
        )
        return (page, *plot)

    def spell(self, spell: Spell) -> Output:
        """The page of a week or a month, with a plot of its categories or days, and a week's map."""
        plot, drawn = self._spell_plot(spell), self._map(spell)
        render = partial(self._templates.render, spell.path, spell=spell, plot=_embed(plot), map=_embed(drawn))
        page = self._page(
            spell.path,
            properties.of_spell(spell, self._spell_name(spell.period)),
            header=render("spell.header.md.j2"),
            papers=render("spell.papers.md.j2"),
        )
        return (page, *plot, *drawn, *(canvas.of_week(spell) if self._canvas else ()))

    def keyword(self, topic: KeywordTopic) -> Output:
        """A keyword's page and the plot of its papers over time."""
        return self._topic("keyword", topic, topic.name, properties.of_keyword(topic))

    def former(self, topic: FormerTopic) -> Output:
        """The page of a keyword that no paper has any more: it says so, and keeps the reader's words."""
        return (
            self._page(
                topic.path,
                properties.of_former(),
                header=self._templates.render(topic.path, "keyword.former.md.j2", topic=topic),
                papers="",
            ),
        )

    def author(self, topic: AuthorTopic) -> Output:
        """The page of an author's name and the plot of its papers over time."""
        return self._topic("author", topic, topic.name, properties.of_author(topic))

    def category(self, topic: CategoryTopic) -> Output:
        """A category's page and the plot of its papers over time."""
        name = CATEGORIES.get(topic.category, "")
        return self._topic("category", topic, topic.category, properties.of_category(topic, name), name=name)

    def _topic(
        self,
        kind: Literal["keyword", "author", "category"],
        topic: KeywordTopic | AuthorTopic | CategoryTopic,
        title: str,
        values: properties.Properties,
        **extra: object,
    ) -> Output:
        """A page with a history, and the plot of it; *extra* is what its templates see beside."""
        plot, periods = self._history_plot(topic.path, title, topic.history)
        render = partial(self._templates.render, topic.path, topic=topic, plot=_embed(plot), periods=periods, **extra)
        header, papers = (render(f"{kind}.{block}.md.j2") for block in ("header", "papers"))
        return (self._page(topic.path, values, header=header, papers=papers), *plot)

    def home(self, home: Home) -> Output:
        """The page that a reader opens first, and the plot of the last days."""
        values = [(self._labels.short(day.day), day.papers) for day in reversed(home.days)]
        title = self._labels.say("plot_days")
        content = plots.columns(values, title=title, description=_told(values), most=self._most)
        plot = (Asset(path="assets/home-30-days.svg", content=content),) if home.days else ()
        guide = [Safe(line) for line in self._labels.words["guide"].strip().split("\n")]
        text = self._templates.render(home.path, "home.home.md.j2", home=home, plot=_embed(plot), guide=guide)
        page = Page(
            path=f"{home.path}.md",
            properties=properties.of_home(),
            shared=properties.SHARED,
            parts=(Block(name="home", text=text),),
        )
        return (page, *plot)

    def about(self, about: About) -> Output:
        """What the scores mean, with their formulas."""
        text = self._templates.render(about.path, "about.scores.md.j2", about=about)
        values = properties.of_about(self._labels.words["about_scores_title"])
        parts = (Block(name="about", text=text),)
        return (Page(path=f"{about.path}.md", properties=values, shared=properties.SHARED, parts=parts),)

    def papers_base(self) -> tuple[Asset, ...]:
        """The Base that the pages embed: the reading queue, what is new, what links to the page at hand."""
        text = self._templates.render("Papers.base", "Papers.base.j2")
        return (Asset(path="Papers.base", content=text + "\n"),)

    def furnishings(self) -> tuple[Furnishing, ...]:
        """Settings for Obsidian; none where they are not wanted."""
        return obsidian.furnishings() if self._furnished else ()

    def _page(
        self,
        path: str,
        values: properties.Properties,
        *,
        once: frozenset[str] = frozenset(),
        comment: str = "",
        **blocks: str,
    ) -> Page:
        """Blocks in order, the reader's own space after the first."""
        first, *rest = (Block(name=name, text=text) for name, text in blocks.items())
        return Page(
            path=f"{path}.md",
            properties=values,
            once=once,
            shared=properties.SHARED,
            parts=(first, Space(text=f"## {self._labels.say('my_notes')}\n\n"), *rest),
            metadata=comment,
        )

    # --- plots -------------------------------------------------------------------------------------------------------

    def _day_plot(self, day: Day) -> tuple[Asset, ...]:
        rows = [(count.category, _parts(count)) for count in day.counts if count.announced]
        if not rows:
            return ()
        say = self._labels.say
        content = plots.stacked_bars(
            rows,
            title=say("plot_categories", day=day.day.isoformat()),
            description=_told([(name, sum(parts)) for name, parts in rows]),
            legend=(say("legend_new"), say("legend_cross"), say("legend_replaced")),
            number=self._labels.number,
        )
        return (Asset(path=names.plot_path(day.path), content=content),)

    def _spell_plot(self, spell: Spell) -> tuple[Asset, ...]:
        title = self._labels.say("plot_spell", spell=self._spell_name(spell.period))
        if spell.period.kind == "month":
            values = [(self._labels.short(day.day), day.papers) for day in spell.days]
            content = plots.columns(values, most=self._most, title=title, description=_told(values))
        else:
            rows = [(row.link.text, row.count) for row in spell.categories[:ROWS]]
            bars = [(name, (count,)) for name, count in rows]
            content = plots.stacked_bars(
                bars, number=self._labels.number, title=title, description=_told(rows), legend=()
            )
        return (Asset(path=names.plot_path(spell.path), content=content),) if spell.papers else ()

    def _map(self, spell: Spell) -> tuple[Asset, ...]:
        """Each paper in the colour of the category under which it is listed."""
        places = {paper: (x / SIDE, y / SIDE) for paper, (x, y) in spell.places.items()}
        points = [
            (*places[entry.id], section.category, tex.plain(entry.title))
            for section in spell.sections
            for entry in section.entries
            if entry.id in places
        ]
        if not points:
            return ()
        title = self._labels.say("plot_map", spell=self._spell_name(spell.period))
        sizes = [(section.category, len(section.entries)) for section in spell.sections]
        rest = self._labels.words["legend_rest"]
        groups = {mark.link.text: [places[p] for p in mark.papers if p in places] for mark in spell.landmarks}
        marks = plots.landmarks(groups)
        content = plots.scatter(points, marks=marks, title=title, description=_told(sizes), rest=rest)
        return (Asset(path=names.map_path(spell.path), content=content),)

    def _spell_name(self, when: Period) -> str:
        return _spell_name(when, self._labels)

    def _history_plot(
        self, path: str, name: str, history: Sequence[tuple[date, int]]
    ) -> tuple[tuple[Asset, ...], list[tuple[Safe, int]]]:
        """The plot, and its figures as lines of text for the page."""
        unit, counted = plots.buckets(history)
        periods = [(Safe(self._period(unit, day)), count) for day, count in counted]
        if len(periods) < 3:
            return (), periods  # two columns show nothing that the counts do not say
        title = self._labels.say("plot_history", name=name)
        content = plots.columns(periods, title=title, description=_told(periods), most=self._most, height=96)
        return (Asset(path=names.plot_path(path), content=content),), periods

    def _most(self, number: int) -> str:
        return self._labels.say("plot_most", number=self._labels.number(number))

    def _period(self, unit: plots.Unit, day: date) -> str:
        if unit == "week":
            return self._labels.say("week_of", day=day.isoformat())
        return day.isoformat()[: {"day": 10, "month": 7, "year": 4}[unit]]

    # --- what templates may use --------------------------------------------------------------------------------------

    def _values(self) -> dict[str, object]:
        """Our own words are safe; what fills them in must be."""
        words = self._labels
        return {
            "word": {key: Safe(text) for key, text in words.words.items()},
            "say": lambda key, **values: Safe(words.say(key, **{k: _filled(v) for k, v in values.items()})),
            "count": lambda key, number: Safe(words.count(key, number)),
        }

    def _filters(self) -> dict[str, tuple[Callable[..., Any], str]]:
        """By name: the filter, and what it is for, with its arguments beside the value."""
        words = self._labels
        return {
            "body": (escape.body, "paragraphs: an abstract; mathematics stays mathematics"),
            "inline": (escape.inline, "text on one line"),
            "heading": (escape.heading, "text in a heading"),
            "callout": (escape.callout, "text in a line of a callout"),
            "table_cell": (escape.table_cell, "text in a table"),
            "link_text": (escape.link_text, "the text of a link that the template writes itself"),
            "wikilink": (escape.wikilink, "a `Link`"),
            "wikilink_cell": (escape.wikilink_cell, "a `Link` in a table"),
            "web_link": (escape.web_link, "text as a link into the web; `(address)`"),
            "text_link": (
                lambda link: escape.wikilink(Link(path=link.path, text=words.words["text_read"])),
                "a `Link` to the note of a whole text",
            ),
            "statement": (_statement, "a `Statement`, with where it stands unless that is the abstract"),
            "entry": (_entry, "an `Entry` as a link to its note, or to arXiv"),
            "abs_link": (
                lambda paper: escape.web_link(paper, properties.abs_url(paper)),
                "an identifier as a link to arXiv",
            ),
            "html_link": (
                lambda paper, version: escape.web_link(f"{paper}v{version}", properties.html_url(paper, version)),
                "an identifier as a link to arXiv's HTML; `(version)`",
            ),
            "pdf_link": (
                lambda paper, text: escape.web_link(text, properties.pdf_url(paper)),
                "an identifier as a link to the PDF; `(text)`",
            ),
            "doi_link": (lambda doi: escape.web_link(doi, f"https://doi.org/{doi}"), "a DOI as a link"),
            "license_link": (_license, "a licence's address as a link with its usual name"),
            "changes": (lambda changes: _changes(changes, words), "what a `Revision` changed, in words"),
            "trend": (
                lambda trend: _lately(trend, f"trend_{trend.course}", words),
                "a `Trend`: whether it rises, papers of the last days, papers expected",
            ),
            "lately": (lambda trend: _lately(trend, "lately", words), "the same without the word"),
            "course": (lambda row: _course(row, words), "of a `KeywordCount`: new, rising or fading, in a word"),
            "doubt": (lambda doubt: _doubt(doubt, words), "a `Doubt`: source, verdict and what it said"),
            "teller": (hearsay.teller, "of a `Hearsay`: who says it, as a link to the paper there"),
            "told": (lambda said: hearsay.phrases(said, words), "a `Testimony` as phrases, for a loop"),
            "iso": (lambda day: Safe(day.isoformat()[:10]), "a date as 2026-02-03"),
            "day_long": (lambda day: Safe(words.long(day)), "a date with its weekday"),
            "day_full": (lambda day: Safe(words.full(day)), "a date"),
            "day_short": (lambda day: Safe(words.short(day)), "a date without the year"),
            "day_named": (
                lambda row, form: _day_named(row, form, words),
                'a `DayCount` as a link that shows its date; `("full")` or `("short")`',
            ),
            "day_link": (
                lambda link, key: _day_link(link, key, words),
                'a `Link` to a day as an arrow; `("earlier")` or `("later")`',
            ),
            "spell_name": (lambda when: Safe(_spell_name(when, words)), "a `Period`: a week's or a month's name"),
            "spell_link": (
                lambda link, key="": _spell_link(link, key, words),
                'a `Link` to a week or month by its name; as an arrow with `("earlier")` or `("later")`',
            ),
            "category_link": (_category_link, "a `Section` by its category's name, a link where it has a page"),
            "percent": (lambda share: Safe(words.percent(share)), "a share as percent"),
            "number": (lambda number: Safe(words.number(number)), "a whole number, grouped"),
            "decimal": (lambda number: Safe(words.decimal(number)), "a number with one decimal"),
            "weight": (lambda weight: Safe(words.decimal(weight, 2)), "a weight, with two decimals"),
            "bar": (
                lambda number, most: Safe(BAR * max(1, round(BAR_LENGTH * number / most)) if number else ""),
                "a bar of blocks; `(most)` is the longest one's number",
            ),
            "quoted": (_quoted, "one of our own words as a YAML string"),
        }


def _statement(statement: Statement) -> Safe:
    where = f" *({escape.inline(statement.where)})*" if statement.where else ""
    return Safe(escape.inline(statement.text) + where)


def _short(entry: Entry) -> str:
    """A title's first part: before a colon, where that is a name."""
    title = tex.plain(entry.title)
    name = title.partition(":")[0]
    return name if len(name.split()) <= 4 else title


def _quoted(word: str) -> Safe:
    """One of our own words as a YAML string: quoting alone makes no foreign text safe."""
    if type(word) is not Safe:
        raise TypeError(f"{word!r:.80} is none of digest's own words")
    return Safe(json.dumps(word, ensure_ascii=False))


def _filled(value: object) -> object:
    if type(value) in (Safe, int):
        return value
    raise TypeError(f"{value!r:.80} fills in a sentence without a filter")


def _entry(entry: Entry) -> Safe:
    """A link to the paper's note, to arXiv when it has none here."""
    if entry.link is not None:
        return escape.wikilink(entry.link)
    return escape.web_link(entry.title, properties.abs_url(entry.id))


def _category_link(section: Section) -> Safe:
    """The category's name in words, a link to its page when it has one."""
    name = CATEGORIES.get(section.category, section.category)
    return escape.wikilink(Link(path=section.link.path, text=name)) if section.link else escape.inline(name)


def _day_link(link: Link, key: str, words: labels.Labels) -> Safe:
    """A link to a day's page that shows its date, short, as an arrow would."""
    day = names.day_of(link.path)
    return escape.wikilink(Link(path=link.path, text=words.say(key, day=words.short(day) if day else link.text)))


def _day_named(row: DayCount, form: str, words: labels.Labels) -> Safe:
    named = {"full": words.full, "short": words.short}[form]
    return escape.wikilink(Link(path=row.link.path, text=named(row.day)))


def _spell_name(when: Period, words: labels.Labels) -> str:
    if when.kind == "month":
        return words.month(when.first)
    year, week, _ = when.first.isocalendar()
    return words.say("week_name", week=week, year=year)


def _spell_link(link: Link, key: str, words: labels.Labels) -> Safe:
    """A link to the page of a week or a month that shows its name, as an arrow where *key* is one."""
    name = _spell_name(period("week" if "W" in link.text else "month", link.text), words)
    return escape.wikilink(Link(path=link.path, text=words.say(key, day=name) if key else name))


def _course(row: KeywordCount, words: labels.Labels) -> Safe:
    """Where a keyword is going within the page's time, in a word; nothing where it is as ever."""
    if row.fresh:
        return Safe(words.words["course_new"])
    course = row.trend.course if row.trend else Course.STEADY
    return Safe("" if course is Course.STEADY else words.words[f"course_{course}"])


def _changes(changes: Sequence[Change], words: labels.Labels) -> Safe:
    """What a version changed, in words."""
    return Safe(", ".join(words.words[f"changed_{change}"] for change in changes or ("nothing",)))


def _lately(trend: Trend, key: str, words: labels.Labels) -> Safe:
    """Papers of the last days, and what a term's own past makes us expect of them."""
    papers, expected = words.count("papers", trend.recent), words.decimal(trend.expected)
    return Safe(words.say(key, papers=papers, days=trend.days, expected=expected))


def _doubt(doubt: Doubt, words: labels.Labels) -> Safe:
    """Which source has failed, in which way, and what it said: for a line of a callout."""
    sentence = f"{words.words[f'source_{doubt.source}']} {words.words['verdict_' + doubt.verdict.replace(' ', '_')]}"
    return Safe(f"{sentence} ({escape.callout(doubt.detail)})" if doubt.detail else sentence)


_CREATIVE_COMMONS = re.compile(
    r"https?://creativecommons\.org/(?:licenses/([a-z-]+)/(\d\.\d)|publicdomain/(zero)/1\.0)"
)


def _license(address: str) -> Safe:
    """A licence by its usual name; an address that is not known is told as it is, without a link."""
    if match := _CREATIVE_COMMONS.match(address):
        return escape.web_link(f"CC {match[1].upper()} {match[2]}" if match[1] else "CC0 1.0", address)
    if re.match(r"https?://arxiv\.org/licenses/nonexclusive-distrib", address):
        return escape.web_link("arXiv.org perpetual, non-exclusive", address)
    return escape.inline(address)


def _groups(keywords: Sequence[NoteKeyword]) -> list[tuple[str, list[NoteKeyword]]]:
    """The keywords by category, broad first; a category without any is left out."""
    groups = [(c.value, [k for k in keywords if k.keyword.category is c]) for c in KeywordCategory]
    return [(category, members) for category, members in groups if members]


def _whole(day: Day) -> int:
    """What arXiv announced on a day of which all is here; 0 where that cannot be said."""
    is_whole = not day.incomplete and all(row.stored >= row.announced for row in day.counts)
    return sum(row.announced for row in day.counts) if is_whole else 0


def _parts(count: CategoryCount) -> tuple[int, int, int]:
    return count.new, count.cross, count.replaced


def _told(values: Sequence[tuple[str, int]]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in values)


def _embed(plot: tuple[Asset, ...]) -> Safe | None:
    return Safe(f"![[{plot[0].path}]]") if plot else None


def _recipe(*parts: str) -> str:
    """A hash of *parts* and of this package's own code."""
    digest = hashlib.sha256("\0".join(parts).encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
