"""The job of a judge: from predictions to judgements."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

from modellab.core.fingerprint import file_digest
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Context, Prediction, Question, Request, Status
from modellab.generation.asking_job import AskingJob, limited
from modellab.generation.driver import Driver
from modellab.generation.requests import RequestKeys
from modellab.judging.options import JudgeOptions
from modellab.judging.records import JudgeCall, Materials, Sample, State
from modellab.tasks import canonical_answer
from modellab.tasks.canonical import CanonicalAnswer


@dataclass(frozen=True, kw_only=True)
class JudgeJob(AskingJob):
    """One judge on the answers to one dataset.

    One job judges all models, so that the judge is loaded once, its server is never idle, and
    equal answers are judged once.

    Attributes:
        models: The models to judge.
        task: The kind of task.
        options: The judge, with its model resolved.
        prompts: Files, in the order of the judge's `prompt_files`.
        predictions: Files by model, including models that the others are only compared with.
        contexts: Files by retriever.
        retrievers: The retrievers whose answers are judged; None for all.
    """

    judge: str
    dataset: str
    models: Sequence[str]
    task: str
    options: JudgeOptions
    prompts: Sequence[Path]
    questions: Path
    predictions: Mapping[str, Path]
    contexts: Mapping[str, Path]
    chunks: Path | None
    retrievers: Sequence[str] | None

    def prompt_files(self) -> dict[str, Path]:
        """The prompt templates by metric."""
        return dict(zip(self.options.prompt_files(Path()), self.prompts, strict=True))


def judge_dataset(job: JudgeJob, judgements: Path, run: Path) -> None:
    """Write the judgements, and the record of the run.

    Raises:
        InputError: The judge's model cannot be loaded, the journal is broken, or time is up.
    """
    what, model = f"{job.judge} judging {job.dataset}", job.options.judging_model
    with limited(job, f"judges.{job.judge}", what, [model]):
        driver = Driver(job, what, model, job.options.reply_schema())
        judging = job.options.judging(materials_of(job))
        with driver.asking():
            rows = judging.judge(
                lambda calls: driver.ask([request_of(job.options, driver.keys, c) for c in calls])
            )
        states = Counter(row.state for row in rows)
        record = {
            "judge": job.judge,
            "dataset": job.dataset,
            "models": list(job.models),
            "options": job.options.cache_key_fields(),
            "prompts": {
                name: {"path": str(path), "sha256": file_digest(path)}
                for name, path in job.prompt_files().items()
            },
            "states": {state.value: states[state] for state in State},
        }
        failed = [(str(row.reason), row.detail) for row in rows if row.state == State.FAILED]
        driver.write(judgements, rows, failed, run, record)


def request_of(judge: JudgeOptions, keys: RequestKeys, call: JudgeCall) -> Request:
    """The request of a call; its key depends on the judge, metric and repeat."""
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
    """The input files of a job."""
    canonical = canonical_answer(job.task)
    questions = {question.id: question for question in read_rows(job.questions, Question)}
    texts = {name: _passage_texts(path) for name, path in job.contexts.items()}

    samples = {
        model: tuple(
            _sample(model, questions[row.question_id], row, texts.get(row.retriever, {}), canonical)
            for row in read_rows(path, Prediction)
            if job.retrievers is None or row.retriever in job.retrievers
        )
        for model, path in job.predictions.items()
    }
    return Materials(
        samples=tuple(chain.from_iterable(samples[model] for model in job.models)),
        others={name: samples[name] for name in job.options.compared_with() if name in samples},
        prompts=job.prompt_files(),
        chunks=job.chunks,
        seed=job.seed or 0,
    )


def _passage_texts(path: Path) -> dict[str, dict[str, str]]:
    """Texts by question and chunk: a retriever may show a chunk differently to each question."""
    return {
        context.question_id: {passage.chunk_id: passage.text for passage in context.passages}
        for context in read_rows(path, Context)
    }


def _sample(
    model: str,
    question: Question,
    row: Prediction,
    texts: Mapping[str, Mapping[str, str]],
    canonical: CanonicalAnswer,
) -> Sample:
    shown = texts.get(question.id, {})
    answered = row.status == Status.ANSWERED
    # a sentence such as "the documents do not say" is not a reference
    reference = None if question.unanswerable else canonical.text(question.reference)
    if reference is not None:
        reference = "\n".join([reference, *(f"or: {one}" for one in question.other_answers)])
    return Sample(
        model=model,
        question=question,
        retriever=row.retriever,
        repeat=row.repeat,
        status=row.status,
        answer=(canonical.text(row.answer) or "") if answered else "",
        reference=reference,
        unanswerable=question.unanswerable,
        contexts=tuple(shown[name] for name in row.passages if name in shown),
    )
