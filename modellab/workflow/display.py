"""The display of a run: finished jobs, progress of model jobs, failures; no line per job.

It shows Snakemake's events, and the progress that jobs write into a folder (`core.progress`).
"""

from __future__ import annotations

import atexit
import logging
import os
import re
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modellab.core.job_log import failure_reason
from modellab.core.progress import FOLDER, duration, in_words, rows_of, warnings_of

if TYPE_CHECKING:
    from rich.console import RenderableType

#: interval of progress lines in a log
_INTERVAL_SECONDS = 60.0
_ASKING = re.compile(r"(predictions|judgements|query_plans|synthesize)(_|$)")
_NOTHING = "Nothing to be done"
#: what Snakemake says of failed jobs, which have a line of their own
_KNOWN = re.compile(
    r"\nCalledProcessError in |At least one job did not complete|Exiting because a job execution"
)
#: what warnings of one kind differ in: names in quotes, numbers, the model and the dataset
_NAMES = re.compile(r"'[^']*'|\d+| of \S+ on \S+:")
#: number of different warnings that are shown
_MOST_WARNINGS = 8


@dataclass(frozen=True)
class Job:
    """A running job."""

    rule: str
    name: str
    log: str
    start: float = field(default_factory=time.monotonic)

    def asks(self) -> bool:
        return bool(_ASKING.match(self.rule))


