"""Ensembles through the real command: of submission files byte for byte, and of models."""

import csv
import io
import json

import pytest

pytestmark = pytest.mark.workflow
COLUMNS = ("id", "question", "answer", "answer_value", "answer_unit", "ref_id", "ref_url")
COLUMNS = (*COLUMNS, "supporting_materials", "explanation")
TEXTS = {
    "q1": "How much electricity did training GPT-3 use?",
    "q2": "How much electricity did training Meena need?",
    "q3": "What was the average PUE of Google data centres?",
    "q4": "Who trained Meena for 30 days?",
    "q5": "How much water did the data centre in Arizona use?",
    "q6": "How many penguins live in the data centre?",
}
UNITS = {"q1": "MWh", "q2": "MWh", "q3": "PUE", "q4": "is_blank", "q5": "litres", "q6": "penguins"}
#: by member: value and references of each question; c has no row for q4
MEMBERS = {
    "a": {
        "q1": ("1287", "['gpt']"),
        "q2": ("500", "['gpt']"),
        "q3": ("1.1", '["pue"]'),
        "q4": ("Google", '["meena", "gpt"]'),
        "q5": ("is_blank", "is_blank"),
        "q6": ("", ""),
    },
    "b": {
        "q1": ("1287.0", '["water"]'),
        "q2": ("232", '["meena"]'),
        "q3": ("is_blank", "is_blank"),
        "q4": ("google", '["meena"]'),
        "q5": ("is_blank", "is_blank"),
        "q6": ("", "[]"),
    },
    "c": {
        "q1": ("1287", '["gpt", "pue"]'),
        "q2": ("232", "meena"),
        "q3": ("is_blank", "is_blank"),
        "q5": ("[80000000,90000000]", '["water"]'),
        "q6": ("is_blank", '["is_blank"]'),
    },
}
#: by ensemble: what the published rules give, worked out by hand
EXPECTED = {
    "majority": {
        "q1": ("1287", '["gpt", "pue", "water"]'),
        "q2": ("232", '["gpt", "meena"]'),
        "q3": ("is_blank", '["pue"]'),
        "q4": ("Google", '["gpt", "meena"]'),
        "q5": ("is_blank", '["water"]'),
        "q6": ("is_blank", '["is_blank"]'),
    },
    "first_non_blank": {
        "q1": ("1287", '["gpt", "pue", "water"]'),
        "q2": ("500", '["gpt", "meena"]'),
        "q3": ("1.1", '["pue"]'),
        "q4": ("Google", '["gpt", "meena"]'),
        "q5": ("[80000000,90000000]", '["water"]'),
        "q6": ("is_blank", '["is_blank"]'),
    },
    "answer_priority": {
        "q1": ("1287", '["gpt", "pue"]'),
        "q2": ("232", '["meena"]'),
        "q3": ("1.1", '["pue"]'),
        "q4": ("Google", '["gpt", "meena"]'),
        "q5": ("[80000000,90000000]", '["water"]'),
        "q6": ("is_blank", '["is_blank"]'),
    },
}
CONFIG = """\
corpora:
  notes: {path: notes}
datasets:
  quiz:
    questions: quiz.csv
    ranking: {weights: {value_accuracy: 3, ref_overlap: 1}}
  dev: {corpus: notes, questions: dev.csv}
  exam: {corpus: notes, questions: quiz.csv}
retrievers:
  bm25: {kind: bm25, top_k: 2}
  oracle: {kind: oracle}
models:
  a: {provider: submission, path: a.csv, datasets: [quiz]}
  b: {provider: submission, path: b.csv, datasets: [quiz]}
  c: {provider: submission, path: c.csv, datasets: [quiz]}
  majority: {provider: ensemble, members: [a, b, c], datasets: [quiz]}
  first_non_blank:
    {provider: ensemble, members: [a, b, c], strategy: first_non_blank, datasets: [quiz]}
  answer_priority:
    provider: ensemble
    members: [a, b, c]
    strategy: answer_priority
    ignore_blank: true
    datasets: [quiz]
  of-ensembles: {provider: ensemble, members: [first_non_blank, majority], datasets: [quiz]}
  plain: {provider: extractive, match: words, threshold: 0.2, datasets: [dev, exam]}
  bold: {provider: extractive, threshold: 0.0, repeats: 2, datasets: [dev, exam]}
  weighted:
    provider: ensemble
    members: [plain, bold]
    strategy: confidence
    weights_from: {dataset: dev, component: value_accuracy}
    datasets: [exam]
plots: [overall_ranking]
"""
DEV = """\
id,question,answer,answer_value,answer_unit,ref_id,explanation
d1,How much CO2e did GPT-3 emit?,552,552,tonnes,['gpt'],x
d2,For how many days did Google train Meena?,30,30,days,['meena'],x
d3,Who was the first king of the moon?,none,is_blank,is_blank,is_blank,x
"""
TABLES = ("leaderboard.csv", "tables/audit.csv", "tables/overall_ranking.csv")


