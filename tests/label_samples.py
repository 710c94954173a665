"""Labels of two systems on six texts, one of them missing."""

from modellab.core.records import Prediction, Question, Status
from modellab.tasks import parse_task

TASK = parse_task(
    {
        "kind": "label",
        "labels": ["bad", "good"],
        "positive": "bad",
        "tags": ["rude", "private"],
        "column": "about",
    }
)
TRUTH = ["bad", "bad", "bad", "good", "good", "bad"]
TAGS = ['["rude"]', '["rude", "private"]', "[]", "[]", '["private"]', "[]"]
QUESTIONS = [
    Question(f"q{n}", "" if n == 5 else f"text {n}", {}, {"label": label, "tags": tags}, ())
    for n, (label, tags) in enumerate(zip(TRUTH, TAGS, strict=True))
]
BY_ID = {question.id: question for question in QUESTIONS}


def rows(*labels, tags="[]"):
    """One prediction per text; `?` is unparsed, `!` failed; the sixth text is missing."""
    return [_row(n, label, tags) for n, label in enumerate([*labels, None])]


def _row(n, label, tags):
    status = {"?": Status.UNPARSED, "!": Status.FAILED, None: Status.MISSING}.get(
        label, Status.ANSWERED
    )
    fields = {"label": label, "reasoning": "=1+1", "tags": tags, "recommendation": ""}
    answer = fields if status == Status.ANSWERED else {}
    raw = None if label in (None, "!") else f"raw {label}"
    return Prediction(f"q{n}", "none", 1, status, answer, raw, "k", latency_seconds=0.5)
