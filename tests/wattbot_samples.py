"""Questions and predictions of the WattBot task, in one line each."""

from modellab.core.records import Prediction, Question, Status
from modellab.tasks.wattbot.task import answered

FAILURES = (Status.UNPARSED, Status.FAILED, Status.MISSING)


def question(value, ref="['a']", unit="kWh", name="q1"):
    truth = {"answer_value": value, "answer_unit": unit, "ref_id": ref}
    return Question(name, "How much?", {"answer_unit": unit}, truth, ())


def prediction(value, ref='["a"]', unit="kWh", name="q1"):
    parsed = answered({"answer_value": value, "answer_unit": unit, "ref_id": ref})
    return Prediction(name, "bm25", 1, parsed.status, parsed.answer, None, "")


def failure(status, name="q1"):
    return Prediction(name, "bm25", 1, status, {}, None, "")


def marks(scorer, truth, answer):
    return scorer.score(truth, answer).marks


def summary(scorer, pairs):
    """The components' values over (question, prediction) pairs with distinct ids."""
    rows = [scorer.score(asked, given) for asked, given in pairs]
    return scorer.summarize({asked.id: asked for asked, _ in pairs}, rows)
