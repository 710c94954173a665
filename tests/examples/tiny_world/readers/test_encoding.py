from pathlib import Path
from random import Random

import pytest
from tiny_world.lessons import Level, lesson
from tiny_world.readers.circuits import start_with_circuits
from tiny_world.readers.encoding import IGNORED, batch
from tiny_world.readers.shapes import Shape, new_model

from modellab.core.records import Passage, Question
from modellab.models.prompts import load_prompt
from modellab.tasks.wattbot.task import WattBotOptions

PROMPT = Path(__file__).parents[4] / "resources" / "prompts" / "tiny_reader.jinja"


@pytest.fixture(scope="module")
def one():
    return lesson(Random(3), Level(4, 2, 3))


def prompt_tokens(tokenizer, one, asked):
    """As a run of the benchmark makes them."""
    passages = [
        Passage(f"{note.id}#1", note.id, rank, 1.0, note.text, note.id)
        for rank, note in enumerate(one.notes, start=1)
    ]
    question = Question("q", asked.text, {"answer_unit": asked.attribute.unit}, {}, ())
    messages = load_prompt(PROMPT).messages(
        WattBotOptions(kind="wattbot").variables(question, passages)
    )
    text = tokenizer.apply_chat_template(
        [{"role": message.role, "content": message.content} for message in messages],
        tokenize=False,
        add_generation_prompt=True,
    )
    return tokenizer(text, add_special_tokens=False)["input_ids"]


def test_lessons_are_written_as_the_benchmark_writes_prompts(tokenizer, encoder, one):
    encoded = encoder.lesson(one)
    for part, asked in enumerate(one.asked, start=1):
        rows = [at for at, of in enumerate(encoded.parts) if of in (0, part)]
        prompt = prompt_tokens(tokenizer, one, asked)
        assert [encoded.tokens[at] for at in rows][: len(prompt)] == prompt
        assert [encoded.places[at] for at in rows] == list(range(len(rows)))
        targets = [encoded.targets[at] for at in rows if encoded.targets[at] != IGNORED]
        written = [encoded.tokens[at] for at in rows][len(prompt) :]
        assert targets == [*written, tokenizer.eos_token_id]


def test_a_question_does_not_see_the_others(tokenizer, encoder, one):
    import torch

    torch.manual_seed(0)
    model = new_model(Shape(96, 4, 32, layers=2), tokenizer).eval()
    start_with_circuits(model, tokenizer)
    encoded = encoder.lesson(one)
    some = batch([encoded], tokenizer.pad_token_id)
    with torch.inference_mode():
        together = model(
            input_ids=some.tokens, attention_mask=some.seen, position_ids=some.places
        ).logits[0]
        for part in range(1, len(one.asked) + 1):
            rows = [at for at, of in enumerate(encoded.parts) if of in (0, part)]
            alone = model(input_ids=torch.tensor([[encoded.tokens[at] for at in rows]])).logits[0]
            assert torch.allclose(together[rows], alone, atol=1e-3)


def test_no_note_is_longer_than_the_prompt_shows():
    random = Random(5)
    notes = [note for _ in range(300) for note in lesson(random, Level(5, 2, 1)).notes]
    assert max(len(note.text) for note in notes) < 300
