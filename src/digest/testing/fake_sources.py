"""What the sources outside arXiv answer, by their public documentation: for servers on loopback.

Semantic Scholar: https://api.semanticscholar.org/api-docs/graph; OpenAlex: https://developers.openalex.org;
Hugging Face: ``huggingface_hub.HfApi.paper_info``; OpenReview: ``openreview.api.OpenReviewClient`` (``search_notes``,
``get_notes``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Any


@dataclass
class FakeSources:
    """Four sources in one; each table is by arXiv identifier, OpenReview's threads by forum. *asked* grows."""

    scholar: dict[str, Json] = field(default_factory=dict)  # arXiv identifier → a record of /paper/batch
    openalex: dict[str, Json] = field(default_factory=dict)  # … a work
    hub: dict[str, Json] = field(default_factory=dict)  # … a paper
    submissions: list[Json] = field(default_factory=list)  # notes that a search may find
    threads: dict[str, list[Json]] = field(default_factory=dict)  # forum → notes
    keys: frozenset[str] = frozenset()  # when there are any, who comes without one is refused
    asked: list[tuple[str, str]] = field(default_factory=list)  # path, and what was asked for there

    def answer(self, path: str, query: Mapping[str, str], body: bytes, headers: Mapping[str, str]) -> tuple[int, Json]:
        """Status and JSON of the answer to a question."""
        key = headers.get("x-api-key", "") or headers.get("Authorization", "").removeprefix("Bearer ")
        if self.keys and key not in self.keys:
            return 401, {"message": "Unauthorized"}
        if path == "/graph/v1/paper/batch":
            return self._scholar(json.loads(body)["ids"], query["fields"].split(","))
        if path == "/works":
            return self._works(query)
        if match := re.fullmatch(r"/api/papers/(.+)", path):
            self.asked.append((path, match[1]))
            found = self.hub.get(match[1])
            return (200, found) if found else (404, {"error": "Paper not found"})
        if path == "/notes/search":
            return self._search(query)
        if path == "/notes":
            self.asked.append((path, query["forum"]))
            return 200, {"notes": self.threads.get(query["forum"], []), "count": 0}
        return 404, {"error": "no such place"}

    def _scholar(self, ids: list[str], names: list[str]) -> tuple[int, Json]:
        self.asked.append(("/graph/v1/paper/batch", " ".join(ids)))
        if len(ids) > 500:
            return 400, {"error": "Too many paper ids given"}
        found = [self.scholar.get(one.removeprefix("ARXIV:")) for one in ids]
        if not any(found):
            return 400, {"error": "No valid paper ids given"}
        wanted = {"paperId", *(name.partition(".")[0] for name in names)}
        return 200, [one and {name: value for name, value in one.items() if name in wanted} for one in found]

    def _works(self, query: Mapping[str, str]) -> tuple[int, Json]:
        name, _, values = query["filter"].partition(":")
        dois = values.split("|")
        self.asked.append(("/works", values))
        if name != "doi" or len(dois) > 100:
            return 400, {"error": "Invalid query parameters error."}
        papers = [doi.removeprefix("10.48550/arxiv.") for doi in dois]
        selected = {*query["select"].split(",")}
        works = [self.openalex[paper] for paper in papers if paper in self.openalex]
        results = [{name: value for name, value in work.items() if name in selected} for work in works]
        return 200, {"meta": {"count": len(results), "page": 1, "per_page": int(query["per_page"])}, "results": results}

    def _search(self, query: Mapping[str, str]) -> tuple[int, Json]:
        """Notes that share a word with the term: its ranking is Elasticsearch's, and no promise."""
        self.asked.append(("/notes/search", query["term"]))
        words = {*query["term"].lower().split()}
        found = [
            note
            for note in self.submissions
            if words & {*re.findall(r"\w+", str(note["content"].get("title", {}).get("value", "")).lower())}
        ]
        return 200, {"notes": found[: int(query["limit"])], "count": len(found)}


def scholar_record(paper: str, **changes: Json) -> Json:
    """A record of ``POST /graph/v1/paper/batch``."""
    return {
        "paperId": "649def34f8be52c8b66281af98ae884c09aef38b",
        "externalIds": {"ArXiv": paper, "DOI": f"10.48550/arXiv.{paper}", "CorpusId": 4711},
        "citationCount": 12,
        "influentialCitationCount": 2,
        "referenceCount": 3,
        "venue": "International Conference on Learning Representations",
        "tldr": {"model": "tldr@v2.0.0", "text": "Rejecting unsupported sentences makes answers more faithful."},
        "references": [
            {"paperId": "204e3073870fae3d05bcbc2f6a8e263d9b72e776", "externalIds": {"ArXiv": "1706.03762"}},
            {"paperId": None, "externalIds": None},
            {"paperId": "df2b0e26d0599ce3e70df8a9da02e51594e0e992", "externalIds": {"DOI": "10.18653/V1/N19-1423"}},
        ],
    } | changes


def openalex_work(paper: str, **changes: Json) -> Json:
    """A work of ``GET /works``."""
    return {
        "id": "https://openalex.org/W4414521234",
        "doi": f"https://doi.org/10.48550/arxiv.{paper}",
        "cited_by_count": 9,
        "referenced_works_count": 0,
        "is_retracted": False,
        "topics": [
            {
                "id": "https://openalex.org/T10028",
                "display_name": "Topic Modeling",
                "score": 0.9987,
                "subfield": {"id": "https://openalex.org/subfields/1702", "display_name": "Artificial Intelligence"},
                "field": {"id": "https://openalex.org/fields/17", "display_name": "Computer Science"},
                "domain": {"id": "https://openalex.org/domains/3", "display_name": "Physical Sciences"},
            },
        ],
    } | changes


def hub_paper(paper: str, **changes: Json) -> Json:
    """A paper of ``GET /api/papers/{id}``."""
    return {
        "id": paper,
        "title": "Harrow",
        "upvotes": 31,
        "ai_summary": "Harrow checks each sentence against its passage.",
        "ai_keywords": ["retrieval"],
        "githubRepo": "https://github.com/example/harrow",
        "githubStars": 120,
        "projectPage": "https://example.github.io/harrow",
        "numTotalModels": 1,
        "numTotalDatasets": 2,
    } | changes


def submission(title: str, authors: list[str], *, forum: str = "LzPWWPAdY4", **content: Json) -> Json:
    """A submission of ``GET /notes/search``."""
    told = {"title": title, "authors": authors, "venue": "ICLR 2026 Poster", "venueid": "ICLR.cc/2026/Conference"}
    return {
        "id": forum,
        "forum": forum,
        "cdate": 1758700800000,
        "invitations": ["ICLR.cc/2026/Conference/-/Submission"],
        "content": {name: {"value": value} for name, value in (told | content).items()},
    }


def reply(kind: str, *, forum: str = "LzPWWPAdY4", **content: Json) -> Json:
    """A note of a submission's thread: an ``Official_Review``, a ``Decision`` …"""
    return {
        "id": f"{forum}-{kind}",
        "forum": forum,
        "invitations": [f"ICLR.cc/2026/Conference/Submission7/-/{kind}"],
        "content": {name: {"value": value} for name, value in content.items()},
    }
