"""A claim gets all of its cards or none, and in turn.

The rule: a claim takes only cards that no earlier waiting claim could take. So a claim of two
cards collects them as they come free, however many claims of one card arrive behind it; those
that may use other cards go on. The oldest claim waits for holders only, never for a claim.
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
    """`n` different cards of `cards`, on each 1/`slots_per_gpu` of it, for `job`."""

    n: int
    cards: tuple[str, ...]
    job: str
    slots_per_gpu: int = 1


@dataclass(frozen=True)
class Grant:
    """The cards of a claim and the descriptors that hold them."""

    cards: tuple[str, ...]
    descriptors: tuple[int, ...]


def grant(folder: Path, claim: Claim, ticket: queue.Ticket | None = None) -> Grant | None:
    """Take the cards if it is the claim's turn and they are free. Call it under the gate."""
    mine = set(claim.cards)
    for earlier in queue.ahead_of(folder, ticket):
        mine -= set(earlier.cards)
        if len(mine) < claim.n:
            return None
    cards = _least_loaded(folder, claim, mine)
    return _take(folder, claim, cards) if cards else None


def refuse_own_cards(folder: Path, claim: Claim) -> None:
    """Raise InputError where the claim would wait for the process that makes it, or a parent."""
    me = psutil.Process()
    family = {me.pid, *(parent.pid for parent in me.parents())}
    own = [
        card
        for card in claim.cards
        if any(holder.pid in family for holder in slots.holders(folder, card))
    ]
    if len(claim.cards) - len(own) < claim.n:
        raise InputError(
            f"{claim.job}: would wait for itself: this process or a parent already holds "
            f"{', '.join(own)}; take all GPUs in one lease"
        )


def _least_loaded(folder: Path, claim: Claim, mine: set[str]) -> tuple[str, ...]:
    """The emptiest cards with enough room, in the pool's order; none where they do not suffice."""
    loads = {card: slots.load(folder, card) for card in claim.cards if card in mine}
    most = 1 - Fraction(1, claim.slots_per_gpu)
    room = sorted((card for card in loads if loads[card] <= most), key=loads.__getitem__)
    chosen = room[: claim.n]
    return tuple(card for card in claim.cards if card in chosen) if len(room) >= claim.n else ()


def _take(folder: Path, claim: Claim, cards: tuple[str, ...]) -> Grant:
    holder = slots.Holder(os.getpid(), claim.job, time.time(), claim.slots_per_gpu)
    with ExitStack() as undo:
        descriptors = []
        for card in cards:
            descriptors.append(slots.take(folder, card, holder))
            undo.callback(os.close, descriptors[-1])
        undo.pop_all()
    return Grant(cards, tuple(descriptors))
