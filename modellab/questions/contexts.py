"""Finding a text in the chunks of a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from modellab.core.records import Chunk
from modellab.core.text.words import words

#: the length of the runs of words that are compared
_RUN = 5
#: a chunk matches a context that shares this part of the runs of the shorter one
_SHARED = 0.5

Run = tuple[str, ...]


@dataclass(frozen=True)
class Texts:
    """The texts of chunks, searchable. A search looks only at chunks with its rarest words, so that
    its cost does not grow with the corpus as long as those words are rare."""

    chunks: Sequence[Chunk]

    def holding(self, context: str) -> list[str]:
        """The chunks that contain a context or are part of it, in the corpus's order.

        If there is none (the context ends in the middle of a word, or comes from other chunks),
        those that share half the runs of words of the shorter text.
        """
        wanted = plain_text(context)
        if not wanted.strip():
            return []
        rows = sorted({*self._around(wanted), *self._inside(wanted)})
        return [self.chunks[row].id for row in rows or self._alike(_runs(wanted))]

    @cached_property
    def _plain(self) -> list[str]:
        return [plain_text(chunk.text) for chunk in self.chunks]

    @cached_property
    def _rows(self) -> dict[str, list[int]]:
        """By word the rows that contain it."""
        found: dict[str, list[int]] = {}
        for row, text in enumerate(self._plain):
            for word in set(text.split()):
                found.setdefault(word, []).append(row)
        return found

    @cached_property
    def _rows_by_rarest(self) -> dict[str, list[int]]:
        """By word the rows of which it is the rarest."""
        found: dict[str, list[int]] = {}
        for row, text in enumerate(self._plain):
            if text.strip():
                found.setdefault(self._rarest(text.split()), []).append(row)
        return found

    def _rarest(self, of: Sequence[str]) -> str:
        return min(of, key=lambda word: (len(self._rows.get(word, ())), word))

    def _around(self, wanted: str) -> list[int]:
        rows = self._rows.get(self._rarest(wanted.split()), ())
        return [row for row in rows if wanted in self._plain[row]]

    def _inside(self, wanted: str) -> list[int]:
        rows = [row for word in set(wanted.split()) for row in self._rows_by_rarest.get(word, ())]
        return [row for row in rows if self._plain[row] in wanted]

    def _alike(self, wanted: frozenset[Run]) -> list[int]:
        rarest = {self._rarest(run) for run in wanted}
        rows = sorted({row for word in rarest for row in self._rows.get(word, ())})
        return [row for row in rows if self._shares_enough(wanted, _runs(self._plain[row]))]

    @staticmethod
    def _shares_enough(one: frozenset[Run], other: frozenset[Run]) -> bool:
        shared = len(one & other)
        return shared > 0 and shared >= _SHARED * min(len(one), len(other))


def plain_text(text: str) -> str:
    """Words with a space on each side, so that a part of a text is made of whole words."""
    return f" {' '.join(words(text))} "


def _runs(plain: str) -> frozenset[Run]:
    """All runs of words of a text."""
    found = plain.split()
    return frozenset(tuple(found[start : start + _RUN]) for start in range(len(found) - _RUN + 1))
