"""Settings for Obsidian that suit the vault: types of properties, colours of the graph, one style sheet."""

from __future__ import annotations

from digest.model import Furnishing

TYPES = {
    **dict.fromkeys(("title", "arxiv_id", "category", "digest", "url", "pdf", "status", "paper", "license"), "text"),
    **dict.fromkeys(("authors", "categories", "keywords", "related"), "multitext"),
    **dict.fromkeys(("arxiv_version", "version", "damaged", "papers", "rating"), "number"),
    **dict.fromkeys(("submitted", "announced", "updated", "date", "until", "first_seen", "last_seen"), "date"),
    **dict.fromkeys(("queue", "withdrawn", "publish"), "checkbox"),
    "aliases": "aliases",
    "tags": "tags",
    "cssclasses": "multitext",
}
"""Of every property that a page has, Obsidian's name of its type."""

BLUE, GREEN, ORANGE = 0x5B8DEF, 0x3FA66B, 0xE0913A

GRAPH = {
    "search": "-path:digests -path:categories -path:assets -path:Home -path:About -tag:#fulltext",
    "showTags": False,
    "showAttachments": False,
    "hideUnresolved": True,
    "showOrphans": False,
    "colorGroups": [
        {"query": query, "color": {"a": 1, "rgb": colour}}
        for query, colour in (("path:keywords", BLUE), ("[status:read]", GREEN), ("[queue:true]", ORANGE))
    ],
}

STYLE = """\
/* Made by digest, once: change it as you like, or take it out under Settings, Appearance, CSS snippets. */
:is(.digest-paper, .digest-text, .digest-day, .digest-week, .digest-month, .digest-keyword, .digest-author,
    .digest-category, .digest-home) .inline-title {
  display: none; /* the page has its title as a heading */
}
.digest-paper .metadata-container {
  --metadata-label-width: 8em;
  font-size: var(--font-ui-small);
}
:is(.digest-day, .digest-week, .digest-month, .digest-keyword, .digest-category, .digest-home) .internal-embed img {
  max-width: 100%;
}
"""


def furnishings() -> tuple[Furnishing, ...]:
    """What a vault of ours would have in ``.obsidian``."""
    return (
        Furnishing(path=".obsidian/types.json", content={"types": TYPES}),
        Furnishing(path=".obsidian/graph.json", content=GRAPH),
        Furnishing(path=".obsidian/snippets/digest.css", content=STYLE),
        Furnishing(path=".obsidian/appearance.json", content={"enabledCssSnippets": ["digest"]}),
    )
