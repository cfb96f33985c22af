"""A note's Markdown as HTML, the way Obsidian reads it.

The reader is markdown-it-py, CommonMark to the letter, which the escaping of foreign text is tested against; raw HTML
is text to it. What Obsidian adds is added here: wikilinks and embeds, callouts, comments, mathematics.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote, unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.anchors import anchors_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from digest.check.links import wikilink
from digest.site.mathematics import mathml

PICTURES = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".bmp")


class Site(Protocol):
    """What a page must know of the others."""

    def address(self, target: str, source: str) -> str | None:
        """The path of what *target* means in the note *source*, from the site's root; ``None``: it does not go out."""

    def drawing(self, target: str, source: str) -> str | None:
        """HTML that stands in the page instead of the picture *target*; ``None``: the picture is shown."""

    def listing(self, base: str, view: str, source: str) -> Sequence[Row]:
        """The papers that an embedded view of a Base shows on *source*; empty when it cannot be told or need not."""


class Row(NamedTuple):
    address: str  # from the site's root; "" for the row that tells of those left out
    title: str
    day: str


class Heading(NamedTuple):
    level: int
    slug: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    html: str
    headings: tuple[Heading, ...]
    words: str  # plain text to search in: without what only points to other pages


@dataclass(frozen=True, kw_only=True, slots=True)
class _Page:
    """What the rules below need to know of the page at hand."""

    source: str
    here: str
    site: Site

    def href(self, target: str, anchor: str = "") -> str | None:
        """A link to *target* relative to this page."""
        if not target:
            return f"#{slug(anchor)}"
        address = self.site.address(target, self.source)
        if address is None:
            return None
        return relative(address, self.here) + (f"#{slug(anchor)}" if anchor else "")


def show(text: str, *, source: str, here: str, site: Site) -> Shown:
    """The note *source* as the page *here*, both from the root."""
    page = _Page(source=source, here=here, site=site)
    env: dict[str, Any] = {"page": page}
    tokens = _READER.parse(_without_comments(text), env)
    return Shown(
        html=_READER.renderer.render(tokens, _READER.options, env),
        headings=tuple(_headings(tokens)),
        words=" ".join(" ".join(_words(tokens)).split()),
    )


def slug(text: str) -> str:
    """The id of a heading."""
    return "-".join(re.findall(r"\w+", text.casefold().split("#")[-1])) or "section"


def relative(address: str, here: str) -> str:
    """*address* as a link from the page *here*, percent-encoded."""
    folders, wanted = here.split("/")[:-1], address.split("/")
    while folders and len(wanted) > 1 and folders[0] == wanted[0]:
        folders, wanted = folders[1:], wanted[1:]
    path = "../" * len(folders) + "/".join(quote(part, safe="") for part in wanted)
    return path if folders or "/" in path else f"./{path}"  # a name may hold a colon


_CODE_OR_COMMENT = re.compile(
    r"^(?P<fence>[ \t>]*(?P<marks>`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t>]*(?P=marks)[`~]*[ \t]*$|\Z))"
    r"|(?P<code>(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`))"
    r"|%%.*?(?:%%|\Z)|<!--.*?(?:-->|\Z)",
    re.DOTALL | re.MULTILINE,
)


def _without_comments(text: str) -> str:
    if "%%" not in text and "<!--" not in text:
        return text
    return _CODE_OR_COMMENT.sub(lambda match: match["fence"] or match["code"] or "", text)


# --- links and embeds ------------------------------------------------------------------------------------------------

_LINK = re.compile(r"(!?)\[\[([^\[\]\n]+)\]\]")


def _wikilink_rule(state: StateInline, silent: bool) -> bool:
    match = _LINK.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        _push_link(state, match[1] == "!", match[2])
    state.pos = match.end()
    return True


def _push_link(state: StateInline, embedded: bool, inner: str) -> None:
    page: _Page = state.env["page"]
    link = wikilink(inner)
    shown = inner.partition("|")[2].strip()
    if embedded and link.target.endswith(PICTURES):
        _push_picture(state, page, link.target, "" if shown.replace("x", "").isdecimal() else shown)
        return
    href, label = page.href(link.target, link.anchor), shown or link.target or link.anchor
    if href is None:
        state.push("text", "", 0).content = label
        return
    opening = state.push("link_open", "a", 1)
    opening.attrs = {"href": href}
    opening.meta = {"inside": True}
    state.push("text", "", 0).content = label
    state.push("link_close", "a", -1)


def _push_picture(state: StateInline, page: _Page, target: str, label: str) -> None:
    if drawing := page.site.drawing(target, page.source):
        state.push("drawing", "", 0).meta = {"html": drawing}
    elif href := page.href(target):
        state.push("picture", "img", 0).meta = {"href": href, "alt": label or _stem(target)}
    elif label:
        state.push("text", "", 0).content = label


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _picture(token: Token, _: _Page) -> str:
    """A picture that leads to its file, where it can be looked at larger."""
    href, alt = escape(token.meta["href"]), escape(token.meta["alt"])
    return f'<a class="picture" href="{href}"><img src="{href}" alt="{alt}" loading="lazy"></a>'


