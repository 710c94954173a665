"""`modellab why`: why a file would be made again."""

import re
import subprocess
import sys
from typing import Annotated

import typer

from modellab.core.errors import InputError
from modellab.workflow.cli.options import Benchmark

_JOB = re.compile(r"^(?:local)?rule (?P<rule>\w+):\n(?P<facts>(?: {4}.+\n)+)", re.M)
_FACT = re.compile(r"^ {4}(?P<name>\w+): (?P<value>.*)$", re.M)
_CHANGED = re.compile(r"Params have changed.* before: (.*?) now: (.*)")
_WRONG = ("error: ", "No rule to produce", "MissingRuleException", "MissingInputException")
#: number of jobs that are listed
_MOST = 20


def why(
    file: Annotated[str, typer.Argument(help="a file of the results")],
    config: Benchmark = None,
) -> None:
    """Say why a file would be made again, job by job. Runs nothing."""
    from modellab.workflow.command_line import read_words

    words = read_words([file, *([config] if config else [])]).snakemake()
    done = subprocess.run(  # noqa: S603 - our own words, no shell
        [sys.executable, "-m", "snakemake", *words, "-n", "--quiet", "host", "--nolock"],
        capture_output=True,
        text=True,
        check=False,
    )
    output = done.stdout + done.stderr
    if done.returncode:
        raise InputError(_error(output) or f"{file}: Snakemake ended with {done.returncode}")
    for line in lines(file, output):
        typer.echo(line)


def lines(file: str, output: str) -> list[str]:
    """The causes in the output of a dry run, in the order in which jobs would run."""
    jobs = [(found["rule"], dict(_FACT.findall(found["facts"]))) for found in _JOB.finditer(output)]
    if not jobs:
        return [
            f"{file} is up to date.",
            "It is made again when its inputs, its settings in the config, or the code that makes "
            "it change; touching files and editing comments change nothing.",
        ]
    # a job that only runs because of another one is not a cause
    causes = [one for one in jobs if not one[1].get("reason", "").startswith("Input files updated")]
    shown = [f"  {rule} {facts.get('wildcards', '')}".rstrip() for rule, facts in causes]
    reasons = [_short(facts.get("reason", "")) for _, facts in causes]
    head = f"{file} would be made again by {len(jobs)} job{'s' if len(jobs) > 1 else ''}, because:"
    body = [f"{name}: {reason}" for name, reason in zip(shown, reasons, strict=True)]
    more = [f"  and {len(body) - _MOST} more"] if len(body) > _MOST else []
    return [head, *body[:_MOST], *more]


def _error(output: str) -> str:
    """The line of a failed command that says what is wrong."""
    found = [line.strip() for line in output.splitlines() if line.strip()]
    found = [line for line in found if not line.startswith("Using workflow specific profile")]
    wrong = [line for line in found if line.startswith(_WRONG)]
    return (wrong or found or [""])[-1].removeprefix("error: ")


def _short(reason: str, longest: int = 70) -> str:
    """A reason in one line, long values cut."""
    text = reason.split("; Input files updated by another job")[0]
    if changed := _CHANGED.search(text):
        before, now = (
            part if len(part) <= longest else f"{part[:longest]}..." for part in changed.groups()
        )
        return f"its settings or its code changed: before {before}, now {now}"
    return text if len(text) <= 3 * longest else f"{text[: 3 * longest]}..."
