"""Estimate of a whole run: calls, tokens and dollars at most, from the config and the journals.

Nothing is asked, and no results are needed: prompts are estimated from the question, the longest
passages that the config allows, and the template. A judge's metric counts as one call, although
some (RAGAS) take several: `snakemake plan` counts those exactly once there are predictions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import fsum
from pathlib import Path
from typing import Any

from modellab.config.entries import resolved_judge
from modellab.config.schema import Config
from modellab.core.io.journal import read_journal
from modellab.core.io.jsonl import read_json
from modellab.core.records import Question
from modellab.models.asking.options import ApiOptions
from modellab.models.metering import energy_used
from modellab.models.prices import load_prices
from modellab.models.protocol import ModelOptions, Place
from modellab.workflow.files import shipped_prompts
from modellab.workflow.preflight.inputs import BYTES_PER_WORD, selected_questions
from modellab.workflow.systems import Systems

#: the subfolder of the results that a smoke run writes into
SMOKE = "smoke"
BYTES_PER_TOKEN = 4


@dataclass(frozen=True)
class Planned:
    """The answers of a model, or the judgements of a judge.

    `calls` are the rows that are not in the journal (entries of other settings count as asked);
    `least_calls` are those of the first round where a dataset is asked in rounds. The tokens are
    those of `calls`; `cost_usd` is None where no price is known, `hours` where it has answered
    nothing yet, here or in a smoke run, and `kwh` where no energy was measured.
    """

    dataset: str
    who: str
    rows: int
    in_journal: int
    calls: int
    least_calls: int
    prompt_tokens: int
    output_tokens: int
    cost_usd: float | None
    hours: float | None = None
    kwh: float | None = None


def plan(config: Config, project: Path) -> list[Planned]:
    """A line per model or judge and dataset. Raises InputError for a bad file."""
    return list(_lines(config, Systems(config), shipped_prompts(project)))


def _lines(config: Config, systems: Systems, prompts: Path) -> Iterator[Planned]:
    for dataset in systems.with_answers():
        questions, adaptive = _questions(config, dataset), config.datasets[dataset].adaptive
        rounds = adaptive.rounds if adaptive else 1
        for model in systems.models(dataset):
            options = config.models[model]
            if options.place() == Place.VOTE or not options.uses_prompt:
                continue
            sizes = _prompt_sizes(config, systems, prompts, dataset, model, questions)
            folder = config.results / dataset / "journal"
            yield _planned(dataset, model, options, sizes * options.repeats, folder / model, rounds)
        for name in systems.judged_by(dataset):
            judge, sizes = resolved_judge(config, name), []
            for model in systems.judged(dataset, name):
                own = _prompt_sizes(config, systems, prompts, dataset, model, questions)
                each = [size for size in own for _ in judge.metric_names()] * judge.repeats
                # in both orders beside each of the others
                others = [other for other in systems.compared(dataset, name) if other != model]
                sizes += each * (config.models[model].repeats * max(1, 2 * len(others)))
            journal = config.results / dataset / "journal" / "judges" / name
            yield _planned(dataset, name, judge.judging_model, sizes, journal, rounds, judge)


def _planned(
    dataset: str,
    who: str,
    options: ModelOptions,
    sizes: Sequence[int],
    journal: Path,
    rounds: int,
    limits: Any = None,
) -> Planned:
    # that of a whole model, and those of its shards
    journals = [journal.with_name(f"{journal.name}.jsonl"), *sorted(journal.glob("*.jsonl"))]
    known = min(len({key for path in journals for key in read_journal(path)}), len(sizes))
    calls = len(sizes) - known
    least_calls = max(0, math.ceil(len(sizes) / rounds) - known)
    mean = sum(sizes) / len(sizes) / BYTES_PER_TOKEN if sizes else 0.0
    longest = getattr(limits or options, "max_new_tokens", None) or 0
    prompt, output = math.ceil(mean * calls), longest * calls
    cost = _cost(options, prompt, output)
    hours, kwh = _as_before(journal, calls)
    counts = (len(sizes), known, calls, least_calls, prompt, output)
    return Planned(dataset, who, *counts, cost, hours, kwh)


def _as_before(journal: Path, calls: int) -> tuple[float | None, float | None]:
    """Hours and kWh of a number of calls at the pace of earlier runs, or of a smoke run."""
    dataset = next(parent.parent for parent in journal.parents if parent.name == "journal")
    smoke = dataset.parent / SMOKE / dataset.name / journal.relative_to(dataset)
    for found in (journal, smoke):
        runs = _runs(found)
        answers = sum(run["generated"] for run in runs)
        if answers:
            seconds = fsum(run["generate_seconds"] for run in runs)
            energy = energy_used({"runs": runs})
            per_answer = energy.watt_hours / energy.generated if energy else None
            kwh = None if per_answer is None else calls * per_answer / 1000
            return calls * seconds / answers / 3600, kwh
    return None, None


def _runs(journal: Path) -> list[dict[str, Any]]:
    """The finished runs of a journal and its shards."""
    files = [journal.with_name(f"{journal.name}.runs.json"), *sorted(journal.glob("*.runs.json"))]
    runs = [run for path in files if path.exists() for run in read_json(path).values()]
    return [run for run in runs if run.get("generated")]


def _prompt_sizes(
    config: Config,
    systems: Systems,
    prompts: Path,
    dataset: str,
    model: str,
    questions: Sequence[Question],
) -> list[int]:
    """Bytes of the prompt of each question with each retriever."""
    entry, options = config.datasets[dataset], config.models[model]
    template = getattr(options, "prompt", None) or entry.prompt or prompts / entry.task.prompt
    fixed = Path(template).stat().st_size
    words = config.corpora[entry.corpus].chunking.max_words if entry.corpus else 0
    names = systems.retrievers(dataset, model) or (None,)
    shown = [_top_k(config, name) for name in names]
    return [
        fixed + len(question.text.encode()) + top_k * words * BYTES_PER_WORD
        for top_k in shown
        for question in questions
    ]


def _top_k(config: Config, retriever: str | None) -> int:
    options = config.retrievers[retriever] if retriever else None
    if options is None or getattr(options, "kind", "") == "none":
        return 0
    return getattr(options, "top_k", 0) or 0


def _questions(config: Config, dataset: str) -> Sequence[Question]:
    path = config.datasets[dataset].questions
    return selected_questions(config, dataset) if path and path.exists() else []


def _cost(options: ModelOptions, prompt: int, output: int) -> float | None:
    """US dollars; None where no price is known. A model without a price table costs none."""
    if not isinstance(options, ApiOptions):
        return 0.0
    price = load_prices(options.prices).find(options.price_name())
    return options.price_share() * price.cost(prompt, output) if price else None
