"""Who uses which card, and who waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import psutil

from modellab.models.gpu import queue, slots
from modellab.models.gpu.locks import folder_trouble, gate, shared_folder
from modellab.models.gpu.nvml import Card, ask_driver
from modellab.models.gpu.pool import FAKE, Pool, find_pool
from modellab.models.gpu.queue import Waiting
from modellab.models.gpu.slots import Holder


@dataclass(frozen=True)
class Slot:
    """A part of a card: free, or held by a job."""

    card: str
    share: Fraction
    holder: Holder | None = None

    @property
    def orphaned(self) -> bool:
        """Whether the process that took it has ended, and a child keeps the card."""
        return self.holder is not None and not psutil.pid_exists(self.holder.pid)


@dataclass(frozen=True)
class Status:
    """The slots of the pool and of all other cards in use; the claims, oldest first."""

    pool: Pool
    slots: Sequence[Slot]
    waiting: Sequence[Waiting]
    cards: Mapping[str, Card]


def status(folder: Path | None = None) -> Status:
    """What stands now. Raises InputError as a lease does."""
    pool, path = find_pool(), shared_folder(folder)
    with folder_trouble(path), gate(path):
        found = [slot for card in pool.cards for slot in _slots(path, card)]
        others = [card for card in slots.known_cards(path) if card not in pool.cards]
        found += [slot for card in others for slot in _slots(path, card) if slot.holder]
        waiting = list(queue.ahead_of(path))
    return Status(pool, found, waiting, _known({slot.card for slot in found}))


def _slots(folder: Path, card: str) -> Iterator[Slot]:
    left = Fraction(1)
    for holder in slots.holders(folder, card):
        left -= holder.share
        yield Slot(card, holder.share, holder)
    if left > 0:
        yield Slot(card, left)


def _known(names: set[str]) -> dict[str, Card]:
    """What the driver tells of the cards; nothing of made-up ones."""
    if all(name.startswith(FAKE) for name in names):
        return {}
    return {card.uuid: card for card in ask_driver().cards}
