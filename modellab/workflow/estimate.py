"""Estimate of a run from its config and journals: calls, tokens, dollars, hours and kWh.

Nothing is asked, and no results are needed: the size of prompts follows from the question, the
longest passages that the config allows, and the template. A judge's metric counts as one call,
although some (RAGAS) take several: `snakemake plan` counts those once there are predictions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from pathlib import Path
from typing import Any

from modellab.config.entries import resolved_judge
from modellab.config.schema import Config
from modellab.core.errors import InputError
from modellab.core.io.journal import read_journal
from modellab.core.io.jsonl import read_json, read_rows
from modellab.core.layout import CONTEXTS, PREDICTIONS, QUESTIONS
from modellab.core.records import NO_RETRIEVER, Context, Passage, Question
from modellab.generation.requests import RequestKeys, RequestMaker
from modellab.judging.cost_plan import BYTES_PER_TOKEN, cost_usd
from modellab.models.metering import energy_used
from modellab.models.prompts import load_prompt
from modellab.models.protocol import ModelOptions, Place
from modellab.workflow.dry_run import WaitingJob
from modellab.workflow.files import shipped_prompts
from modellab.workflow.preflight.inputs import BYTES_PER_WORD, selected_questions
from modellab.workflow.systems import Systems

#: the subfolder of the results that a smoke run writes into
SMOKE = "smoke"


@dataclass(frozen=True)
class Estimate:
    """The remaining work of a model or judge on a dataset.

    `calls` are the rows without an answer in the journals; of judges and of adaptive datasets, the
    entries of other settings count as answers. `least_calls` are those of the first round of
    adaptive datasets. Tokens are those of `calls`. `cost_usd` is None without a known price,
    `hours` without earlier answers (also of a smoke run), `kwh` without measured energy.
    """

    dataset: str
    name: str
    rows: int
    in_journal: int
    calls: int
    least_calls: int
    prompt_tokens: int
    output_tokens: int
    cost_usd: float | None
    hours: float | None = None
    kwh: float | None = None


def estimate_run(
    config: Config, project: Path, waiting: Mapping[str, WaitingJob] | None = None
) -> Iterator[Estimate]:
    """By model or judge and dataset. Raises InputError for a bad file.

    `waiting` are the jobs of a run by their first output; None before the first run.
    """
    systems, prompts = Systems(config), shipped_prompts(project)
    for dataset in systems.with_answers():
        questions, adaptive = _questions(config, dataset), config.datasets[dataset].adaptive
        rounds = adaptive.rounds if adaptive else 1
        answered = _Answered.of(config, dataset, waiting) if waiting is not None else None
        for model in systems.models(dataset):
            options = config.models[model]
            if options.place() == Place.VOTE or not options.uses_prompt:
                continue
            sizes = _prompt_sizes(config, systems, prompts, dataset, model, questions)
            rows = sizes * options.repeats
            template = _template(config, prompts, dataset, model)
            known = None
            if answered and not adaptive:
                names = systems.retrievers(dataset, model) or (NO_RETRIEVER,)
                known = len(rows) - answered.unasked(model, template, names, questions)
            folder = config.results / dataset / "journal"
            yield _estimate(dataset, model, options, rows, folder / model, rounds, known=known)
        for name in systems.judged_by(dataset):
            judge, sizes = resolved_judge(config, name), []
            for model in systems.judged(dataset, name):
                own = _prompt_sizes(config, systems, prompts, dataset, model, questions)
                each = [size for size in own for _ in judge.metric_names()] * judge.repeats
                # in both orders beside each of the others
                others = [other for other in systems.compared(dataset, name) if other != model]
                sizes += each * (config.models[model].repeats * max(1, 2 * len(others)))
            journal = config.results / dataset / "journal" / "judges" / name
            yield _estimate(dataset, name, judge.judging_model, sizes, journal, rounds, judge)


@dataclass(frozen=True)
class _Answered:
    """The answers to a dataset's questions: their `keys`, and the passages that they were given."""

    config: Config
    dataset: str
    waiting: Mapping[str, WaitingJob]
    keys: frozenset[str]
    texts: Mapping[str, str]

    @classmethod
    def of(cls, config: Config, dataset: str, waiting: Mapping[str, WaitingJob]) -> _Answered:
        folder = config.results / dataset
        journals = sorted((folder / "journal").glob("**/*.jsonl"))
        keys = frozenset(key for path in journals for key in read_journal(path))
        path = folder / QUESTIONS
        texts = {one.id: one.text for one in read_rows(path, Question)} if path.exists() else {}
        return cls(config, dataset, waiting, keys, texts)

    def unasked(
        self, model: str, template: Path, retrievers: Sequence[str], questions: Sequence[Question]
    ) -> int:
        """The number of different requests without an answer."""
        folder, options = self.config.results / self.dataset, self.config.models[model]
        rows = len(retrievers) * len(questions) * options.repeats
        if str(folder / PREDICTIONS.format(model=model)) not in self.waiting:
            return 0
        try:
            fingerprint = options.fingerprint() if self.keys else {}
        except InputError:  # its weights or its server are not there, so it has to be asked
            return rows
        task = self.config.datasets[self.dataset].task
        keys = RequestKeys(options, fingerprint, task.answer_schema, self.config.seed)
        maker, wanted = RequestMaker(keys, task, load_prompt(template)), set()
        for retriever in retrievers:
            passages = self._passages(retriever)
            for question in questions:
                if question.text not in passages:
                    continue
                rows -= options.repeats
                for repeat in range(1, options.repeats + 1):
                    own = passages[question.text]
                    wanted.add(maker.make(question, retriever, repeat, own).key)
        return rows + len(wanted - self.keys)

    def _passages(self, retriever: str) -> Mapping[str, tuple[Passage, ...]]:
        """Those of the last run by text of the question; none where they are searched again."""
        if retriever == NO_RETRIEVER and self.config.datasets[self.dataset].corpus is None:
            return dict.fromkeys(self.texts.values(), ())
        folder = self.config.results / self.dataset
        path = folder / CONTEXTS.format(retriever=retriever)
        job = self.waiting.get(str(path))
        if not path.exists() or (job and job.changed_inputs != [str(folder / QUESTIONS)]):
            return {}
        found = read_rows(path, Context)
        return {self.texts[one.question_id]: one.passages[: one.shown] for one in found}