def text_of(answers, note):
    """A submission file as the workflow writes it."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name, (value, refs) in answers.items():
        about = (name, TEXTS[name], note, value, UNITS[name], refs)
        writer.writerow((*about, "is_blank", "is_blank", note))
    return out.getvalue()


@pytest.fixture(scope="module")
def voted(new_project, tmp_path_factory):
    project = new_project(tmp_path_factory.mktemp("ensembles") / "project")
    for name, answers in MEMBERS.items():
        project.path(f"{name}.csv").write_text(text_of(answers, "because"))
    project.path("config.yaml").write_text(CONFIG)
    project.path("dev.csv").write_text(DEV)
    targets = [f"results/quiz/{name}" for name in (*TABLES, "plots/overall_ranking.png")]
    run = project.run(*targets, "results/exam/scores/weighted.json")
    assert run.code == 0, run.text
    return project, run


def test_published_rules_give_whole_files(voted):
    project, run = voted
    assert run.jobs()["ensembles"] == 5
    for name, answers in EXPECTED.items():
        found = project.path(f"results/quiz/submissions/{name}/external.csv").read_text()
        assert found == text_of(answers, f"Ensemble ({name}) of 3 runs: a, b, c")


def test_an_ensemble_is_scored_audited_plotted_and_ranked_like_any_model(voted):
    project, _ = voted
    rows = {row["model"]: row for row in project.table("leaderboard")}
    assert rows["first_non_blank"]["provider"] == "ensemble"
    # 1287, 500, 1.1, Google, the range and a blank: five of six are right
    assert float(rows["first_non_blank"]["value_accuracy"]) == pytest.approx(5 / 6)
    assert rows["of-ensembles"]["overall"] == rows["first_non_blank"]["overall"]
    audit = {(row["system"], row["check"]): row for row in project.table("audit")}
    for check in ("tokens", "cost", "zero_latency", "high_latency", "errors", "memory"):
        assert audit["majority", check]["status"] == "not_applicable"
    # c has no row for q4: one of 18 votes
    assert audit["majority", "votes"]["message"] == ""
    assert float(audit["majority", "votes"]["value"]) == pytest.approx(1 / 18)
    [row] = [
        r
        for r in project.rows("results/quiz/predictions/majority.jsonl")
        if r["question_id"] == "q4"
    ]
    votes = json.loads(row["raw"])["votes"]
    assert [(v["member"], v["status"], v["won"]) for v in votes] == [
        *(("a", "answered", True), ("b", "answered", False), ("c", "missing", False))
    ]
    assert project.path("results/quiz/plots/overall_ranking.png").exists()


def test_votes_of_models_are_weighted_by_scores_on_other_questions(voted):
    project, _ = voted
    weights = project.json("results/exam/runs/weighted.json")["fingerprint"]["weights"]
    for retriever, by_member in weights.items():
        for member, weight in by_member.items():
            scores = project.json(f"results/dev/scores/{member}.json")["summaries"]
            [own] = [s["value_accuracy"] for s in scores if s["retriever"] == retriever]
            assert weight == own
    assert set(weights) == {"bm25", "oracle"}
    assert len(project.rows("results/exam/predictions/weighted.jsonl")) == 6 * 2
    assert not project.path("results/dev/predictions/weighted.jsonl").exists()


def test_the_ranking_that_a_dataset_names(voted):
    project, _ = voted
    rows = project.table("overall_ranking")
    assert "external__first_non_blank" in {row["pair_id"] for row in rows}
    for row in rows:
        expected = 0.75 * float(row["value_accuracy"]) + 0.25 * float(row["ref_overlap"])
        assert float(row["aggregate"]) == pytest.approx(expected)
    assert rows == sorted(rows, key=lambda row: -float(row["aggregate"]))
    assert project.path("results/quiz/tables/rank_summary.md").exists()
