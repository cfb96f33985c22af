"""The walk: each element once, in reading order."""

# ruff: noqa: ARG002 - the rules have one signature, and not each needs all of it

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

import msgspec
from bs4 import NavigableString, PageElement, Tag

from digest.arxiv.latexml import figures, grids, lists, mathematics
from digest.arxiv.latexml.flow import Caption, Flow, flat, picture_name, said, text_of
from digest.arxiv.latexml.markup import (
    address,
    attribute,
    classes,
    elements,
    fragment,
    is_a,
    spanned,
    strings,
    taken,
    taken_tag,
    within,
    words,
)
from digest.document import (
    Block,
    Code,
    Formula,
    Heading,
    Item,
    Line,
    List,
    Paragraph,
    Quote,
    Span,
    Style,
    Table,
)

DEEPEST: Final = 60
"""Elements within each other, those of a table counted as one; what is deeper is taken for text. Papers have 10."""

LOST_FORMULA: Final = 40
"""Characters that are taken to be lost with a numbered equation in which there is nothing."""

_SAYS_NOTHING: Final = re.compile(r"\[?uncaptioned image\]?|refer to caption|image|\W*", re.IGNORECASE)
_SUPERSCRIPTS: Final = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_SUBSCRIPTS: Final = str.maketrans("0123456789+-−", "₀₁₂₃₄₅₆₇₈₉₊₋₋")
_NUMBERS: Final = re.compile(r"[0-9+−-]{1,8}")
_SHORT: Final = 80  # characters of a label in a drawing
_LINKS: Final = (Style.LINK, Style.CITATION, Style.REFERENCE)
_FONTS: Final = {
    "ltx_font_bold": Style.STRONG,
    "ltx_font_italic": Style.EMPHASIS,
    "ltx_font_slanted": Style.EMPHASIS,
    "ltx_emph": Style.EMPHASIS,
    "ltx_font_typewriter": Style.CODE,
    "em": Style.EMPHASIS,
    "i": Style.EMPHASIS,
    "var": Style.EMPHASIS,
    "strong": Style.STRONG,
    "b": Style.STRONG,
    "code": Style.CODE,
    "tt": Style.CODE,
    "kbd": Style.CODE,
    "samp": Style.CODE,
}
_UNFONTS: Final = {"ltx_font_upright": Style.EMPHASIS, "ltx_font_medium": Style.STRONG}

Handler: TypeAlias = "Callable[[Walk, Tag, Flow, Style, str], None]"


