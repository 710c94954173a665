from __future__ import annotations

import json

import pytest

from modellab.core.errors import InputError
from modellab.core.records import Question
from modellab.generation.voting.weights import read_weights, refuse_shared_questions
from modellab.models.generators.ensemble import WeightsFrom


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
    with pytest.raises(InputError, match="overall with bm25 is None: no weight"):
        read_weights(empty, WeightsFrom(dataset="dev"), ["bm25"])
    negative = {"d": scores(tmp_path, "d", bm25=-0.5)}
    with pytest.raises(InputError, match=r"is -0\.5: no weight"):
        read_weights(negative, WeightsFrom(dataset="dev"), ["bm25"])


def question(name, text, **given):
    return Question(name, text, given, {}, ())


def test_a_shared_question_leaks_whatever_its_id():
    asked = [question("q1", "How much?"), question("q2", "Who?", unit="kg")]
    refuse_shared_questions(asked, [question("q1", "How many?"), question("q2", "Who?", unit="t")])
    with pytest.raises(InputError, match=r"'q2' is also one \('x9'\).*leak"):
        refuse_shared_questions(asked, [question("x9", " who? ", unit="kg")])


def test_a_shared_question_is_found_however_it_is_spaced():
    asked = [Question("q1", "How  much\u00a0water?", {}, {}, ())]
    weighing = [Question("x", " how much water? ", {}, {}, ())]
    with pytest.raises(InputError, match="question 'q1' is also one"):
        refuse_shared_questions(asked, weighing)
