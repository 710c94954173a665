"""A claim gets all of its GPUs or none, and in turn.

The rule: a claim takes only GPUs that no earlier waiting claim could take. So a claim of two
GPUs collects them as they come free, however many claims of one GPU arrive behind it; those
that may use other GPUs go on. The oldest claim waits for holders only, never for a claim.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import psutil

from modellab.core.errors import InputError
from modellab.models.gpu import queue, slots


@dataclass(frozen=True)
class Claim:
    """`n` different GPUs of `gpus`, on each 1/`slots_per_gpu` of it, for `job`."""

    n: int
    gpus: tuple[str, ...]
    job: str
    slots_per_gpu: int = 1


@dataclass(frozen=True)
class Grant:
    """The GPUs of a claim and the descriptors that hold them."""

    gpus: tuple[str, ...]
    descriptors: tuple[int, ...]


def grant(folder: Path, claim: Claim, ticket: queue.Ticket | None = None) -> Grant | None:
    """Take the GPUs if it is the claim's turn and they are free. Call it under the gate."""
    mine = set(claim.gpus)
    for earlier in queue.ahead_of(folder, ticket):
        mine -= set(earlier.gpus)
        if len(mine) < claim.n:
            return None
    gpus = _least_loaded(folder, claim, mine)
    return _take(folder, claim, gpus) if gpus else None


def refuse_own_gpus(folder: Path, claim: Claim) -> None:
    """Raise InputError where the claim would wait for the process that makes it, or a parent."""
    me = psutil.Process()
    family = {me.pid, *(parent.pid for parent in me.parents())}
    own = [
        gpu
        for gpu in claim.gpus
        if any(holder.pid in family for holder in slots.holders(folder, gpu))
    ]
    if len(claim.gpus) - len(own) < claim.n:
        raise InputError(
            f"{claim.job}: would wait for itself: this process or a parent already holds "
            f"{', '.join(own)}; take all GPUs in one lease"
        )


def _least_loaded(folder: Path, claim: Claim, mine: set[str]) -> tuple[str, ...]:
    """The emptiest GPUs with enough room, in the pool's order; none where they do not suffice."""
    loads = {gpu: slots.load(folder, gpu) for gpu in claim.gpus if gpu in mine}
    most = 1 - Fraction(1, claim.slots_per_gpu)
    room = sorted((gpu for gpu in loads if loads[gpu] <= most), key=loads.__getitem__)
    chosen = room[: claim.n]
    return tuple(gpu for gpu in claim.gpus if gpu in chosen) if len(room) >= claim.n else ()


def _take(folder: Path, claim: Claim, gpus: tuple[str, ...]) -> Grant:
    holder = slots.Holder(os.getpid(), claim.job, time.time(), claim.slots_per_gpu)
    with ExitStack() as undo:
        descriptors = []
        for gpu in gpus:
            descriptors.append(slots.take(folder, gpu, holder))
            undo.callback(os.close, descriptors[-1])
        undo.pop_all()
    return Grant(gpus, tuple(descriptors))
