"""The table of embedding spaces: each embedder over the questions and over the chunks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from modellab.core.io.frames import frame_of, read_frame, write_frame
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Chunk, Metric, Question
from modellab.evaluation.diagnostics.embedding_space import space_metrics
from modellab.evaluation.diagnostics.question_set import question_set_metrics
from modellab.models.embedders.protocol import Embedder, EmbedderOptions

if TYPE_CHECKING:
    from modellab.models.embedders.protocol import Vectors

COLUMNS = ("embedder", "texts", "metric", "value", "n_scored", "n_failed", "n_texts")


def write_embedding_space(
    embedder: str,
    options: EmbedderOptions,
    questions: Path,
    chunks: Path,
    seed: int,
    journals: Path | None,
    out: Path,
) -> None:
    """Write one embedder's rows; `n_texts` are all texts, of which some may have been drawn."""
    asked = [question.text for question in read_rows(questions, Question)]
    passages = [chunk.text for chunk in read_rows(chunks, Chunk)]
    with TemporaryDirectory() as folder:
        options.fit(passages, Path(folder), seed)
        loaded = options.load(Path(folder), journals)
        rows = _rows(embedder, loaded, {"questions": asked, "chunks": passages}, seed)
    write_frame(out, frame_of(rows, COLUMNS))


def gather(parts: Sequence[Path], out: Path) -> None:
    """Put the embedders' rows one after another."""
    import pandas as pd

    write_frame(out, pd.concat([read_frame(part, required=COLUMNS) for part in parts]))


def _rows(
    name: str, embedder: Embedder, texts: Mapping[str, list[str]], seed: int
) -> list[dict[str, object]]:
    vectors = {
        "questions": embedder.embed_queries(texts["questions"]),
        "chunks": embedder.embed_passages(texts["chunks"]),
    }
    return [
        {"embedder": name, "texts": kind, "metric": metric, **asdict(value), "n_texts": len(rows)}
        for kind, rows in vectors.items()
        for metric, value in _metrics(kind, rows, seed).items()
    ]


def _metrics(kind: str, vectors: Vectors, seed: int) -> dict[str, Metric]:
    more = question_set_metrics(vectors) if kind == "questions" else {}
    return {**space_metrics(vectors, seed), **more}
