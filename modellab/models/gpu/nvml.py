"""The NVIDIA cards of this machine, as their driver tells."""

from __future__ import annotations

import logging
from dataclasses import dataclass

log = logging.getLogger("modellab.models.gpu")


@dataclass(frozen=True)
class Card:
    """One physical card; `index` is the number that nvidia-smi shows."""

    index: int
    uuid: str
    name: str
    memory_bytes: int | None


@dataclass(frozen=True)
class Driver:
    """The cards of the driver, or why it does not answer."""

    cards: tuple[Card, ...] = ()
    problem: str | None = None

    def find(self, name: str) -> Card | None:
        """The card of an index, a UUID or the beginning of one UUID only."""
        if name.isdigit():
            found = [card for card in self.cards if card.index == int(name)]
        else:
            found = [card for card in self.cards if card.uuid.startswith(name)]
        return found[0] if len(found) == 1 else None


def ask_driver() -> Driver:
    """Ask the driver for all its cards, also those hidden by CUDA_VISIBLE_DEVICES."""
    from pynvml import NVMLError, nvmlDeviceGetCount, nvmlInit, nvmlShutdown

    try:
        nvmlInit()
    except NVMLError as error:
        return Driver(problem=str(error))
    try:
        found = [_card(index) for index in range(nvmlDeviceGetCount())]
        return Driver(tuple(card for card in found if card is not None))
    finally:
        nvmlShutdown()


def _card(index: int) -> Card | None:
    """A card; None, with a warning, where it has failed and no longer answers."""
    from pynvml import (
        NVMLError,
        nvmlDeviceGetHandleByIndex,
        nvmlDeviceGetName,
        nvmlDeviceGetUUID,
    )

    try:
        handle = nvmlDeviceGetHandleByIndex(index)
        uuid, name = nvmlDeviceGetUUID(handle), nvmlDeviceGetName(handle)
    except NVMLError as error:
        log.warning("GPU %d does not answer and is left out: %s", index, error)
        return None
    return Card(index, uuid, name, _memory_bytes(handle))


def _memory_bytes(handle: object) -> int | None:
    """All memory of a card; None where it shares the machine's."""
    from pynvml import NVMLError_NotSupported, nvmlDeviceGetMemoryInfo

    try:
        return int(nvmlDeviceGetMemoryInfo(handle).total)
    except NVMLError_NotSupported:
        return None
