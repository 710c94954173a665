"""The one meaning of right, and how well a system knows when there is no answer."""

from cases import each

from modellab.core.outcomes import (
    abstention_precision,
    abstention_recall,
    count_outcomes,
    with_outcome,
)
from modellab.core.records import NO_ANSWER, Metric, Outcome, Question, RowScore, Status


def question(name, unanswerable=False):
    return Question(name, "?", {}, {}, (), unanswerable=unanswerable)


def row(name, status=Status.ANSWERED, mark=1.0):
    return RowScore(name, "bm25", 1, status, {}, {"value_correct": mark})


@each(
    ("status", "unanswerable", "mark", "outcome"),
    [
        (Status.ANSWERED, False, 1.0, "right"),
        (Status.ANSWERED, False, 0.0, "wrong"),
        (Status.ANSWERED, False, 0.5, "wrong"),
        (Status.ANSWERED, False, None, None),
        (Status.ABSTAINED, False, 1.0, "declined"),
        (Status.ABSTAINED, True, 0.0, "right"),
        # published rules give this row a right value
        (Status.ANSWERED, True, 1.0, "hallucinated"),
        (Status.UNPARSED, False, 0.0, "failed"),
        (Status.FAILED, True, 0.0, "failed"),
        (Status.MISSING, True, 0.0, "missing"),
    ],
)
def test_outcomes_by_hand(status, unanswerable, mark, outcome):
    found = with_outcome(row("q", status, mark), question("q", unanswerable), "value_correct")
    assert found.outcome == outcome


def test_without_a_mark_for_right_an_answer_has_no_outcome_but_silence_has():
    kinds = [(status, no) for status in Status for no in (False, True)]
    found = {
        (status, no): with_outcome(row("q", status), question("q", no), None).outcome
        for status, no in kinds
    }
    assert found[Status.ANSWERED, False] is None
    assert found[Status.ANSWERED, True] == Outcome.HALLUCINATED
    assert found[Status.ABSTAINED, True] == Outcome.RIGHT
    assert all(found[status, no] for status in NO_ANSWER for no in (False, True))


def test_abstention_by_hand():
    """Of three abstentions two are right; of four unanswerable questions two are abstained on."""
    questions = {f"a{n}": question(f"a{n}") for n in range(3)}
    questions |= {f"u{n}": question(f"u{n}", unanswerable=True) for n in range(4)}
    rows = [
        row("a0"),
        row("a1", Status.ABSTAINED),
        row("a2", Status.FAILED),
        row("u0", Status.ABSTAINED),
        row("u1", Status.ABSTAINED),
        row("u2"),
        row("u3", Status.UNPARSED),
    ]
    assert abstention_precision(questions, rows) == Metric(2 / 3, 3, 0)
    assert abstention_recall(questions, rows) == Metric(2 / 4, 4, 1)
    scored = [with_outcome(one, questions[one.question_id], "value_correct") for one in rows]
    assert count_outcomes(scored) == {
        "right": 3,
        "wrong": 0,
        "declined": 1,
        "hallucinated": 1,
        "failed": 2,
        "missing": 0,
    }


def test_nothing_to_abstain_on_is_no_number():
    assert abstention_precision({"a": question("a")}, [row("a")]) == Metric(None, 0, 0)
    assert abstention_recall({"a": question("a")}, [row("a")]) == Metric(None, 0, 0)
