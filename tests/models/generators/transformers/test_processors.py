import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from modellab.models.generators.transformers.processors import RowSampler, StopTexts, cut_at


@pytest.fixture(scope="module")
def tokenizer(folder):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)


def test_cut_at_the_first_of_several():
    assert cut_at("one. two\n", ["\n", ". "]) == "one"
    assert cut_at("one", ["\n"]) is None
    assert cut_at("\none", ["\n"]) == ""


def run(tokenizer, prompt, answer, stops):
    """Feed an answer token by token; the number of tokens after which it ended, or None."""
    criterion = StopTexts(tokenizer, stops, len(prompt), {})
    for end in range(1, len(answer) + 1):
        rows = torch.tensor([[*prompt, *answer[:end]]])
        if criterion(rows, None).tolist() == [True]:
            return end
    return None


@settings(max_examples=60, deadline=None)
@given(
    st.text("the energy\n€é", max_size=30), st.sampled_from(["\n\n", "e ", "€", "é\n", "er", "y"])
)
def test_a_row_ends_with_the_token_that_completes_a_stop_text(tokenizer, text, stop):
    answer = tokenizer(text)["input_ids"]
    ends = [n for n in range(1, len(answer) + 1) if stop in tokenizer.decode(answer[:n])]
    assert run(tokenizer, [5, 6], answer, [stop]) == (ends[0] if ends else None)


def test_the_prompt_ends_nothing(tokenizer):
    prompt = tokenizer("energy\n")["input_ids"]
    answer = tokenizer("\nthe")["input_ids"]
    assert run(tokenizer, prompt, answer, ["\n\n"]) is None


def test_only_rows_that_may_end_are_decoded(tokenizer):
    class Counting:
        decoded = 0

        def decode(self, tokens, **more):
            self.decoded += len(tokens) > 1
            return tokenizer.decode(tokens, **more)

    counting = Counting()
    answer = tokenizer("the training of the energy of the training")["input_ids"]
    assert run(counting, [5], answer, ["@@"]) is None
    assert counting.decoded == 0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 2**60), min_size=1, max_size=6), st.sampled_from([1.0, 0.5]))
def test_a_drawn_token_does_not_depend_on_the_batch(seeds, top_p):
    generator = torch.Generator().manual_seed(3)
    scores = torch.randn(len(seeds), 50, generator=generator)
    ids = torch.zeros(len(seeds), 1, dtype=torch.long)
    together, alone = RowSampler(seeds, 0.8, top_p), [RowSampler([s], 0.8, top_p) for s in seeds]
    for _ in range(3):
        drawn = together(ids, scores).argmax(dim=-1).tolist()
        one_by_one = [alone[row](ids[:1], scores[row : row + 1]) for row in range(len(seeds))]
        assert drawn == [found.argmax(dim=-1).item() for found in one_by_one]


def test_a_token_that_is_not_allowed_is_never_drawn():
    scores = torch.full((200, 10), -torch.inf)
    scores[:, 4] = 0.0
    sampler = RowSampler(range(200), 1.0, 1.0)
    drawn = sampler(torch.zeros(200, 1, dtype=torch.long), scores)
    assert set(drawn.argmax(dim=-1).tolist()) == {4}
    assert torch.isinf(drawn).sum() == 200 * 9
