"""Which predicted items stand for which wanted ones: the pairing with the most right fields."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def paired(
    wanted: Sequence[Item],
    predicted: Sequence[Item],
    key: Callable[[Item], Hashable],
    gain: Callable[[Item, Item], int],
) -> tuple[list[tuple[Item, Item]], list[Item], list[Item]]:
    """Pairs of items with equal keys, then the wanted and the predicted that are left over.

    Each item is used at most once, so that items of the same name stay apart. Where several have
    one key, the pairs are those whose gains sum to the most, by
    `scipy.optimize.linear_sum_assignment` (a solution of the assignment problem). Pairs come in
    the order of the wanted items.
    """
    pairs: dict[int, int] = {}
    for name in dict.fromkeys(map(key, wanted)):
        rows = [index for index, item in enumerate(wanted) if key(item) == name]
        columns = [index for index, item in enumerate(predicted) if key(item) == name]
        pairs.update(_best(wanted, predicted, rows, columns, gain))
    used = set(pairs.values())
    return (
        [(item, predicted[pairs[i]]) for i, item in enumerate(wanted) if i in pairs],
        [item for i, item in enumerate(wanted) if i not in pairs],
        [item for i, item in enumerate(predicted) if i not in used],
    )


def _best(
    wanted: Sequence[Item],
    predicted: Sequence[Item],
    rows: Sequence[int],
    columns: Sequence[int],
    gain: Callable[[Item, Item], int],
) -> dict[int, int]:
    if len(rows) <= 1 and len(columns) <= 1:
        return dict(zip(rows, columns, strict=False))
    if not rows or not columns:
        return {}
    from scipy.optimize import linear_sum_assignment

    gains = [[gain(wanted[row], predicted[column]) for column in columns] for row in rows]
    chosen = linear_sum_assignment(gains, maximize=True)
    return {rows[i]: columns[j] for i, j in zip(*chosen, strict=True)}
