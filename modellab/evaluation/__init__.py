"""Predictions and judgements to scores, statistics, comparisons and findings.

`frame` is the tidy table that everything else starts from; `results` reads a finished run.
"""

__all__ = [
    "answer_frames",
    "audit",
    "compare",
    "diagnostics",
    "frame",
    "results",
    "score",
    "statistics",
]
