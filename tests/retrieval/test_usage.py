"""What finding passages took: each step, those that it starts from, and the planning."""

import sys
import time
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Literal

import numpy as np
import pytest
from retrieval_samples import ask, chunks_of

from modellab.core.io.jsonl import read_json, write_json, write_rows
from modellab.core.records import Plan, PlanStatus, ResourceUsage
from modellab.models.embedders.pretrained import PretrainedOptions
from modellab.retrieval.bm25 import Bm25Options
from modellab.retrieval.contexts import Search, build_index, find_contexts, read_retrieval
from modellab.retrieval.dense import DenseOptions
from modellab.retrieval.post_processing import PostProcessingOptions
from modellab.retrieval.rerank import RerankOptions

BM25 = Bm25Options(kind="bm25", top_k=2)
SLOW = 0.2


def record(folder, name, seconds, starts_from=(), planner=None):
    usage = {"search_seconds": seconds, "starts_from": list(starts_from), "planner": planner}
    write_json(folder / f"{name}.json", usage)
    return folder / f"{name}.json"


def plan(number, status=PlanStatus.PLANNED, **more):
    given = {"queries": ("a",), "cut": 0, "raw": "x", "key": f"k{number}", **more}
    return Plan(f"q{number}", "planned", status, **given)


def test_a_chain_has_the_time_of_all_its_steps(tmp_path):
    files = [
        record(tmp_path, "bm25", 1.0),
        record(tmp_path, "cut", 0.25, ["bm25"]),
        record(tmp_path, "best", 4.0, ["cut"]),
    ]
    found = read_retrieval(files, [])
    assert found["bm25"] == ResourceUsage(1.0, 0, 0, 0.0)
    assert found["best"] == ResourceUsage(5.25, 0, 0, 0.0)


def test_planning_is_part_of_it(tmp_path):
    taken = {"prompt_tokens": 100, "completion_tokens": 10, "cost_usd": 0.5}
    failed = plan(3, PlanStatus.FAILED, queries=(), seconds_per_answer=0.5)
    plans = [plan(n, seconds_per_answer=1.5, **taken) for n in (1, 2)]
    (tmp_path / "plans").mkdir()
    write_rows(tmp_path / "plans" / "planned.jsonl", [*plans, failed])
    files = [
        record(tmp_path, "planned", 0.5, planner="m"),
        record(tmp_path, "best", 2.0, ["planned"]),
    ]
    found = read_retrieval(files, [tmp_path / "plans" / "planned.jsonl"])
    assert found["planned"] == ResourceUsage(4.0, 200, 20, 1.0)
    assert found["best"] == ResourceUsage(6.0, 200, 20, 1.0)


def test_the_cost_of_a_planner_without_a_price_is_unknown(tmp_path):
    (tmp_path / "plans").mkdir()
    priced = plan(1, seconds_per_answer=1.0, cost_usd=0.5)
    write_rows(tmp_path / "plans" / "planned.jsonl", [priced, plan(2)])
    files = [record(tmp_path, "planned", 0.5, planner="m")]
    assert read_retrieval(files, [tmp_path / "plans" / "planned.jsonl"])["planned"].cost_usd is None


def test_a_time_that_is_not_known_is_that_of_the_whole(tmp_path):
    files = [record(tmp_path, "dense", None), record(tmp_path, "best", 1.0, ["dense"])]
    assert read_retrieval(files, [])["best"].seconds is None


@pytest.fixture
def files(tmp_path):
    write_rows(tmp_path / "chunks.jsonl", chunks_of("cats drink milk", "birds sing"))
    write_rows(tmp_path / "questions.jsonl", [ask("q1", "who drinks?"), ask("q2", "who sings?")])
    return tmp_path


def search(files, name, options, **more):
    """Find the contexts; what the search left as its record."""
    given = Search(name, options, files / "questions.jsonl", files / "chunks.jsonl", 0, **more)
    find_contexts(given, files / f"{name}.jsonl", files / f"{name}.json")
    return read_json(files / f"{name}.json")


def test_a_search_says_what_it_took_beside_its_contexts(files):
    build_index(BM25, files / "chunks.jsonl", files / "bm25", 0)
    index = {"members": {"bm25": BM25}, "indexes": {"bm25": files / "bm25"}}
    usage = search(files, "bm25", BM25, **index)
    before = (files / "bm25.jsonl").read_bytes()
    assert usage["search_seconds"] == pytest.approx(2 * usage["seconds_per_question"])
    assert usage["search_seconds"] > 0
    assert (usage["questions"], usage["starts_from"], usage["planner"]) == (2, [], None)
    again = search(files, "bm25", BM25, **index)
    # another time, the same contexts: no answer to them becomes stale
    assert again["search_seconds"] != usage["search_seconds"]
    assert (files / "bm25.jsonl").read_bytes() == before
    cut = PostProcessingOptions(kind="post_processing", of="bm25")
    usage = search(files, "cut", cut, contexts={"bm25": files / "bm25.jsonl"})
    assert usage["starts_from"] == ["bm25"]


def test_loading_a_reranker_is_no_part_of_its_search(files, monkeypatch):
    class Reader:
        def __init__(self, *args, **options):
            time.sleep(SLOW)

        def predict(self, pairs, **options):
            return [1.0 for _ in pairs]

    library = SimpleNamespace(CrossEncoder=Reader)
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)
    build_index(BM25, files / "chunks.jsonl", files / "bm25", 0)
    search(files, "bm25", BM25, members={"bm25": BM25}, indexes={"bm25": files / "bm25"})
    best = RerankOptions(kind="rerank", of="bm25", model="m")
    start = time.perf_counter()
    usage = search(files, "best", best, contexts={"bm25": files / "bm25.jsonl"})
    wall = time.perf_counter() - start
    assert usage["load_seconds"] >= SLOW
    assert 0 < usage["search_seconds"] <= wall - usage["load_seconds"]


#: models that were loaded
LOADED: list[str] = []


class SlowOptions(PretrainedOptions):
    """Takes its time to be loaded, and to embed."""

    kind: Literal["slow"] = "slow"

    def fingerprint(self):
        return {"model": "slow"}

    @contextmanager
    def encoder(self):
        LOADED.append("slow")
        time.sleep(2 * SLOW)

        def encode(texts):
            time.sleep(SLOW)
            return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)

        yield encode


def test_vectors_that_another_search_made_count_as_if_this_one_had(files):
    dense = DenseOptions.model_construct(
        kind="dense", embedder=SlowOptions(), index=DenseOptions.model_fields["index"].default,
        top_k=1, extra_k=0,
    )  # fmt: skip
    journals = files / "vectors"
    build_index(dense, files / "chunks.jsonl", files / "dense", 0, journals)
    given = {"members": {"dense": dense}, "indexes": {"dense": files / "dense"}}
    given["journals"] = journals
    LOADED.clear()
    start = time.perf_counter()
    first = search(files, "dense", dense, **given)
    wall = time.perf_counter() - start
    assert first["load_seconds"] >= 2 * SLOW
    assert SLOW <= first["search_seconds"] <= wall - first["load_seconds"]
    again = search(files, "dense", dense, **given)
    assert LOADED == ["slow"]
    assert again["search_seconds"] >= SLOW
