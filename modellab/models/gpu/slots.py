"""The slots of each card: files `{card}.{number}.slot`, held by the jobs that use the card.

A job with `slots_per_gpu` = k takes up 1/k of a card. Shares are summed up over the jobs on a
card and never exceed the whole: k = 1 is alone on its card, whatever others would share.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote, unquote

from modellab.models.gpu.locks import is_locked, locked_file, read_record


@dataclass(frozen=True)
class Holder:
    """Who holds a slot, since when (seconds since 1970)."""

    pid: int
    job: str
    since: float
    slots_per_gpu: int

    @property
    def share(self) -> Fraction:
        return Fraction(1, self.slots_per_gpu)


def holders(folder: Path, card: str) -> list[Holder]:
    """The living holders of a card."""
    return [_holder(path) for path in _files(folder, card) if is_locked(path)]


def load(folder: Path, card: str) -> Fraction:
    """The part of a card that is taken, from 0 to 1."""
    return sum((holder.share for holder in holders(folder, card)), Fraction(0))


def take(folder: Path, card: str, holder: Holder) -> int:
    """Lock the first free slot of a card; the descriptor lets go of it when closed.

    Children may inherit it: a server keeps its card when the process that started it ends.
    """
    for number in itertools.count():
        descriptor = locked_file(_file(folder, card, number), asdict(holder))
        if descriptor is not None:
            os.set_inheritable(descriptor, True)
            return descriptor
    raise AssertionError


def known_cards(folder: Path) -> list[str]:
    """All cards that ever had a slot here."""
    names = {path.name.rsplit(".", 2)[0] for path in folder.glob("*.slot")}
    return [unquote(name) for name in sorted(names)]


def _holder(path: Path) -> Holder:
    """Who holds a slot; one whose record another version wrote counts for the whole card."""
    try:
        return Holder(**read_record(path))
    except (ValueError, TypeError):
        return Holder(0, "unknown", path.stat().st_mtime, 1)


def _files(folder: Path, card: str) -> Iterator[Path]:
    paths = (_file(folder, card, number) for number in itertools.count())
    return itertools.takewhile(Path.exists, paths)


def _file(folder: Path, card: str, number: int) -> Path:
    return folder / f"{quote(card, safe='')}.{number}.slot"
