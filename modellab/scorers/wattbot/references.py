"""How much two sets of document ids overlap."""

from __future__ import annotations

import json


def reference_overlap(truth: str, value: str) -> float:
    """Jaccard overlap of the ids of two `ref_id` cells, from 0 to 1; two empty ones agree.

    `is_blank` is an id like any other here, not an empty set: that is the published rule.
    """
    return jaccard(_ids(truth), _ids(value))


def jaccard(one: set[str], other: set[str]) -> float:
    """Shared over all elements; 1.0 when both are empty."""
    return len(one & other) / len(one | other) if one | other else 1.0


def _ids(cell: str) -> set[str]:
    """A cell that is not a JSON list (single quotes allowed) is one id as a whole."""
    text = cell.strip()
    if not text:
        return set()
    if not text.startswith("["):
        return {text.lower()}
    try:
        items = json.loads(text.replace("'", '"'))
        return {"" if item is None else str(item).strip().lower() for item in items}
    except (ValueError, RecursionError):
        return {text.lower()}
