"""Resource usage of retrieval, by retriever, as part of the systems that use its passages.

Each retriever writes a record of its own search. A retriever that starts from another's passages,
such as a reranker, includes that one's usage; one with a planner includes that of its model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from modellab.core.efficiency import known_sum, together
from modellab.core.io.jsonl import read_json, read_rows
from modellab.core.records import Plan, PlanStatus, ResourceUsage


def read_retrieval(records: Sequence[Path], plans: Sequence[Path]) -> dict[str, ResourceUsage]:
    """By retriever the resource usage of all its steps.

    `records` are those of `find_contexts`, of every retriever and those that it starts from;
    `plans` the plans of those with a planner. Files are named like the retriever.
    """
    found = {path.stem: read_json(path) for path in records}
    planned = {path.stem: _planning(read_rows(path, Plan)) for path in plans}
    return {name: together(list(_steps(name, found, planned))) for name in found}


def _steps(
    name: str, records: Mapping[str, Mapping[str, Any]], planned: Mapping[str, ResourceUsage]
) -> Iterator[ResourceUsage]:
    record = records[name]
    # a search asks no language model: it has no tokens or cost
    yield ResourceUsage(record["search_seconds"], 0, 0, 0.0)
    if record["planner"]:
        yield planned[name]
    for other in record["starts_from"]:
        yield from _steps(other, records, planned)


def _planning(plans: Sequence[Plan]) -> ResourceUsage:
    """Seconds and tokens as far as reported; the cost only if that of every plan is known."""
    unpriced = any(p.cost_usd is None for p in plans if p.status != PlanStatus.FAILED)
    return ResourceUsage(
        seconds=known_sum(plan.seconds_per_answer for plan in plans),
        input_tokens=known_sum(plan.prompt_tokens for plan in plans),
        output_tokens=known_sum(plan.completion_tokens for plan in plans),
        cost_usd=None if unpriced else known_sum(plan.cost_usd for plan in plans),
    )
