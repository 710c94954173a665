import json
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from rocrate.rocrate import ROCrate
from workflow.bundles.conftest import lines, prediction, score

from modellab.config.loading import load_config
from modellab.workflow.bundles.writing import write_bundle


def names(path):
    with zipfile.ZipFile(path) as found:
        return found.namelist()


def test_a_bundle_holds_what_others_need_and_no_more(bundle):
    assert [name for name in names(bundle) if not name.startswith("workflow/rules/")] == sorted(
        [
            *("config/1-config.yaml", "manifest.json", "quiz/leaderboard.csv"),
            *("ro-crate-metadata.json", "workflow/Snakefile"),
            *("quiz/predictions/ann.jsonl", "quiz/predictions/bob.jsonl", "quiz/questions.jsonl"),
            *("quiz/report/index.html", "quiz/runs/ann.json", "quiz/runs/bob.json"),
            *("quiz/scores/ann.csv", "quiz/scores/ann.json"),
            *("quiz/scores/bob.csv", "quiz/scores/bob.json"),
        ]
    )
    with zipfile.ZipFile(bundle) as found:
        manifest = json.loads(found.read("manifest.json"))
        assert found.read("config/1-config.yaml").decode().startswith("# one of ours")
    page = manifest["files"]["quiz/report/index.html"]
    assert page == {"bytes": 11, "sha256": sha256(b"<p>page</p>").hexdigest()}
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
    assert (page["encodingFormat"], page["contentSize"]) == ("text/html", "11")


def test_equal_results_are_equal_bytes(bundle, command, bench):
    (bench / "results/quiz/leaderboard.csv").touch()
    command("bundle", "--output", "again.zip")
    assert (bench / "again.zip").read_bytes() == bundle.read_bytes()


def test_a_bundle_is_what_it_says(bundle, command):
    code, said = command("verify", bundle)
    assert code == 0, said
    assert "files as in the manifest" in said
    assert "quiz: ann: overall 1.000000 from 2 rows: the same" in said
    assert "quiz: bob: overall 0.625000 from 2 rows: the same" in said


def test_the_value_of_a_secret_stops_it(bench, command, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "sk-123456789")
    (bench / "results/quiz/report/index.html").write_text("… sk-123456789 …")
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
    ("gone", "told"),
    [
        ("quiz/leaderboard.csv", "leaderboard.csv: no such file; run snakemake first"),
        ("quiz/report/index.html", "report/index.html: no such file; run snakemake first"),
        ("quiz/scores/bob.json", "scores/bob.json: no such file; run snakemake first"),
    ],
)
def test_unfinished_results_are_told(bench, command, gone, told):
    (bench / "results" / gone).unlink()
    code, said = command("bundle")
    assert (code, told in said) == (1, True), said


def test_results_of_another_config_are_told(bench, command):
    (bench / "config.yaml").write_text(
        (bench / "config.yaml").read_text().replace("quiz.csv}", "quiz.csv, missing: ignore}")
    )
    code, said = command("bundle")
    assert (code, "made with another config" in said) == (1, True), said


def test_an_unknown_dataset_is_told(bench, command):
    code, said = command("bundle", "--dataset", "quizz")
    assert (code, "--dataset quizz: not in the config (there: quiz)" in said) == (1, True)


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
    assert "quiz: ann: overall: 1.000000 (n=2) in the scores, 0.625000 (n=2) from the" in said
    assert "quiz: ann: 1 scored rows are others, first q2" in said
    score(bench / "results/quiz", "ann")
    command("bundle", "--output", "b.zip")
    code, said = command("verify", "b.zip")
    assert code == 1
    assert "quiz: ann: overall: 1.0 in the leaderboard, 0.625000 (n=2) found" in said
