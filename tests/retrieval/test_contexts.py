import subprocess
import sys
from dataclasses import replace

import pytest
from retrieval_samples import Scripted, ask, bytes_in, chunks_of

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_rows, write_rows
from modellab.core.records import Chunk, Context, Relevance
from modellab.corpus.options import ChunkingOptions, CorpusOptions
from modellab.corpus.reading import chunk_corpus
from modellab.models.embedders.tfidf_svd import TfidfSvdOptions
from modellab.retrieval.bm25 import Bm25Options
from modellab.retrieval.contexts import (
    RANKING_DEPTH,
    Ranking,
    Search,
    build_index,
    count_chunks,
    find_contexts,
    index_megabytes,
    rankings_of,
)
from modellab.retrieval.controls import NoneOptions, OracleOptions, ShuffledOptions
from modellab.retrieval.dense import DenseOptions
from modellab.retrieval.hybrid import HybridOptions
from modellab.retrieval.post_processing import PostProcessingOptions
from modellab.retrieval.protocol import RetrievalInput

BM25 = Bm25Options(kind="bm25", top_k=2)
DENSE = DenseOptions(kind="dense", embedder=TfidfSvdOptions(kind="tfidf-svd"), top_k=2)
QUESTIONS = [ask("q1", "Who drinks milk?", ["cats"]), ask("q2", "Which birds sing?", ["birds"])]


