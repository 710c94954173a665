"""Who is asked what: the order of questions, and plans of rounds from made-up answers."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.io.jsonl import write_json, write_rows
from modellab.core.records import Prediction, Question, Status
from modellab.evaluation.adaptive.options import AdaptiveOptions
from modellab.evaluation.adaptive.rounds import Contestant, RoundJob, rounds_of, write_round
from modellab.generation.rounds import read_round
from modellab.tasks import parse_scorer, parse_task

QUESTIONS = [
    Question(
        f"q{n}", f"? {n}", {}, {"answer_value": "5", "answer_unit": "t", "ref_id": "d"}, ("d",)
    )
    for n in range(120)
]
RUN = {**dict.fromkeys(("fingerprint", "seed", "prompt"), "x"), "runs": []}


def answer(question, right, retriever, **more):
    fields = {"answer_value": "5" if right else "9", "answer_unit": "t", "ref_id": "d"}
    return Prediction(question, retriever, 1, Status.ANSWERED, fields, None, "", **more)


@pytest.fixture
def play(tmp_path):
    """Ask in rounds; `skills` are shares of right answers by model and retriever."""
    write_rows(tmp_path / "q.jsonl", QUESTIONS)

    def played(skills, cost=None, **options):
        job = RoundJob(
            dataset="quiz",
            models={
                name: Contestant(
                    tuple(found), "openai", name, False, None, [r for r in found if r == "oracle"]
                )
                for name, found in skills.items()
            },
            task=parse_task("wattbot"),
            scorer=parse_scorer("v3"),
            missing="incorrect",
            adaptive=AdaptiveOptions(**{"rounds": 4, **options}),
            cluster="question",
            seed=1,
            scoring_seed=0,
        )
        rounds, predictions, runs = [], [], []
        while not (rounds and rounds[-1].last):
            number = len(rounds) + 1
            path, before = tmp_path / f"{number}.json", tmp_path / f"{number - 1}.json"
            write_round(
                job, number, tmp_path / "q.jsonl", before if rounds else None, predictions,
                runs, None, path,
            )  # fmt: skip
            rounds.append(read_round(path))
            for name, retrievers in rounds[-1].systems.items():
                made = tmp_path / "predictions" / name / f"round-{number}.jsonl"
                rows = [
                    answer(q, int(q[1:]) % 10 < 10 * skills[name][one], one, cost_usd=cost)
                    for q in rounds[-1].questions
                    for one in retrievers
                ]
                made.parent.mkdir(parents=True, exist_ok=True)
                write_rows(made, rows)
                write_json(made.with_suffix(".json"), RUN)
                predictions.append(made)
                runs.append(made.with_suffix(".json"))
        return rounds

    return played


def test_what_is_beaten_is_asked_no_further(play):
    rounds = play({"a": {"bm25": 0.9}, "b": {"bm25": 0.9, "dense": 0.2}, "c": {"bm25": 0.1}})
    assert rounds[0].systems == {"a": ("bm25",), "b": ("bm25", "dense"), "c": ("bm25",)}
    assert rounds[1].systems == {"a": ("bm25",), "b": ("bm25",)}
    assert set(rounds[1].stopped) == {"b@dense", "c@bm25"}
    assert rounds[1].stopped["c@bm25"].by in ("a@bm25", "b@bm25")
    # equal ones are asked everything
    assert [len(one.questions) for one in rounds] == [30] * 4
    assert [one.asked for one in rounds] == [0, 30, 60, 90]
    assert not rounds[-1].ended


def test_one_that_is_left_ends_it(play):
    rounds = play({"a": {"bm25": 0.9, "oracle": 1.0}, "c": {"bm25": 0.1, "oracle": 0.5}})
    assert [one.ended for one in rounds] == ["", "decided"]
    assert rounds[-1].questions == ()
    assert rounds[-1].asked == 30
    reasons = {name: (stop.reason, stop.by) for name, stop in rounds[-1].stopped.items()}
    assert reasons == {
        "a@bm25": ("decided", ""),
        "a@oracle": ("decided", ""),
        "c@bm25": ("beaten", "a@bm25"),
        "c@oracle": ("its model is asked no further", ""),
    }


def test_a_few_may_be_enough(play):
    skills = {"a": {"bm25": 0.9}, "b": {"bm25": 0.9}, "c": {"bm25": 0.1}}
    assert play(skills, stop={"top": 2})[-1].ended == "decided"
    # nothing to decide: all are asked everything
    assert play(skills, stop={"top": 3})[-1].ended == ""


def test_a_single_system_is_asked_everything(play):
    assert [len(one.questions) for one in play({"a": {"bm25": 0.9}})] == [30] * 4


def test_no_round_goes_beyond_the_budget(play):
    rounds = play({"a": {"bm25": 0.9}, "b": {"bm25": 0.9}}, cost=0.01, budget_usd=1.3)
    assert [one.spent_usd for one in rounds] == pytest.approx([0, 0.6, 1.2])
    assert rounds[-1].ended == "budget"


def of_strata(*strata):
    return [
        Question(
            f"{tag}{number}", f"? {number}", {}, {}, (), tags=(tag,), unanswerable=unanswerable
        )
        for count, unanswerable, tag in strata
        for number in range(count)
    ]


@given(
    st.lists(st.tuples(st.integers(1, 40), st.booleans(), st.sampled_from("abcd")), min_size=1),
    st.integers(1, 12),
    st.integers(0, 5),
)
def test_each_question_once_in_rounds_of_one_size(strata, rounds, seed):
    asked = of_strata(*{tag: (count, no, tag) for count, no, tag in strata}.values())
    found = rounds_of(asked, rounds, seed)
    assert Counter(name for part in found for name in part) == Counter(q.id for q in asked)
    sizes = {len(part) for part in found}
    assert max(sizes) - min(sizes) <= 1
    assert len(found) == min(rounds, len(asked))


def test_each_round_is_like_the_whole():
    found = rounds_of(of_strata((80, False, "quote"), (16, True, "none")), 8, seed=1)
    assert [sum(name.startswith("none") for name in part) for part in found] == [2] * 8


def test_the_order_follows_the_seed():
    asked = of_strata((30, False, "a"))
    assert rounds_of(asked, 3, 1) == rounds_of(asked, 3, 1) != rounds_of(asked, 3, 2)
    assert rounds_of(asked, 1, 1)[0] != [question.id for question in asked]
