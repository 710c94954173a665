"""What is said of the best system: over contenders, and no more than the tests allow."""

from __future__ import annotations

import pytest
from cases import each

from modellab.core.errors import InputError
from modellab.core.io.jsonl import write_json
from modellab.core.records import Metric
from modellab.evaluation.compare.entries import places_of, ranked, standings
from modellab.evaluation.compare.verdict import (
    Certainty,
    VerdictKind,
    read_verdict,
    verdict_on,
    write_verdict,
)
from modellab.reporting.tables.sweep import _best


def tied(best):
    """`abc`: a, b and c may be the best, all with bm25."""
    return Certainty(
        ranks={f"{name}@bm25": {"may_be_best": str(name in best)} for name in "abcdefgh"}
    )


@pytest.fixture
def systems(build):
    """`systems(a=0.4, b=0.6)`: a model each, with bm25."""

    def make(**scores):
        return [build.scores(n, build.summary("bm25", v)) for n, v in scores.items()]

    return make


def test_one_winner(systems):
    verdict = verdict_on(systems(a=0.4, b=0.6, c=0.1), tied("b"))
    assert verdict.kind == VerdictKind.WINNER
    assert verdict.text == (
        "b@bm25 is the best of 3 systems: overall 0.600; by the tests no other may be the best."
    )
    assert (verdict.best, verdict.may_be_best) == (("b@bm25",), ("b@bm25",))


def test_several_may_be_the_best(systems):
    verdict = verdict_on(systems(a=0.4, b=0.6, c=0.1), tied("ba"))
    assert verdict.kind == VerdictKind.TIED
    assert verdict.text == (
        "No single winner: 2 of 3 systems may be the best. Highest overall: b@bm25, 0.600."
    )
    assert verdict.may_be_best == ("b@bm25", "a@bm25")


def test_among_scores_of_zero_there_is_nothing_to_choose(systems):
    verdict = verdict_on(systems(a=0.0, b=0.0), tied("ab"))
    assert verdict.text == "No system scores above 0 (overall): there is nothing to choose among 2."
    assert (verdict.kind, verdict.score) == (VerdictKind.TIED, 0.0)


def test_equal_scores_share_the_first_place(systems):
    verdict = verdict_on(systems(a=0.6, b=0.6, c=0.5, d=0.1), tied("abc"))
    assert verdict.text == (
        "No single winner: 3 of 4 systems may be the best. Highest overall: a@bm25 and b@bm25, "
        "0.600."
    )
    assert verdict.best == ("a@bm25", "b@bm25")


def test_many_names_are_counted(systems):
    verdict = verdict_on(systems(**dict.fromkeys("abcdefgh", 0.5)), tied("abcdefgh"))
    assert "a@bm25, b@bm25, c@bm25, d@bm25, e@bm25 and 3 more, 0.500." in verdict.text


def test_the_cheapest_is_named_only_where_all_costs_are_known(build):
    def models(*costs):
        found = zip("abc", (0.6, 0.5, 0.5), costs, strict=True)
        return [
            build.scores(name, build.summary("bm25", score, estimated_cost_usd=cost))
            for name, score, cost in found
        ]

    sure = tied("abc")
    assert verdict_on(models(3.0, 1.0, 2.0), sure).text.endswith(
        "a@bm25, 0.600; the cheapest of all that may be the best is b@bm25."
    )
    # an unknown cost is not 0
    assert "cheapest" not in verdict_on(models(3.0, None, 2.0), sure).text
    assert "cheapest" not in verdict_on(models(3.0, 1.0, 1.0), sure).text


def test_one_system_has_nothing_to_be_compared_with(systems, build):
    [one] = systems(a=0.126)
    expected = "a@bm25 is the only system (overall 0.126): there is nothing to compare it with."
    assert verdict_on([one], tied("a")).text == expected
    # controls are no company
    controls = build.scores("k", build.summary("oracle", 0.9, control=True))
    verdict = verdict_on([one, controls], tied("a"))
    assert (verdict.kind, verdict.text, verdict.controls) == (VerdictKind.ONLY, expected, 1)
    failed = verdict_on([one, *systems(b=None)], tied("ab"))
    assert (failed.kind, failed.contenders) == (VerdictKind.ONLY, 2)
    assert "the only one of 2 systems with a score" in failed.text


