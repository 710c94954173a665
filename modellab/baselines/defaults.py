"""The baselines of a config that has none: those of the Model Lab's reports.

They have one threshold each; what falls short of it needs attention, and three of them together
are critical (`critical_from`), as there.
"""

from __future__ import annotations

from modellab.baselines.options import Baseline

_RETRIEVAL = {
    "mrr": 0.8,
    "hit_rate@1": 0.7,
    "hit_rate@5": 0.9,
    "hit_rate@10": 0.95,
    "retrieval_consistency": 0.95,
}
#: on the scale from 1 to 5
_RUBRIC = {"faithfulness": 4.5, "relevance": 4.2, "correctness": 4.2, "end_to_end": 4.2}
_TEXTS = {
    "semantic_similarity": 0.85,
    "token_f1": 0.5,
    "rouge2": 0.3,
    "rougeL": 0.45,
    "bleu": 0.3,
}
_REPEATS = {"exact_agreement": 0.7, "semantic_agreement": 0.85}
_LABELS = {"accuracy": 0.85, "precision": 0.85, "recall": 0.85, "f1": 0.85}
_JUDGES = {"self_consistency": 0.9, "error_rate": 0.05}

DEFAULTS: tuple[Baseline, ...] = (
    *(
        Baseline(metric=name, good=good)
        for table in (_RETRIEVAL, _TEXTS, _REPEATS, _LABELS, _JUDGES)
        for name, good in table.items()
    ),
    *(Baseline(metric=name, good=good, judge_kind="rubric") for name, good in _RUBRIC.items()),
)
