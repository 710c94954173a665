"""The record of one finished run over one dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: incremented if a key is removed or changes its meaning; a new key needs no new version
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Project:
    """The code that made the results; None if the project is not a Git checkout.

    `dirty`: whether tracked files have uncommitted changes.
    """

    commit: str | None = None
    branch: str | None = None
    dirty: bool | None = None


@dataclass(frozen=True)
class RecordedModel:
    """A model. `fingerprint` is the digest of everything that decides its answers.

    `seconds` is the sum over the timed runs behind its answers; None without one.
    """

    provider: str
    model_id: str
    fingerprint: str
    answers: int
    seconds: float | None = None


@dataclass(frozen=True)
class RecordedJudge:
    """A judge, the number of its judgements, and the seconds of its last runs."""

    kind: str
    model_id: str
    judgements: int
    seconds: float | None = None


@dataclass(frozen=True)
class RecordedMetric:
    """A metric of one system with its counts; `judge` if it is a judge's."""

    system: str
    metric: str
    value: float | None
    n_scored: int
    n_failed: int
    judge: str | None = None

    @property
    def name(self) -> str:
        """The metric's name, after its judge's."""
        return f"{self.judge}: {self.metric}" if self.judge else self.metric


@dataclass(frozen=True)
class RecordedRating:
    """A metric that decides the status, as in `status.json`."""

    metric: str
    subject: str
    value: float | None
    n_scored: int
    n_failed: int
    status: str


@dataclass(frozen=True)
class RunRecord:
    """One finished run over one dataset with new results.

    `timestamp` (UTC) is when the results were complete. `state` is the digest of the results:
    settings, fingerprints, metrics, status, without times and costs. `config` is the digest of the
    settings alone. `metrics` has the systems best first and controls last, each with the components
    of the scorer, the overall score last, then the metrics of judges. `durations` are seconds by
    stage. `missing` are the models that a partial run left out.
    """

    run: str
    timestamp: str
    dataset: str
    state: str
    config: str
    project: Project
    author: str | None
    task: str
    scorer: str
    questions: int
    overall: str
    models: Mapping[str, RecordedModel]
    judges: Mapping[str, RecordedJudge]
    retrievers: tuple[str, ...]
    metrics: tuple[RecordedMetric, ...]
    durations: Mapping[str, float | None]
    versions: Mapping[str, str]
    status: str | None = None
    ratings: tuple[RecordedRating, ...] = ()
    missing: tuple[str, ...] = ()
    verdict: str | None = None
    controls: tuple[str, ...] = ()
    schema_version: int = field(default=SCHEMA_VERSION)

    @property
    def best(self) -> RecordedMetric | None:
        """The overall score of the best contender, if any has one."""
        scores = (
            m
            for m in self.metrics
            if m.metric == self.overall and m.judge is None and m.system not in self.controls
        )
        return next((score for score in scores if score.value is not None), None)

    @property
    def by_place(self) -> dict[tuple[str, str], RecordedMetric]:
        """The metrics by system and name."""
        return {(metric.system, metric.name): metric for metric in self.metrics}


@dataclass(frozen=True)
class Change:
    """One metric of one system in two runs; None if a run does not have it."""

    system: str
    metric: str
    before: RecordedMetric | None
    after: RecordedMetric | None

    @property
    def difference(self) -> float | None:
        """After minus before; None unless both have a value."""
        one = self.before.value if self.before else None
        two = self.after.value if self.after else None
        return None if one is None or two is None else two - one

    @property
    def other_rows(self) -> bool:
        """Whether the two values are over different numbers of rows."""
        if self.before is None or self.after is None:
            return False
        return self.before.n_scored != self.after.n_scored


def compare_runs(before: RunRecord, after: RunRecord) -> list[Change]:
    """All metrics of all systems of both runs, in the order of the second, then of the first."""
    one, two = before.by_place, after.by_place
    places = dict.fromkeys([*two, *one])
    return [Change(*place, one.get(place), two.get(place)) for place in places]
