from hypothesis import given
from hypothesis import strategies as st

from modellab.models.generators.transformers.static import plan_batches

LENGTHS = st.lists(st.integers(1, 500), max_size=60)


def test_longest_first_within_the_budget():
    assert plan_batches([5, 20, 10, 6], new_tokens=10, budget=60) == [[1, 2], [3, 0]]


def test_a_prompt_over_the_budget_is_alone():
    assert plan_batches([500, 1, 1], new_tokens=1, budget=100) == [[0], [1, 2]]


@given(LENGTHS, st.integers(1, 50), st.integers(1, 2000))
def test_every_prompt_once_and_no_batch_over_the_budget(lengths, new_tokens, budget):
    batches = plan_batches(lengths, new_tokens, budget)
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[row] for row in batch)
        assert len(batch) == 1 or (longest + new_tokens) * len(batch) <= budget


@given(LENGTHS)
def test_lengths_fall(lengths):
    order = [lengths[row] for batch in plan_batches(lengths, 1, 300) for row in batch]
    assert order == sorted(lengths, reverse=True)
