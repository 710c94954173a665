"""What each round asks whom: a file per round, made from the answers of the rounds before."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_rows, write_json, write_rows
from modellab.core.metric import Better
from modellab.core.records import Prediction, Question
from modellab.evaluation.adaptive.elimination import beaten, pocock_level
from modellab.evaluation.adaptive.options import AdaptiveOptions
from modellab.evaluation.compare.entries import components_of, entry_name
from modellab.evaluation.frame import Scores, read_dataset
from modellab.evaluation.metrics import better
from modellab.evaluation.score import ScoreJob, score_model
from modellab.evaluation.statistics.systems import counted_rows, gather
from modellab.generation.rounds import EarlyStop, Round, read_round
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import ScorerOptions, additive_of

DECIDED, BUDGET, BEATEN = "decided", "budget", "beaten"
#: what is said of a control whose model's contenders are all beaten
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
    """Write who is asked what in a round.

    Args:
        job: The dataset.
        number: Of the round.
        questions: All questions.
        previous: The round before; None for the first.
        predictions: `{model}/round-{number}.jsonl` of all models in the rounds before.
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
    answers = _answers(predictions)
    order = [name for part in parts[: number - 1] for name in part]
    lost: dict[str, str] = {}
    with TemporaryDirectory() as folder:
        scores = _scored(job, questions, answers, runs, chunks, Path(folder))
    if scores:
        level = pocock_level(job.adaptive.error, len(parts) - 1)
        lost = _beaten(job, before, scores, order, level)
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


def _contenders(job: RoundJob) -> Iterator[tuple[str, str]]:
    for name, model in job.models.items():
        for retriever in model.contenders(model.retrievers):
            yield name, retriever


def _answers(predictions: Sequence[Path]) -> dict[str, list[Prediction]]:
    """By model, the rows of all rounds."""
    found: dict[str, list[Prediction]] = {}
    for path in predictions:
        found.setdefault(path.parent.name, []).extend(read_rows(path, Prediction))
    return found


def _scored(
    job: RoundJob,
    questions: Path,
    answers: Mapping[str, Sequence[Prediction]],
    runs: Sequence[Path],
    chunks: Path | None,
    folder: Path,
) -> Scores | None:
    """The scores of all contenders, also of those beaten in earlier rounds; files in `folder`."""
    record = {path.parent.name: path for path in runs}
    summaries, tables = [], []
    for name, model in job.models.items():
        contenders = model.contenders(model.retrievers)
        rows = [row for row in answers.get(name, ()) if row.retriever in contenders]
        if not rows:
            continue
        made, table, summary = (folder / f"{name}.{end}" for end in ("jsonl", "csv", "json"))
        write_rows(made, rows)
        known = {key: value for key, value in vars(model).items() if key != "retrievers"}
        score_model(
            ScoreJob(
                name, job.dataset, job.task, job.scorer, job.missing, seed=job.scoring_seed, **known
            ),
            questions=questions,
            predictions=made,
            run=record[name],
            rows=table,
            summary=summary,
            chunks=chunks,
        )
        summaries.append(summary)
        tables.append(table)
    return read_dataset(questions, summaries, tables) if tables else None


def _beaten(
    job: RoundJob, before: Round, scores: Scores, order: Sequence[str], level: float
) -> dict[str, str]:
    """The systems that cannot be the best, each with the leader. `order`: the questions asked."""
    overall = components_of(scores.models)[-1]
    additive = additive_of(job.scorer, job.task, dict.fromkeys(scores.rows.columns))
    systems = gather(scores, counted_rows(scores, additive), additive, job.cluster)
    if overall not in systems.by_question:
        raise InputError(
            f"datasets.{job.dataset}.adaptive: {overall} is no sum over questions and has no "
            "test; choose another scorer, or ask everything"
        )
    way = better(overall, job.task.kind)
    left = {entry_name(name, one) for name, kept in before.systems.items() for one in kept}
    # without a score a system cannot be compared, and is asked on
    known = [n for n, entry in enumerate(systems.entries) if entry.score(overall) is not None]
    contenders = [n for n in known if systems.entries[n].name in left]
    if way is Better.NEITHER or len(contenders) < 2:
        return {}
    place = dict(zip((question.id for question in scores.questions), scores.distinct, strict=True))
    columns = list(dict.fromkeys(place[name] for name in order))
    sign = -1.0 if way is Better.LOWER else 1.0
    marks = np.full(systems.present.shape, np.nan)
    for n in known:
        one = systems.only([n], systems.present[n]).contributions(overall)
        marks[n, systems.present[n]] = sign * one.rows()[0]
        reach = one.high - one.low
    clusters = None if systems.clusters is None else systems.clusters[columns]
    means = {n: np.nanmean(marks[n]) for n in contenders}
    leader = max(contenders, key=means.__getitem__)
    found = beaten(marks[:, columns], contenders, reach, level, clusters) - {leader}
    return {systems.entries[n].name: systems.entries[leader].name for n in found}


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
    """The round, or that nothing more is asked, and why."""
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


def _cost(answers: Mapping[str, Sequence[Prediction]], whose: Round, questions: set[str]) -> float:
    """US dollars for these questions, of the systems that a round asks."""
    return math.fsum(
        row.cost_usd or 0.0
        for name, rows in answers.items()
        for row in rows
        if row.question_id in questions and row.retriever in whose.systems.get(name, ())
    )


def _stopped(before: Round, found: Round, lost: Mapping[str, str]) -> dict[str, EarlyStop]:
    stopped = dict(before.stopped)
    for name, retrievers in before.systems.items():
        for retriever in retrievers:
            system = entry_name(name, retriever)
            if system in lost:
                stopped[system] = EarlyStop(BEATEN, lost[system])
            elif retriever not in found.systems.get(name, ()):
                stopped[system] = EarlyStop(WITH_ITS_MODEL)
            elif found.ended:
                stopped[system] = EarlyStop(found.ended)
    return stopped
