"""The benchmark: a checked config, and what rules look up in it."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self

from modellab.config.answering import only_answered, refuse_impossible_gpus, tokens
from modellab.config.loading import check_config, load_config
from modellab.config.schema import Config
from modellab.core.errors import InputError
from modellab.core.project import PROJECT
from modellab.reporting.plots import PLOTS
from modellab.workflow.asking import Asking
from modellab.workflow.entries import Entries
from modellab.workflow.files import Files, shipped_prompts
from modellab.workflow.fingerprints import Find, Fingerprints
from modellab.workflow.job_records import date_to_present, watch
from modellab.workflow.names import Names
from modellab.workflow.news import follow, is_dry_run
from modellab.workflow.outputs import Outputs, planned_judgements
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
    """What rules look up, in the order in which it builds on each other.

    Attributes:
        config: The checked config; with `partial`, without datasets that nobody has answered.
        systems: Who answers what, and who judges it.
        entries: The entry of the config that a job is about.
        names: Names of entries, which rules expand paths with.
        files: Input functions.
        asking: Resources and params of jobs that ask a model.
        settings: Params of tables and reports.
        outputs: What targets make.
        rounds: Input functions of datasets that are asked in rounds.
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
        """The benchmark of a Snakemake run, which ends with one line where the config is wrong.

        A file given with --configfile replaces the demo's config instead of being merged into it.
        As a module of another workflow, the config is that of the module.
        """
        try:
            refuse_spaces_in_python(sys.executable)
            module = _module_config(workflow)
            config = _config_of_run(workflow) if module is None else check_config(module)
            if workflow.is_main_process:
                if not is_dry_run(workflow):
                    refuse_read_only(config.results)
                _say_tasks(config)
                refuse_unset_servers(config)
                refuse_wrong_inputs(config)
                _bound_servers(workflow, tokens(config))
                refuse_impossible_gpus(config, workflow.global_resources["gpu"].value)
            found = cls(config, Path(workflow.basedir) if module is None else PROJECT)
            if module is None and workflow.is_main_process:
                parts = (found.config, found.systems)
                follow(workflow, lambda: print_end(*parts, requested(workflow), complete=True))
            return found
        except InputError as error:
            if _module_config(workflow) is None:
                sys.exit(f"error: {error}")
            # the other workflow's own run, which is not ours to end
            from snakemake.exceptions import WorkflowError

            raise WorkflowError(str(error)) from None

    def watch_records(self, workflow: Any) -> None:
        """Have made again what is stale by its job's record: called when all rules are known."""
        if workflow.is_main_process and _module_config(workflow) is None:
            date_to_present(self.config.results, is_dry_run(workflow))
            watch(workflow, self.config.results)
            _end_when_hung_up()

    def planned_judgements(self) -> list[dict[str, Any]]:
        """All jobs of judges as plain data, with the files that they would read."""
        parts = (self.config, self.systems, self.names, self.entries, self.files, self.asking)
        return planned_judgements(*parts)

    def plot_code(self, plots: Iterable[str]) -> str:
        """The param `code` of plots, which are members by their names."""
        return self.fingerprints.of("plots", *dict.fromkeys(map(PLOTS.module, plots)))

    def code(self, script: str, *members: Find) -> Callable[[Any], str]:
        """The param `code`: see `Fingerprints.code`."""
        return self.fingerprints.code(script, *members)


def one_of(names: Iterable[str]) -> str:
    """A pattern for exactly these names: a path with any other has no rule."""
    return "|".join(map(re.escape, names)) or "(?!)"


def select_jobs_only_on_events(workflow: Any) -> None:
    """Have Snakemake choose jobs when one ends, not every second besides.

    To limit submissions per second it looks again at all jobs that are ready a second after each
    look, once more for each job that has ended: with 100 jobs that wait for one server, that is
    more work than the jobs. On this machine nothing is submitted.
    """
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


def _config_of_run(workflow: Any) -> Config:
    said = workflow.config_settings
    return load_config(said.configfiles or [Path("config.yaml")], said.config)


def _module_config(workflow: Any) -> dict[str, Any] | None:
    """The config that another workflow gives to this one; None where it runs by itself."""
    modifier = workflow.modifier
    if modifier.is_main_snakefile():
        return None
    found: dict[str, Any] = modifier.globals["config"]
    return found


def _end_when_hung_up() -> None:
    """A closed terminal ends a run as SIGTERM does, which Snakemake knows: no lock is left."""
    # not where nohup has it ignored
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))


def _say_tasks(config: Config) -> None:
    """A line for each dataset whose task the config does not name."""
    for name, dataset in config.datasets.items():
        if dataset.task_is_inferred:
            kind = dataset.task.kind
            sys.stderr.write(f"datasets.{name}: task {kind}, inferred from its questions\n")


def _bound_servers(workflow: Any, servers: Iterable[str]) -> None:
    """`--resources` replaces all limits of a profile: what it leaves out is one at a time."""
    for name in sorted({"gpu", *servers} - set(workflow.global_resources)):
        workflow.register_resource(name, 1)
