"""How much two sets of document ids overlap."""

from __future__ import annotations

import json
from dataclasses import replace

from modellab.core.records import Prediction, Question
from modellab.core.values.ids import read_ids
from modellab.tasks.wattbot.task import ref_id_cell


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


def truth_as_cited(question: Question, prediction: Prediction) -> Question:
    """The question with its true references under the names that an answer cites them by.

    Models see the ids of the corpus, submissions may have been made with the names in the file of
    questions: a path, or a twin that the corpus left out. Either is the same document.
    """
    cited = {name.lower() for name in read_ids(prediction.answer.get("ref_id", ""))}
    names = {
        known: name
        for name, known in question.aliases.items()
        if name.lower() in cited and known.lower() not in cited
    }
    if "ref_id" not in question.truth or not names.keys() & set(question.references):
        return question
    spelled = [names.get(name, name) for name in question.references]
    return replace(question, truth={**question.truth, "ref_id": ref_id_cell(spelled)})
