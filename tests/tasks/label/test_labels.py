"""Label scores on hand-computed cases, beside scikit-learn, and what must hold always."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import BY_ID, TASK, rows
from sklearn import metrics as sk

from modellab.core.records import Question
from modellab.tasks import parse_scorer
from modellab.tasks.label.scorer import Pair, label_counts
from modellab.tasks.scorer import Material


def scorer(task=TASK, **options):
    return parse_scorer({"kind": "labels", **options}).make(task, Material((), ()))


def summary(predictions, questions=BY_ID, **options):
    rules = scorer(**options)
    marked = [rules.score(questions[row.question_id], row) for row in predictions]
    return marked, rules.summarize(questions, marked)


def values(found):
    return {name: None if m.value is None else round(m.value, 4) for name, m in found.items()}


def test_by_hand():
    # true: bad bad bad good good; given: bad good unread bad good
    marked, found = summary(rows("bad", "good", "?", "bad", "good"))
    assert [row.marks["correct"] for row in marked] == [1.0, 0.0, 0.0, 0.0, 1.0, None]
    assert values(found) == {
        "accuracy": 0.4,
        "precision": 0.5,
        "recall": 0.3333,
        "f1": 0.4,
        "specificity": 0.5,
        "parse_rate": 0.8,
        "tags_f1": 0.0,
        "overall": 0.4,
    }
    assert (found["accuracy"].n_scored, found["accuracy"].n_failed) == (5, 1)
    assert (found["recall"].n_scored, found["recall"].n_failed) == (3, 1)


def test_parse_failures_lower_a_score_and_are_reported():
    read = summary(rows("bad", "bad", "bad", "good", "good"))[1]
    unread = summary(rows("bad", "bad", "?", "good", "!"))[1]
    assert read["overall"].value == 1.0
    assert unread["accuracy"].value == pytest.approx(3 / 5)
    assert unread["specificity"].value == pytest.approx(1 / 2)
    assert unread["parse_rate"].value == pytest.approx(3 / 4)
    assert unread["parse_rate"].n_failed == 1


def test_tags_are_counted_over_all_rows():
    # true: rude | rude private | - | - | private; given everywhere: rude
    found = summary(rows("bad", "bad", "bad", "good", "good", tags='["rude"]'))[1]
    assert found["tags_f1"].value == pytest.approx(2 * 2 / (2 * 2 + 3 + 2))
    counts = scorer().tag_counts(BY_ID, rows("bad", "bad", "?", "good", "good", tags='["rude"]'))
    assert (
        counts["rude"].tp,
        counts["rude"].fp,
        counts["rude"].unread,
        counts["rude"].support,
    ) == (2, 2, 1, 2)


def test_never_positive_has_no_precision_but_an_f1_of_zero():
    found = summary(rows("good", "good", "good", "good", "good"))[1]
    assert found["precision"].value is None
    assert found["precision"].n_scored == 0
    assert found["f1"].value == 0.0


def test_without_true_labels_there_is_no_score():
    questions = {name: Question(name, "text", {}, {}, ()) for name in BY_ID}
    marked, found = summary(rows("bad", "bad", "bad", "bad", "bad"), questions)
    assert all(row.marks["correct"] is None for row in marked)
    assert found["accuracy"].value is None
    assert found["overall"].value is None
    assert found["parse_rate"].value == 1.0


def test_without_a_positive_label_the_means_over_labels():
    task = TASK.model_copy(update={"positive": None})
    given = ["bad", "good", "bad", "bad", "good"]
    found = summary(rows(*given), task=task)[1]
    truth = ["bad", "bad", "bad", "good", "good"]
    expected = sk.precision_recall_fscore_support(truth, given, average="macro", zero_division=0)
    assert [found[name].value for name in ("precision", "recall", "f1")] == pytest.approx(
        list(expected[:3])
    )


LABELS = st.sampled_from(["bad", "good"])
PAIRS = st.lists(st.tuples(LABELS, st.one_of(LABELS, st.none())), min_size=1, max_size=12)


@settings(max_examples=80, deadline=None)
@given(PAIRS, st.randoms(use_true_random=False))
def test_bounds_order_and_scikit_learn(pairs, random):
    found = label_counts("bad", [Pair(*pair) for pair in pairs])
    mixed = label_counts("bad", [Pair(*pair) for pair in random.sample(pairs, len(pairs))])
    assert found == mixed
    for name in ("accuracy", "precision", "recall", "f1", "specificity"):
        value = found.metric(name).value
        assert value is None or 0.0 <= value <= 1.0
    if all(given is not None for _, given in pairs) and found.support and found.tp + found.fp:
        true, given_labels = zip(*pairs, strict=True)
        assert found.metric("precision").value == pytest.approx(
            sk.precision_score(true, given_labels, pos_label="bad")
        )
        assert found.metric("recall").value == pytest.approx(
            sk.recall_score(true, given_labels, pos_label="bad")
        )
        assert found.metric("f1").value == pytest.approx(
            sk.f1_score(true, given_labels, pos_label="bad")
        )


@settings(max_examples=40, deadline=None)
@given(st.lists(LABELS, min_size=1, max_size=8))
def test_identity_is_best(labels):
    found = label_counts("bad", [Pair(label, label) for label in labels])
    assert found.metric("accuracy").value == 1.0
    assert found.metric("f1").value in (1.0, None)
