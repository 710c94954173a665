"""From one model's predictions, which are read, to one judge's judgements of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from modellab.core.fingerprint import file_digest
from modellab.core.records import Request
from modellab.generation.driver import AskingJob, Driver, limited
from modellab.generation.requests import RequestKeys
from modellab.judging.materials import Call, Materials
from modellab.judging.options import JudgeOptions
from modellab.judging.records import Judgement, State
from modellab.judging.samples import read_samples
from modellab.tasks import canonical_answer


@dataclass(frozen=True, kw_only=True)
class JudgeJob(AskingJob):
    """One judge on one model's answers to one dataset.

    `task` is the kind of task. `predictions` are those of the `model`, `others` those that it is
    compared with; `contexts` are files by retriever, `prompts` by metric. Only answers with one of
    the `retrievers` are judged (None: all).
    """

    name: str
    dataset: str
    model: str
    task: str
    judge: JudgeOptions
    prompts: Mapping[str, Path]
    questions: Path
    predictions: Path
    others: Mapping[str, Path]
    contexts: Mapping[str, Path]
    chunks: Path | None
    retrievers: tuple[str, ...] | None


def judge_model(job: JudgeJob, out: Path, run: Path) -> None:
    """Write one row per judgement to `out`, and how they were made to `run`.

    Raises InputError when the judge's model cannot be loaded, the journal is not one, or the
    time is up.
    """
    what, options = f"{job.name} judging {job.model} on {job.dataset}", job.judge.judging_model
    with limited(job, f"judges.{job.name}", what, [options]):
        driver = Driver(job, what, options, job.judge.reply_schema())
        judging = job.judge.judging(materials_of(job))
        with driver.asking():
            rows = judging.judge(
                lambda calls: driver.ask([request_of(job.judge, driver.keys, c) for c in calls])
            )
        failed = [str(row.reason) for row in rows if row.state == State.FAILED]
        driver.write(out, rows, failed, run, _record(job, rows))


def request_of(judge: JudgeOptions, keys: RequestKeys, call: Call) -> Request:
    """The request of a call: of its question, repeated as often as the judge repeats."""
    item = call.item
    key = keys.key(
        judge=type(judge).__name__,
        judge_version=judge.version,
        metric=item.metric,
        repeat=item.judge_repeat,
        draw=call.draw,
        attempt=call.attempt,
        input=[asdict(message) for message in call.messages],
    )
    sample = item.sample
    return Request(key, sample.question, sample.retriever, item.judge_repeat, (), call.messages)


def materials_of(job: JudgeJob) -> Materials:
    """What the job's files hold for the judge."""
    return Materials(
        samples=_samples(job, job.predictions),
        others={name: _samples(job, path) for name, path in job.others.items()},
        prompts=job.prompts,
        chunks=job.chunks,
        seed=job.seed or 0,
    )


def _samples(job: JudgeJob, predictions: Path) -> tuple[Any, ...]:
    samples = read_samples(job.questions, predictions, job.contexts, canonical_answer(job.task))
    wanted = job.retrievers
    return tuple(s for s in samples if wanted is None or s.retriever in wanted)


def _record(job: JudgeJob, rows: Sequence[Judgement]) -> dict[str, Any]:
    states = Counter(row.state for row in rows)
    return {
        "judge": job.name,
        "dataset": job.dataset,
        "model": job.model,
        "options": job.judge.cache_key_fields(),
        "prompts": {
            name: {"path": str(path), "sha256": file_digest(path)}
            for name, path in job.prompts.items()
        },
        "states": {state.value: states[state] for state in State},
    }