def _estimate(
    dataset: str,
    name: str,
    options: ModelOptions,
    sizes: Sequence[int],
    journal: Path,
    rounds: int,
    limits: Any = None,
    known: int | None = None,
) -> Estimate:
    if known is None:
        # of the model and of its shards
        journals = [journal.with_name(f"{journal.name}.jsonl"), *sorted(journal.glob("*.jsonl"))]
        known = min(len({key for path in journals for key in read_journal(path)}), len(sizes))
    calls = len(sizes) - known
    least_calls = max(0, math.ceil(len(sizes) / rounds) - known)
    mean = sum(sizes) / len(sizes) / BYTES_PER_TOKEN if sizes else 0.0
    longest = getattr(limits or options, "max_new_tokens", None) or 0
    prompt, output = math.ceil(mean * calls), longest * calls
    cost = cost_usd(options, prompt, output)
    hours, kwh = _pace(journal, calls)
    counts = (len(sizes), known, calls, least_calls, prompt, output)
    return Estimate(dataset, name, *counts, cost, hours, kwh)


def _pace(journal: Path, calls: int) -> tuple[float | None, float | None]:
    """Hours and kWh of a number of calls, by earlier runs or a smoke run."""
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
    """The finished runs of a model and its shards."""
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
    """The estimated bytes of each prompt, by retriever and question."""
    entry = config.datasets[dataset]
    fixed = _template(config, prompts, dataset, model).stat().st_size
    words = config.corpora[entry.corpus].chunking.max_words if entry.corpus else 0
    names = systems.retrievers(dataset, model) or (None,)
    shown = [_top_k(config, name) for name in names]
    return [
        fixed + len(question.text.encode()) + top_k * words * BYTES_PER_WORD
        for top_k in shown
        for question in questions
    ]


def _template(config: Config, prompts: Path, dataset: str, model: str) -> Path:
    entry, own = config.datasets[dataset], getattr(config.models[model], "prompt", None)
    return Path(own or entry.prompt or prompts / entry.task.prompt)


def _top_k(config: Config, retriever: str | None) -> int:
    options = config.retrievers[retriever] if retriever else None
    if options is None or getattr(options, "kind", "") == "none":
        return 0
    return getattr(options, "top_k", 0) or 0


def _questions(config: Config, dataset: str) -> Sequence[Question]:
    path = config.datasets[dataset].questions
    return selected_questions(config, dataset) if path and path.exists() else []
