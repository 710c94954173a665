"""The benchmark of a Snakemake run: its checked config, input functions and params of rules."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from modellab.config.answering import endpoint_slots, only_answered, refuse_impossible_gpus
from modellab.config.loading import check_config, load_config
from modellab.config.schema import Config
from modellab.core import layout
from modellab.core.errors import InputError
from modellab.core.project import PROJECT
from modellab.reporting.plots import PLOTS
from modellab.workflow.asking import Asking
from modellab.workflow.display import display_run, is_dry_run
from modellab.workflow.entries import Entries, wildcards_of
from modellab.workflow.files import Files, shipped_prompts
from modellab.workflow.fingerprints import Fingerprints
from modellab.workflow.job_records import reset_future_dates, watch
from modellab.workflow.names import Names
from modellab.workflow.outputs import Outputs
from modellab.workflow.preflight.inputs import (
    refuse_read_only,
    refuse_spaces_in_python,
    refuse_unset_servers,
    refuse_wrong_inputs,
)
from modellab.workflow.rounds import Rounds
from modellab.workflow.run_summary import print_end, requested
from modellab.workflow.settings import Settings
from modellab.workflow.systems import Systems


class Benchmark:
    """What rules look up; each part builds on those above it.

    Attributes:
        config: The checked config; with `partial`, without datasets that no model has answered.
        systems: Which models answer which datasets, and which judges judge them.
        entries: Config entries of a job, by its wildcards.
        names: Names of entries, to expand paths with.
        files: Input functions.
        asking: Resources and params of jobs that ask a model.
        settings: Params of tables and reports.
        outputs: The files of targets.
        rounds: Input functions of adaptive datasets.
        fingerprints: The param `code`.
    """

    def __init__(self, config: Config, project: Path) -> None:
        self.config = only_answered(config) if config.partial else config
        self.systems = Systems(self.config)
        self.entries = Entries(self.config)
        self.names = Names(self.config, self.systems, self.entries)
        self.files = Files(self.config, self.systems, self.entries, shipped_prompts(project))
        self.asking = Asking(self.config, self.entries)
        self.settings = Settings(self.config, self.systems, self.entries)
        self.outputs = Outputs(self.config, self.systems, self.settings)
        self.rounds = Rounds(self.config)
        self.fingerprints = Fingerprints(project)

    @classmethod
    def from_snakemake(cls, workflow: Any) -> Self:
        """Load and check the config; a wrong one ends the run with one line.

        A file given with --configfile replaces the demo's config instead of being merged into it.
        As a module of another workflow, the config is that of the module.
        """
        try:
            refuse_spaces_in_python(sys.executable)
            module = _module_config(workflow)
            if module is None:
                given = workflow.config_settings
                config = load_config(given.configfiles or [Path("config.yaml")], given.config)
            else:
                config = check_config(module)
            if workflow.is_main_process:
                if not is_dry_run(workflow):
                    refuse_read_only(config.results)
                _print_inferred_tasks(config)
                refuse_unset_servers(config)
                refuse_wrong_inputs(config)
                # --resources replaces all limits of a profile: default to one job at a time
                for slot in {"gpu", *endpoint_slots(config)} - set(workflow.global_resources):
                    workflow.register_resource(slot, 1)
                refuse_impossible_gpus(config, workflow.global_resources["gpu"].value)
            found = cls(config, Path(workflow.basedir) if module is None else PROJECT)
            if module is None and workflow.is_main_process:
                parts = (found.config, found.systems)
                display_run(workflow, lambda: print_end(*parts, requested(workflow), complete=True))
            return found
        except InputError as error:
            if _module_config(workflow) is None:
                sys.exit(f"error: {error}")
            # the run belongs to the other workflow
            from snakemake.exceptions import WorkflowError

            raise WorkflowError(str(error)) from None

    def watch_records(self, workflow: Any) -> None:
        """Rerun jobs whose record is stale; to be called when all rules are known."""
        if workflow.is_main_process and _module_config(workflow) is None:
            reset_future_dates(self.config.results, is_dry_run(workflow))
            watch(workflow, self.config.results)
            # a closed terminal ends a run like SIGTERM, on which Snakemake removes its lock;
            # nohup ignores SIGHUP
            if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
                signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))

    def judge_jobs(self) -> list[dict[str, Any]]:
        """The `JudgeJob`s of a run as plain data."""
        datasets = self.config.datasets
        pairs = [(name, judge) for name in datasets for judge in self.systems.judged_by(name)]
        return [self._judge_job(dataset, judge) for dataset, judge in pairs]

    def _judge_job(self, dataset: str, judge: str) -> dict[str, Any]:
        at = wildcards_of(dataset=dataset, judge=judge)
        results, corpus = self.config.results, self.config.datasets[dataset].corpus
        options, folder = self.entries.judge(at), f"{results}/{dataset}"
        chunks = f"{results}/{layout.CHUNKS.format(corpus=corpus)}"
        predictions = {
            name: f"{folder}/{layout.PREDICTIONS.format(model=name)}"
            for name in self.systems.read_by_judge(dataset, judge)
        }
        contexts = {
            name: f"{folder}/{layout.CONTEXTS.format(retriever=name)}"
            for name in self.names.contexts(at)
        }
        return {
            "judge": judge,
            "dataset": dataset,
            "models": self.systems.judged(dataset, judge),
            "options": options.cache_key_fields(),
            "prompts": self.files.judge_prompts(at),
            "questions": f"{folder}/{layout.QUESTIONS}",
            "predictions": predictions,
            "contexts": contexts,
            "chunks": chunks if corpus and options.reads_chunks() else None,
            "retrievers": options.retrievers,
            "task": self.config.datasets[dataset].task.kind,
            "journal": self.asking.judge_journal(at),
            "seed": self.asking.judge_seed(at),
        }

    def plot_code(self, plots: Iterable[str]) -> str:
        """The param `code` of a rule that draws these plots."""
        return self.fingerprints.of("plots", *dict.fromkeys(map(PLOTS.module, plots)))


def _print_inferred_tasks(config: Config) -> None:
    for name, dataset in config.datasets.items():
        if dataset.task_is_inferred:
            kind = dataset.task.kind
            sys.stderr.write(f"datasets.{name}: task {kind}, inferred from its questions\n")


def one_of(names: Iterable[str]) -> str:
    """A wildcard constraint that matches exactly these names."""
    return "|".join(map(re.escape, names)) or "(?!)"


def select_jobs_only_on_events(workflow: Any) -> None:
    """Make Snakemake select jobs only when one ends, and not every second as well.

    To limit submissions per second it reconsiders all ready jobs a second after each selection,
    once for each finished job: with 100 jobs waiting for one server, that is more work than the
    jobs themselves. Jobs on this machine are not submitted.
    """
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


def _module_config(workflow: Any) -> dict[str, Any] | None:
    """The config of this workflow as a module of another one; None if it is not a module."""
    modifier = workflow.modifier
    if modifier.is_main_snakefile():
        return None
    found: dict[str, Any] = modifier.globals["config"]
    return found
