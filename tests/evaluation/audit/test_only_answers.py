"""Systems that give one answer to all questions: a high score where most references are alike."""

from __future__ import annotations

from dataclasses import replace

from cases import each
from scored import ScoredModel, dataset

from modellab.core.records import Question
from modellab.evaluation.audit.subjects import only_answers
from modellab.tasks import canonical_answer


def labelled(build, truths, given):
    """One model on texts with these labels; None: the request failed, "": it abstained."""
    questions = [Question(f"q{n}", f"? {n}", {}, {"label": t}, ()) for n, t in enumerate(truths)]
    rows = tuple(
        {
            "question_id": f"q{n}",
            "retriever": "none",
            "repeat": "1",
            "outcome": "wrong",
            "status": "failed" if label is None else "answered" if label else "abstained",
            "label": label or "",
        }
        for n, label in enumerate(given)
    )
    model = replace(build.scores("m", build.summary("none", 0.5)), example_scores=())
    return dataset(questions, [ScoredModel(model, rows)])


MIXED = ["rare", *["common"] * 5]


@each(
    ("truths", "given", "found"),
    [
        (MIXED, ["common"] * 6, {"m@none": "common"}),
        (MIXED, ["common", None, *["Common"] * 4], {"m@none": "common"}),
        # of the questions that it answered, the references are alike
        (MIXED, [None, *["common"] * 5], {}),
        (MIXED, [""] * 6, {"m@none": ""}),
        (MIXED, MIXED, {}),
        # the data have one label: nothing tells a constant from a good model
        (["common"] * 6, ["common"] * 6, {}),
        # too few to tell
        (MIXED[:4], ["common"] * 4, {}),
    ],
)
def test_one_answer_to_different_questions_is_found(build, truths, given, found):
    assert only_answers(labelled(build, truths, given), canonical_answer("label")) == found