def test_without_statistics_nothing_is_claimed(systems):
    for sure in (None, Certainty()):
        verdict = verdict_on(systems(a=0.4, b=0.6), sure)
        assert verdict.kind == VerdictKind.UNTESTED
        assert verdict.may_be_best == ()
        assert verdict.text == (
            "Highest overall of 2 systems: b@bm25, 0.600; no test says whether that is more than "
            "chance."
        )
    equal = verdict_on(systems(a=0.6, b=0.6))
    assert equal.best == ("a@bm25", "b@bm25")
    assert equal.text.startswith("Highest overall of 2 systems: a@bm25 and b@bm25, 0.600;")


def test_no_score_and_no_contender(systems, build):
    assert verdict_on(systems(a=None, b=None)).kind == VerdictKind.NO_SCORE
    controls = [build.scores("a", build.summary("oracle", 0.9, control=True))]
    verdict = verdict_on(controls)
    assert (verdict.kind, verdict.best, verdict.score) == (VerdictKind.NO_CONTENDER, (), None)


def test_a_control_is_never_the_best_but_a_bound(build):
    model = build.scores(
        "a",
        build.summary("gold", 0.9, control=True, role="oracle"),
        build.summary("bm25", 0.4),
        build.summary("closed", 0.2, control=True, role="none"),
    )
    other = build.scores(
        "b", build.summary("bm25", 0.3), build.summary("gold", 1.0, control=True, role="oracle")
    )
    chance = build.scores("chance", build.summary("bm25", 0.95, control=True))
    verdict = verdict_on([model, other, chance], tied("a"))
    assert verdict.best == ("a@bm25",)
    assert verdict.bounds == (
        "Bounds of a (controls, not ranked): 0.900 with the reference passages, 0.200 without "
        "passages. Controls that score no less than the best: chance@bm25 (0.950)."
    )
    assert (verdict.contenders, verdict.controls) == (2, 4)


def test_the_file_is_read_as_it_was_written(systems, tmp_path):
    verdict = verdict_on(systems(a=0.4, b=0.6), tied("ab"))
    write_verdict(tmp_path / "verdict.json", verdict)
    assert read_verdict(tmp_path / "verdict.json") == verdict
    write_json(tmp_path / "other.json", {"text": "x"})
    with pytest.raises(InputError, match=r"other\.json: kind"):
        read_verdict(tmp_path / "other.json")


def test_the_field_and_its_ranks(build):
    models = [
        build.scores("a", build.summary("oracle", 0.9, control=True), build.summary("bm25", 0.4)),
        build.scores("b", build.summary("bm25", 0.4)),
        build.scores("c", build.summary("bm25", None), build.summary("dense", 0.1)),
    ]
    found = standings(models)
    contenders = ["a@bm25", "b@bm25", "c@dense", "c@bm25"]
    assert [entry.name for entry in found.contenders] == contenders
    assert [entry.name for entry in found.controls] == ["a@oracle"]
    assert [entry.name for entry in ranked(models)] == [*contenders, "a@oracle"]
    places = places_of(ranked(models), "overall")
    assert list(places.values()) == [1, 1, 3, None, None]


def test_a_models_best_retriever_is_a_contender(build, tmp_path):
    from dataclasses import asdict

    oracle = build.summary("oracle", 0.9, control=True)
    path = tmp_path / "a.json"
    write_json(path, asdict(build.scores("a", oracle, build.summary("bm25", 0.4))))
    assert _best(path) == (0.4, "bm25")
    write_json(path, asdict(build.scores("a", oracle)))
    assert _best(path) == (0.9, "oracle (control)")


