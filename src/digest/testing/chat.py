"""A language model that needs none: answers that fit the form that was asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from digest.ports import Question, Reply

Fill = Callable[[Question], Any]


def fitting(schema: Mapping[str, Any], *, score: int = 80) -> Any:
    """A value that keeps to *schema*: of an enumeration the last member, of a scale *score*, one item in every list.

    For schemas of the kind that ``digest.llm`` makes.
    """
    if "enum" in schema:
        return schema["enum"][-1]
    match schema["type"]:
        case "object":
            return {name: fitting(inner, score=score) for name, inner in schema["properties"].items()}
        case "array":
            return [fitting(schema["items"], score=score)]
        case "integer":
            return min(max(score, schema.get("minimum", score)), schema.get("maximum", score))
    return "text"


class ObligingWriter:
    """Answers every question by *fill*, at once; what was asked is in ``asked``."""

    def __init__(
        self, fill: Fill = lambda question: fitting(question.schema), *, name: str = "obliging", tokens: int = 100
    ) -> None:
        self._fill = fill
        self._name = name
        self._tokens = tokens
        self.asked: list[Question] = []

    @property
    def name(self) -> str:
        return self._name

    def ask(self, question: Question, *, seconds: float) -> Reply:  # noqa: ARG002  (it takes none)
        self.asked.append(question)
        filled = self._fill(question)
        text = filled if isinstance(filled, str) else json.dumps(filled)
        return Reply(text=text, prompt_tokens=self._tokens, completion_tokens=self._tokens)


def chat_answer(body: Mapping[str, Any], fill: Callable[[Mapping[str, Any]], Any] = fitting) -> bytes:
    """What a server of the chat protocol says to the request *body*, with an answer that fits its schema."""
    filled = fill(body["response_format"]["json_schema"]["schema"])
    text = filled if isinstance(filled, str) else json.dumps(filled)
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    usage = {"prompt_tokens": 100, "completion_tokens": 100, "total_tokens": 200}
    return json.dumps({"object": "chat.completion", "choices": [choice], "usage": usage}).encode()
