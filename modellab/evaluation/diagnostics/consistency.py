"""Consistency: how far the repeats of one model agree, and the noise of the score itself.

All agreements are means over questions with two answered repeats or more; with one repeat there is
no value. Repeats without an answer are counted and left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from math import fsum
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from modellab.core.io.frames import frame_of, write_frame
from modellab.core.io.jsonl import read_rows
from modellab.core.records import NO_ANSWER, Chunk, Metric, ModelScores, Question
from modellab.evaluation.compare.score_files import read_scores
from modellab.evaluation.prediction_frame import read_prediction_frame
from modellab.models.embedders.protocol import EmbedderOptions
from modellab.tasks.extract.comparing import RecordRules
from modellab.tasks.extract.consistency import extraction_consistency
from modellab.tasks.extract.scorer import FieldScorerOptions
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import ScorerOptions

COLUMNS = ("model", "retriever", "metric", "value", "n_scored", "n_failed", "repeats")
_EXTRACTION = ("names", "values", "units", "overall")

#: cosine similarity of the meaning of two texts
Similarity = Callable[[str, str], float]


@dataclass(frozen=True)
class Meaning:
    """An embedder that says how similar answers are, and the texts that it may be fitted on."""

    embedder: EmbedderOptions
    questions: Path
    chunks: Path | None
    seed: int
    journals: Path | None = None


def write_consistency(
    consistency: Path,
    predictions: Sequence[Path],
    summaries: Sequence[Path],
    task: TaskOptions,
    scorer: ScorerOptions,
    meaning: Meaning | None = None,
) -> None:
    """Write the table; `predictions` and `summaries` have a file of each model.

    Without `meaning` there is no semantic agreement.
    """
    similarity = None
    if meaning:
        frames = (read_prediction_frame(path, task.fields) for path in predictions)
        texts = [text for answers in frames for text in texts_to_compare(answers)]
        similarity = _similarity(meaning, list(dict.fromkeys(texts))) if texts else None
    rules = scorer if isinstance(scorer, FieldScorerOptions) else None
    rows: list[dict[str, object]] = []
    for path, summary in zip(predictions, summaries, strict=True):
        answers = read_prediction_frame(path, task.fields, passages=True)
        rows += _model_rows(answers, read_scores(summary), similarity, rules)
    write_frame(consistency, frame_of(rows, COLUMNS))


def _model_rows(
    answers: pd.DataFrame,
    scores: ModelScores,
    similarity: Similarity | None,
    rules: RecordRules | None,
) -> Iterator[dict[str, object]]:
    noise = {summary.retriever: summary.repeat_noise for summary in scores.summaries}
    for retriever, rows in answers.groupby("retriever", sort=False):
        own = noise.get(str(retriever), {})
        metrics = {
            **agreements(rows, similarity, rules),
            **{f"{name}_repeat_sd": Metric(one.sd, one.repeats) for name, one in own.items()},
            **{f"{name}_repeat_range": Metric(one.range, one.repeats) for name, one in own.items()},
        }
        for metric, value in metrics.items():
            about = {"model": scores.name, "retriever": retriever, "metric": metric}
            yield {**about, **asdict(value), "repeats": rows["repeat"].max()}


def agreements(
    answers: pd.DataFrame, similarity: Similarity | None, rules: RecordRules | None
) -> dict[str, Metric]:
    """The metrics of one model with one retriever; `answers` is a prediction frame.

    `rules` are given for extracted records.
    """
    repeated = _repeated(answers)
    failed = int(answers["status"].isin(NO_ANSWER).sum())
    fields = {name.removeprefix("answer."): repeated[name] for name in _fields(answers)}
    whole = repeated["status"]
    for column in fields.values():
        whole = whole + "\0" + column
    groups = [group for _, group in repeated.groupby("question_id", sort=False)]
    shares = {"exact_agreement": _shares_as_first(repeated, whole)}
    for name, column in fields.items() if len(fields) > 1 else ():
        shares[f"{name}_agreement"] = _shares_as_first(repeated, column)
    shares["semantic_agreement"] = (
        [_mean_similarity(_texts(group), similarity) for group in groups] if similarity else []
    )
    # where no passages were shown, there is nothing to agree on
    shown = repeated.groupby("question_id")["passages"].transform("max") != ""
    shares["passage_agreement"] = _shares_as_first(repeated[shown], repeated["passages"])
    found = {name: _mean(values, failed) for name, values in shares.items()}
    if rules is not None:
        compared = [
            extraction_consistency([json.loads(record) for record in group["answer.record"]], rules)
            for group in groups
        ]
        for name in _EXTRACTION:
            values = [getattr(one, name) for one in compared]
            known = [value for value in values if value is not None]
            found[f"extraction_{name}_agreement"] = _mean(known, failed)
    return found


def texts_to_compare(answers: pd.DataFrame) -> list[str]:
    """The texts whose similarity `agreements` will ask for, each once."""
    parts = (_texts(_repeated(own)) for _, own in answers.groupby("retriever", sort=False))
    return list(dict.fromkeys(text for texts in parts for text in texts))


def _fields(answers: pd.DataFrame) -> list[str]:
    """The columns of the answers' fields that some answer has."""
    names = [name for name in answers if str(name).startswith("answer.")]
    return [str(name) for name in names if (answers[name] != "").any()]


def _repeated(answers: pd.DataFrame) -> pd.DataFrame:
    """The answered repeats, in their order, of questions with two of them or more; stripped."""
    answered = answers[~answers["status"].isin(NO_ANSWER)].sort_values("repeat", kind="stable")
    repeated = answered[answered.duplicated("question_id", keep=False)]
    fields = _fields(answers)
    return repeated.assign(**{name: repeated[name].str.strip() for name in fields})


def _shares_as_first(rows: pd.DataFrame, column: pd.Series[str]) -> list[float]:
    """By question: the share of later repeats that equal the first in a column."""
    questions = rows["question_id"]
    own = column.loc[rows.index]
    same = (own == own.groupby(questions).transform("first")).groupby(questions)
    return ((same.sum() - 1) / (same.size() - 1)).tolist()


def _texts(rows: pd.DataFrame) -> list[str]:
    """Each answer as one text: its fields, one a line."""
    cells = rows[_fields(rows)].to_numpy().tolist()
    return ["\n".join(filter(None, row)) for row in cells]


def _mean_similarity(texts: Sequence[str], similarity: Similarity) -> float:
    """Over all pairs of repeats."""
    pairs = list(combinations(texts, 2))
    return fsum(similarity(one, other) for one, other in pairs) / len(pairs)


def _mean(shares: Sequence[float], failed: int) -> Metric:
    return Metric(fsum(shares) / len(shares) if shares else None, len(shares), failed)


def _similarity(meaning: Meaning, texts: Sequence[str]) -> Similarity:
    """The cosine of two of the texts; 1 for equal texts, whether the embedder knows them or not."""
    fitted_on = [question.text for question in read_rows(meaning.questions, Question)]
    if meaning.chunks:
        fitted_on += [chunk.text for chunk in read_rows(meaning.chunks, Chunk)]
    with TemporaryDirectory() as folder:
        meaning.embedder.fit(fitted_on, Path(folder), meaning.seed)
        embedder = meaning.embedder.normalised().load(Path(folder), meaning.journals)
        vectors = dict(zip(texts, embedder.embed_passages(texts), strict=True))

    def similarity(one: str, other: str) -> float:
        if one == other:
            return 1.0
        return float(min(max(vectors[one] @ vectors[other], -1.0), 1.0))

    return similarity