def _drawing(token: Token, _: _Page) -> str:
    return f'<span class="picture">{token.meta["html"]}</span>'


def _web_picture(token: Token, _: _Page) -> str:
    return f'<a href="{escape(token.meta["href"])}" rel="noopener noreferrer">{escape(token.meta["alt"])}</a>'


def _markdown_links(state: StateCore) -> None:
    """``[text](address)`` into the vault leads to the page; pictures from elsewhere become links: nothing is fetched."""
    page: _Page = state.env["page"]
    for token in state.tokens:
        for child in token.children or ():
            if child.type == "link_open" and "inside" not in child.meta:
                _lead(child, page)
            elif child.type == "image":
                _embed(child, page)


def _lead(token: Token, page: _Page) -> None:
    href = str(token.attrs.get("href", ""))
    if urlsplit(href).scheme:
        token.attrs["rel"] = "noopener noreferrer"
        return
    target, _, anchor = href.partition("#")
    found = page.href(unquote(target), unquote(anchor)) if href else None
    token.attrs = {} if found is None else {"href": found}


def _embed(token: Token, page: _Page) -> None:
    source = str(token.attrs.get("src", ""))
    alt = token.content
    web = bool(urlsplit(source).scheme)
    href = source if web else page.href(unquote(source))
    if href is None:
        token.type, token.content = "text", alt
    elif web:
        token.type, token.meta = "web_picture", {"href": href, "alt": alt or href}
    else:
        token.type, token.meta = "picture", {"href": href, "alt": alt}


def _aligned(state: StateCore) -> None:
    """The pages allow no styles but the theme's, so a cell's alignment is a class."""
    for token in state.tokens:
        if token.type in ("th_open", "td_open") and (style := str(token.attrs.pop("style", ""))):
            token.attrs["class"] = style.replace("text-align:", "to-")


def _is_allowed(address: str) -> bool:
    """Addresses that open a page or write a mail, and nothing that starts a program or a script."""
    try:
        scheme = urlsplit(re.sub(r"[\x00-\x20]", "", address)).scheme
    except ValueError:
        return False
    return scheme in ("", "http", "https", "mailto")


# --- callouts --------------------------------------------------------------------------------------------------------

_CALLOUT = re.compile(r"\[!([\w-]+)(?:\|[^\]]*)?\]([+-]?)[ \t]*([^\n]*)\n?")
_KINDS = {
    **dict.fromkeys(("abstract", "summary", "tldr"), "abstract"),
    **dict.fromkeys(("tip", "hint", "important"), "tip"),
    **dict.fromkeys(("success", "check", "done"), "success"),
    **dict.fromkeys(("question", "help", "faq"), "question"),
    **dict.fromkeys(("warning", "caution", "attention"), "warning"),
    **dict.fromkeys(("failure", "fail", "missing"), "failure"),
    **dict.fromkeys(("danger", "error"), "danger"),
    **dict.fromkeys(("quote", "cite"), "quote"),
    **{kind: kind for kind in ("info", "bug", "example", "note")},
    "todo": "info",
}


def _callouts(state: StateCore) -> None:
    """A quotation that begins with ``[!kind]`` is a callout, in the form that the theme has for one."""
    tokens = state.tokens
    for at, token in enumerate(tokens):
        if token.type != "blockquote_open" or [t.type for t in tokens[at + 1 : at + 3]] != ["paragraph_open", "inline"]:
            continue
        if match := _CALLOUT.match(tokens[at + 2].content):
            _make_callout(tokens, at, match)


def _make_callout(tokens: list[Token], at: int, match: re.Match[str]) -> None:
    kind = _KINDS.get(match[1].casefold(), "note")
    end = next(i for i in range(at, len(tokens)) if tokens[i].type == "blockquote_close" and _pairs(tokens, at, i))
    opening, closing = ("details", "summary") if match[2] else ("div", "p")
    tokens[at].tag = tokens[end].tag = opening
    tokens[at].attrs = {"class": kind if match[2] else f"admonition {kind}"}
    if match[2] == "+":
        tokens[at].attrs["open"] = ""
    level = tokens[at].level + 1
    title = Token("inline", "", 0, content=match[3] or match[1].capitalize(), children=[], level=level + 1)
    head = Token("callout_title_open", closing, 1, block=True, level=level)
    if not match[2]:
        head.attrs = {"class": "admonition-title"}
    rest = tokens[at + 2].content[match.end() :]
    body = tokens[at + 1 : at + 4] if rest else []
    tokens[at + 2].content = rest
    tokens[at + 1 : at + 4] = [head, title, Token("callout_title_close", closing, -1, block=True, level=level), *body]


