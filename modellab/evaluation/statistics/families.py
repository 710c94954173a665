"""Which sums belong to which task: a new task is one entry here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from modellab.tasks.additive import Additive
from modellab.tasks.extract.scoring.marking import MARKS as EXTRACT_MARKS
from modellab.tasks.extract.scoring.scorer import RENAMED
from modellab.tasks.label.resampling import labels
from modellab.tasks.label.scoring.options import LabelScorerOptions
from modellab.tasks.label.task import LabelOptions
from modellab.tasks.means import means
from modellab.tasks.open_qa.scoring.options import TextScorerOptions
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import ScorerOptions
from modellab.tasks.wattbot.resampling import wattbot


def additive_of(task: TaskOptions, scorer: ScorerOptions, marks: Mapping[str, object]) -> Additive:
    """How the components of a scorer come from sums; `marks` are the columns of a score row."""
    return _FAMILIES[task.kind](task, scorer, marks)


def _wattbot(_: TaskOptions, scorer: ScorerOptions, __: Mapping[str, object]) -> Additive:
    return wattbot(scorer.kind)


def _labels(task: TaskOptions, scorer: ScorerOptions, _: Mapping[str, object]) -> Additive:
    assert isinstance(task, LabelOptions)
    assert isinstance(scorer, LabelScorerOptions)
    return labels(task, scorer.overall)


def _texts(_: TaskOptions, scorer: ScorerOptions, marks: Mapping[str, object]) -> Additive:
    """Measures over all answers at once (`bleu_corpus`, `chrf_corpus`) are no sums of rows."""
    assert isinstance(scorer, TextScorerOptions)
    names = [mark for mark in TEXT_MARKS if mark in marks]
    right = {"accuracy": "correct"} if "correct" in marks else {}
    of = {**{name: name for name in names}, **right, "overall": scorer.overall}
    # how alike texts are is a cosine
    return means(of, scorer.overall, {"semantic_similarity": -1.0})


def _extract(_: TaskOptions, __: ScorerOptions, marks: Mapping[str, object]) -> Additive:
    return means(
        {RENAMED.get(mark, mark): mark for mark in EXTRACT_MARKS if mark in marks}, "field_f1"
    )


TEXT_MARKS = (
    *("exact_match", "token_f1", "rouge2", "rougeL", "bleu", "chrf"),
    "semantic_similarity",
)
_FAMILIES: Mapping[str, Callable[[TaskOptions, ScorerOptions, Mapping[str, object]], Additive]] = {
    "wattbot": _wattbot,
    "label": _labels,
    "open_qa": _texts,
    "extract": _extract,
}
