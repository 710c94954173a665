"""The published rules, and our own beside them, on cases that were worked out by hand."""

import json

import pytest
from cases import each
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.errors import InputError
from modellab.core.records import Question, Status
from modellab.generation.voting import Vote, decide, read_weights, refuse_shared_questions
from modellab.models.generators.ensemble import EnsembleOptions, WeightsFrom
from modellab.tasks import canonical_answer
from modellab.tasks.wattbot.task import answered

NAMES = ("a", "b", "c", "d", "e", "f")


def options(members=3, **keys):
    weights = {"weights_from": {"dataset": "dev"}} if keys.get("strategy") == "confidence" else {}
    return EnsembleOptions(provider="ensemble", members=NAMES[:members], **weights, **keys)


def votes(*cells, weights=(1.0,) * 6):
    """One vote per cell: a value, a pair of value and ref_id, or a status without an answer."""
    found = []
    for name, weight, cell in zip(NAMES, weights, cells, strict=False):
        if isinstance(cell, Status):
            found.append(Vote(name, cell, {}, weight))
            continue
        value, refs = cell if isinstance(cell, tuple) else (cell, "is_blank")
        parsed = answered({"answer_value": value, "ref_id": refs, "answer_unit": f"of {name}"})
        found.append(Vote(name, parsed.status, parsed.answer, weight))
    return found


def decided(cast, **keys):
    return decide(cast, canonical_answer("wattbot"), options(len(cast), **keys))


def value(*cells, **keys):
    return decided(votes(*cells), **keys).answer["answer_value"]


@each(
    ("cells", "keys", "wins"),
    [
        (("5", "7", "7"), {}, "7"),
        # ties: the first in the order of the members
        (("5", "7", "9"), {}, "5"),
        (("9", "7", "7", "9"), {}, "9"),
        # strings are compared letter by letter
        (("1", "1.0", "1.0"), {}, "1.0"),
        (("2", "1", "1.0"), {}, "2"),
        (("2", "1", "1.0"), {"vote_on": "normalised"}, "1"),
        (("80-90", "85", "[90, 80]"), {"vote_on": "normalised"}, "80-90"),
        # empty texts never vote; is_blank does
        (("", "", "7"), {}, "7"),
        (("", " ", ""), {}, "is_blank"),
        (("is_blank", "is_blank", "7"), {}, "is_blank"),
        (("is_blank", "n/a", "7", "7"), {}, "7"),
        (("is_blank", "n/a", "7"), {"vote_on": "normalised"}, "is_blank"),
        # ignore_blank drops them only where there is something else
        (("is_blank", "is_blank", "7"), {"ignore_blank": True}, "7"),
        (("n/a", "is_blank", "is_blank"), {"ignore_blank": True}, "is_blank"),
        (("is_blank", "N/A", "5"), {"strategy": "first_non_blank"}, "5"),
        (("", "is_blank", "n/a"), {"strategy": "first_non_blank"}, "is_blank"),
        (("none", "5", "5"), {"strategy": "first_non_blank"}, "none"),
        (("5", "7", "7"), {"strategy": "answer_priority"}, "7"),
    ],
)
def test_the_answer_that_wins(cells, keys, wins):
    assert value(*cells, **keys) == wins


A, B, NONE = "['x', 'y']", '["y", "z"]', "is_blank"


@each(
    ("cells", "keys", "cited"),
    [
        # the losers' too, as published
        ((("5", A), ("5", A), ("7", '["w"]')), {}, '["w", "x", "y"]'),
        ((("5", A), ("7", B), ("9", NONE)), {"strategy": "first_non_blank"}, '["x", "y", "z"]'),
        # a member without a value still refers to documents
        ((("5", A), ("", '["w"]'), ("5", A)), {}, '["w", "x", "y"]'),
        ((("5", A), ("7", '["w"]'), ("5", B)), {"strategy": "answer_priority"}, '["x", "y", "z"]'),
        ((("5", A), ("7", '["w"]'), ("5", B)), {"references": "winners"}, '["x", "y", "z"]'),
        ((("5", A), ("7", '["y"]'), ("5", B)), {"references": "intersection"}, '["y"]'),
        ((("5", A), ("7", '["x"]'), ("5", '["z"]')), {"references": "intersection"}, NONE),
        # a bare is_blank is no reference; within a list it is one
        ((("5", NONE), ("5", ""), ("5", "[]")), {}, NONE),
        ((("5", '["is_blank"]'), ("5", "b"), ("5", NONE)), {}, '["b", "is_blank"]'),
        ((("", A), ("", B), ("", NONE)), {"strategy": "answer_priority"}, NONE),
    ],
)
def test_the_references(cells, keys, cited):
    assert decided(votes(*cells), **keys).answer["ref_id"] == cited


def test_the_rest_of_the_answer_is_the_first_winners():
    found = decided(votes("5", "7", "7"))
    assert found.winners == (1, 2)
    assert found.answer["answer_unit"] == "of b"
    explanation = "Ensemble (majority) of 3 runs: a, b, c"
    assert (found.answer["answer"], found.answer["explanation"]) == (explanation, explanation)


def test_without_a_winner_the_first_members_unit_stays():
    found = decided(votes("", " ", Status.FAILED))
    assert (found.status, found.winners) == (Status.ABSTAINED, ())
    assert (found.answer["answer_value"], found.answer["answer_unit"]) == ("is_blank", "of a")


