"""Whether time, tokens, cost and memory were measured, and look as they should."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modellab.evaluation.audit.options import AuditOptions
from modellab.evaluation.audit.protocol import Outcome, Subject, Verdict, at_most, not_applicable


def tokens(subject: Subject, options: AuditOptions) -> Outcome:
    if not subject.generative or not subject.counts.answered:
        return not_applicable("no model read a prompt here")
    bare, rows = subject.counts.without_tokens, subject.counts.answered
    message = f"{bare} of {rows} rows with a text have no token counts"
    return at_most(bare / rows, options.max_unmeasured, message)


def zero_latency(subject: Subject, options: AuditOptions) -> Outcome:
    if not subject.made_by_a_machine or not subject.counts.answered:
        return not_applicable("no answer was made here")
    bare = subject.counts.answered - subject.counts.timed
    message = f"{bare} of {subject.counts.answered} rows with a text took no time"
    return at_most(bare / subject.counts.answered, options.max_unmeasured, message)


def high_latency(subject: Subject, options: AuditOptions) -> Outcome:
    mean = subject.entry.summary.avg_latency_seconds
    if mean is None:
        return not_applicable("no row has a latency")
    return at_most(mean, options.max_latency_seconds, f"an answer takes {mean:.1f} s on average")


def cost(subject: Subject, options: AuditOptions) -> Outcome:
    if not subject.generative or subject.entry.model.local or not subject.counts.answered:
        return not_applicable("only answers of an API have a price")
    bare, rows = subject.counts.answered - subject.counts.priced, subject.counts.answered
    message = f"{bare} of {rows} rows have no cost above 0; add the model to the price table"
    return at_most(bare / rows, options.max_unmeasured, message)


def memory(subject: Subject, options: AuditOptions) -> Outcome:
    """Of a model on cards of this process, or on a server that tells whether it was unloaded."""
    report = subject.run.get("model_report") or {}
    if report.get("unloaded") is False:
        return Outcome(Verdict.WARNING, "the server still holds the model")
    held = _held_on_cards(report.get("memory") or ())
    if len(held) < 2:
        return not_applicable("the model is on no card of this process")
    left = held[-1] - held[0]
    message = f"{left:.0f} MB of the cards are still held after the model was closed"
    return at_most(left, options.max_memory_left_mb, message)


def _held_on_cards(readings: Sequence[Mapping[str, Any]]) -> list[float]:
    return [float(r["allocated_mb"]) for r in readings if r.get("allocated_mb") is not None]
