"""Adaptive rounds: who is asked what next, decided from the answers of the rounds before.

A contender goes once the leader beats it in a one-sided test, at a level so small that the levels
of all looks and all others together are `error`. So the best one is ever dropped with a
probability of at most `error`, however the answers depend on each other (the union bound): alpha
spending in equal parts over a fixed number of looks (Lan and DeMets 1983), and at each look a
comparison with the best (Hsu 1981) with Bonferroni's correction for all contenders there ever were.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from modellab.core.errors import InputError
from modellab.core.intervals.score_method import p_values
from modellab.core.io.jsonl import read_rows, write_json, write_rows
from modellab.core.metric import Better
from modellab.core.records import Prediction, Question
from modellab.evaluation.adaptive.options import AdaptiveOptions
from modellab.evaluation.compare.entries import components_of, entry_name
from modellab.evaluation.frame import Scores, read_dataset
from modellab.evaluation.metrics import better
from modellab.evaluation.score import ScoreJob, score_model
from modellab.evaluation.statistics.contributions import Contributions
from modellab.evaluation.statistics.systems import counted_rows, gather
from modellab.generation.rounds import Round, Stop, read_round
from modellab.tasks.metrics import additive_of
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import ScorerOptions

DECIDED, BUDGET, BEATEN = "decided", "budget", "beaten"
#: the reason of a control after all contenders of its model are beaten
WITH_ITS_MODEL = "its model is asked no further"


@dataclass(frozen=True)
class Contestant:
    """A model that answers a dataset, as its scores describe it; some retrievers are controls."""

    retrievers: tuple[str, ...]
    provider: str
    model_id: str
    local: bool | None
    size_b: float | None
    controls: Sequence[str] = ()
    roles: Mapping[str, str] = field(default_factory=dict)

    def contenders(self, retrievers: Sequence[str]) -> list[str]:
        return [name for name in retrievers if name not in self.controls]


@dataclass(frozen=True, kw_only=True)
class RoundJob:
    """A dataset that is asked in rounds.

    Attributes:
        models: All models that are asked, by name.
        cluster: Which questions are independent, as in the statistics.
        scoring_seed: Of scorers that learn from the corpus.
    """

    dataset: str
    models: Mapping[str, Contestant]
    task: TaskOptions
    scorer: ScorerOptions
    missing: str
    adaptive: AdaptiveOptions
    cluster: str
    seed: int
    scoring_seed: int


def write_round(
    job: RoundJob,
    number: int,
    questions: Path,
    previous: Path | None,
    predictions: Sequence[Path],
    runs: Sequence[Path],
    chunks: Path | None,
    out: Path,
) -> None:
    """Write the plan of a round.

    Args:
        job: The dataset.
        number: Of the round.
        questions: All questions.
        previous: The round before; None for the first.
        predictions: `{model}/round-{number}.jsonl` of the rounds before, of the models that were
            asked in the last one.
        runs: How each of these was made.
        chunks: The corpus, for scorers that learn what its words mean.
        out: The file of the round.

    Raises:
        InputError: Files cannot be read, or do not belong together.
    """
    asked = read_rows(questions, Question)
    parts = rounds_of(asked, job.adaptive.rounds, job.seed)
    if previous is None:
        systems = {name: model.retrievers for name, model in job.models.items()}
        first = Round(1, tuple(parts[0]), 0, systems, last=len(parts) == 1)
        write_json(out, asdict(first))
        return
    before = read_round(previous)
    at = level(job.adaptive.error, len(parts) - 1, len(list(_contenders(job))))
    answers = _answers(before, predictions)
    lost: dict[str, str] = {}
    with TemporaryDirectory() as folder:
        files = _scored(job, before, questions, answers, runs, chunks, Path(folder))
        if files:
            scores = read_dataset(
                questions, [one.summary for one in files], [one.rows for one in files]
            )
            lost = _beaten(job, scores, at)
    found = Round(
        number,
        tuple(parts[number - 1]),
        before.asked + len(before.questions),
        _systems(job, before, lost),
        spent_usd=before.spent_usd + _cost(answers, before, set(before.questions)),
    )
    found = _ended(job, before, found, answers)
    last = bool(found.ended) or number == len(parts)
    stopped = _stopped(before, found, lost)
    write_json(out, asdict(replace(found, stopped=stopped, last=last)))


def rounds_of(questions: Sequence[Question], rounds: int, seed: int) -> list[list[str]]:
    """The ids of questions by round; rounds differ by one question at most.

    Strata are the questions that are answerable or not, and have the same tags; each has its share
    of every round. Fewer questions than rounds make as many rounds.
    """
    rng = np.random.default_rng(seed)
    strata: dict[tuple[bool, tuple[str, ...]], list[str]] = defaultdict(list)
    for question in questions:
        strata[question.unanswerable, tuple(sorted(question.tags))].append(question.id)
    places: dict[str, float] = {}
    for ids in strata.values():
        # evenly along the line, from a random start
        start = rng.random()
        for place, drawn in enumerate(rng.permutation(len(ids))):
            places[ids[drawn]] = (place + start) / len(ids)
    order = sorted(places, key=places.__getitem__)
    ends = np.linspace(0, len(order), min(rounds, len(order)) + 1).round().astype(int)
    return [order[begin:end] for begin, end in pairwise(ends)]


def level(error: float, looks: int, contenders: int) -> float:
    """The one-sided significance level of one pair at one look."""
    return error / max(looks, 1) / max(contenders - 1, 1)


def beaten(
    found: Contributions, way: Better, level: float, clusters: NDArray[np.int_] | None = None
) -> dict[int, int]:
    """The systems that cannot be the best, each with the one that beats it, by place.

    Args:
        found: The overall score of those that are still in the contest, on the same questions.
        way: Which way the score is better; with `NEITHER` nobody is beaten.
        level: The significance level of one pair, from `level`.
        clusters: Of each question the number of its cluster; None where they are independent.
    """
    if way is Better.NEITHER or np.isnan(found.values).any():
        return {}
    gains = -found.values if way is Better.LOWER else found.values
    first = int(gains.argmax())
    pairs = [(first, other) for other in range(len(gains)) if gains[other] < gains[first]]
    if not pairs:
        return {}
    # more questions of a rare stratum follow: a few of them now are no stratum of a given size
    below = p_values([found.in_one_stratum(pairs, clusters)]) / 2 < level
    return {other: first for (_, other), out in zip(pairs, below, strict=True) if out}


def _contenders(job: RoundJob) -> Iterator[tuple[str, str]]:
    for name, model in job.models.items():
        for retriever in model.contenders(model.retrievers):
            yield name, retriever


def _answers(before: Round, predictions: Sequence[Path]) -> dict[str, list[Prediction]]:
    """By model, the rows of all rounds of the systems that were asked in the last one."""
    found: dict[str, list[Prediction]] = {name: [] for name in before.systems}
    for path in predictions:
        name = path.parent.name
        rows = read_rows(path, Prediction)
        found[name] += [row for row in rows if row.retriever in before.systems[name]]
    return found


@dataclass(frozen=True)
class _Scored:
    summary: Path
    rows: Path


def _scored(
    job: RoundJob,
    before: Round,
    questions: Path,
    answers: Mapping[str, Sequence[Prediction]],
    runs: Sequence[Path],
    chunks: Path | None,
    folder: Path,
) -> list[_Scored]:
    """Score the contenders that are left, into `folder`."""
    record = {path.parent.name: path for path in runs}
    found = []
    for name, model in job.models.items():
        left = model.contenders(before.systems.get(name, ()))
        rows = [row for row in answers.get(name, ()) if row.retriever in left]
        if not rows:
            continue
        made, files = folder / f"{name}.jsonl", _Scored(folder / f"{name}.json", folder / name)
        write_rows(made, rows)
        known = {key: value for key, value in vars(model).items() if key != "retrievers"}
        score_model(
            ScoreJob(
                name, job.dataset, job.task, job.scorer, job.missing, seed=job.scoring_seed, **known
            ),
            questions=questions,
            predictions=made,
            run=record[name],
            rows_out=files.rows,
            out=files.summary,
            chunks=chunks,
        )
        found.append(files)
    return found


def _beaten(job: RoundJob, scores: Scores, at: float) -> dict[str, str]:
    """The systems that cannot be the best, each with the system that beats it."""
    overall = components_of(scores.models)[-1]
    additive = additive_of(job.scorer, job.task, dict.fromkeys(scores.rows.columns))
    systems = gather(scores, counted_rows(scores, additive), additive, job.cluster)
    if overall not in systems.by_question:
        raise InputError(
            f"datasets.{job.dataset}.adaptive: {overall} is no sum over questions and has no "
            "test; choose another scorer, or ask everything"
        )
    # without a score a system cannot be compared, and is asked on
    places = [n for n, entry in enumerate(systems.entries) if entry.score(overall) is not None]
    common = np.asarray(systems.present[places].all(axis=0))
    if len(places) < 2 or not common.any():
        return {}
    part = systems.only(places, common)
    way = better(overall, job.task.kind)
    found = beaten(part.contributions(overall), way, at, part.clusters)
    names = [entry.name for entry in part.entries]
    return {names[worse]: names[first] for worse, first in found.items()}


def _systems(job: RoundJob, before: Round, lost: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Those still in the contest, with the controls of their models."""
    found = {}
    for name, retrievers in before.systems.items():
        model = job.models[name]
        left = [one for one in retrievers if entry_name(name, one) not in lost]
        # a model that is nothing but a reference point is asked to the end
        if model.contenders(left) or not model.contenders(model.retrievers):
            found[name] = tuple(left)
    return found


