"""Waiting for a claim's turn, and telling whom it waits for."""

from __future__ import annotations

import logging
import os
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from modellab.core.progress import PROGRESS
from modellab.models.gpu import queue, slots
from modellab.models.gpu.claims import Claim, Grant, grant, refuse_own_gpus
from modellab.models.gpu.locks import folder_trouble, gate, guard

log = logging.getLogger(PROGRESS)


@dataclass(frozen=True)
class Pace:
    """How often a waiting claim looks, and how often it says so."""

    poll_seconds: float = 0.1
    log_every_seconds: float = 600.0


def hold(folder: Path, claim: Claim, pace: Pace) -> Grant:
    """Wait until the claim has its GPUs; a claim that can have them at once does not wait.

    Raises InputError where the folder cannot be written and where the claim would wait for the
    process that makes it.
    """
    with ExitStack() as undo, folder_trouble(folder):
        guarding = guard(folder)
        undo.callback(os.close, guarding)
        held = _hold(folder, claim, pace)
        undo.pop_all()
    os.set_inheritable(guarding, True)
    return Grant(held.gpus, (*held.descriptors, guarding))


def local_time(seconds: float) -> str:
    """A moment (seconds since 1970) on this machine's clock."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _hold(folder: Path, claim: Claim, pace: Pace) -> Grant:
    with gate(folder):
        held = grant(folder, claim)
        if held:
            return held
        refuse_own_gpus(folder, claim)
        ticket = queue.join(folder, claim.n, claim.gpus, claim.job)
    try:
        return _wait(folder, claim, ticket, pace)
    finally:
        ticket.give_back()


def _wait(folder: Path, claim: Claim, ticket: queue.Ticket, pace: Pace) -> Grant:
    start = time.monotonic()
    tell_at = start
    while True:
        now = time.monotonic()
        with gate(folder):
            held = grant(folder, claim, ticket)
            reason = None if held or now < tell_at else _reason(folder, claim, ticket)
        if held:
            log.info("%s: got %s after %.0f s", claim.job, ", ".join(held.gpus), now - start)
            return held
        if reason:
            log.info("%s: %s", claim.job, reason)
            tell_at = now + pace.log_every_seconds
        time.sleep(pace.poll_seconds)


def _reason(folder: Path, claim: Claim, ticket: queue.Ticket) -> str:
    """One line: what is waited for, who holds it, how many claims come first."""
    users = [
        f"{gpu}: {holder.job} (pid {holder.pid}, since {local_time(holder.since)})"
        for gpu in claim.gpus
        for holder in slots.holders(folder, gpu)
    ]
    first = len(list(queue.ahead_of(folder, ticket)))
    return (
        f"waiting for {claim.n} of {len(claim.gpus)} GPUs; {first} claims come first; "
        f"in use: {'; '.join(users) or 'none'}"
    )
