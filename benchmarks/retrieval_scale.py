"""What retrieval costs beside plain calls of the libraries it uses, and in time and memory.

    python benchmarks/retrieval_scale.py --chunks 100000 --questions 5000 --rounds 3

BM25, flat and HNSW: chunks indexed, the index written, read again, and the questions searched,
once through the project's retrievers and once by plain calls of bm25s and faiss with the same
settings. The two take turns, each in a process of its own. `jobs` are the whole index and contexts
jobs, from files to files, for which there is no plain call. Processor seconds are the measure: they
stand still while other work has the processor.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from modellab.core.io.jsonl import read_rows, write_rows  # noqa: E402
from modellab.core.machine import describe_machine  # noqa: E402
from modellab.core.records import Chunk, Question  # noqa: E402

SEED = 20261121
WORDS = 30_000
WORDS_PER_QUESTION = 10
DIMENSIONS = 128
TOP_K = 5
LINKS, BUILD_WIDTH, SEARCH_WIDTH = 32, 200, 64
KINDS = ("bm25", "flat", "hnsw")
THREADS = int(os.environ.setdefault("OMP_NUM_THREADS", "2"))


@dataclass(frozen=True)
class World:
    """The files of made-up chunks and questions, and their vectors."""

    folder: Path

    @property
    def chunks(self) -> Path:
        return self.folder / "chunks.jsonl"

    @property
    def questions(self) -> Path:
        return self.folder / "questions.jsonl"

    def vectors(self, name: str) -> Any:
        import numpy as np

        return np.load(self.folder / f"{name}.npy")


def main() -> None:
    args = _arguments()
    with tempfile.TemporaryDirectory() as name:
        world = write_world(Path(name), args.chunks, args.words, args.questions)
        found: dict[tuple[str, str], list[dict[str, float]]] = {}
        for turn in range(args.rounds):
            sides = args.sides if turn % 2 == 0 else list(reversed(args.sides))
            for kind in args.kinds:
                for side in sides:
                    made = measured(SIDES[side], kind, world)
                    found.setdefault((kind, side), []).append(made)
                    sys.stderr.write(f"{turn} {kind} {side} {made}\n")
    text = report(args, found)
    sys.stdout.write(text + "\n")
    if args.out:
        args.out.write_text(text + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--words", type=int, default=80, help="words of a chunk")
    parser.add_argument("--questions", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=list(KINDS))
    parser.add_argument("--sides", nargs="*", choices=list(SIDES), default=list(SIDES))
    parser.add_argument("--out", type=Path, help="a file for the table")
    return parser.parse_args()


def write_world(folder: Path, chunks: int, words_per_chunk: int, questions: int) -> World:
    """Words as often as in a language (Zipf), and vectors in a few thousand bundles."""
    import numpy as np

    draw = random.Random(SEED)  # noqa: S311
    words = [
        "".join(draw.choices("abcdefghijklmnoprstuvw", k=draw.randint(3, 9))) for _ in range(WORDS)
    ]
    weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(WORDS)))

    def text(count: int) -> str:
        return " ".join(draw.choices(words, cum_weights=weights, k=count))

    pieces = [
        Chunk(
            f"d{n // 10}#{n}", f"d{n // 10}", n % 10, text(words_per_chunk), f"Document {n // 10}"
        )
        for n in range(chunks)
    ]
    write_rows(folder / "chunks.jsonl", pieces)
    write_rows(
        folder / "questions.jsonl",
        [Question(f"q{n}", text(WORDS_PER_QUESTION), {}, {}, ()) for n in range(questions)],
    )
    rng = np.random.default_rng(SEED)
    centres = rng.normal(size=(max(10, chunks // 50), DIMENSIONS))
    for name, count in {"passages": chunks, "queries": questions}.items():
        made = centres[rng.integers(len(centres), size=count)]
        made = made + rng.normal(size=(count, DIMENSIONS))
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        np.save(folder / f"{name}.npy", made.astype(np.float32))
    return World(folder)


def measured(work: Callable[[str, World, Path], None], kind: str, world: World) -> dict[str, float]:
    """Seconds by step, and the most memory, of a process that does it."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        with tempfile.TemporaryDirectory() as out:
            times: dict[str, float] = {}
            CLOCK.update(times=times)
            work(kind, world, Path(out))
        os.write(write, json.dumps(times).encode())
        os._exit(0)
    os.close(write)
    _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit(f"the process ended with status {status}")
    with os.fdopen(read) as handle:
        times = json.loads(handle.read())
    return {**times, "MB": usage.ru_maxrss / 1024}


#: where steps of the process write their times
CLOCK: dict[str, dict[str, float]] = {}


class Step:
    """Processor and clock seconds of a block."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._start = (_processor(), time.perf_counter())

    def __exit__(self, *_: object) -> None:
        CLOCK["times"][self._name] = _processor() - self._start[0]
        CLOCK["times"][f"{self._name}_clock"] = time.perf_counter() - self._start[1]


def _processor() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def ours(kind: str, world: World, out: Path) -> None:
    """Through the project's retrievers."""
    options, chunks, queries = _options(kind, world), *_read(world)
    _warm_up()
    with Step("index"):
        options.build(chunks, out, SEED)
    with Step("search"):
        found = options.load(out).search(queries, TOP_K)
    assert len(found) == len(queries)


def plain(kind: str, world: World, out: Path) -> None:
    """By calls of the library alone."""
    chunks, queries = _read(world)
    _warm_up()
    if kind == "bm25":
        _plain_bm25([chunk.text for chunk in chunks], queries, out)
    else:
        _plain_faiss(kind, world, out)


