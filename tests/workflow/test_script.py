"""What a rule names becomes the arguments of a library function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from modellab.corpus.options import CorpusOptions
from modellab.models.embedders.tfidf_svd import TfidfSvdOptions
from modellab.retrieval.bm25 import Bm25Options
from modellab.retrieval.protocol import RetrieverOptions
from modellab.tasks.protocol import TaskOptions
from modellab.workflow.mock import mock_snakemake
from modellab.workflow.script import run


@dataclass(frozen=True)
class Tables:
    wide: Path
    long: Path


def job(tmp_path, *, rule="made_up", **parts):
    names = ("input", "output", "params", "wildcards", "resources")
    parts = {name: dict(parts.get(name, {})) for name in names}
    return SimpleNamespace(rule=rule, threads=2, log=[str(tmp_path / "job.log")], **parts)


def test_paths_lists_and_files_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {}

    def made(
        questions: Path,
        chunks: Path | None,
        labels: Path | None,
        rows: Sequence[Path],
        contexts: Mapping[str, Path],
        tables: Tables,
        seed: int,
        dataset: str,
        threads: int,
        language: str = "auto",
    ) -> None:
        given.update(locals())

    files = {
        "questions": "q.jsonl",
        "chunks": [],
        "labels": ["l.csv"],
        "rows": "only.csv",
        "contexts": ["a/bm25.jsonl", "a/model-0.4m.jsonl", "b/index-1.5"],
    }
    run(
        made,
        job(
            tmp_path,
            input=files,
            output={"wide": "w.csv", "long": "l.csv"},
            params={"seed": 3, "code": "abc"},
            wildcards={"dataset": "demo"},
        ),
    )
    assert (given["questions"], given["chunks"], given["labels"]) == (
        Path("q.jsonl"),
        None,
        Path("l.csv"),
    )
    assert given["rows"] == [Path("only.csv")]
    assert given["contexts"] == {
        "bm25": Path("a/bm25.jsonl"),
        "model-0.4m": Path("a/model-0.4m.jsonl"),
        "index-1.5": Path("b/index-1.5"),
    }
    assert given["tables"] == Tables(Path("w.csv"), Path("l.csv"))
    assert (given["seed"], given["dataset"], given["threads"]) == (3, "demo", 2)


def test_options_of_families_and_others(tmp_path):
    given = {}

    def made(
        options: RetrieverOptions,
        members: Mapping[str, RetrieverOptions],
        task: TaskOptions | None,
        corpus: CorpusOptions,
    ) -> None:
        given.update(locals())

    bm25, lsa = {"kind": "bm25", "top_k": 3}, {"kind": "tfidf-svd", "dimensions": 3}
    dense = {"kind": "dense", "embedder": lsa}
    params = {"options": bm25, "members": {"near": dense}, "task": None, "corpus": {"path": "x"}}
    run(made, job(tmp_path, params=params))
    assert given["options"] == Bm25Options(kind="bm25", top_k=3)
    assert given["members"]["near"].embedder == TfidfSvdOptions(kind="tfidf-svd", dimensions=3)
    assert given["task"] is None
    assert given["corpus"] == CorpusOptions(path=Path("x"))


def test_an_unused_param_is_reported_in_the_log(tmp_path):
    def made(seed: int) -> None:
        raise AssertionError

    with pytest.raises(SystemExit):
        run(made, job(tmp_path, params={"seed": 3, "sead": 4}))
    text = (tmp_path / "job.log").read_text()
    assert "failed: TypeError: rule made_up: made takes no sead" in text


def test_any_script_can_be_run_alone(bench):
    found = mock_snakemake(
        "scores", config={}, configfiles=[write(bench)], dataset="quiz", model="plain"
    )
    assert found.input.predictions == "results/quiz/predictions/plain.jsonl"
    assert found.params.missing == "incorrect"
    assert found.log[0] == "results/logs/scores/quiz/plain.log"


def write(folder):
    import yaml
    from workflow.jobs import BENCHMARK

    (folder / "own.yaml").write_text(yaml.safe_dump(BENCHMARK))
    return folder / "own.yaml"