def display_run(workflow: Any, on_idle: Callable[[], None]) -> None:
    """Replace Snakemake's output by this display, if the profile says so.

    Args:
        workflow: Snakemake's workflow.
        on_idle: Called if there is nothing to do.
    """
    settings = workflow.output_settings
    quiet = {one.name for one in (settings.quiet if settings else None) or ()}
    if quiet != {"REASON", "HOST"} or settings.verbose or is_dry_run(workflow):
        return
    logger = workflow.logger_manager.logger
    for handler in logger.handlers:
        if handler.name == "DefaultStreamHandler":
            handler.addFilter(is_shown)
    folder = Path(tempfile.mkdtemp(prefix="modellab-progress-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ[FOLDER] = str(folder)
    display = RunDisplay(folder, on_idle)
    logger.addHandler(display)
    atexit.register(display.stop)
    workflow.modellab_display = display


def stop_display(workflow: Any) -> None:
    """End the display of a run before its results are printed."""
    display = getattr(workflow, "modellab_display", None)
    if display is not None:
        display.stop()


def is_dry_run(workflow: Any) -> bool:
    """Whether this run only lists jobs. `workflow.dryrun` is not set before the rules are read."""
    return bool(workflow.output_settings and workflow.output_settings.dryrun)


class RunDisplay(logging.Handler):
    """Displays the events of a run.

    Args:
        folder: The folder of progress and warnings of jobs.
        on_idle: Called if there is nothing to do.
        live: Whether to redraw in place; default: if stderr is a terminal.
    """

    def __init__(self, folder: Path, on_idle: Callable[[], None], live: bool | None = None) -> None:
        super().__init__()
        self._folder, self._on_idle = folder, on_idle
        self._jobs: dict[int, Job] = {}
        self._done = self._total = 0
        self._start_time = time.monotonic()
        self._stopped = threading.Event()
        self._is_live = sys.stderr.isatty() if live is None else live
        self._live: Any = None

    def emit(self, record: logging.LogRecord) -> None:
        event, fields = getattr(record, "event", None), record.__dict__
        name = getattr(event, "name", "")
        if name == "RUN_INFO" and not self._total:
            self._start(fields.get("stats") or {})
        elif name == "JOB_INFO":
            self._jobs[fields["jobid"]] = _job(fields)
        elif name == "JOB_FINISHED":
            self._finished(self._jobs.pop(fields["job_id"], None))
        elif name == "PROGRESS":
            # the target `all` counts as a job
            self._done = min(fields["done"], self._total)
        elif name == "JOB_ERROR":
            self._failed(self._jobs.pop(fields["jobid"], None))
        elif record.getMessage().startswith(_NOTHING):
            self._print("Nothing to be done: everything is up to date.")
            self._on_idle()

    def stop(self) -> None:
        """End the display, and print a summary of the warnings."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        if self._live is not None:
            self._live.stop()
        for line in warning_lines(self._folder):
            self._print(line)

    def state(self) -> str:
        """The progress of the run in one line."""
        asking = [self._progress(job) for job in list(self._jobs.values()) if job.asks()]
        return "; ".join([self._head(), *asking])

    def _head(self) -> str:
        elapsed = duration(time.monotonic() - self._start_time)
        return f"{self._done} of {self._total} jobs done, {elapsed}"

    def _progress(self, job: Job) -> str:
        rows = rows_of(self._folder, job.log)
        if rows is None:
            return f"{job.name}: {duration(time.monotonic() - job.start)}"
        return f"{job.name}: {in_words(rows).removeprefix(f'{rows.what}: ')}"

    def _start(self, stats: Mapping[str, Any]) -> None:
        jobs = {rule: number for rule, number in stats.items() if rule not in ("total", "all")}
        self._total, self._start_time = sum(jobs.values()), time.monotonic()
        asking = sum(number for rule, number in jobs.items() if _ASKING.match(rule))
        plural = "" if self._total == 1 else "s"
        self._print(f"{self._total} job{plural}, {asking} asking a model")
        if self._is_live:
            from rich.console import Console
            from rich.live import Live

            console = Console(stderr=True)
            self._live = Live(
                get_renderable=self._render, console=console, refresh_per_second=2, transient=True
            )
            self._live.start()
        else:
            threading.Thread(target=self._repeat, daemon=True).start()

    def _render(self) -> RenderableType:
        """A progress bar, and a line for each job that asks a model."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        jobs = list(self._jobs.values())
        others = [job.name for job in jobs if not job.asks()]
        more = f" and {len(others) - 2} more" if len(others) > 2 else ""
        now = f"; now {', '.join(others[:2])}{more}" if others else ""
        head = Table.grid(padding=(0, 1))
        head.add_column(no_wrap=True)
        head.add_column(no_wrap=True, overflow="ellipsis")
        bar = ProgressBar(total=self._total or 1, completed=self._done, width=20)
        head.add_row(bar, Text(f"{self._head()}{now}"))
        lines = [Text(f"  {self._progress(job)}") for job in jobs if job.asks()]
        return Group(head, *lines)

    def _repeat(self) -> None:
        while not self._stopped.wait(_INTERVAL_SECONDS):
            self._print(self.state())

    def _finished(self, job: Job | None) -> None:
        if job is None or not job.asks():
            return
        rows = rows_of(self._folder, job.log)
        asked = f"{rows.done} rows asked" if rows and rows.done else "all rows were in the journal"
        self._print(f"done: {job.name}, {asked}, {duration(time.monotonic() - job.start)}")

    def _failed(self, job: Job | None) -> None:
        if job is not None:
            reason = failure_reason(Path(job.log)) if job.log else None
            self._print(f"FAILED: {job.name}: {reason or 'see the end of the run'}")

    def _print(self, line: str) -> None:
        if self._live is not None and self._live.is_started:
            self._live.console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()


def warning_lines(folder: Path) -> list[str]:
    """The warnings of a run's jobs; those that differ only in names and numbers share a line."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for log, message in dict.fromkeys(map(tuple, warnings_of(folder))):
        kinds.setdefault(_NAMES.sub("", message), []).append((message, log))
    if not kinds:
        return []
    total = sum(map(len, kinds.values()))
    lines = [f"{total} warning{'s' if total > 1 else ''}:"]
    for found in list(kinds.values())[:_MOST_WARNINGS]:
        message, log = found[0]
        more = f" (and {len(found) - 1} like it)" if len(found) > 1 else ""
        lines.append(f"  warning: {message}{more} (log: {log})")
    left = len(kinds) - _MOST_WARNINGS
    return [*lines, f"  and {left} other kinds, in the logs"] if left > 0 else lines


def is_shown(record: logging.LogRecord) -> bool:
    """Only Snakemake's warnings and errors, without those about failed jobs."""
    if getattr(record, "exception", None) == "LockException":
        record.msg = f"error: {locked_message(Path.cwd())}"
    job_error = getattr(getattr(record, "event", None), "name", "") in ("JOB_ERROR", "GROUP_ERROR")
    known = _KNOWN.search(str(record.msg))  # the message may be an error itself
    return record.levelno >= logging.WARNING and not job_error and not known


def locked_message(folder: Path) -> str:
    """Why Snakemake's lock is in a folder, and what to do: a run is at work, or one was killed."""
    import psutil

    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    at_work = [
        str(process.pid)
        for process in psutil.process_iter(["cwd", "cmdline"])
        if process.info["cwd"] == str(folder.resolve())
        and re.search("snakemake|modellab", " ".join(process.info["cmdline"] or []))
        and process.pid not in own
    ]
    if at_work:
        who = f"process {at_work[0]}" if len(at_work) == 1 else f"processes {', '.join(at_work)}"
        return f"another run is at work in {folder} ({who}); wait until it has ended"
    return (
        f"a run in {folder} was killed and left its lock; no run is at work here on this machine. "
        "If there is none on another, add --unlock to this command, then run it again"
    )


def _job(event: Mapping[str, Any]) -> Job:
    rule = str(event["rule_name"])
    words = [str(value) for value in dict(event["wildcards"] or {}).values()]
    kind = rule.rsplit("_", 1)[0] if _ASKING.match(rule) else rule
    logs = list(event["log"] or [])
    return Job(rule, " ".join([kind.replace("_", " "), *words]), str(logs[0]) if logs else "")
