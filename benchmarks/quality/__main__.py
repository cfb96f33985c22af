"""Judge one task against what people chose.

    python -m benchmarks.quality keyphrases --data FILE [--folds 5] [--papers N] [--only METHOD ...]
    python -m benchmarks.quality tldr --data FILE
    python -m benchmarks.quality roles --data FILE
    python -m benchmarks.quality novelty --data FILE
    python -m benchmarks.quality related --papers FILE --relevance FILE
    python -m benchmarks.quality connections --data FILE
    python -m benchmarks.quality references --data FILE [--half tuning] [--wrong N]
    python -m benchmarks.quality topics --data FILE [--papers N] [--names]

Every score is in [0, 1], or is a rank correlation in [−1, 1]; higher is better, but for ``ece``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

TASKS = ("keyphrases", "related", "tldr", "roles", "novelty", "connections", "references", "topics")


def main(arguments: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quality", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    task = next((word for word in given if word in TASKS), None)
    # Only the asked task is imported: each needs libraries that the others do not.
    module = importlib.import_module(f"benchmarks.quality.{task}") if task else None
    if module is not None:
        module.add_arguments(parser)
    args = parser.parse_args(given)
    assert module is not None  # the parser has refused anything else
    result = module.run(args)
    print(json.dumps(result, ensure_ascii=False) if args.json else _table(result))
    return 0


def _table(result: Mapping[str, Any]) -> str:
    methods: Mapping[str, Mapping[str, float]] = result["methods"]
    metrics = list(dict.fromkeys(metric for scores in methods.values() for metric in scores))
    width = max(map(len, methods), default=0)
    lines = [f"{result['task']}, {result['n']} of {result['data']}"]
    lines += [f"models: {models}" for models in [result.get("models")] if models]
    lines += [f"left out: {missing}" for missing in result.get("missing", ())]
    lines.append("")
    lines.append(" " * width + "".join(f"{metric:>18}" for metric in metrics))
    for method, scores in methods.items():
        lines.append(f"{method:<{width}}" + "".join(f"{_cell(metric, scores):>18}" for metric in metrics))
    return "\n".join(lines)


def _cell(metric: str, scores: Mapping[str, float]) -> str:
    if metric not in scores:
        return "–"
    return f"{scores[metric]:.0f}" if metric == "items_per_second" else f"{scores[metric]:.4f}"


if __name__ == "__main__":
    raise SystemExit(main())
