"""`modellab why`: why a file would be made again, job by job."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from modellab.workflow.cli.options import Benchmark
from modellab.workflow.dry_run import FOLLOWS, dry_run, jobs_of

_CHANGED = re.compile(r"Params have changed.* before: (.*?) now: (.*)")
#: number of jobs that are listed
_MOST_JOBS = 20


def why(
    file: Annotated[str, typer.Argument(help="a file of the results")],
    config: Benchmark = None,
) -> None:
    """Say why a file would be made again, job by job. Runs nothing."""
    for line in causes(file, dry_run(config or (), file)):
        typer.echo(line)


def causes(file: str, output: str) -> list[str]:
    """The causes in the output of a dry run, in the order in which jobs would run."""
    jobs = jobs_of(output)
    if not jobs:
        return [
            f"{file} is up to date.",
            "It is made again when its inputs, its settings in the config, or the code that makes "
            "it change; touching files and editing comments change nothing.",
        ]
    # a job that only runs because of another one is not a cause
    own = [job for job in jobs if not job.follows]
    head = f"{file} would be made again by {len(jobs)} job{'s' if len(jobs) > 1 else ''}, because:"
    body = [f"  {job.name.rstrip()}: {_shortened(job.reason)}" for job in own]
    more = [f"  and {len(body) - _MOST_JOBS} more"] if len(body) > _MOST_JOBS else []
    return [head, *body[:_MOST_JOBS], *more]


def _shortened(reason: str, longest: int = 70) -> str:
    """A reason in one line, long values cut."""
    text = reason.split(f"; {FOLLOWS}")[0]
    if changed := _CHANGED.search(text):
        before, now = (
            part if len(part) <= longest else f"{part[:longest]}..." for part in changed.groups()
        )
        return f"its settings or its code changed: before {before}, now {now}"
    return text if len(text) <= 3 * longest else f"{text[: 3 * longest]}..."
