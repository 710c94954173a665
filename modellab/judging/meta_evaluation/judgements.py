"""All judgements of a dataset as one frame, and one value per judge, metric and answer."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from modellab.core.io.jsonl import read_rows
from modellab.judging.records import COSINE, ONE_TO_FIVE, SHARE, Judgement, Scale, State
from modellab.judging.rubric.options import PAIRWISE

#: one answer of one model
ANSWER = ["model", "retriever", "question_id", "repeat"]
SYSTEM = ["model", "retriever"]
#: scores are comparable only within one kind of judge and metric
MEASURE = ["kind", "metric"]
#: one judge, one metric, one answer
UNIT = ["judge", *MEASURE, *ANSWER]
#: a cosine of embeddings
_OF_EMBEDDINGS = "answer_relevancy"
#: confidence level of intervals
CONFIDENCE = 0.95
_NUMBERS = ("value", "prompt_tokens", "completion_tokens", "cost_usd", "latency_seconds")


@dataclass(frozen=True)
class Judge:
    """A judge in tables. `scales` are those of metrics that the config defines."""

    name: str
    kind: str
    model_id: str
    family: str | None = None
    scales: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def scale(self, metric: str) -> Scale:
        if metric in self.scales:
            return Scale(*self.scales[metric])
        if self.kind == "rubric":
            return SHARE if metric == PAIRWISE else ONE_TO_FIVE
        return COSINE if metric == _OF_EMBEDDINGS else SHARE


class Measure(NamedTuple):
    """A metric of a kind of judge, with its scale."""

    kind: str
    metric: str
    scale: Scale

    def names(self) -> dict[str, str]:
        return {"kind": self.kind, "metric": self.metric}

    def category(self, value: float) -> int:
        """The nearest whole score; on a scale from 0 to 1, whether it is 0.5 or more."""
        return math.floor(value + 0.5)


def read_judgements(judges: Mapping[str, Judge], files: Mapping[str, Path]) -> pd.DataFrame:
    """One row per judgement. `files` are by judge."""
    return judgement_frame(
        (judges[judge], row) for judge, path in files.items() for row in read_rows(path, Judgement)
    )


def judgement_frame(judged: Iterable[tuple[Judge, Judgement]]) -> pd.DataFrame:
    """One row per judgement: its fields, and those of its judge and `scale`.

    Rows are sorted: no table depends on the order of files.
    """
    rows = [
        {
            "judge": judge.name,
            "kind": judge.kind,
            "judge_model": judge.model_id,
            "family": judge.family,
            "scale": judge.scale(row.metric),
            **asdict(row),
        }
        for judge, row in judged
    ]
    about = ["judge", "kind", "judge_model", "family", "scale"]
    columns = [*about, *(one.name for one in fields(Judgement))]
    frame = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(_NUMBERS, float))
    for name in ("other", "shown"):
        frame[name] = frame[name].fillna("")
    return frame.sort_values([*UNIT, "judge_repeat", "other", "shown"], ignore_index=True)


def judged_answers(judgements: pd.DataFrame) -> pd.DataFrame:
    """One row per judge, metric and answer that the metric applies to (see `UNIT`), sorted.

    `value` is the mean over the repeats that have a score; a comparison has one only where both
    orders were scored. Without a value, `reason` says why. `values` are those of the repeats.
    """
    asked = judgements[judgements["state"] != State.NOT_APPLICABLE]
    groups = asked.groupby(UNIT)
    answers = pd.DataFrame(
        {
            "value": groups["value"].agg(mean).astype(float),
            "reason": groups["reason"].first(),
            "values": groups["value"].agg(tuple),
            "answer_words": groups["answer_words"].first(),
            "family": groups["family"].agg("first"),
            "scale": groups["scale"].agg("first"),
            "complete": groups["value"].count() == groups.size(),
        }
    ).reset_index()
    halves = (answers["metric"] == PAIRWISE) & ~answers["complete"]
    answers.loc[halves, "value"] = math.nan
    answers.loc[answers["value"].notna(), "reason"] = None
    return answers.drop(columns="complete")


def mean(values: Iterable[float]) -> float:
    """The mean of all that is not NaN; the sum is exact, so that the order does not matter."""
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) / len(known) if known else math.nan


def measures(answers: pd.DataFrame) -> Iterable[tuple[Measure, pd.DataFrame]]:
    """The judged answers of each metric of a kind of judge."""
    for _, group in answers.groupby(MEASURE):
        yield measure_of(group), group


def measure_of(group: pd.DataFrame) -> Measure:
    """The metric of rows that all have the same one."""
    return Measure(*group[[*MEASURE, "scale"]].iloc[0])
