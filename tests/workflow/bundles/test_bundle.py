import json
import os
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from rocrate.rocrate import ROCrate
from workflow.bundles.conftest import lines, prediction, score

from modellab.config.loading import load_config
from modellab.core.fingerprint import content_digest
from modellab.workflow.bundles.rescoring import TABLES
from modellab.workflow.bundles.writing import write_bundle
from modellab.workflow.job_records import InputFile, JobRecord, record_path


def names(path):
    with zipfile.ZipFile(path) as found:
        return found.namelist()


def test_a_bundle_holds_what_others_need_and_no_more(bundle):
    found = set(names(bundle))
    own = {
        name
        for name in found
        if not name.startswith(("workflow/rules/", "quiz/report/"))
        and name.removeprefix("quiz/") not in TABLES
    }
    assert own == {
        *("config/1-config.yaml", "manifest.json", "ro-crate-metadata.json", "workflow/Snakefile"),
        *(
            "quiz/predictions/ann.jsonl",
            "quiz/predictions/bob.jsonl",
            "quiz/questions.jsonl",
        ),
        *("quiz/runs/ann.json", "quiz/runs/bob.json", "quiz/scores/ann.csv"),
        *("quiz/scores/ann.json", "quiz/scores/bob.csv", "quiz/scores/bob.json"),
    }
    assert {f"quiz/{name}" for name in TABLES} < found
    with zipfile.ZipFile(bundle) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        content = archive.read("quiz/report/index.html")
        assert archive.read("config/1-config.yaml").decode().startswith("# one of ours")
    page = manifest["files"]["quiz/report/index.html"]
    assert page == {"bytes": len(content), "sha256": sha256(content).hexdigest()}
    assert manifest["datasets"]["quiz"]["scorer"]["kind"] == "v4"


def test_a_bundle_is_a_crate_of_the_run(bundle, bench):
    run = json.loads((bench / "results/quiz/runs/ann.json").read_text())
    times = {"timestamp": "2026-01-02T03:04:05Z", "wall_seconds": 65.0}
    (bench / "results/quiz/runs/ann.json").write_text(json.dumps({**run, "runs": [times]}))
    write_bundle(load_config([Path("config.yaml")]), [Path("config.yaml")], {}, ["quiz"], bundle)
    crate = ROCrate(bundle)
    assert crate.mainEntity.type == ["File", "SoftwareSourceCode", "ComputationalWorkflow"]
    answers = crate.get("#answers-quiz-ann")
    assert answers["instrument"]["name"] == "submission ann.csv"
    assert [one.id for one in answers["object"]] == ["quiz/questions.jsonl"]
    assert [one.id for one in answers["result"]] == ["quiz/predictions/ann.jsonl"]
    assert (answers["startTime"], answers["endTime"]) == (
        *("2026-01-02T03:03:00+00:00", "2026-01-02T03:04:05+00:00"),
    )
    whole = crate.get("#run-quiz")
    assert whole["instrument"] == crate.mainEntity
    assert "quiz/leaderboard.csv" in [one.id for one in whole["result"]]
    page = crate.get("quiz/report/index.html")
    size = (bench / "results/quiz/report/index.html").stat().st_size
    assert (page["encodingFormat"], page["contentSize"]) == ("text/html", str(size))


def test_equal_results_are_equal_bytes(bundle, command, bench):
    (bench / "results/quiz/leaderboard.csv").touch()
    command("bundle", "--output", "again.zip")
    assert (bench / "again.zip").read_bytes() == bundle.read_bytes()


def test_an_unchanged_bundle_is_verified(bundle, command):
    code, said = command("verify", bundle)
    assert code == 0, said
    assert "files as in the manifest" in said
    assert "quiz: ann: overall 1.000000 from 2 rows: the same" in said
    assert "quiz: bob: overall 0.625000 from 2 rows: the same" in said
    assert "quiz: 9 tables made again: the same" in said
    assert "quiz: the page shows the ranking of its table" in said


def test_the_value_of_a_secret_stops_it(bench, command, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "sk-123456789")
    with (bench / "results/quiz/report/index.html").open("a") as page:
        page.write("… sk-123456789 …")
    code, said = command("bundle", "--output", "b.zip")
    assert code == 1
    assert "quiz/report/index.html: holds the value of a secret" in said
    assert "sk-123456789" not in said
    assert not (bench / "b.zip").exists()


