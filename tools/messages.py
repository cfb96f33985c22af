"""Brings the catalogues of ``src/digest/render/locales`` in line with the English texts in ``en.toml``.

    python tools/messages.py [LANGUAGE…]

Writes digest.pot and each language's digest.po, the same bytes each time. A translation of a text that has changed is
kept as fuzzy: pages show English until someone has looked at it and taken the mark away. A LANGUAGE that has no
catalogue yet gets an empty one. Prints what is left to translate.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import tomlkit
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from tomlkit.items import Comment, Item, Table

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src")]

from digest.render.labels import ENGLISH, FALLBACK, LOCALES, languages, paragraphs  # noqa: E402

HEADER = (b'"Language:', b'"Plural-Forms:', b'"MIME-Version:', b'"Content-T')
"""What is kept of the header; dates and the version of Babel would differ from run to run."""


def template() -> Catalog:
    """The English texts as messages, in the order of ``en.toml``, each with the comment that it stands under there."""
    found = Catalog()
    document = tomlkit.parse(ENGLISH.read_text(encoding="utf-8"))
    for key, value, comment in _commented(document["words"]):
        for paragraph in paragraphs(str(value)):
            _add(found, key, paragraph, comment)
    for key, value, comment in _commented(document["plurals"]):
        _add(found, key, (str(value["one"]), str(value["other"])), comment)
    return found


def _commented(table: Table) -> Iterator[tuple[str, Item, list[str]]]:
    above = ""
    for key, item in table.value.body:
        if isinstance(item, Comment):
            above = item.as_string().strip("# \n")
        elif key is not None:
            yield key.key, item, [text for text in (above, item.trivia.comment.strip("# ")) if text]


def _add(catalogue: Catalog, key: str, text: str | tuple[str, str], comment: list[str]) -> None:
    message = catalogue.add(text, context=key, auto_comments=comment)
    message.flags.discard("python-format")  # to Babel, "8 % of" looks like it


def updated(po: bytes, language: str) -> Catalog:
    """A catalogue in line with the English texts, from its file's bytes; of none, an empty one."""
    catalogue = read_po(BytesIO(po), locale=language)
    catalogue.update(template())
    catalogue.fuzzy = False  # the header, which Babel takes for a message
    return catalogue


def written(catalogue: Catalog) -> bytes:
    """The file's bytes, a text a line, so that a version of Babel that wraps otherwise changes nothing."""
    language = catalogue.locale.english_name if catalogue.locale else "All languages"
    catalogue.header_comment = f"# {language}: the words of digest's pages. Made from en.toml by: make messages"
    out = BytesIO()
    write_po(out, catalogue, width=0, ignore_obsolete=True)
    header, rest = out.getvalue().split(b"\n\n", maxsplit=1)
    kept = [line for line in header.splitlines() if not line.startswith(b'"') or line.startswith(HEADER)]
    return b"\n".join([*kept, b"", rest])


def untranslated(catalogue: Catalog) -> list[str]:
    """The keys of what pages show in English, in order."""
    left = (m.context for m in catalogue if m.id and (m.fuzzy or not all(m.string or ("",))))
    return list(dict.fromkeys(key for key in left if key))


def path(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "digest.po"


def main(asked: list[str]) -> None:
    (LOCALES / "digest.pot").write_bytes(written(template()))
    for language in sorted({*languages(), *asked} - {FALLBACK}):
        file = path(language)
        catalogue = updated(file.read_bytes() if file.is_file() else b"", language)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(written(catalogue))
        print(f"{language}: {len(catalogue)} messages; to translate: {', '.join(untranslated(catalogue)) or 'none'}")


if __name__ == "__main__":
    main(sys.argv[1:])
