"""The audit: what is wrong with a run, or missing from it, before anybody believes its numbers.

A new check is a function in one of the files here, and a line in `CHECKS`.
"""

from __future__ import annotations

from collections.abc import Mapping

from modellab.evaluation.audit import addressing, answering, answers, resource_usage, scores
from modellab.evaluation.audit.protocol import Check

#: in the order of the table
CHECKS: Mapping[str, Check] = {
    "coverage": answers.coverage,
    "errors": answers.errors,
    "broken_run": answers.broken_run,
    "parse_rate": answers.parse_rate,
    "votes": answers.votes,
    "redundant_vote": answers.redundant_vote,
    "truncated": answers.truncated,
    "judge_addressed": addressing.judge_addressed,
    "answered_as": answering.answered_as,
    "tokens": resource_usage.tokens,
    "zero_latency": resource_usage.zero_latency,
    "high_latency": resource_usage.high_latency,
    "cost": resource_usage.cost,
    "memory": resource_usage.memory,
    "low_score": scores.low_score,
    "score_recomputed": scores.score_recomputed,
    "duplicate": scores.duplicate,
}
