"""Judgements by hand for the tables about judges."""

from typing import NamedTuple

from modellab.core.records import Question, Response, Status
from modellab.judging.meta_evaluation.judgements import Judge
from modellab.judging.records import Item, JudgedValue, Judgement, Reason, Sample, judgement


class Judged(NamedTuple):
    """A judgement, and by whom."""

    judge: Judge
    row: Judgement


def judged(
    judge,
    model,
    question,
    value,
    metric="correctness",
    kind="rubric",
    family=None,
    repeat=1,
    judge_repeat=1,
    words=3,
    reason=None,
    shown=None,
    other=None,
    retriever="bm25",
    seconds=2.0,
    cost=0.5,
):
    """One row; a value of None needs a reason."""
    sample = Sample(
        model,
        Question(question, "?", {}, {}, ()),
        retriever,
        repeat,
        Status.ANSWERED,
        " ".join(["w"] * words),
        "ref",
        False,
        (),
    )
    item = Item(sample, metric, judge_repeat, other, shown)
    failed = None if reason is None else Reason(reason)
    asked = (
        ()
        if reason in ("no_answer", "no_contexts", "abstained", "no_reference")
        else (
            Response(
                "k",
                "x",
                latency_seconds=seconds,
                cost_usd=cost,
                prompt_tokens=10,
                completion_tokens=2,
            ),
        )
    )
    row = judgement(item, JudgedValue(value, failed), asked)
    return Judged(Judge(judge, kind, f"id-{judge}", family), row)
