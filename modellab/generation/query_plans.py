"""Query decomposition: a model makes the queries of a retriever of kind `planned`.

An unreadable reply gives a plan without queries, with that status.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from modellab.core.fingerprint import file_digest
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Call, Passage, Plan, PlanStatus, Question, Response, Status
from modellab.core.text.json_reading import SeveralObjectsError, field_text, the_object
from modellab.generation.asking_job import AskingJob, limited
from modellab.generation.driver import Driver
from modellab.generation.requests import RequestMaker
from modellab.models.prompts import load_prompt
from modellab.models.protocol import ModelOptions
from modellab.tasks.protocol import Parsed

log = logging.getLogger(__name__)

_KEY = "queries"


@dataclass(frozen=True, kw_only=True)
class PlanJob(AskingJob):
    """The query plans of one dataset for one retriever. `model` is the model's name."""

    retriever: str
    dataset: str
    model: str
    options: ModelOptions
    max_queries: int
    prompt: Path
    questions: Path


class Planning:
    """The task of making queries. Its prompt may use `question` and `number`."""

    def __init__(self, max_queries: int) -> None:
        self._max = max_queries

    @property
    def answer_schema(self) -> Mapping[str, Any]:
        listed = {"type": "array", "items": {"type": "string"}, "maxItems": self._max}
        return {
            "type": "object",
            "properties": {_KEY: listed},
            "required": [_KEY],
            "additionalProperties": False,
        }

    def variables(self, question: Question, passages: Sequence[Passage]) -> dict[str, Any]:
        return {"question": question.text, "number": self._max}

    def parse(self, text: str) -> Parsed:
        found = queries_of(text)
        if found is None:
            return Parsed(Status.UNPARSED)
        return Parsed(Status.ANSWERED, {_KEY: "\n".join(found)})


def queries_of(text: str) -> list[str] | None:
    """The distinct queries of a reply `{"queries": ["...", ...]}`; None where there are none."""
    try:
        data = the_object(text, (_KEY,))
    except SeveralObjectsError:
        return None
    listed = data.get(_KEY) if data else None
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        return None
    plain = [" ".join(field_text(one).split()) for one in listed]
    return list(dict.fromkeys(one for one in plain if one)) or None


def plan_queries(job: PlanJob, plans: Path, run: Path) -> None:
    """Write one plan per question to `plans`, the record to `run`.

    Raises:
        InputError: The model cannot be loaded, the journal is broken, or time is up.
    """
    what = f"queries of {job.retriever} for {job.dataset}"
    with limited(job, f"retrievers.{job.retriever}", what, [job.options]):
        task = Planning(job.max_queries)
        driver = Driver(job, what, job.options, task.answer_schema)
        maker = RequestMaker(driver.keys, task, load_prompt(job.prompt))
        questions = read_rows(job.questions, Question)
        with driver.asking():
            responses = driver.ask([maker.make(q, job.retriever, 1, ()) for q in questions])
        pairs = zip(questions, responses, strict=True)
        made = [_plan(job, question, r, driver.seconds_of(r)) for question, r in pairs]
        unanswered = [
            (plan.error_class or plan.status.value, plan.error)
            for plan in made
            if plan.status != PlanStatus.PLANNED
        ]
        states = Counter(plan.status for plan in made)
        cut = sum(plan.cut for plan in made)
        record = {
            "retriever": job.retriever,
            "dataset": job.dataset,
            "model": job.model,
            "prompt": {"path": str(job.prompt), "sha256": file_digest(job.prompt)},
            "max_queries": job.max_queries,
            "states": {state.value: states[state] for state in PlanStatus},
            "queries": sum(len(plan.queries) for plan in made),
            "cut": cut,
        }
        if cut:
            log.warning("%s: %d queries beyond max_queries were cut off", what, cut)
        driver.write(plans, made, unanswered, run, record)


def _plan(job: PlanJob, question: Question, response: Response, share: float | None) -> Plan:
    failed = response.error_class is not None or response.text is None
    found = None if failed else queries_of(response.text or "")
    unparsed = PlanStatus.FAILED if failed else PlanStatus.UNPARSED
    return Plan(
        question_id=question.id,
        retriever=job.retriever,
        status=unparsed if found is None else PlanStatus.PLANNED,
        queries=tuple((found or [])[: job.max_queries]),
        cut=max(0, len(found or []) - job.max_queries),
        raw=response.text,
        key=response.key,
        seconds_per_answer=share,
        **{one.name: getattr(response, one.name) for one in fields(Call)},
    )
