"""Checks before a run: this machine, the config's files, and every model's reachability.

A new check of the machine is a function in CHECKS; a provider checks its models itself
(`ModelOptions.preflight`).
"""

from collections.abc import Callable, Iterator

from modellab.config.answering import models_used
from modellab.config.schema import Config
from modellab.core.errors import Finding, InputError, Level, failure, ok
from modellab.core.secrets import scrub
from modellab.models.protocol import ModelOptions
from modellab.workflow.preflight.inputs import check_data, check_databases, check_indexes
from modellab.workflow.preflight.machine import (
    check_disk,
    check_gpus,
    check_hub_token,
    check_slurm,
    check_torch,
)

#: by section of the config
_SUBJECTS = {"models": "model", "judges": "judge", "synthesize": "synthesis"}
CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    *(check_torch, check_gpus, check_disk, check_hub_token),
)


def preflight(
    config: Config, require_gpu: str | None = None, slurm: bool = False
) -> Iterator[Finding]:
    """All findings, the machine's first. A model that cannot be checked is one of them."""
    for check in CHECKS:
        yield from check()
    if require_gpu is not None:
        yield from check_gpus(require_gpu)
    if slurm:
        yield from check_slurm()
    yield from check_data(config)
    yield from check_indexes(config)
    yield from check_databases(config)
    for (section, name, *keys), model in models_used(config).items():
        subject = f"{_SUBJECTS.get(section, section)} {name}"
        yield from _model(", ".join([subject, *([".".join(keys)] if keys else [])]), model)


def has_failed(findings: list[Finding]) -> bool:
    return any(finding.level is Level.FAILURE for finding in findings)


def _model(subject: str, model: ModelOptions) -> Iterator[Finding]:
    found = False
    try:
        for finding in model.preflight(subject):
            found = True
            yield finding
    except InputError as error:
        yield failure(subject, scrub(str(error)), "")
        return
    if not found:
        yield ok(subject, "needs nothing but this machine")