def _ended(
    job: RoundJob, before: Round, found: Round, answers: Mapping[str, Sequence[Prediction]]
) -> Round:
    """The round, or without questions and with the reason where asking ends."""
    left = sum(len(job.models[n].contenders(names)) for n, names in found.systems.items())
    options = job.adaptive
    if left <= options.most_left < len(list(_contenders(job))):
        return replace(found, ended=DECIDED, questions=())
    if options.budget_usd is not None and before.questions:
        last = _cost(answers, found, set(before.questions))
        coming = last * len(found.questions) / len(before.questions)
        if found.spent_usd + coming > options.budget_usd:
            return replace(found, ended=BUDGET, questions=())
    return found


def _cost(answers: Mapping[str, Sequence[Prediction]], asked: Round, questions: set[str]) -> float:
    """US dollars for these questions, of the systems that a round asks."""
    return math.fsum(
        row.cost_usd or 0.0
        for name, rows in answers.items()
        for row in rows
        if row.question_id in questions and row.retriever in asked.systems.get(name, ())
    )


def _stopped(before: Round, found: Round, lost: Mapping[str, str]) -> dict[str, Stop]:
    stopped = dict(before.stopped)
    for name, retrievers in before.systems.items():
        for retriever in retrievers:
            system = entry_name(name, retriever)
            if system in lost:
                stopped[system] = Stop(BEATEN, lost[system])
            elif retriever not in found.systems.get(name, ()):
                stopped[system] = Stop(WITH_ITS_MODEL)
            elif found.ended:
                stopped[system] = Stop(found.ended)
    return stopped