class Walk:
    """Reads elements; what is not a block is kept beside: footnotes, the bibliography, what is marked as an error."""

    def __init__(self, base: str) -> None:
        self.footnotes: list[Line] = []
        self.items: list[Item] = []
        self.keywords: list[Tag] = []
        self.read = 0  # characters
        self.marked = 0  # characters that are marked as errors
        self._base = base
        self._sections = 0
        self._depth = 0
        self._in_figure = False
        self._in_citation = False
        self._awaited: dict[str, int] = {}  # marks of footnotes whose text comes later → number

    def finish(self) -> None:
        """What never came is told by its mark."""
        for mark, number in self._awaited.items():
            self.footnotes[number - 1] = (Span(mark),)

    def children(self, element: Tag, flow: Flow, style: Style = Style.PLAIN, target: str = "") -> None:
        self.nodes(element.contents, flow, style, target)

    def nodes(self, nodes: Sequence[PageElement], flow: Flow, style: Style = Style.PLAIN, target: str = "") -> None:
        for child in nodes:
            if type(child) is NavigableString:
                self.read += len(child)
                flow.text(child, style, target)
            elif isinstance(child, Tag):
                self.element(child, flow, style, target)

    def element(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        if self._depth >= DEEPEST:
            flow.text(strings(element), style, target)
            return
        self._depth += 1
        try:
            _handler(element)(self, element, flow, style, target)
        finally:
            self._depth -= 1

    def apart(self, element: Tag) -> Flow:
        """What an element holds that is neither of the figure nor of the line around it."""
        return self.apart_from(element.contents)

    def apart_from(self, nodes: Sequence[PageElement]) -> Flow:
        before, self._in_figure = self._in_figure, False
        flow = Flow()
        self.nodes(nodes, flow)
        self._in_figure = before
        return flow

    def line(self, element: Tag) -> Line:
        return self.apart(element).line()

    # --- pieces of a line --------------------------------------------------------------------------------------------

    def inline(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        if style not in _LINKS:
            for name in (element.name, *classes(element)):
                style = _FONTS.get(name, Style.PLAIN if _UNFONTS.get(name) is style else style)
        self.children(element, flow, style, target)

    def drop(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        """Chrome, what a reader does not see, what is told elsewhere."""

    def front(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        """Front matter, of which only keywords are looked for."""
        if (found := taken(element, "ltx_keywords")) is not None:
            self.keywords.append(found)

    def keep_keywords(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        self.keywords.append(element)

    def error(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        self.marked += len(words(element))

    def missing(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        """A reference to what the conversion did not find: shown as it is, and counted."""
        self.marked += len(words(element))
        self.inline(element, flow, style, target)

    def mathematics(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        tex = mathematics.tex(element)
        self.read += len(tex)
        if element.contents and any(one.name == "merror" or is_a(one, "ltx_ERROR") for one in element.find_all(True)):
            self.marked += len(tex)
        if attribute(element, "display") == "block":
            if tex:
                flow.block(Formula(anchor=attribute(element, "id"), tex=tex))
        else:
            flow.text(tex, Style.MATHEMATICS, "")

    def image(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        if is_a(element, "ltx_Math", "ltx_math"):
            self.mathematics(element, flow, style, target)
            return
        where = address(self._base, attribute(element, "src") or attribute(element, "data"))
        alternative = attribute(element, "alt").strip()
        text = picture_name(where) if _SAYS_NOTHING.fullmatch(alternative) else alternative
        if where:
            flow.image(text, where)
        elif not _SAYS_NOTHING.fullmatch(alternative):
            flow.text(alternative, style, target)

    def drawing(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        """The words in an SVG picture; many short ones are labels and stand on one line."""
        inner = Flow()
        self.children(element, inner)
        blocks = inner.done()
        labels = [one.line for one in blocks if isinstance(one, Paragraph) and len(text_of(one.line)) <= _SHORT]
        if len(blocks) > 2 and len(labels) == len(blocks):
            flow.begin(attribute(element, "id"))
            for number, label in enumerate(labels):
                if number:
                    flow.text(" · ", Style.PLAIN, "")
                for span in label:
                    flow.text(*msgspec.structs.astuple(span))
            flow.end()
            return
        for block in blocks:
            flow.block(block)

    def link(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        if anchor := fragment(element):
            is_citation = self._in_citation or anchor.startswith("bib")
            self.inline(element, flow, Style.CITATION if is_citation else Style.REFERENCE, anchor)
            return
        href = attribute(element, "href")
        where = address(self._base, href) if href else ""
        if where:
            self.inline(element, flow, Style.LINK, where)
        else:
            self.inline(element, flow, style, target)

    def citation(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        before, self._in_citation = self._in_citation, True
        self.inline(element, flow, style, target)
        self._in_citation = before

    def note(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        if is_a(element, "ltx_note_frontmatter"):
            return
        content = taken(element, "ltx_note_content") or element
        mark = taken(content, "ltx_note_mark")
        for name in ("ltx_note_mark", "ltx_tag_note", "ltx_note_type"):
            taken(content, name)
        printed = words(mark) if mark is not None else ""
        is_text = is_a(element, "ltx_role_footnotetext")
        if not words(content) and not content.find(["math", "img", "a"]):
            if printed and is_a(element, "ltx_role_footnotemark"):
                number = self._awaited.get(printed) or self._reserved()
                self._awaited[printed] = number
                flow.text("", Style.FOOTNOTE, str(number))
            return
        number = self._awaited.pop(printed, 0) if is_text else 0
        if not number:
            number = self._reserved()
            flow.text("", Style.FOOTNOTE, str(number))
        self.footnotes[number - 1] = self.line(content)

    def _reserved(self) -> int:
        self.footnotes.append(())
        return len(self.footnotes)

    def space(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        flow.text(" ", style, target)

    def raised(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        """Numbers above and below the line keep their height."""
        number = words(element)
        if _NUMBERS.fullmatch(number) and element.find("a") is None and element.find("math") is None:
            self.read += len(number)
            flow.text(number.translate(_SUPERSCRIPTS if element.name == "sup" else _SUBSCRIPTS), style, target)
        else:
            self.inline(element, flow, style, target)

    # --- blocks ------------------------------------------------------------------------------------------------------

    def division(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        flow.begin(attribute(element, "id"))
        self.inline(element, flow, style, target)
        flow.end()

    def section(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        self._sections += 1
        flow.end()
        self.children(element, flow)
        flow.end()
        self._sections -= 1

    def title(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        if is_a(element, "ltx_title_document"):
            return
        if is_a(element, "ltx_title_theorem", "ltx_title_proof"):
            flow.end()
            self.nodes(element.contents, flow, Style.STRONG)
            flow.text(" ", Style.PLAIN, "")
            return
        tag = taken_tag(element)
        number = text_of(self.line(tag)).rstrip(" .:") if tag is not None else ""
        line = self.line(element)
        anchor = attribute(element.parent, "id") if element.parent is not None else ""
        if line or number:
            flow.block(Heading(anchor=anchor, depth=max(self._sections, 1), number=number, line=line))

    def quote(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        if blocks := self.apart(element).blocks():
            flow.block(Quote(anchor=attribute(element, "id"), blocks=blocks))

    def listed(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        marks: list[str] = []
        items: list[tuple[Block, ...]] = []
        term: list[Span] = []
        for child in elements(element):
            if is_a(child, "ltx_bibitem"):
                self.reference(child, flow, style, target)
                continue
            tag = next((one for one in elements(child) if is_a(one, "ltx_tag")), None)
            printed = self.line(tag.extract()) if tag is not None else ()
            if child.name == "dt":
                term += [*printed, *self.line(child)]
                continue
            if child.name == "dd":
                printed, term = (*term, *printed), []
            mark = lists.mark(printed)
            blocks = self.apart(child).blocks()
            if mark is None:
                blocks = lists.led(printed, blocks)
            if blocks:
                marks.append(mark or "")
                items.append(blocks)
        if term:
            marks.append("")
            items.append((Paragraph(line=tuple(term)),))
        if not items:
            return
        ordered = all(marks) or (element.name == "ol" and not any(marks))
        if not ordered:
            items = [lists.led((Span(mark),), item) if mark else item for mark, item in zip(marks, items, strict=True)]
        flow.block(
            List(
                anchor=attribute(element, "id"),
                ordered=ordered,
                items=tuple(items),
                marks=tuple(marks) if ordered and all(marks) else (),
            )
        )

    def reference(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        """An entry of the bibliography."""
        tag = taken(element, "ltx_tag_bibitem", "ltx_role_refnum")
        label = text_of(self.line(tag)) if tag is not None else ""
        while taken(element, "ltx_bib_cited") is not None:
            pass
        blocks = list(within(element, "ltx_bibblock"))
        lines = (self.line(block) for block in blocks) if blocks else (self.line(element),)
        parts = tuple(text for text in map(text_of, lines) if text)
        hrefs = (address(self._base, attribute(one, "href")) for one in element.find_all("a") if not fragment(one))
        links = tuple(dict.fromkeys(href for href in hrefs if href))
        if parts or label:
            self.items.append(Item(anchor=attribute(element, "id"), label=label, parts=parts, links=links))

    def caption(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        tag = taken_tag(element)
        label = text_of(self.line(tag)).rstrip(" .:") if tag is not None else ""
        caption = Caption(label, self.line(element))
        if caption.label or caption.line:
            flow.block(caption if self._in_figure else said(caption))

    def figure(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        before, self._in_figure = self._in_figure, True
        inner = Flow()
        self.children(element, inner)
        self._in_figure = before
        flow.end()
        anchor = attribute(element, "id")
        for number, (caption, blocks) in enumerate(figures.captioned(inner.done())):
            for block in figures.figured(caption, blocks, "" if number else anchor):
                flow.block(block)

    def table(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        rows = [self._row(row, in_head) for row, in_head in grids.rows_of(element)]
        rows = [row for row in rows if row.cells]
        if not rows:
            self.division(element, flow, style, target)
            return
        if grids.is_layout(rows):
            for block in (block for row in rows for cell in row.cells for block in cell.blocks):
                flow.block(block)
            return
        if any(cell.blocks for row in rows for cell in row.cells):
            table = Table(anchor=attribute(element, "id"), rows=grids.grid(rows), headers=grids.headers(rows))
            flow.block(table)

    def _row(self, row: Tag, in_head: bool) -> grids.Row:
        return grids.Row([self._cell(cell) for cell in elements(row) if grids.is_cell(cell)], in_head)

    def _cell(self, cell: Tag) -> grids.Given:
        is_header = cell.name == "th" or is_a(cell, "ltx_th")
        return grids.Given(
            blocks=self.apart(cell).blocks(),
            is_header=is_header,
            heads_column=is_header and (is_a(cell, "ltx_th_column") or not is_a(cell, "ltx_th_row")),
            rows=spanned(cell, "rowspan"),
            columns=spanned(cell, "colspan"),
        )

    def equation(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        """Rows of a table that only puts formulas in their place; each is one, those that share a number are one."""
        flow.end()
        rows = [row for row, _ in grids.rows_of(element)] or [element]
        at = 0
        while at < len(rows):
            number, height = _number(rows[at])
            together = [self._equation_row(row) for row in rows[at : at + height]]
            anchor = _anchor(rows[at], element)
            at += height
            if any(span.style is Style.MATHEMATICS for row in together for cell in row for span in cell):
                tex = mathematics.aligned([mathematics.joined(cell) for cell in row if cell] for row in together if row)
                flow.block(Formula(anchor=anchor, tex=tex, number=number))
            elif number and not any(together):
                self.marked += LOST_FORMULA
                flow.block(Formula(anchor=anchor, tex="", number=number))
            elif line := flat([Paragraph(line=cell) for row in together for cell in row if cell]):
                flow.block(Paragraph(anchor=anchor, line=line))

    def _equation_row(self, row: Tag) -> list[Line]:
        cells = [cell for cell in elements(row) if grids.is_cell(cell)]
        if not cells:
            return [self.line(row)]
        return [line for cell in cells if not is_a(cell, "ltx_eqn_eqno") and (line := self.line(cell))]

    def listing(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        if element.name == "figure":
            self.figure(element, flow, style, target)
            return
        text = _enclosed(element)
        if text is None:
            lines = list(within(element, "ltx_listingline"))
            if not lines:
                self.inline(element, flow, style, target)
                return
            text = "\n".join(map(self._code_line, lines))
        self.read += len(text)
        if text.strip():
            flow.block(Code(anchor=attribute(element, "id"), text=text.strip("\n")))

    def _code_line(self, line: Tag) -> str:
        flow = Flow()
        self.children(line, flow)
        return flow.verbatim()

    def verbatim(self, element: Tag, flow: Flow, style: Style, target: str) -> None:
        text = strings(element)
        if element.name == "pre" or "\n" in text.strip():
            self.read += len(text)
            if text.strip():
                flow.block(Code(anchor=attribute(element, "id"), text=text.strip("\n")))
        else:
            self.inline(element, flow, Style.CODE, target)


# --- which rule ------------------------------------------------------------------------------------------------------


def _handlers() -> tuple[Mapping[str, Handler], Mapping[str, Handler]]:
    def each(names: str, handler: Handler) -> dict[str, Handler]:
        return dict.fromkeys(names.split(), handler)

    by_class = {
        **each(
            "ltx_title_document ltx_subtitle ltx_date ltx_dates ltx_TOC ltx_page_logo ltx_pagination ltx_rdf", Walk.drop
        ),
        **each(
            "ltx_page_header ltx_page_footer ltx_page_navbar ds-announcement infobox ltx_phantom ltx_rule", Walk.drop
        ),
        **each("ltx_listing_data ltx_note_mark ltx_note_type ltx_tag_note ltx_bib_cited", Walk.drop),
        **each("ltx_abstract ltx_authors ltx_titlepage ltx_creator", Walk.front),
        **each("ltx_keywords ltx_classification", Walk.keep_keywords),
        **each("ltx_ERROR", Walk.error),
        **each("ltx_missing ltx_missing_label ltx_missing_citation ltx_ref_missing", Walk.missing),
        **each("ltx_Math ltx_math_unparsed ltx_DisplayMath", Walk.mathematics),
        **each("ltx_picture", Walk.drawing),
        **each("ltx_cite", Walk.citation),
        **each("ltx_note", Walk.note),
        **each("ltx_part ltx_chapter ltx_section ltx_subsection ltx_subsubsection ltx_paragraph", Walk.section),
        **each(
            "ltx_subparagraph ltx_appendix ltx_bibliography ltx_index ltx_glossary ltx_acknowledgements", Walk.section
        ),
        **each("ltx_title", Walk.title),
        **each("ltx_quote ltx_quotation ltx_verse", Walk.quote),
        **each("ltx_itemize ltx_enumerate ltx_description ltx_biblist", Walk.listed),
        **each("ltx_bibitem", Walk.reference),
        **each("ltx_caption", Walk.caption),
        **each("ltx_figure ltx_table ltx_float", Walk.figure),
        **each("ltx_tabular", Walk.table),
        **each("ltx_equation ltx_equationgroup ltx_eqn_table", Walk.equation),
        **each("ltx_listing", Walk.listing),
        **each("ltx_verbatim", Walk.verbatim),
        **each("ltx_para ltx_p ltx_theorem ltx_proof", Walk.division),
    }
    by_name = {
        **each("nav header footer dialog script style form button input select textarea noscript template", Walk.drop),
        **each("iframe title desc defs metadata head base", Walk.drop),
        **each("math", Walk.mathematics),
        **each("img object embed", Walk.image),
        **each("svg", Walk.drawing),
        **each("a", Walk.link),
        **each("br", Walk.space),
        **each("sup sub", Walk.raised),
        **each("div p section article main aside address details summary center hr li dd dt", Walk.division),
        **each("foreignobject foreignObject svg:foreignobject text", Walk.division),
        **each("h1 h2 h3 h4 h5 h6", Walk.title),
        **each("blockquote", Walk.quote),
        **each("ul ol dl", Walk.listed),
        **each("figcaption", Walk.caption),
        **each("figure", Walk.figure),
        **each("table", Walk.table),
        **each("pre", Walk.verbatim),
    }
    return by_class, by_name


_BY_CLASS, _BY_NAME = _handlers()


def _handler(element: Tag) -> Handler:
    """By the first of its classes that has a rule, for LaTeXML puts the kind first; else by its name."""
    for name in classes(element):
        if found := _BY_CLASS.get(name):
            if found is Walk.mathematics and element.name not in ("math", "img"):
                continue  # what is only set like mathematics
            return found
    return _BY_NAME.get(element.name, Walk.inline)


# --- equations and code ----------------------------------------------------------------------------------------------


def _number(row: Tag) -> tuple[str, int]:
    """The number of an equation without its parentheses, and of how many rows it is."""
    tag = taken(row, "ltx_tag_equation", "ltx_tag_equationgroup")
    height = next((spanned(cell, "rowspan") for cell in elements(row) if is_a(cell, "ltx_eqn_eqno")), 1)
    printed = words(tag) if tag is not None else ""
    return printed.removeprefix("(").removesuffix(")"), height


def _anchor(row: Tag, table: Tag) -> str:
    parent = row.parent
    return attribute(row, "id") or (attribute(parent, "id") if parent is not None else "") or attribute(table, "id")


def _enclosed(element: Tag) -> str | None:
    """The source of a listing as LaTeXML encloses it for download."""
    link = element.find("a", href=re.compile(r"data:text/plain[^,]*;base64,"))
    if not isinstance(link, Tag):
        return None
    try:
        return base64.b64decode(attribute(link, "href").partition(",")[2]).decode("utf-8")
    except ValueError:
        return None
