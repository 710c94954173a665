"""The order in which questions are asked: drawn at random, each round like the whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from modellab.core.records import Question


def rounds_of(questions: Sequence[Question], rounds: int, seed: int) -> list[list[str]]:
    """The ids of questions by round; rounds differ by one question at most.

    Strata are the questions that are answerable or not, and have the same tags; each has its share
    of every round. Fewer questions than rounds make as many rounds.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    strata: dict[tuple[bool, tuple[str, ...]], list[str]] = defaultdict(list)
    for question in questions:
        strata[question.unanswerable, tuple(sorted(question.tags))].append(question.id)
    places: dict[str, float] = {}
    for ids in strata.values():
        # evenly along the line, from a random start
        start = rng.random()
        for place, drawn in enumerate(rng.permutation(len(ids))):
            places[ids[drawn]] = (place + start) / len(ids)
    order = sorted(places, key=places.__getitem__)
    ends = np.linspace(0, len(order), min(rounds, len(order)) + 1).round().astype(int)
    return [order[begin:end] for begin, end in pairwise(ends)]
