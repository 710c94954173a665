"""Batches under a memory that holds a number of tokens and no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.records import Response
from modellab.models.generators.transformers.memory import DeviceMemory
from modellab.models.generators.transformers.reading import TokenizedPrompt
from modellab.models.generators.transformers.static import StaticBatches, plan_batches

NEW = 10


class Limited:
    """Answers a batch if rows times tokens are within a limit."""

    def __init__(self, limit):
        self.limit = limit
        self.answered = []
        self.refused = 0

    def generate(self, prompts, most=None):
        if (max(len(prompt.tokens) for prompt in prompts) + NEW) * len(prompts) > self.limit:
            self.refused += 1
            raise RuntimeError("CUDA out of memory. Tried to allocate 1.00 GiB.\nmore")
        self.answered += [prompt.request.key for prompt in prompts]
        return [self.row(prompt.request, f"answer {prompt.request.key}") for prompt in prompts]

    @staticmethod
    def row(request, text=None, **fields):
        return Response(request.key, text, **fields)


@pytest.fixture
def prompts(request_of):
    return [
        TokenizedPrompt(request_of(number), tuple(range(10 + 10 * number))) for number in range(8)
    ]


def batches(limited, tokens=1000):
    return StaticBatches(limited, tokens, DeviceMemory("cpu"), NEW)


def test_rows_that_fit_no_batch_fail_and_the_others_are_answered_once(prompts):
    limited = Limited(limit=75)
    static = batches(limited)
    rows = list(static.run(prompts))
    failed = [row for row in rows if row.error_class]
    assert sorted(row.key for row in rows) == sorted(prompt.request.key for prompt in prompts)
    assert [row.prompt_tokens for row in failed] == [80, 70]
    assert {row.error_class for row in failed} == {"out_of_memory"}
    assert "70 prompt tokens and 10 new ones do not fit into the memory of cpu" in failed[1].error
    assert "Tried to allocate 1.00 GiB." in failed[1].error and "\n" not in failed[1].error
    assert len(limited.answered) == len(set(limited.answered)) == 6


def test_finished_rows_stay_when_a_later_batch_is_too_large(prompts):
    limited = Limited(limit=1000)
    static = batches(limited, tokens=200)
    running = static.run(prompts)
    first = [next(running), next(running)]
    limited.limit = 60
    rows = [*first, *running]
    assert all(row.text == f"answer {row.key}" for row in rows if row.error_class is None)
    assert len(rows) == len(prompts)
    assert len(limited.answered) == len(set(limited.answered))


def test_the_budget_is_halved_until_a_batch_fits(prompts):
    limited = Limited(limit=300)
    static = batches(limited)
    list(static.run(prompts))
    assert limited.refused == static.halvings == 2
    assert static.tokens <= 300
    list(static.run(prompts))
    assert static.halvings == 2


def test_warming_up_records_nothing_and_writes_two_tokens(prompts):
    seen = []

    class Warm(Limited):
        def generate(self, prompts, most=None):
            seen.append((len(prompts), most))
            return super().generate(prompts, most)

    batches(Warm(limit=1000)).warm_up(prompts, 2)
    assert seen == [(8, 2), (8, 2)]


def test_other_errors_are_not_taken_for_it(prompts):
    class Broken:
        def generate(self, prompts, most=None):
            raise RuntimeError("shapes do not match")

    static = batches(Broken())
    with pytest.raises(RuntimeError, match="shapes"):
        list(static.run(prompts))


def test_rows_have_the_peak_of_the_memory(prompts):
    static = batches(Limited(limit=1000))
    rows = list(static.run(prompts))
    assert all(row.peak_memory_bytes > 10 * 2**20 for row in rows)


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