def _pairs(tokens: Sequence[Token], opening: int, closing: int) -> bool:
    return tokens[opening].level == tokens[closing].level


# --- views of a Base, and sections that nothing is left of ------------------------------------------------------------

_EMBED = re.compile(r"\s*!\[\[([^\[\]\n|#]+\.base)(?:#([^\[\]\n|]*))?(?:\|[^\[\]\n]*)?\]\]\s*")


def _bases(state: StateCore) -> None:
    """No browser has an engine for Bases: a view becomes the list that it shows, where that can be told."""
    page: _Page = state.env["page"]
    kept: list[Token] = []
    tokens = iter(state.tokens)
    for token in tokens:
        kept.append(token)
        if token.type == "inline" and kept[-2].type == "paragraph_open" and (match := _EMBED.fullmatch(token.content)):
            next(tokens)
            rows = page.site.listing(match[1].strip(), (match[2] or "").strip(), page.source)
            kept[-2:] = [Token("papers", "", 0, block=True, meta={"rows": rows})] if rows else []
    state.tokens = kept


def _papers(token: Token, page: _Page) -> str:
    rows = (f"<tr><td>{_anchor(row, page.here)}</td><td>{escape(row.day)}</td></tr>" for row in token.meta["rows"])
    return f'<table class="papers"><tbody>{"".join(rows)}</tbody></table>\n'


def _anchor(row: Row, here: str) -> str:
    if not row.address:
        return escape(row.title)
    return f'<a href="{escape(relative(row.address, here))}">{escape(row.title)}</a>'


def _empty_sections(state: StateCore) -> None:
    """A heading below the title with nothing under it is left out, as after a view that could not be shown."""
    kept: list[Token] = []
    for token in [*state.tokens, None]:
        if token is None or token.type == "heading_open":
            level = int(token.tag[1]) if token else 1
            while len(kept) >= 3 and kept[-1].type == "heading_close" and int(kept[-1].tag[1]) >= max(level, 2):
                del kept[-3:]
        if token is not None:
            kept.append(token)
    state.tokens = kept


# --- what the page is about ------------------------------------------------------------------------------------------


def _headings(tokens: Sequence[Token]) -> Iterator[Heading]:
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            yield Heading(int(token.tag[1]), str(token.attrs.get("id", "")), _plain(tokens[at + 1].children or ()))


def _plain(children: Sequence[Token]) -> str:
    text = (" " if c.type in ("softbreak", "hardbreak") else c.content for c in children if c.type != "footnote_ref")
    return "".join(text).strip()


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    """The texts of the page, without items, rows and callouts that begin with a link to another page."""
    skipped_below: int | None = None
    for at, token in enumerate(tokens):
        if skipped_below is not None and token.level > skipped_below:
            continue
        skipped_below = None
        if token.type in ("list_item_open", "tr_open", "blockquote_open") and _points(tokens, at):
            skipped_below = token.level
        elif token.type == "inline" and tokens[at - 1].type != "heading_open":
            yield _plain(token.children or ())


def _points(tokens: Sequence[Token], at: int) -> bool:
    first = next((token for token in tokens[at:] if token.type == "inline"), None)
    shown = [child for child in (first.children if first else None) or () if child.content.strip() or child.nesting]
    return bool(shown) and shown[0].type == "link_open" and "inside" in shown[0].meta


# --- the reader ------------------------------------------------------------------------------------------------------


def _formula(token: Token, _: _Page) -> str:
    shown = mathml(token.content.strip(), display=token.type != "math_inline")
    return f"<p>{shown}</p>\n" if token.type == "math_block" else shown


def _rule(html: Callable[[Token, _Page], str]) -> Callable[..., str]:
    def rule(_renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, env: dict[str, Any]) -> str:
        return html(tokens[at], env["page"])

    return rule


class _Reader(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return _is_allowed(url)


def _reader() -> MarkdownIt:
    reader = _Reader("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    reader.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    reader.use(footnote_plugin).use(tasklists_plugin).use(anchors_plugin, max_level=6, slug_func=slug)
    reader.inline.ruler.before("link", "wikilink", _wikilink_rule)
    for name, step in (("bases", _bases), ("empty_sections", _empty_sections), ("callouts", _callouts)):
        reader.core.ruler.before("inline", name, step)
    reader.core.ruler.after("inline", "markdown_links", _markdown_links)
    reader.core.ruler.push("aligned", _aligned)
    for name, html in (
        ("picture", _picture),
        ("drawing", _drawing),
        ("web_picture", _web_picture),
        ("papers", _papers),
    ):
        reader.add_render_rule(name, _rule(html))
    for name in ("math_inline", "math_inline_double", "math_block"):
        reader.add_render_rule(name, _rule(_formula))
    return reader


_READER = _reader()
