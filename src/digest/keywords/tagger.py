"""Part-of-speech tags of single words: TextBlob's lexicon (Brill's, from Brown and Penn Treebank), cached.

``textblob.en.tag`` looks each word up in its lexicon and guesses the rest from suffixes; it reads no context but the
first word's capital. A tag is therefore a function of the word alone, and cached as one. ``import textblob`` also
imports NLTK and, through it, SciPy and scikit-learn: one second for nothing that tagging needs. So the module with the
tagger is loaded from its file, without the package's ``__init__``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any


@cache
def _tagger() -> tuple[Any, dict[str, str]]:
    """TextBlob's ``find_tags`` and its English lexicon, read at the first word."""
    package = find_spec("textblob")
    if package is None or package.origin is None:
        raise ModuleNotFoundError(
            "textblob is not installed; digest depends on it: pip install --force-reinstall digest"
        )
    home = Path(package.origin).parent
    spec = spec_from_file_location("digest.keywords._textblob_text", home / "_text.py")
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"{home / '_text.py'}: not found; textblob 0.20 has it")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    # Not its own reader, which leaves the file open.
    lines = (home / "en" / "en-lexicon.txt").read_text(encoding="utf-8").splitlines()
    words = (line.split(" ") for line in lines if line.strip() and not line.startswith(";;;"))
    return module.find_tags, {word: tag for word, tag, *_ in words}


@lru_cache(maxsize=100_000)
def tag(word: str) -> str:
    """The Penn Treebank tag of one word; an unknown one is guessed from its ending, else a noun."""
    find_tags, lexicon = _tagger()
    return str(find_tags([word], lexicon=lexicon)[0][1])


def lexicon() -> Mapping[str, str]:
    """Words that the tagger does not guess, with their commonest tag."""
    return _tagger()[1]
