"""Which prompts go together: longest first, as many as a token budget holds."""

from __future__ import annotations

from collections.abc import Sequence


def plan_batches(lengths: Sequence[int], new_tokens: int, budget: int) -> list[list[int]]:
    """Split prompts into batches of `(longest + new_tokens) * size <= budget` tokens.

    Returns rows of `lengths`, each once. Longest first: neighbours have nearly the same length,
    so little is padded, and a batch that does not fit shows at once. A prompt that is over the
    budget alone is a batch of one.
    """
    order = sorted(range(len(lengths)), key=lambda row: (-lengths[row], row))
    batches: list[list[int]] = []
    for row in order:
        longest = lengths[batches[-1][0]] if batches else 0
        if batches and (longest + new_tokens) * (len(batches[-1]) + 1) <= budget:
            batches[-1].append(row)
        else:
            batches.append([row])
    return batches
