"""The jobs that a run would start, and why, from a dry run of Snakemake."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple

from modellab.core.errors import InputError
from modellab.workflow.command_line import parse_arguments

_JOB = re.compile(r"^(?:local)?(?:rule|checkpoint) (?P<rule>\w+):\n(?P<facts>(?: {4}.+\n)+)", re.M)
_FACT = re.compile(r"^ {4}(?P<name>\w+): (?P<value>.*)$", re.M)
#: by output, the difference to the job's record
_STALE = re.compile(r"^Stale: (?P<output>.+): (?P<reason>.+)$", re.M)
#: the reason of a job that only runs because of others
FOLLOWS = "Input files updated by another job"
_WRONG = ("error: ", "No rule to produce", "MissingRuleException", "MissingInputException")


class WaitingJob(NamedTuple):
    """A job that a run would start; `changed_inputs` if only other jobs are the reason."""

    name: str
    output: str
    reason: str

    @property
    def changed_inputs(self) -> list[str]:
        return self.reason.partition(": ")[2].split(", ") if self.follows else []

    @property
    def follows(self) -> bool:
        return self.reason.startswith(FOLLOWS)


def waiting_jobs(config: Sequence[str]) -> dict[str, WaitingJob]:
    """The jobs of a whole run by their first output. Raises InputError as `dry_run` does."""
    return {job.output: job for job in jobs_of(dry_run(config))}


def dry_run(config: Sequence[str], *targets: str) -> str:
    """The output of a dry run. Raises InputError with the line that says why it failed.

    Args:
        config: Config file or folder, and `KEY=VALUE` pairs, as for `modellab run`.
        targets: What is to be made; none: everything.
    """
    words = parse_arguments([*config, *targets]).snakemake()
    done = subprocess.run(  # noqa: S603 - our own words, no shell
        [sys.executable, "-m", "snakemake", *words, "-n", "--quiet", "host", "--nolock"],
        capture_output=True,
        text=True,
        check=False,
    )
    output = done.stdout + done.stderr
    if done.returncode:
        failed = f"{' '.join(targets)}: Snakemake ended with {done.returncode}"
        raise InputError(_line_of_error(output) or failed)
    return output


def jobs_of(output: str) -> list[WaitingJob]:
    """The jobs in the output of a dry run, in the order in which they would run."""
    stale = {found["output"]: found["reason"] for found in _STALE.finditer(output)}
    jobs = []
    for found in _JOB.finditer(output):
        facts = dict(_FACT.findall(found["facts"]))
        first = facts.get("output", "").split(", ")[0]
        reason = stale.get(first) or facts.get("reason", "")
        jobs.append(WaitingJob(f"{found['rule']} {facts.get('wildcards', '')}", first, reason))
    return jobs


def _line_of_error(output: str) -> str:
    """The line of a failed command that says what is wrong."""
    found = [line.strip() for line in output.splitlines() if line.strip()]
    found = [line for line in found if not line.startswith("Using workflow specific profile")]
    wrong = [line for line in found if line.startswith(_WRONG)]
    # Snakemake's hint is for authors of rules
    line = (wrong or found or [""])[-1].partition(" (if you use input functions")[0]
    return line.removeprefix("error: ")