def test_rows_without_an_answer_do_not_vote():
    failed = decided(votes(Status.FAILED, Status.UNPARSED, "7"))
    assert (failed.status, failed.answer["answer_value"]) == (Status.ANSWERED, "7")
    nobody = decided(votes(Status.MISSING, Status.UNPARSED, Status.FAILED))
    assert (nobody.status, nobody.answer) == (Status.FAILED, {})
    assert decided(votes(Status.MISSING, Status.MISSING)).status == Status.MISSING


def test_weights_decide_and_equal_sums_go_to_the_first():
    heavy = votes("5", "7", "7", weights=(0.9, 0.4, 0.4))
    assert decided(heavy, strategy="confidence").answer["answer_value"] == "5"
    # added one after the other, 0.1 + 0.2 + 0.3 is more than 0.3 + 0.2 + 0.1
    tie = votes("7", "7", "7", "5", "5", "5", weights=(0.3, 0.2, 0.1, 0.1, 0.2, 0.3))
    assert decided(tie, strategy="confidence").answer["answer_value"] == "7"
    nothing = votes("5", "7", "7", weights=(0.0, 0.0, 0.0))
    assert decided(nothing, strategy="confidence").answer["answer_value"] == "5"


def test_abstentions_in_other_words_are_one_vote_where_votes_are_normalised():
    cells = [
        Vote("a", Status.ANSWERED, {"answer": "The grid"}),
        Vote("b", Status.ABSTAINED, {"answer": "The documents do not say."}),
        Vote("c", Status.ABSTAINED, {"answer": "n/a"}),
    ]
    rules = options(vote_on="normalised")
    assert decide(cells, canonical_answer("open_qa"), rules).status == Status.ABSTAINED


def test_labels_vote_and_the_reasons_say_so():
    cells = [
        Vote(n, Status.ANSWERED, {"label": x, "reasoning": "r", "tags": "[]"})
        for n, x in zip("abc", ("bad", "good", "good"), strict=True)
    ]
    found = decide(cells, canonical_answer("label"), options())
    assert found.answer["label"] == "good"
    assert found.answer["reasoning"] == "Ensemble (majority) of 3 runs: a, b, c"


TEXTS = st.lists(st.sampled_from(["", "is_blank", "1", "1.0", "2"]), min_size=2, max_size=4)


@given(TEXTS, st.sampled_from(["exact", "normalised"]), st.booleans())
def test_the_winner_is_a_members_value_or_blank(texts, vote_on, ignore_blank):
    found = decided(votes(*texts), vote_on=vote_on, ignore_blank=ignore_blank)
    assert found.answer["answer_value"] in {*texts, "is_blank"}
    if found.winners:
        most = max(texts.count(text) for text in texts if text)
        assert vote_on == "normalised" or ignore_blank or len(found.winners) == most


@given(TEXTS)
def test_equal_weights_are_no_weights(texts):
    weighted = decided(votes(*texts, weights=(0.3,) * 4), strategy="confidence")
    assert weighted.winners == decided(votes(*texts)).winners


def scores(folder, name, **overall):
    """A score file with that overall score by retriever, and a component `ref` of half of it."""
    summaries = [
        {
            "retriever": retriever,
            "metrics": {
                "ref": {"value": value and value / 2},
                "overall": {"value": value},
            },
        }
        for retriever, value in overall.items()
    ]
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"name": name, "summaries": summaries}))
    return path


@pytest.fixture
def files(tmp_path):
    return {"a": scores(tmp_path, "a", bm25=0.5, oracle=0.75), "b": scores(tmp_path, "b", bm25=1.0)}


def test_the_weight_is_the_score_with_the_same_retriever(files):
    source = WeightsFrom(dataset="dev")
    assert read_weights(files, source, ["bm25"]) == {"bm25": {"a": 0.5, "b": 1.0}}
    source = WeightsFrom(dataset="dev", component="ref", retriever="bm25")
    assert read_weights(files, source, ["none"]) == {"none": {"a": 0.25, "b": 0.5}}


def test_a_score_that_is_not_there(files, tmp_path):
    with pytest.raises(InputError, match=r"b\.json: no score with retriever 'oracle'"):
        read_weights(files, WeightsFrom(dataset="dev"), ["oracle"])
    with pytest.raises(InputError, match="no component 'f1'; there are: ref, overall"):
        read_weights(files, WeightsFrom(dataset="dev", component="f1"), ["bm25"])
    empty = {"c": scores(tmp_path, "c", bm25=None)}
    with pytest.raises(InputError, match="overall with bm25 is None: not usable"):
        read_weights(empty, WeightsFrom(dataset="dev"), ["bm25"])
    negative = {"d": scores(tmp_path, "d", bm25=-0.5)}
    with pytest.raises(InputError, match=r"is -0\.5: not usable"):
        read_weights(negative, WeightsFrom(dataset="dev"), ["bm25"])


def question(name, text, **given):
    return Question(name, text, given, {}, ())


def test_a_shared_question_leaks_whatever_its_id_and_spacing():
    asked = [question("q1", "How  much\u00a0water?"), question("q2", "Who?", unit="kg")]
    refuse_shared_questions(asked, [question("q1", "How many?"), question("q2", "Who?", unit="t")])
    with pytest.raises(InputError, match=r"'q2' is also one \('x9'\).*leak"):
        refuse_shared_questions(asked, [question("x9", " who? ", unit="kg")])
    with pytest.raises(InputError, match="question 'q1' is also one"):
        refuse_shared_questions(asked, [question("x", " how much water? ")])
