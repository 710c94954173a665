"""The table of consistency: agreement of repeats, and the noise of the score itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from modellab.core.io.frames import frame_of, write_frame
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Chunk, Metric, ModelScores, Prediction, Question, RepeatNoise
from modellab.evaluation.compare.score_files import read_scores
from modellab.evaluation.diagnostics.consistency import Likeness, agreements, texts_to_compare
from modellab.models.embedders.protocol import EmbedderOptions
from modellab.tasks.extract.comparing import RecordRules

COLUMNS = ("model", "retriever", "metric", "value", "n_scored", "n_failed", "repeats")

Cells = dict[str, object]


@dataclass(frozen=True)
class Meaning:
    """What tells how near answers are: an embedder, and the texts that it may learn from."""

    options: EmbedderOptions
    questions: Path
    chunks: Path | None
    seed: int
    journals: Path | None = None


def write_consistency(
    path: Path,
    models: Mapping[str, tuple[Path, Path]],
    meaning: Meaning | None,
    rules: RecordRules | None,
) -> None:
    """Write the rows of all models: `models` are files of predictions and scores by name.

    Without `meaning` there is no semantic agreement; `rules` are for extracted records.
    """
    answers = {name: read_rows(files[0], Prediction) for name, files in models.items()}
    texts = dict.fromkeys(text for name in answers for text in _texts(answers[name]))
    likeness = _likeness(meaning, list(texts)) if meaning and texts else None
    rows: list[Cells] = []
    for name, (_, scores) in models.items():
        rows += _model_rows(name, answers[name], read_scores(scores), likeness, rules)
    write_frame(path, frame_of(rows, COLUMNS))


def _texts(answers: Sequence[Prediction]) -> list[str]:
    return [text for rows in _by_retriever(answers).values() for text in texts_to_compare(rows)]


def _by_retriever(answers: Sequence[Prediction]) -> dict[str, list[Prediction]]:
    groups: dict[str, list[Prediction]] = {}
    for answer in answers:
        groups.setdefault(answer.retriever, []).append(answer)
    return groups


def _model_rows(
    name: str,
    answers: Sequence[Prediction],
    scores: ModelScores,
    likeness: Likeness | None,
    rules: RecordRules | None,
) -> Iterator[Cells]:
    noise = {summary.retriever: _noise(summary.repeat_noise) for summary in scores.summaries}
    for retriever, rows in _by_retriever(answers).items():
        metrics = {**agreements(rows, likeness, rules), **noise.get(retriever, {})}
        repeats = max(row.repeat for row in rows)
        for metric, value in metrics.items():
            about = {"model": name, "retriever": retriever, "metric": metric}
            yield {**about, **asdict(value), "repeats": repeats}


def _noise(found: Mapping[str, RepeatNoise]) -> dict[str, Metric]:
    """`n_scored` are the repeats that have a value."""
    deviations = {f"{name}_repeat_sd": Metric(one.sd, one.repeats) for name, one in found.items()}
    ranges = {f"{name}_repeat_range": Metric(one.range, one.repeats) for name, one in found.items()}
    return {**deviations, **ranges}


def _likeness(meaning: Meaning, texts: Sequence[str]) -> Likeness:
    """The cosine of two of the texts; equal texts are fully alike, known to the embedder or not."""
    learned = [question.text for question in read_rows(meaning.questions, Question)]
    if meaning.chunks:
        learned += [chunk.text for chunk in read_rows(meaning.chunks, Chunk)]
    with TemporaryDirectory() as folder:
        meaning.options.fit(learned, Path(folder), meaning.seed)
        embedder = meaning.options.of_length_one().load(Path(folder), meaning.journals)
        vectors = embedder.embed_passages(texts)
    place = {text: row for row, text in enumerate(texts)}

    def likeness(one: str, other: str) -> float:
        if one == other:
            return 1.0
        return float(min(max(vectors[place[one]] @ vectors[place[other]], -1.0), 1.0))

    return likeness
