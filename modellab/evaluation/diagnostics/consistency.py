"""Consistency: how far the repeats of one model agree, and the noise of the score itself.

All agreements are means over questions with two answered repeats or more; with one repeat there is
no value. Repeats without an answer are counted and left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from math import fsum
from pathlib import Path
from tempfile import TemporaryDirectory

from modellab.core.io.frames import frame_of, write_frame
from modellab.core.io.jsonl import read_rows
from modellab.core.records import (
    NO_ANSWER,
    Chunk,
    Metric,
    ModelScores,
    Prediction,
    Question,
)
from modellab.evaluation.compare.score_files import read_scores
from modellab.models.embedders.protocol import EmbedderOptions
from modellab.tasks.extract.comparing import RecordRules
from modellab.tasks.extract.consistency import extraction_consistency

COLUMNS = ("model", "retriever", "metric", "value", "n_scored", "n_failed", "repeats")
_EXTRACTION = ("names", "values", "units", "overall")

#: cosine similarity of the meaning of two texts
Similarity = Callable[[str, str], float]
Repeats = Sequence[Prediction]


@dataclass(frozen=True)
class Meaning:
    """An embedder that says how similar answers are, and the texts that it may be fitted on."""

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
    answers = {
        name: read_rows(predictions, Prediction) for name, (predictions, _) in models.items()
    }
    texts = [
        text
        for rows in answers.values()
        for own in _grouped(rows, lambda row: row.retriever).values()
        for text in texts_to_compare(own)
    ]
    similarity = _similarity(meaning, list(dict.fromkeys(texts))) if meaning and texts else None
    rows = [
        row
        for name, (_, scores) in models.items()
        for row in _model_rows(answers[name], read_scores(scores), similarity, rules)
    ]
    write_frame(path, frame_of(rows, COLUMNS))


def _model_rows(
    answers: Sequence[Prediction],
    scores: ModelScores,
    similarity: Similarity | None,
    rules: RecordRules | None,
) -> Iterator[dict[str, object]]:
    noise = {summary.retriever: summary.repeat_noise for summary in scores.summaries}
    for retriever, rows in _grouped(answers, lambda row: row.retriever).items():
        own = noise.get(retriever, {})
        metrics = {
            **agreements(rows, similarity, rules),
            **{f"{name}_repeat_sd": Metric(one.sd, one.repeats) for name, one in own.items()},
            **{f"{name}_repeat_range": Metric(one.range, one.repeats) for name, one in own.items()},
        }
        repeats = max(row.repeat for row in rows)
        for metric, value in metrics.items():
            about = {"model": scores.name, "retriever": retriever, "metric": metric}
            yield {**about, **asdict(value), "repeats": repeats}


def agreements(
    answers: Sequence[Prediction], similarity: Similarity | None, rules: RecordRules | None
) -> dict[str, Metric]:
    """The metrics of one model with one retriever; `rules` are given for extracted records."""
    groups = list(_by_question(answers))
    failed = sum(answer.status in NO_ANSWER for answer in answers)
    fields = dict.fromkeys(name for answer in answers for name in answer.answer)
    shares = {"exact_agreement": [_share_as_first(rows, _whole) for rows in groups]}
    for name in fields if len(fields) > 1 else ():
        part = _field(name)
        shares[f"{name}_agreement"] = [_share_as_first(rows, part) for rows in groups]
    shares["semantic_agreement"] = [_mean_similarity(rows, similarity) for rows in groups]
    # where no passages were shown, there is nothing to agree on
    shares["passage_agreement"] = [
        _share_as_first(rows, lambda row: row.passages) if any(r.passages for r in rows) else None
        for rows in groups
    ]
    if rules is not None:
        compared = [
            extraction_consistency([json.loads(row.answer["record"]) for row in rows], rules)
            for rows in groups
        ]
        for name in _EXTRACTION:
            shares[f"extraction_{name}_agreement"] = [getattr(one, name) for one in compared]
    return {name: _mean(values, failed) for name, values in shares.items()}


def texts_to_compare(answers: Sequence[Prediction]) -> list[str]:
    """The texts whose similarity `agreements` will ask for, each once."""
    groups = [rows for rows in _by_question(answers) if len(rows) > 1]
    return list(dict.fromkeys(_text(row) for rows in groups for row in rows))


def _grouped(
    answers: Sequence[Prediction], key: Callable[[Prediction], str]
) -> dict[str, list[Prediction]]:
    groups: dict[str, list[Prediction]] = {}
    for answer in answers:
        groups.setdefault(key(answer), []).append(answer)
    return groups


def _by_question(answers: Sequence[Prediction]) -> Iterator[Repeats]:
    """Per question the repeats that have an answer, in their order."""
    for rows in _grouped(answers, lambda row: row.question_id).values():
        answered = (row for row in rows if row.status not in NO_ANSWER)
        yield sorted(answered, key=lambda row: row.repeat)


def _share_as_first(rows: Repeats, part: Callable[[Prediction], object]) -> float | None:
    """The share of later repeats that equal the first."""
    if len(rows) < 2:
        return None
    first = part(rows[0])
    return sum(part(row) == first for row in rows[1:]) / (len(rows) - 1)


def _whole(answer: Prediction) -> object:
    return answer.status, {name: value.strip() for name, value in answer.answer.items()}


def _field(name: str) -> Callable[[Prediction], object]:
    return lambda answer: answer.answer.get(name, "").strip()


def _text(answer: Prediction) -> str:
    """An answer as one text: its fields, one a line."""
    return "\n".join(value.strip() for value in answer.answer.values() if value.strip())


def _mean_similarity(rows: Repeats, similarity: Similarity | None) -> float | None:
    """Over all pairs of repeats."""
    if similarity is None or len(rows) < 2:
        return None
    pairs = list(combinations([_text(row) for row in rows], 2))
    return fsum(similarity(one, other) for one, other in pairs) / len(pairs)


def _mean(shares: Sequence[float | None], failed: int) -> Metric:
    known = [share for share in shares if share is not None]
    return Metric(fsum(known) / len(known) if known else None, len(known), failed)


def _similarity(meaning: Meaning, texts: Sequence[str]) -> Similarity:
    """The cosine of two of the texts; 1 for equal texts, whether the embedder knows them or not."""
    fitted_on = [question.text for question in read_rows(meaning.questions, Question)]
    if meaning.chunks:
        fitted_on += [chunk.text for chunk in read_rows(meaning.chunks, Chunk)]
    with TemporaryDirectory() as folder:
        meaning.options.fit(fitted_on, Path(folder), meaning.seed)
        embedder = meaning.options.of_length_one().load(Path(folder), meaning.journals)
        vectors = dict(zip(texts, embedder.embed_passages(texts), strict=True))

    def similarity(one: str, other: str) -> float:
        if one == other:
            return 1.0
        return float(min(max(vectors[one] @ vectors[other], -1.0), 1.0))

    return similarity