def test_beaten_systems_have_no_rank_however_they_scored(build):
    def one(name, score, **more):
        return build.scores(name, build.summary("bm25", score, num_questions=100, **more))

    left = one("a", 0.5, asked=40, stopped="decided")
    early = one("b", 0.9, asked=20, stopped="beaten", beaten_by="a@bm25")
    never = one("c", 0.8, asked=40, stopped="beaten", beaten_by="a@bm25")
    models = [early, left, never]
    assert [entry.model.name for entry in standings(models).contenders] == ["a", "c", "b"]
    assert list(places_of(ranked(models), "overall").values()) == [1, None, None]
    verdict = verdict_on(models, tied("a"))
    assert (verdict.kind, verdict.best) == (VerdictKind.WINNER, ("a@bm25",))
    assert verdict.text.startswith("a@bm25 is the best of 3 systems: overall 0.500")
    assert verdict.text.endswith("Decided after 40 of 100 questions; 2 beaten early, after fewer.")


def test_a_budget_that_ended_is_said(build):
    def one(name):
        summary = build.summary("bm25", 0.5, num_questions=100, asked=30, stopped="budget")
        return build.scores(name, summary)

    text = verdict_on([one("a"), one("b")], tied("ab")).text
    assert text.endswith("Asked 30 of 100 questions, where the budget ended.")


def test_a_score_of_a_part_of_the_questions_is_said(build):
    def one(name, score, coverage):
        summary = build.summary("bm25", score, num_questions=50, coverage=coverage)
        return build.scores(name, summary, missing="ignore")

    text = verdict_on([one("a", 1.0, 0.9), one("b", 0.9, 1.0)], tied("ab")).text
    assert text.endswith("Scored: a@bm25 on 45 of 50 questions only (missing: ignore).")
    text = verdict_on([one("a", 0.8, 0.9), one("b", 0.9, 1.0)], tied("ab")).text
    assert "missing: ignore" not in text
    shared = Certainty({}, {"b@bm25": {"may_be_best": "True", "shared_questions": "45"}})
    text = verdict_on([one("a", 0.8, 0.9), one("b", 0.9, 1.0)], shared).text
    assert text.endswith("Tested on the 45 questions that all answered.")


def test_a_higher_score_on_other_questions_wins_nothing(systems):
    models = systems(a=0.9, b=0.6, c=0.5)
    verdict = verdict_on(models, tied("b"))
    assert (verdict.kind, verdict.best, verdict.may_be_best) == (
        *(VerdictKind.WINNER, ("a@bm25",), ("b@bm25",)),
    )
    assert verdict.text == (
        "By the tests, b@bm25 is the best of 3 systems on the questions that all of them answered. "
        "Highest overall: a@bm25, 0.900, by other questions."
    )
    assert verdict_on(models, tied("bc")).text == (
        "No single winner: 2 of 3 systems may be the best. Highest overall: a@bm25, 0.900, but "
        "significantly worse on the questions that all answered."
    )


@each(
    ("provider", "verbatim", "unanswerable", "said"),
    [
        ("submission", 5, 0, True),
        ("submission", 4, 0, False),
        ("transformers", 5, 0, False),
        # to decline all that cannot be answered is right, and no copy
        ("submission", 5, 1, False),
    ],
)
def test_a_winner_that_is_the_answer_key_is_said_to_be_one(
    build, provider, verbatim, unanswerable, said
):
    declined = Metric(1.0, unanswerable)
    summary = build.summary(
        "external", 1.0, num_questions=5, verbatim=verbatim, abstention_recall=declined
    )
    key = build.scores("gold", summary, llm_provider=provider)
    other = build.scores("b", build.summary("bm25", 0.5))
    assert ("gold is the reference answer" in verdict_on([key, other], tied("")).text) == said


def test_more_may_be_the_best_where_only_documents_are_independent(systems):
    ranks = {
        "a@bm25": {"may_be_best": "True", "may_be_best_by_document": "True"},
        "b@bm25": {"may_be_best": "False", "may_be_best_by_document": "True"},
    }
    verdict = verdict_on(systems(a=0.6, b=0.4), Certainty({}, ranks))
    assert (verdict.kind, verdict.may_be_best) == (VerdictKind.WINNER, ("a@bm25",))
    assert verdict.text.endswith(
        "If only questions about different documents are independent, 2 systems may be the best "
        "(statistics: {cluster: document})."
    )
    ranks["b@bm25"]["may_be_best_by_document"] = "False"
    assert "documents" not in verdict_on(systems(a=0.6, b=0.4), Certainty({}, ranks)).text