@pytest.fixture
def files(tmp_path):
    """A corpus of two files with its chunks, two questions and two indexes."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "cats.txt").write_text("Cats drink milk. Cats sleep a lot.")
    (corpus / "birds.md").write_text("# Birds\nBirds sing songs.")
    options = CorpusOptions(path=corpus, chunking=ChunkingOptions(max_words=5))
    chunk_corpus(options, tmp_path / "chunks.jsonl", tmp_path / "documents.csv")
    write_rows(tmp_path / "questions.jsonl", QUESTIONS)
    build_index(BM25, tmp_path / "chunks.jsonl", tmp_path / "bm25", seed=0)
    build_index(DENSE, tmp_path / "chunks.jsonl", tmp_path / "dense", seed=0)
    return tmp_path


def contexts(files, slug, options, paths=None, seed=0):
    out = files / f"{slug}.jsonl"
    members = {"bm25": BM25, "dense": DENSE}
    indexes = {name: files / name for name in members}
    questions, chunks = files / "questions.jsonl", files / "chunks.jsonl"
    search = Search(slug, options, questions, chunks, seed, members, indexes, paths or {})
    find_contexts(search, out, files / f"{slug}.json")
    return read_rows(out, Context)


def found(contexts):
    return {c.question_id: [p.document_id for p in c.passages] for c in contexts}


def test_a_corpus_becomes_chunks(files, caplog):
    options = CorpusOptions(path=files / "corpus", chunking=ChunkingOptions(max_words=5))
    with caplog.at_level("INFO"):
        chunk_corpus(options, files / "again.jsonl", files / "documents.csv")
    assert "2 documents, 12 words, 3 chunks, 0 left out" in caplog.text
    chunks = read_rows(files / "again.jsonl", Chunk)
    assert [(c.document_id, c.text) for c in chunks] == [
        ("birds", "# Birds\nBirds sing songs."),
        ("cats", "Cats drink milk."),
        ("cats", "Cats sleep a lot."),
    ]
    assert [c.place for c in chunks] == ["Birds", "", ""]
    assert (files / "again.jsonl").read_bytes() == (files / "chunks.jsonl").read_bytes()


@pytest.mark.parametrize("options", [BM25, DENSE])
def test_a_rebuilt_index_has_the_same_bytes(files, options):
    folder = files / options.kind
    before = bytes_in(folder)
    (folder / "left over").write_text("x")
    build_index(options, files / "chunks.jsonl", folder, seed=0)
    assert bytes_in(folder) == before


@pytest.mark.parametrize(
    ("slug", "options"),
    [
        ("bm25", BM25),
        ("dense", DENSE),
        ("both", HybridOptions(kind="hybrid", of=["bm25", "dense"], top_k=1)),
    ],
)
def test_the_right_document_comes_first(files, slug, options):
    documents = found(contexts(files, slug, options))
    assert {name: rows[0] for name, rows in documents.items()} == {"q1": "cats", "q2": "birds"}


def test_retrievers_without_an_index(files):
    oracle = found(contexts(files, "oracle", OracleOptions(kind="oracle")))
    assert oracle == {"q1": ["cats", "cats"], "q2": ["birds"]}
    assert found(contexts(files, "none", NoneOptions(kind="none"))) == {"q1": [], "q2": []}


def test_shuffled_starts_from_finished_contexts(files):
    contexts(files, "oracle", OracleOptions(kind="oracle"))
    options = ShuffledOptions(kind="shuffled", of="oracle")
    swapped = contexts(files, "swapped", options, {"oracle": files / "oracle.jsonl"})
    assert found(swapped) == {"q1": ["birds"], "q2": ["cats", "cats"]}


def test_same_seed_same_bytes(files):
    for name in ("a", "b"):
        contexts(files, name, HybridOptions(kind="hybrid", of=["bm25", "dense"]), seed=3)
    first, second = ((files / f"{name}.jsonl").read_text() for name in ("a", "b"))
    assert first.replace('"retriever": "a"', '"retriever": "b"') == second


def test_no_chunks(tmp_path):
    (tmp_path / "chunks.jsonl").touch()
    with pytest.raises(InputError, match=r"chunks\.jsonl: holds no chunks"):
        build_index(BM25, tmp_path / "chunks.jsonl", tmp_path / "bm25", seed=0)
    assert not (tmp_path / "bm25").exists()


def test_a_failed_build_leaves_nothing(tmp_path):
    write_rows(tmp_path / "chunks.jsonl", chunks_of("?"))
    with pytest.raises(InputError, match="no chunk holds a word"):
        build_index(BM25, tmp_path / "chunks.jsonl", tmp_path / "bm25", seed=0)
    assert [path.name for path in tmp_path.iterdir()] == ["chunks.jsonl"]


def test_a_missing_index(files):
    indexes = {"bm25": files / "nowhere"}
    questions, chunks = files / "questions.jsonl", files / "chunks.jsonl"
    with pytest.raises(InputError, match=r"nowhere: no index of retriever 'bm25'"):
        search = Search("bm25", BM25, questions, chunks, 0, {"bm25": BM25}, indexes)
        find_contexts(search, files / "out.jsonl", files / "out.json")


# rankings: the same search, deeper

LONG = chunks_of(*(f"text {row}" for row in range(120)))
QUESTION = ask("q", "?", references=["d3"])
SEARCHERS = {"bm25": Scripted({"?": range(120)}), "other": Scripted({"?": range(119, -1, -1)})}
DEEP = Bm25Options(kind="bm25", top_k=2, extra_k=3)
HYBRID = HybridOptions(kind="hybrid", of=["bm25", "other"], top_k=2, depth=20)


def retrieve(options, **given):
    (context,) = options.retrieve(RetrievalInput("bm25", [QUESTION], LONG, **given))
    return context


def test_excluded_documents_make_room_for_others():
    excluded = replace(QUESTION, relevance=Relevance(excluded=("d0", "d2")))
    inputs = RetrievalInput("bm25", [excluded], LONG, searchers=SEARCHERS)
    (context,) = Bm25Options(kind="bm25", top_k=3).retrieve(inputs)
    assert [passage.document_id for passage in context.passages] == ["d1", "d3", "d4"]


def ranking_of(options, **given):
    deeper = options.at_depth(RANKING_DEPTH)
    (ranking,) = rankings_of([retrieve(deeper, **given)], getattr(deeper, "top_k", None))
    return ranking


@pytest.mark.parametrize(("options", "depth"), [(DEEP, RANKING_DEPTH), (HYBRID, 20)])
def test_a_ranking_begins_with_the_context(options, depth):
    ranking = ranking_of(options, searchers=SEARCHERS)
    assert (len(ranking.chunks), ranking.complete) == (depth, False)
    shown = tuple(p.chunk_id for p in retrieve(options, searchers=SEARCHERS).passages)
    assert ranking.chunks[: len(shown)] == shown


def test_rankings_that_were_not_cut_off_are_complete():
    short = ranking_of(DEEP, searchers={"bm25": Scripted({"?": range(7)})})
    assert (len(short.chunks), short.complete) == (7, True)
    oracle = ranking_of(OracleOptions(kind="oracle"))
    assert (oracle.documents, oracle.complete) == (("d3",), True)
    context = retrieve(DEEP, searchers=SEARCHERS)
    options = PostProcessingOptions(kind="post_processing", of="bm25", top_k=1)
    processed = ranking_of(options, contexts={"bm25": [context]})
    assert (len(processed.chunks), processed.complete) == (5, True)


def test_a_search_is_repeated_more_deeply_for_rankings(files):
    questions, chunks = files / "questions.jsonl", files / "chunks.jsonl"
    indexes = {"bm25": files / "bm25"}
    one = BM25.model_copy(update={"top_k": 1})
    search = Search("bm25", one, questions, chunks, 0, {"bm25": one}, indexes)
    out = [files / f"{name}.jsonl" for name in ("out", "record", "rankings")]
    find_contexts(search, *out)
    shown, ranked = read_rows(out[0], Context), read_rows(out[2], Ranking)
    assert [len(context.passages) for context in shown] == [1, 1]
    # both chunks about cats hold a word of the first question
    assert [ranking.documents for ranking in ranked] == [("cats",), ("birds",)]
    assert all(ranking.complete for ranking in ranked)


BUILD = """
import sys
from pathlib import Path
import numpy as np
from modellab.retrieval.bm25 import Bm25Options
from modellab.retrieval.contexts import build_index, count_chunks, index_megabytes
from modellab.retrieval.dense import DenseOptions