def test_secrets_in_the_config_and_passwords_in_addresses_stay_here(bench, command, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "sk-123456789")
    with (bench / "config.yaml").open("a") as config:
        config.write("# sk-123456789 postgresql://ann:hunter2@db/x\n")
    assert command("bundle", "--output", "b.zip")[0] == 0
    with zipfile.ZipFile(bench / "b.zip") as found:
        text = found.read("config/1-config.yaml").decode()
    assert "# [secret] postgresql://ann:[secret]@db/x" in text


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        ("quiz/leaderboard.csv", "leaderboard.csv: no such file; `modellab run` makes it"),
        ("quiz/report/index.html", "report/index.html: no such file; `modellab run` makes it"),
        ("quiz/scores/bob.json", "scores/bob.json: no such file; `modellab run` makes it"),
    ],
)
def test_unfinished_results_are_reported(bench, command, gone, expected):
    (bench / "results" / gone).unlink()
    code, said = command("bundle")
    assert (code, expected in said) == (1, True), said


def test_results_of_another_config_are_reported(bench, command):
    (bench / "config.yaml").write_text(
        (bench / "config.yaml").read_text().replace("quiz.csv}", "quiz.csv, missing: ignore}")
    )
    code, said = command("bundle")
    assert (code, "made with another config" in said) == (1, True), said


def test_an_unknown_dataset_is_reported(bench, command):
    code, said = command("bundle", "--dataset", "quizz")
    assert (code, "--dataset quizz: unknown; choose from: quiz" in said) == (1, True)


def test_links_are_not_followed(bench, command):
    (bench / "private.csv").write_text("x")
    (bench / "results/quiz/link.csv").symlink_to(bench / "private.csv")
    assert command("bundle", "--output", "b.zip")[0] == 0
    assert "quiz/link.csv" not in names(bench / "b.zip")


def test_stale_scores_are_found(bench, command):
    """The answers changed after they were scored, and the digests are those of the files."""
    rows = [prediction("q1", "5"), prediction("q2", "Zoe")]
    lines(bench / "results/quiz/predictions/ann.jsonl", rows)
    command("bundle", "--output", "b.zip")
    code, said = command("verify", "b.zip")
    assert code == 1
    assert "quiz: ann: metrics.value_accuracy.value: 1.0 in the scores, 0.5 from the pre" in said


def test_what_is_older_than_the_scores_is_refused(bench, command):
    results = bench / "results/quiz"
    score(results, "ann")
    code, said = command("bundle", "--output", "b.zip")
    assert code == 1
    assert "older than the scores beside it; `modellab run` makes again" in said
    assert not (bench / "b.zip").exists()


def recorded(results, output, made_of):
    """A record as a job leaves it."""
    path = record_path(results / output)
    inputs = tuple(
        InputFile(one.name, (), content_digest(one), os.path.relpath(one, path.parent))
        for one in made_of
    )
    digests = {f"../{output}": content_digest(results / output)}
    record = JobRecord("some", {}, inputs, digests)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(record.plain()))


def test_what_was_made_of_other_scores_is_refused(bench, command):
    """Whatever the times say: records know contents."""
    results = bench / "results/quiz"
    scores = results / "scores" / "ann.csv"
    recorded(results / "scores", "ann.csv", [])
    recorded(results, "statistics.csv", [scores])
    recorded(results, "report", [results / "statistics.csv"])
    assert command("bundle", "--output", "b.zip")[0] == 0
    text = scores.read_text()
    scores.write_text(text + "\n")
    os.utime(scores, (1, 1))
    recorded(results / "scores", "ann.csv", [])
    code, said = command("bundle", "--output", "b.zip")
    assert (code, "statistics.csv: made of another scores/ann.csv than is there now" in said) == (
        1,
        True,
    )
    recorded(results, "statistics.csv", [scores])
    recorded(results, "report", [results / "statistics.csv"])
    (results / "report" / "index.html").write_text("another page")
    code, said = command("bundle", "--output", "b.zip")
    assert (code, "quiz/report: changed since its job wrote it" in said) == (1, True), said
