"""Records of jobs: stale results are found without Snakemake's own notes."""

import os
import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from workflow.jobs import BENCHMARK, jobs_of

from modellab.core.io.jsonl import read_json
from modellab.workflow.job_records import record_path, recorded, reset_future_dates, stale
from modellab.workflow.mock import mock_snakemake

CHUNKS = Path("results/corpora/notes/chunks.jsonl")


def make(rule="chunks", fails=False, **wildcards):
    """Run a job that writes a word into each of its outputs."""
    job = mock_snakemake(rule, configfiles=[Path("config.yaml")], **wildcards)
    with recorded(job):
        for path in map(Path, job.output):
            path.parent.mkdir(parents=True, exist_ok=True)
            if not fails:
                path.write_text("made")
        if fails:
            raise RuntimeError("no key")


def found(config=BENCHMARK):
    workflow = jobs_of(config).workflow
    workflow._dag = _dag(workflow)
    return stale(workflow, Path("results"))


def _dag(workflow):
    from snakemake.dag import DAG

    return DAG(workflow, rules=[])


@pytest.fixture
def made(bench):
    jobs_of(BENCHMARK)
    make(corpus="notes")
    return bench


def test_what_is_as_recorded_is_not_stale(made):
    assert found() == {}


def test_a_job_that_failed_is_run_again(made):
    with pytest.raises(RuntimeError):
        make(corpus="notes", fails=True)
    assert found() == {str(CHUNKS): "its job did not finish"}


def test_a_torn_record_is_that_of_a_killed_job(made):
    path = record_path(CHUNKS)
    path.write_text(path.read_text()[:20])
    assert list(found()) == [str(CHUNKS)]


def test_other_settings(made):
    corpora = {"notes": {"path": "notes", "chunking": {"max_words": 50}}}
    reasons = found({**BENCHMARK, "corpora": corpora})
    assert reasons[str(CHUNKS)] == "options changed"


def test_another_content_of_an_input_of_the_same_age_and_size(made):
    """Size and time are compared first; where either differs, the content decides."""
    note = Path("notes/a.txt")
    note.write_text("It used 6 MWh.")
    assert found() == {str(CHUNKS): "a.txt changed"}
    note.write_text("It used 5 MWh.")
    assert found() == {}


def test_an_intermediate_file_that_was_deleted_is_as_its_own_record_says(made):
    make("index", corpus="notes", retriever="bm25")
    CHUNKS.unlink()
    assert found() == {}
    record = read_json(record_path(CHUNKS))
    assert set(record["outputs"]) == {"../chunks.jsonl", "../documents.csv"}


def test_a_missing_input_that_a_later_job_made_differently(made):
    """Its consumer has not seen it: Snakemake refused the job after it was done."""
    make("index", corpus="notes", retriever="bm25")
    path = record_path(CHUNKS)
    text = path.read_text()
    old = read_json(path)["outputs"]["../chunks.jsonl"]
    path.write_text(text.replace(old, "0" * 64, 1))
    CHUNKS.unlink()
    assert list(found()) == ["results/corpora/notes/indexes/bm25"]


def test_results_in_another_folder(made, tmp_path, monkeypatch):
    other = tmp_path / "other"
    for part in ("notes", "results"):
        shutil.copytree(part, other / part)
    for part in ("quiz.csv", "flags.csv"):
        shutil.copy(part, other / part)
    monkeypatch.chdir(other)
    assert found() == {}
    (other / "notes" / "b.txt").write_text("More.")
    assert list(found()) == [str(CHUNKS)]


def test_results_that_are_older_than_what_they_were_made_of_are_dated_now(made):
    """As in a copy: Snakemake would make them again."""
    make("index", corpus="notes", retriever="bm25")
    note, index = Path("notes/a.txt"), Path("results/corpora/notes/indexes/bm25")
    for age, path in enumerate((note, CHUNKS, CHUNKS.with_name("documents.csv"), index)):
        os.utime(path, (time.time() - age, time.time() - age))
    assert found() == {}
    dates = [path.stat().st_mtime for path in (note, CHUNKS, index)]
    assert dates == sorted(dates)
    note.write_text("It used 8 MWh.")
    os.utime(CHUNKS, (100, 100))
    assert list(found()) == [str(CHUNKS)]
    assert CHUNKS.stat().st_mtime == 100


def test_results_that_may_not_be_dated_are_reported(made, monkeypatch, capsys):
    os.utime(CHUNKS, (100, 100))

    def refuse(path, *_, **__):
        if Path(path) == CHUNKS:
            raise PermissionError

    monkeypatch.setattr(os, "utime", refuse)
    assert found() == {}
    assert f"{CHUNKS}: older than its inputs" in capsys.readouterr().err


def test_files_that_are_found_at_another_path(made):
    """As from another working folder: what they hold decides, and the name."""
    moved = Path("elsewhere/notes")
    shutil.copytree("notes", moved)
    config = {**BENCHMARK, "corpora": {"notes": {"path": str(moved)}}}
    assert found(config) == {}
    (moved / "a.txt").write_text("It used 7 MWh.")
    assert list(found(config)) == [str(CHUNKS)]


def test_what_a_killed_job_left_is_removed(made):
    left = CHUNKS.with_name(".chunks.jsonl.0123456789ab.part")
    folder = CHUNKS.with_name(".documents.csv.0123456789ab.part")
    others = CHUNKS.with_name(".notes.0123456789ab.part")
    folder.mkdir()
    for path in (left, others, folder / "x"):
        path.write_text("half")
    make(corpus="notes")
    assert not left.exists()
    assert not folder.exists()
    assert others.exists()


def test_a_job_without_outputs_has_no_record(bench):
    with recorded(SimpleNamespace(output=[])):
        pass
    assert not list(bench.rglob(".records"))


def test_what_is_dated_in_the_future_is_dated_now_and_not_stale(made, capsys):
    record = record_path(CHUNKS)
    os.utime(CHUNKS, (time.time() + 1000, time.time() + 1000))
    before = record.stat().st_mtime
    reset_future_dates(Path("results"), dry_run=True)
    assert CHUNKS.stat().st_mtime > time.time()
    assert "1 results are dated in the future" in capsys.readouterr().err
    reset_future_dates(Path("results"), dry_run=False)
    assert CHUNKS.stat().st_mtime <= time.time()
    assert record.stat().st_mtime == before
    assert "1 results were dated in the future" in capsys.readouterr().err
    assert found() == {}