class Made:
    dimensions = 256
    fit = lambda *_: None
    load = lambda self, *_: self
    embed_passages = lambda _, texts: np.ones((len(texts), 256), np.float32)

kind, chunks = sys.argv[1], Path(sys.argv[2])
if kind == "bm25":
    options = Bm25Options(kind="bm25")
else:
    options = DenseOptions(kind="dense", embedder="made", index={"kind": kind})
    options = options.model_copy(update={"embedder": Made()})
build_index(options, chunks, chunks.with_name(kind), 0)
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(int(status["VmHWM"].split()[0]) // 1024, index_megabytes(options, *count_chunks(chunks)))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("kind", ["bm25", "flat", "ivf"])
def test_the_memory_of_an_index_is_known_before_it_is_built(tmp_path, kind):
    """Never less than it takes, and not half as much again."""
    path = tmp_path / "chunks.jsonl"
    words = [" ".join(f"word{(row * 7 + n) % 5000}" for n in range(30)) for row in range(20_000)]
    write_rows(path, chunks_of(*words))
    command = [sys.executable, "-c", BUILD, kind, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    used, expected = map(int, done.stdout.split())
    assert 0.95 * used <= expected <= 1.5 * used


def test_chunks_are_counted_by_the_first(tmp_path):
    path = tmp_path / "chunks.jsonl"
    write_rows(path, chunks_of(*["ten letters"] * 2000))
    number, size = count_chunks(path)
    assert size == path.stat().st_size
    assert number == pytest.approx(2000, rel=0.05)
    assert index_megabytes(BM25, number, size) < index_megabytes(BM25, 1_000_000, 500 * size)
