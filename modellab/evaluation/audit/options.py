"""The thresholds of the audit."""

from __future__ import annotations

from pydantic import Field, NonNegativeFloat

from modellab.core.options import Options


def _share(default: float, description: str) -> float:
    share: float = Field(default, ge=0, le=1, description=description)
    return share


class AuditOptions(Options):
    """What is still good; anything beyond is reported. Shares are from 0 to 1."""

    strict: bool = Field(
        default=False,
        description="`snakemake audit` ends with exit code 1 where a check does not pass",
    )
    min_coverage: float = _share(1.0, "share of questions that must have a row")
    max_errors: float = _share(
        0.1, "share of rows that may have failed; of an ensemble, of votes not cast"
    )
    min_usable: float = _share(0.5, "share of rows with a readable answer; fewer: a broken run")
    max_unparsed: float = _share(0.05, "share of texts that no answer could be read from")
    max_truncated: float = _share(0.05, "share of answers that may be cut off at their limit")
    max_judge_addressed: float = _share(0.0, "share of answers that may address a judge")
    max_unmeasured: float = _share(
        0.0, "share of answers that may lack their time, their tokens or (of an API) their cost"
    )
    max_latency_seconds: float = Field(default=60.0, gt=0, description="mean seconds of an answer")
    max_memory_left_mb: NonNegativeFloat = Field(
        default=500.0, description="MB that GPUs may still hold when a model is closed"
    )
    max_empty_retrieval: float = _share(
        0.1, "share of questions for which a retriever may find nothing"
    )
    min_score: float = _share(0.2, "overall score; controls other than oracle are not judged")
    max_score_difference: NonNegativeFloat = Field(
        default=1e-6, description="between a stored score and the one recomputed from the rows"
    )
