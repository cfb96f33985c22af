"""Sources outside arXiv, by name; imported when one is switched on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.model import Teller

if TYPE_CHECKING:
    from digest.backends.enrichers.http import Web
    from digest.ports import Enricher


def enricher(teller: Teller, web: Web, url: str, key: str = "") -> Enricher:
    """The source *teller*, asked by *web* at *url*, with *key* where it is not empty."""
    if teller is Teller.SEMANTIC_SCHOLAR:
        from digest.backends.enrichers.semantic_scholar import SemanticScholar

        return SemanticScholar(web, url, key)
    if teller is Teller.OPENALEX:
        from digest.backends.enrichers.openalex import OpenAlex

        return OpenAlex(web, url, key)
    if teller is Teller.HUGGINGFACE:
        from digest.backends.enrichers.huggingface import HuggingFace

        return HuggingFace(web, url, key)
    from digest.backends.enrichers.openreview import OpenReview

    return OpenReview(web, url)
