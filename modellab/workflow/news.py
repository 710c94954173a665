"""What a run says while it works: jobs done, models at work, failures; no line per job.

It reads Snakemake's own events, and what jobs write into the folder of the run (`core.progress`).
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

#: in a log: a line about what is at work, as often as this
_EVERY_SECONDS = 60.0
_ASKING = re.compile(r"(predictions|judgements|query_plans|synthesis|synthesize)(_|$)")
_NOTHING = "Nothing to be done"
_ENDED = "At least one job did not complete successfully"
#: warnings of one kind are shown once; of kinds as many as this
_MOST_WARNINGS = 8


@dataclass(frozen=True)
class Job:
    """A job at work."""

    rule: str
    name: str
    log: str
    began: float = field(default_factory=time.monotonic)

    def asks(self) -> bool:
        return bool(_ASKING.match(self.rule))


def follow(workflow: Any, at_rest: Callable[[], None]) -> None:
    """Say the news of this run instead of Snakemake's lines, where the profile asks for it.

    Args:
        workflow: Snakemake's.
        at_rest: What to say where nothing is to be done.
    """
    settings = workflow.output_settings
    quiet = {one.name for one in (settings.quiet if settings else None) or ()}
    if quiet != {"REASON", "HOST"} or workflow.dryrun or settings.verbose:
        return
    logger = workflow.logger_manager.logger
    for handler in logger.handlers:
        if handler.name == "DefaultStreamHandler":
            handler.addFilter(_is_for_people)
    folder = Path(tempfile.mkdtemp(prefix="modellab-news-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ[FOLDER] = str(folder)
    news = News(folder, at_rest)
    logger.addHandler(news)
    atexit.register(news.stop)
    workflow.modellab_news = news


class News(logging.Handler):
    """Follows the events of a run.

    Args:
        folder: Where jobs leave their news.
        at_rest: Called where nothing is to be done.
        live: Whether to draw in place; default: where stderr is a terminal.
    """

    def __init__(self, folder: Path, at_rest: Callable[[], None], live: bool | None = None) -> None:
        super().__init__()
        self._folder, self._at_rest = folder, at_rest
        self._jobs: dict[int, Job] = {}
        self._done = self._total = 0
        self._began = time.monotonic()
        self._stopped = threading.Event()
        self._is_live = sys.stderr.isatty() if live is None else live
        self._live: Any = None

    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "event", None)
        name = getattr(event, "name", "")
        if name == "RUN_INFO":
            self._start(record.__dict__.get("stats") or {})
        elif name == "JOB_INFO":
            self._jobs[record.__dict__["jobid"]] = _job(record.__dict__)
        elif name == "JOB_FINISHED":
            self._finished(self._jobs.pop(record.__dict__["job_id"], None))
        elif name == "PROGRESS":
            self._done, self._total = record.__dict__["done"], record.__dict__["total"]
        elif name == "JOB_ERROR":
            self._failed(self._jobs.pop(record.__dict__["jobid"], None))
        elif record.getMessage().startswith(_NOTHING):
            self._say("Nothing to be done: everything is up to date.")
            self._at_rest()

    def stop(self) -> None:
        """End the display, and sum up the warnings."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        if self._live is not None:
            self._live.stop()
        for line in warning_lines(self._folder):
            self._say(line)

    def state(self) -> str:
        """How far the run is, in one line."""
        done = f"{self._done} of {self._total} jobs done"
        took = duration(time.monotonic() - self._began)
        return "; ".join([f"{done}, {took}", *(self._at_work(job) for job in self._asking())])

    def _start(self, stats: Mapping[str, Any]) -> None:
        if self._total:
            return
        jobs = {rule: number for rule, number in stats.items() if rule not in ("total", "all")}
        self._total, self._began = sum(jobs.values()), time.monotonic()
        asked = sum(number for rule, number in jobs.items() if _ASKING.match(rule))
        self._say(f"{self._total} jobs, {asked} of them ask a model")
        if self._is_live:
            self._draw()
        else:
            threading.Thread(target=self._repeat, daemon=True).start()

    def _draw(self) -> None:
        from rich.console import Console
        from rich.live import Live

        console = Console(stderr=True)
        self._live = Live(
            get_renderable=self._picture, console=console, refresh_per_second=2, transient=True
        )
        self._live.start()

    def _picture(self) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.text import Text

        lines = [Text(f"  {self._at_work(job)}") for job in self._asking()]
        bar = ProgressBar(total=self._total or 1, completed=self._done, width=40)
        took = duration(time.monotonic() - self._began)
        others = [job.name for job in list(self._jobs.values()) if not job.asks()]
        now = f"; now {', '.join(others[:3])}" if others else ""
        head = Text(f"{self._done} of {self._total} jobs done, {took}{now}", overflow="ellipsis")
        return Group(bar, head, *lines)

    def _repeat(self) -> None:
        while not self._stopped.wait(_EVERY_SECONDS):
            self._say(self.state())

    def _asking(self) -> list[Job]:
        return [job for job in list(self._jobs.values()) if job.asks()]

    def _at_work(self, job: Job) -> str:
        rows = rows_of(self._folder, job.log)
        if rows is None:
            return f"{job.name}: {duration(time.monotonic() - job.began)}"
        return f"{job.name}: {in_words(rows).removeprefix(f'{rows.what}: ')}"

    def _finished(self, job: Job | None) -> None:
        if job is None or not job.asks():
            return
        rows = rows_of(self._folder, job.log)
        asked = f"{rows.done} rows asked" if rows and rows.done else "all rows were in the journal"
        self._say(f"done: {job.name}, {asked}, {duration(time.monotonic() - job.began)}")

    def _failed(self, job: Job | None) -> None:
        if job is not None:
            reason = failure_reason(Path(job.log)) if job.log else None
            self._say(f"FAILED: {job.name}: {reason or 'see the end of the run'}")

    def _say(self, line: str) -> None:
        if self._live is not None and self._live.is_started:
            self._live.console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()


def warning_lines(folder: Path) -> list[str]:
    """The warnings of a run's jobs: those that differ in names and numbers alone are one."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for log, message in dict.fromkeys(map(tuple, warnings_of(folder))):
        kinds.setdefault(re.sub(r"'[^']*'|\d+", "", message), []).append((message, log))
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


def _is_for_people(record: logging.LogRecord) -> bool:
    """Of Snakemake's own lines only warnings and errors, but for those of jobs."""
    job_error = getattr(getattr(record, "event", None), "name", "") in ("JOB_ERROR", "GROUP_ERROR")
    told = getattr(record, "exception", None) == "CalledProcessError" or _ENDED in str(record.msg)
    return record.levelno >= logging.WARNING and not job_error and not told


def _job(event: Mapping[str, Any]) -> Job:
    rule = str(event["rule_name"])
    words = [str(value) for value in dict(event["wildcards"] or {}).values()]
    kind = rule.rsplit("_", 1)[0] if _ASKING.match(rule) else rule
    logs = list(event["log"] or [])
    return Job(rule, " ".join([kind.replace("_", " "), *words]), str(logs[0]) if logs else "")
