"""`modellab gpus`: the GPUs and their jobs, and waiting jobs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from modellab.workflow.cli.options import AsJson, columns

if TYPE_CHECKING:
    from modellab.models.gpu.leasing import PoolStatus, Slot

_HEADER = ("device", "name", "memory", "part", "state", "pid", "since", "job")


def gpus(as_json: AsJson = False) -> None:
    """Show the GPU slots: free, or held by which job, and the jobs that wait."""
    from modellab.models.gpu.leasing import SLURM, status

    if SLURM in os.environ:
        typer.echo("in a SLURM job: the scheduler chooses, nothing is locked", err=True)
    found = status()
    typer.echo(json.dumps(_plain(found)) if as_json else "\n".join(_lines(found)))


def _plain(found: PoolStatus) -> dict[str, Any]:
    return {
        "pool": asdict(found.pool),
        "slots": [_plain_slot(found, slot) for slot in found.slots],
        "waiting": [asdict(claim) for claim in found.waiting],
    }


def _plain_slot(found: PoolStatus, slot: Slot) -> dict[str, Any]:
    """Memory in bytes, `since` in seconds since 1970, `part` of the GPU from 0 to 1."""
    gpu, holder = found.gpus.get(slot.gpu), slot.holder
    return {
        "device": slot.gpu,
        **{name: getattr(gpu, name, None) for name in ("index", "name", "memory_bytes")},
        "part": float(slot.share),
        "state": _state(slot),
        **{name: getattr(holder, name, None) for name in ("job", "pid", "since")},
    }


def _state(slot: Slot) -> str:
    if slot.holder is None:
        return "free"
    return "held by a child" if slot.orphaned else "held"


def _lines(found: PoolStatus) -> Iterator[str]:
    from modellab.models.gpu.leasing import local_time

    if found.slots:
        yield from columns([_HEADER, *(_row(found, slot) for slot in found.slots)])
    if not found.pool.gpus:
        yield f"no GPU: the pool {found.pool}"
    for claim in found.waiting:
        who = f"{_shown(claim.job)} (pid {claim.pid}, since {local_time(claim.since)})"
        yield f"waiting: {who} for {claim.n} of {', '.join(claim.gpus)}"


def _row(found: PoolStatus, slot: Slot) -> tuple[str, ...]:
    from modellab.models.gpu.leasing import local_time

    gpu, holder = found.gpus.get(slot.gpu), slot.holder
    memory = f"{gpu.memory_bytes / 2**30:.0f} GiB" if gpu and gpu.memory_bytes else "-"
    name = f"{gpu.index} {gpu.name}" if gpu else "-"
    use = (str(holder.pid), local_time(holder.since), _shown(holder.job)) if holder else ("-",) * 3
    return (slot.gpu, name, memory, str(slot.share), _state(slot), *use)


def _shown(job: str) -> str:
    return job if job.isprintable() else repr(job)
