"""What the votes of members weigh: their scores on another dataset, which shares no question."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json
from modellab.core.records import Question
from modellab.models.generators.ensemble import WeightsFrom


def read_weights(
    scores: Mapping[str, Path], source: WeightsFrom, retrievers: Sequence[str]
) -> dict[str, dict[str, float]]:
    """By retriever and member: the weight, 0 or more. `scores` are `scores/{member}.json` files.

    Raises InputError where a member has no such score, or a component is not good to weigh by.
    """
    records = {member: (path, read_json(path)) for member, path in scores.items()}
    return {
        retriever: {
            member: _weight(path, record, source, source.retriever or retriever)
            for member, (path, record) in records.items()
        }
        for retriever in retrievers
    }


def _weight(path: Path, record: Mapping[str, Any], source: WeightsFrom, retriever: str) -> float:
    summaries = {summary["retriever"]: summary["metrics"] for summary in record["summaries"]}
    if retriever not in summaries:
        raise InputError(f"{path}: no score with retriever {retriever!r} to weigh a vote by")
    metrics = summaries[retriever]
    component = source.component or list(metrics)[-1]
    if component not in metrics:
        raise InputError(f"{path}: no component {component!r}; there are: {', '.join(metrics)}")
    value = metrics[component]["value"]
    if value is None or not math.isfinite(value) or value < 0:
        raise InputError(f"{path}: {component} with {retriever} is {value}: no weight of a vote")
    return float(value)


def refuse_shared_questions(asked: Iterable[Question], weighing: Iterable[Question]) -> None:
    """Raise InputError where a question is asked whose answers the weights were learnt from."""
    known = {_content(question): question.id for question in weighing}
    for question in asked:
        other = known.get(_content(question))
        if other is not None:
            raise InputError(
                f"question {question.id!r} is also one ({other!r}) of the dataset that the weights "
                "come from: its answer would leak into the vote; weigh by other questions"
            )


def _content(question: Question) -> tuple[object, ...]:
    given = tuple(sorted(question.given.items()))
    return " ".join(question.text.casefold().split()), given, tuple(question.images)
