"""The components, marks and tables of labels."""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription, MetricFamily

_UNREAD = "a row without a readable label counts as wrong"
_EMPTY = "empty where the denominator is 0; without `positive` the mean over all labels"


def _share(name: str, formula: str, edge_cases: str) -> MetricDescription:
    return MetricDescription(name, formula, "0 to 1", Better.HIGHER, edge_cases)


def _kappa(name: str, formula: str, source: str) -> MetricDescription:
    edge_cases = "empty without texts, and where only one label is given at all"
    return MetricDescription(name, formula, "-1 to 1", Better.NEITHER, edge_cases, source)


FAMILY = MetricFamily(
    name="labels",
    title="Labels",
    applies_to="`label` answers; rows without a true label or without a text are left out",
    tables=("scores/{model}.json", "leaderboard.csv", "labels.csv"),
    metrics=(
        _share("accuracy", "right labels / rows with a true label", _UNREAD),
        _share(
            "precision",
            "tp / (tp + fp) of the positive label",
            f"a row without a readable label is in neither; {_EMPTY}",
        ),
        _share("recall", "tp / rows that truly have the positive label", f"{_UNREAD}; {_EMPTY}"),
        _share(
            "f1",
            "2 tp / (2 tp + fp + fn) of the positive label",
            f"fn includes rows without a readable label; {_EMPTY}",
        ),
        _share(
            "specificity",
            "tn / rows that truly do not have the positive label",
            f"{_UNREAD}; {_EMPTY}",
        ),
        _share(
            "parse_rate",
            "texts from which a label, or that there is none, could be read / texts that came",
            "`n_failed` counts rows for which no text came",
        ),
        _share(
            "tags_f1",
            "2 tp / (2 tp + fp + fn) over all rows and tags together (of one row, as a mark)",
            "empty where no tag is true or given; tags that cannot be read are not given",
        ),
        _share("correct", "1 if the label is the true one, else 0", "empty without a true label"),
        _share("overall", "the component that the scorer's `overall` names", _UNREAD),
    ),
)

AGREEMENT = MetricFamily(
    name="label_agreement",
    title="Agreement on labels",
    applies_to="`label` answers of several systems, right or wrong; first repeats",
    tables=("label_agreement.csv",),
    metrics=(
        _share(
            "agreement_rate",
            "texts to which all systems gave the same label / texts that all gave a label",
            "`n_failed` counts texts that a system gave no readable label",
        ),
        _share(
            "pairwise_agreement",
            "texts to which both gave the same label / texts that both gave a label",
            "`n_failed` counts texts that one of them gave no readable label",
        ),
        _kappa(
            "truth_kappa",
            "(observed - chance) / (1 - chance) agreement of a system with the true labels",
            "Cohen 1960 (scikit-learn)",
        ),
        _kappa(
            "cohen_kappa",
            "(observed - chance) / (1 - chance) agreement of two systems",
            "Cohen 1960 (scikit-learn)",
        ),
        _kappa(
            "fleiss_kappa",
            "(observed - chance) / (1 - chance) agreement of all systems",
            "Fleiss 1971 (statsmodels)",
        ),
    ),
)
