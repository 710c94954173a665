"""The cost of judging, estimated from real prompts and journals before anything is asked."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modellab.core.io.journal import read_journal
from modellab.core.records import Request, Response
from modellab.generation.requests import RequestKeys
from modellab.judging.judge import JudgeJob, materials_of, request_of
from modellab.judging.ragas.options import RagasOptions
from modellab.models.asking.options import ApiOptions
from modellab.models.embedders.tfidf_svd import TfidfSvdOptions
from modellab.models.prices import load_prices
from modellab.models.protocol import ModelOptions

#: rough estimate of the bytes of text in a token
BYTES_PER_TOKEN = 4
#: text of a RAGAS prompt before the JSON schema of its reply
_FORM = "as specified in JSON Schema:\n"
_DECODER = json.JSONDecoder()
_COUNTS = ("judgements", "in_journal", "calls", "prompt_tokens", "output_tokens")


@dataclass(frozen=True)
class JudgingCost:
    """The cost of one judge on a dataset, as far as there are predictions.

    `ready` of its `models` have predictions. `prompt_tokens` are estimated from the prompts;
    `output_tokens` and `cost_usd` are upper bounds without retries; the cost is None without a
    price. Calls that depend on the replies to other calls are counted once for each of these,
    which is a lower bound.
    """

    dataset: str
    judge: str
    models: int
    ready: int
    judgements: int = 0
    in_journal: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None


def plan_job(job: JudgeJob) -> JudgingCost:
    """The cost of a job, without asking or writing. Raises InputError like the job itself."""
    whole, there = len(job.models), {n: p for n, p in job.predictions.items() if p.exists()}
    job = replace(job, predictions=there, models=[n for n in job.models if n in there])
    needed = [job.questions, *job.contexts.values(), *([job.chunks] if job.chunks else [])]
    if not job.models or not all(path.exists() for path in needed):
        return JudgingCost(job.dataset, job.judge, whole, ready=0)
    judge = job.options
    if isinstance(judge, RagasOptions):
        # no vectors are compared here, and this embedder loads no weights
        judge = judge.with_embedder(TfidfSvdOptions(kind="tfidf-svd", dimensions=1))
    options = judge.judging_model
    keys = RequestKeys(options, options.fingerprint(), judge.reply_schema(), job.seed)
    counter = _Counter(read_journal(job.journal))
    rows = judge.judging(materials_of(job)).judge(
        lambda calls: [counter.answer(request_of(judge, keys, call)) for call in calls]
    )
    asked = counter.asked.values()
    prompt = sum(
        sum(len(m.content.encode()) for m in request.messages) // BYTES_PER_TOKEN
        for request in asked
    )
    output = judge.max_new_tokens * len(asked)
    return JudgingCost(
        dataset=job.dataset,
        judge=job.judge,
        models=whole,
        ready=len(job.models),
        judgements=sum(row.calls > 0 for row in rows),
        in_journal=len(counter.found),
        calls=len(asked),
        prompt_tokens=prompt,
        output_tokens=output,
        cost_usd=cost_usd(options, prompt, output),
    )


def print_plan(jobs: Sequence[JudgeJob]) -> None:
    """Print the cost of judge jobs as a table on stderr."""
    from rich.console import Console
    from rich.table import Table

    lines = plan_table([plan_job(job) for job in jobs])
    table = Table(title=f"{len(jobs)} judge jobs; tokens and dollars at most, without retries")
    for place, column in enumerate(lines[-1]):
        table.add_column(column.replace("_", " "), justify="left" if place < 2 else "right")
    for line in lines:
        table.add_row(*(line.get(column, "") for column in lines[-1]))
    Console(stderr=True, width=130).print(table)


def plan_table(plans: Sequence[JudgingCost]) -> list[dict[str, str]]:
    """A row of text cells per job, and a row of sums."""
    known = [plan.cost_usd for plan in plans if plan.ready and plan.cost_usd is not None]
    whole = [plan for plan in plans if plan.ready == plan.models and plan.cost_usd is not None]
    jobs = sum(plan.ready < plan.models or plan.calls > 0 for plan in plans)
    total = {
        "dataset": "total",
        "judge": f"{jobs} jobs that ask",
        "models": "",
        **{name: f"{sum(getattr(plan, name) for plan in plans):,}" for name in _COUNTS},
        "cost_usd": f"{sum(known):.4f}" + ("" if len(whole) == len(plans) else " and more"),
    }
    return [*map(_line, plans), total]


def _line(plan: JudgingCost) -> dict[str, str]:
    some = f"{plan.ready} of " if 0 < plan.ready < plan.models else ""
    line = {"dataset": plan.dataset, "judge": plan.judge, "models": f"{some}{plan.models}"}
    if not plan.ready:
        return line | {"judgements": "no predictions yet"}
    counts = {name: f"{getattr(plan, name):,}" for name in _COUNTS}
    cost = "no price" if plan.cost_usd is None else f"{plan.cost_usd:.4f}"
    return {**line, **counts, "cost_usd": cost}


class _Counter:
    """Answers from the journal, or with an example reply of the right form."""

    def __init__(self, journal: Mapping[str, Response]) -> None:
        self._journal = journal
        self.asked: dict[str, Request] = {}
        self.found: set[str] = set()

    def answer(self, request: Request) -> Response:
        known = self._journal.get(request.key)
        if known is not None:
            self.found.add(request.key)
            return known
        self.asked[request.key] = request
        return Response(request.key, _reply(request.messages[0].content))


def _reply(prompt: str) -> str:
    """An example reply: in the form that a RAGAS prompt asks for, or a rubric's."""
    if _FORM not in prompt:
        return json.dumps({"score": 3, "winner": "tie"})
    schema, _ = _DECODER.raw_decode(prompt, prompt.index(_FORM) + len(_FORM))
    return json.dumps(_example(schema, schema))


def _example(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Any:
    if "$ref" in node:
        return _example(schema, schema["$defs"][node["$ref"].rsplit("/", 1)[1]])
    if node.get("type") == "object":
        return {name: _example(schema, part) for name, part in node["properties"].items()}
    if node.get("type") == "array":
        return [_example(schema, node["items"])]
    return {"integer": 0, "number": 0.0, "boolean": False}.get(str(node.get("type")), "x")


def cost_usd(options: ModelOptions, prompt: int, output: int) -> float | None:
    """The price of these tokens; None if it is unknown, 0 for models without a price table."""
    if not isinstance(options, ApiOptions):
        return 0.0
    price = load_prices(options.prices).find(options.price_name())
    return options.price_share() * price.cost(prompt, output) if price else None
