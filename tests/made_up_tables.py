"""Rows of made-up tables: all cells are text, as after reading."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from modellab.core.records import Metric, Summary

LABELS = ("publish", "publish with changes", "reject")
#: a model, its retriever, the name of both, and their summary
System = tuple[str, str, str, Summary]


def row(names: str, *cells: object) -> dict[str, str]:
    """A row of a table as it is read: all cells are text."""
    return dict(zip(names.split(), map(str, cells), strict=True))


def _overall(system: System) -> float:
    """The overall score of a made-up system: each has one."""
    value = system[3].metrics["overall"].value
    assert value is not None
    return value


def statistic(
    model: str, retriever: str, system: str, component: str, metric: Metric
) -> dict[str, str]:
    value = metric.value or 0.0
    half = 1.96 * float(np.sqrt(max(value * (1 - value), 0.01) / max(metric.n_scored, 1)))
    return row(
        "system model retriever component value low high confidence method n_scored n_failed",
        *(system, model, retriever, component, value, max(0.0, value - half)),
        *(min(1.0, value + half), 0.95, "percentile_bootstrap", metric.n_scored, 0),
    )


def comparison(one: System, two: System) -> dict[str, str]:
    difference = _overall(one) - _overall(two)
    apart = abs(difference) > 0.1
    return row(
        "component system_a system_b difference low high control p_value p_holm test n wins ties "
        "losses distinguishable",
        *("overall", one[2], two[2], difference, difference - 0.1, difference + 0.1),
        *(one[3].control or two[3].control, 0.01 if apart else 0.4, 0.02 if apart else 1.0),
        *("stratified_score", one[3].num_questions, 20, 50, 18, apart),
    )


def agreement_of(one: System, two: System, kind: str) -> dict[str, str]:
    gap = abs(_overall(one) - _overall(two))
    agreement = max(0.0, 0.9 - 2 * gap - (0.2 if kind == "answers" else 0.0))
    names = "system_a system_b kind agreement n"
    return row(names, one[2], two[2], kind, agreement, one[3].num_questions)


def attribution(model: str, retriever: str) -> dict[str, str]:
    source = np.random.default_rng([len(model), sum(map(ord, model + retriever))])
    none, shuffled, retrieved, oracle = sorted(source.uniform(0.05, 0.95, 4))
    return row(
        "model component oracle retriever retrieved shuffled none retrieval_loss reading_loss "
        "n_questions retrieved_low retrieved_high confidence",
        *(model, "overall", oracle, retriever, retrieved, shuffled, none, oracle - retrieved),
        *(1 - oracle, 82, retrieved - 0.04, retrieved + 0.05, 0.95),
    )


def retrieval_table(retrievers: Sequence[str]) -> list[dict[str, str]]:
    return [
        _found(retriever, level, f"{metric}@{k}", min(1.0, (0.3 + 0.07 * place) * growth))
        for place, retriever in enumerate(retrievers)
        for level in ("chunk", "document")
        for metric in ("recall", "precision", "ndcg", "hit_rate")
        for k in (1, 3, 5, 10)
        for growth in [k**0.3 if metric != "precision" else 1 / k**0.4]
    ]


def _found(retriever: str, level: str, metric: str, value: float) -> dict[str, str]:
    return row(
        "retriever level metric value low high confidence method n_scored n_failed n_unjudged",
        *(retriever, level, metric, value, max(0.0, value - 0.09), min(1.0, value + 0.08)),
        *(0.95, "bootstrap_percentile", 82, 0, 0),
    )


def label_tables(systems: Sequence[System]) -> dict[str, list[dict[str, str]]]:
    """Tables by name."""
    return {
        "confusion": [
            {"model": model, "retriever": retriever, "true": true, "given": given}
            | {"count": str(17 if true == given else place % 4)}
            for model, retriever, _, _ in systems
            for place, (true, given) in enumerate(product(LABELS, (*LABELS, "(none)")))
        ],
        "label_agreement": [
            {"metric": "truth_kappa", "system_a": system, "system_b": "", "value": "0.71"}
            | {"low": "0.58", "high": "0.84", "n_scored": "70", "n_failed": "2"}
            for _, _, system, _ in systems
        ],
    }
