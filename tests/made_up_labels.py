"""Made-up tables of a dataset of labels: what is given for what, and agreement with the truth."""

from itertools import product

LABELS = ("publish", "publish with changes", "reject")


def label_tables(systems):
    """Tables by name, as they are read: all cells are text.

    Args:
        systems: (model, retriever, system, summary) of each.
    """
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