def jobs(kind: str, world: World, out: Path) -> None:
    """The whole jobs, from files to files."""
    from modellab.retrieval.contexts import Search, build_index, find_contexts

    options = _options(kind, world)
    _warm_up()
    with Step("index"):
        build_index(options, world.chunks, out / "index", SEED)
    with Step("search"):
        given = ({kind: options}, {kind: out / "index"})
        search = Search(kind, options, world.questions, world.chunks, SEED, *given)
        find_contexts(search, out / "contexts.jsonl", out / "search.json")


SIDES = {"ours": ours, "plain": plain, "jobs": jobs}


def _read(world: World) -> tuple[list[Chunk], list[str]]:
    questions = read_rows(world.questions, Question)
    return read_rows(world.chunks, Chunk), [question.text for question in questions]


def _warm_up() -> None:
    """Imports are not what is measured."""
    import bm25s.tokenization
    import faiss
    import numpy as np
    import Stemmer

    assert all((bm25s, faiss, np, Stemmer))


def _options(kind: str, world: World) -> Any:
    from modellab.models.embedders.tfidf_svd import TfidfSvdOptions
    from modellab.retrieval.bm25 import Bm25Options
    from modellab.retrieval.dense import DenseOptions

    if kind == "bm25":
        return Bm25Options(kind="bm25", top_k=TOP_K)
    index: dict[str, Any] = {"kind": kind}
    if kind == "hnsw":
        index |= {"links": LINKS, "build_width": BUILD_WIDTH, "search_width": SEARCH_WIDTH}
    named = TfidfSvdOptions(kind="tfidf-svd")
    options = DenseOptions(kind="dense", embedder=named, index=index, top_k=TOP_K)
    return options.model_copy(update={"embedder": Made(world)})


class Made:
    """An embedder whose vectors are made already: embedding is not what is measured."""

    def __init__(self, world: World) -> None:
        self._world = world

    def fit(self, texts: object, folder: Path, seed: int) -> None:
        pass

    def load(self, folder: Path, journals: object = None) -> Made:
        return self

    def embed_passages(self, texts: object) -> Any:
        return self._world.vectors("passages")

    def embed_queries(self, texts: object) -> Any:
        return self._world.vectors("queries")


def _plain_bm25(texts: list[str], queries: list[str], out: Path) -> None:
    import bm25s
    import Stemmer

    def tokens(found: list[str]) -> Any:
        stemmer = Stemmer.Stemmer("english")
        return bm25s.tokenize(found, stopwords="english", stemmer=stemmer, show_progress=False)

    with Step("index"):
        index = bm25s.BM25(k1=1.5, b=0.75)
        index.index(tokens(texts), show_progress=False)
        index.save(out, show_progress=False)
    with Step("search"):
        index = bm25s.BM25.load(out)
        found, _scores = index.retrieve(tokens(queries), k=TOP_K, show_progress=False)
    assert found.shape == (len(queries), TOP_K)


def _plain_faiss(kind: str, world: World, out: Path) -> None:
    import faiss

    index: Any
    with Step("index"):
        vectors = world.vectors("passages")
        if kind == "flat":
            index = faiss.IndexFlatIP(DIMENSIONS)
        else:
            index = faiss.IndexHNSWFlat(DIMENSIONS, LINKS, faiss.METRIC_INNER_PRODUCT)
            index.hnsw.efConstruction = BUILD_WIDTH
            index.hnsw.efSearch = SEARCH_WIDTH
            # with several threads another index would come each time; the project uses one, too
            faiss.omp_set_num_threads(1)
        index.add(vectors)
        faiss.write_index(index, str(out / "index"))
    faiss.omp_set_num_threads(THREADS)
    with Step("search"):
        index = faiss.read_index(str(out / "index"))
        _scores, rows = index.search(world.vectors("queries"), TOP_K)
    assert rows.shape[1] == TOP_K


def report(args: argparse.Namespace, found: dict[tuple[str, str], list[dict[str, float]]]) -> str:
    def middle(kind: str, side: str, step: str) -> float:
        return statistics.median(one[step] for one in found.get((kind, side), [{step: math.nan}]))

    def shown(number: float, digits: int = 1) -> str:
        return "not measured" if math.isnan(number) else f"{number:.{digits}f}"

    lines = [
        f"# {args.chunks:,} chunks indexed, {args.questions:,} questions searched",
        "",
        f"{describe_machine()['processor']}, {os.cpu_count()} cores; medians of "
        f"{args.rounds} rounds in which the sides take turns, each in a process of its own, with "
        f"{THREADS} threads. Seconds are those of the processor. Ours and plain begin with chunks, "
        "questions and vectors in memory; jobs are the whole index and contexts jobs, from files "
        "to files.",
        "",
        "| | index: ours | plain | search: ours | plain | both: ours / plain | MB: ours | plain "
        "| jobs: index | contexts | MB |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for kind in args.kinds:
        times = {
            (side, step): middle(kind, side, step) for side in SIDES for step in ("index", "search")
        }
        both = {side: times[side, "index"] + times[side, "search"] for side in SIDES}
        numbers = [
            *(shown(times[side, "index"]) for side in ("ours", "plain")),
            *(shown(times[side, "search"]) for side in ("ours", "plain")),
            shown(both["ours"] / both["plain"], 2),
            *(shown(middle(kind, side, "MB"), 0) for side in ("ours", "plain")),
            *(shown(times["jobs", step]) for step in ("index", "search")),
            shown(middle(kind, "jobs", "MB"), 0),
        ]
        lines.append(f"| {kind} | {' | '.join(numbers)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
