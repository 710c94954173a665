"""What a whole run makes."""

import html
import re

import pytest
from links import links

pytestmark = pytest.mark.workflow


def leaderboard(project):
    return {(row["model"], row["retriever"]): row for row in project.table("leaderboard")}


def test_every_result_is_there(finished):
    expected = [
        "corpora/notes/chunks.jsonl",
        "corpora/notes/indexes/bm25",
        "corpora/notes/indexes/dense",
        "quiz/questions.jsonl",
        *(f"quiz/contexts/{name}.jsonl" for name in ("bm25", "hybrid", "none", "shuffled")),
        *(f"quiz/predictions/{name}.jsonl" for name in ("plain", "tiny", "published")),
        *(f"quiz/runs/{name}.json" for name in ("plain", "tiny", "published")),
        *(f"quiz/scores/{name}.{end}" for name in ("plain", "tiny") for end in ("csv", "json")),
        "quiz/submissions/plain/oracle.csv",
        "quiz/submissions/published/external.csv",
        "quiz/matrix.csv",
        "quiz/leaderboard.csv",
        "quiz/plots/overall_ranking.png",
        "quiz/plots/overall_ranking.svg",
    ]
    missing = [path for path in expected if not finished.path(f"results/{path}").exists()]
    assert missing == []


def test_at_the_top_is_only_what_people_open(finished):
    files = {path.name for path in finished.path("results/quiz").iterdir() if path.is_file()}
    assert files == {
        *("README.md", "audit.md", "data_card.md", "matrix.csv", "statistics.csv", "verdict.json"),
        *("leaderboard.csv", "leaderboard.md", "leaderboard.tex", "comparisons.csv", "errors.csv"),
        *("retrieval.csv", "questions.jsonl"),
    }


def test_files_name_their_dataset(finished):
    folder = finished.path("results/quiz")
    assert (folder / "data_card.md").read_text().startswith("# quiz\n")
    assert (folder / "README.md").read_text().startswith("# Results of quiz\n")


def test_links_of_page_and_readme_lead_to_files(finished):
    folder = finished.path("results/quiz")
    assert folder / "report/../errors.csv" in links(folder)
    assert [path for path in links(folder) if not path.exists()] == []


def test_nothing_half_written_stays(finished):
    assert not list(finished.path("results").rglob("*.part"))


def test_the_leaderboard_has_a_row_per_model_and_retriever(finished):
    rows = leaderboard(finished)
    assert len(rows) == 2 * 6 + 1 + 1
    assert float(rows["rare", "oracle"]["overall"]) > float(rows["rare", "none"]["overall"])


def test_the_baseline_answers_right_from_the_oracle(finished):
    row = leaderboard(finished)["rare", "oracle"]
    assert float(row["value_accuracy"]) == 1.0
    assert float(row["na_recall"]) == 1.0
    assert row["na_recall_n"] == "2"  # one question, twice


def test_a_submission_with_missing_rows(finished):
    row = leaderboard(finished)["published", "external"]
    # right: q1 and the unanswerable q6; wrong: q2; missing, so wrong too: q3, q4, q5
    assert float(row["value_accuracy"]) == pytest.approx(2 / 6)
    assert float(row["coverage"]) == pytest.approx(3 / 6)
    assert row["missing"] == "3"


def test_no_truth_reaches_a_model(finished):
    for row in finished.rows("results/quiz/contexts/none.jsonl"):
        assert row["passages"] == []
    for row in finished.rows("results/quiz/predictions/plain.jsonl"):
        if row["retriever"] == "none":
            assert row["status"] == "abstained"


def test_a_language_model_answers_every_question(finished):
    rows = finished.rows("results/quiz/predictions/tiny.jsonl")
    assert len(rows) == 6
    assert all(row["error_class"] is None and row["completion_tokens"] > 0 for row in rows)


def test_runs_say_what_made_them(finished):
    run = finished.json("results/quiz/runs/tiny.json")
    assert run["generated"] == 6
    assert run["reused"] == 0
    assert run["fingerprint"]["weights"]
    assert run["versions"]["torch"]
    summary = finished.json("results/quiz/scores/tiny.json")
    assert summary["scorer"] == "v4"
    [made_in] = summary["made_by"]["runs"]
    assert made_in["machine"]["cores"] >= 1
    assert made_in["rows"] == 6


def test_a_job_takes_the_threads_that_its_model_says(finished):
    def threads(model):
        return finished.json(f"results/quiz/runs/{model}.json")["machine"]["threads"]

    assert (threads("plain"), threads("rare"), threads("tiny")) == (1, 2, 2)


def test_summaries_have_the_published_fields(finished):
    [summary] = finished.json("results/quiz/scores/published.json")["summaries"]
    fields = {"num_questions", "value_accuracy", "ref_overlap", "na_accuracy", "overall_score"}
    assert fields <= set(summary)
    assert sum(summary["outcomes"].values()) == 6


def test_one_verdict_and_one_set_of_ranks(finished):
    """On every surface, with ties: tests/reporting/test_surfaces.py."""
    verdict = finished.json("results/quiz/verdict.json")
    assert verdict["text"] in finished.path("done").read_text().splitlines()
    assert verdict["text"] in finished.path("results/quiz/leaderboard.md").read_text()
    page = finished.path("results/quiz/report/index.html").read_text()
    texts = [
        re.sub("<[^>]+>", "", text) for text in re.findall(r'<p class="verdict">(.*?)</p>', page)
    ]
    assert verdict["text"] in map(html.unescape, texts)
    [record] = finished.rows("results/registry/runs.jsonl")
    assert record["verdict"] == verdict["text"]

    rows = finished.table("leaderboard")
    names = [
        row["model"] if row["retriever"] == "external" else f"{row['model']}@{row['retriever']}"
        for row in rows
    ]
    ranks = {name: row["rank"] for name, row in zip(names, rows, strict=True)}
    controls = {name for name, row in zip(names, rows, strict=True) if row["control"] == "True"}
    # contenders first, best first; then controls, without a rank
    assert {name.partition("@")[2] for name in controls} == {"oracle", "shuffled", "none"}
    assert {name for name, rank in ranks.items() if not rank} == set(names[-len(controls) :])
    assert verdict["best"] == [name for name, rank in ranks.items() if rank == "1"]
    assert names[0] in verdict["best"]
    assert {*record["controls"]} == controls
    overall = [row for row in finished.table("ranks") if row["component"] == "overall"]
    assert {row["system"]: row["rank"] for row in overall} == ranks
