from dataclasses import replace

import pytest
from tiny_world.facts import KNOWN_VOICE
from tiny_world.readers import answers, training
from tiny_world.readers.circuits import start_with_circuits
from tiny_world.readers.encoding import IGNORED, batch
from tiny_world.readers.forward import answer_states
from tiny_world.readers.growth import grow
from tiny_world.readers.measuring import held_out_lessons
from tiny_world.readers.recipes import RECIPES, SEEDLING, Recipe, train_reader
from tiny_world.readers.shapes import Shape, as_llama, new_model
from tiny_world.readers.training import Course, train

pytestmark = pytest.mark.slow

MICRO = Shape(96, 4, 32, layers=2)
COURSE = Course(steps=6, rate=1e-3, lessons=2)


def fresh(tokenizer, shape=MICRO):
    import torch

    torch.manual_seed(0)
    model = new_model(shape, tokenizer)
    start_with_circuits(model, tokenizer)
    return model


def same(one, other):
    import torch

    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


@pytest.fixture(scope="module")
def trained(tokenizer, encoder, tmp_path_factory):
    model = fresh(tokenizer)
    train(model, encoder, COURSE, 5, tmp_path_factory.mktemp("state") / "state")
    return model


def test_a_stopped_training_continues_to_the_same_weights(
    tokenizer, encoder, trained, tmp_path, monkeypatch
):
    monkeypatch.setattr(training, "SAVE_EVERY", 2)
    steps = []

    def dying(*arguments):
        if len(steps) == 5:
            raise KeyboardInterrupt
        steps.append(1)
        return real(*arguments)

    real = training._step
    monkeypatch.setattr(training, "_step", dying)
    with pytest.raises(KeyboardInterrupt):
        train(fresh(tokenizer), encoder, COURSE, 5, tmp_path / "state")
    monkeypatch.setattr(training, "_step", real)
    again = fresh(tokenizer)
    train(again, encoder, COURSE, 5, tmp_path / "state")
    assert same(again, trained)


def test_a_state_of_another_seed_is_not_gone_on_from(tokenizer, encoder, trained, tmp_path):
    other = fresh(tokenizer)
    train(other, encoder, COURSE, 6, tmp_path / "state")
    assert not same(other, trained)
    again = fresh(tokenizer)
    train(again, encoder, COURSE, 5, tmp_path / "state")
    assert same(again, trained)


def test_the_rate_rises_stays_and_falls():
    course = Course(steps=1000, rate=1.0, steady=0.4)
    assert course.rate_at(0) == pytest.approx(1 / 60)
    assert course.rate_at(400) == 1.0
    assert course.rate_at(700) == pytest.approx(1 - 0.97 / 2)
    assert course.rate_at(999) == pytest.approx(0.03, abs=0.01)


def test_a_rate_may_stay_to_the_end():
    assert {Course(steps=200, rate=1.0, steady=1.0).rate_at(at) for at in (60, 199)} == {1.0}


def test_what_has_grown_answers_as_before(tokenizer, encoder):
    import torch

    small, large = fresh(tokenizer), new_model(Shape(160, 5, 48, layers=2), tokenizer)
    grow(small, large)
    tokens = torch.arange(300, 400)[None]
    with torch.inference_mode():
        before, after = small(tokens).logits, large(tokens).logits
    # one in 300 by chance
    assert (before.argmax(-1) == after.argmax(-1)).float().mean() > 0.5
    assert (before - after).abs().mean() < 0.2 * before.std()


def test_only_the_places_of_answers_are_computed_and_as_ever(tokenizer, encoder):
    import torch

    model = fresh(tokenizer, Shape(96, 4, 32, layers=3)).eval()
    lessons = held_out_lessons(3, KNOWN_VOICE, seed=2)
    some = batch([encoder.lesson(one) for one in lessons], tokenizer.pad_token_id)
    with torch.inference_mode():
        states, targets = answer_states(model, some)
        whole = model.model(
            input_ids=some.tokens, attention_mask=some.seen, position_ids=some.places
        ).last_hidden_state
    kept = some.targets != IGNORED
    assert torch.equal(targets, some.targets[kept])
    assert torch.allclose(states, whole[kept], atol=1e-4)


def first_tokens_right(model, encoder, lessons):
    """How many answers begin with the right token of the value, given that they are answers."""
    import torch

    right = 0
    for one in lessons:
        some = batch([encoder.lesson(one)], 0)
        with torch.inference_mode():
            logits = model(
                input_ids=some.tokens, attention_mask=some.seen, position_ids=some.places
            ).logits
        hits = (logits.argmax(-1) == some.targets)[some.targets != IGNORED]
        right += int(hits[1])
    return right


def test_untrained_circuits_find_many_numbers(tokenizer, encoder):
    import torch

    lessons = [
        one
        for one in held_out_lessons(80, KNOWN_VOICE, seed=1)
        if one.asked[0].fact and not one.asked[0].attribute.is_name
    ]
    torch.manual_seed(0)
    random = new_model(MICRO, tokenizer)
    assert first_tokens_right(fresh(tokenizer), encoder, lessons) > 0.3 * len(lessons)
    assert first_tokens_right(random, encoder, lessons) < 0.1 * len(lessons)


def test_a_reader_is_a_folder_that_transformers_reads(tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    course = Course(steps=1, rate=1e-3, lessons=1)
    train_reader(Recipe(MICRO, course, 0), None, tmp_path / "a", tmp_path / "seedling")
    train_reader(
        Recipe(Shape(160, 5, 48, layers=2), course, 1),
        tmp_path / "seedling",
        tmp_path / "b",
        tmp_path / "reader",
    )
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "reader")
    assert (model.config.hidden_size, str(model.dtype)) == (160, "torch.float16")
    loaded = AutoTokenizer.from_pretrained(tmp_path / "reader")
    assert loaded.chat_template
    assert loaded.tokenize("\n* The PUE is 1234.") == [
        "Ċ*",
        "ĠThe",
        "ĠPUE",
        "Ġis",
        "Ġ12",
        "34",
        ".",
    ]
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("kind", [3, 4, 5])
def test_a_course_says_how_many_questions_have_no_answer(encoder, kind):
    """Of full, wide and long lessons."""

    def blank(unanswerable):
        shares = tuple(float(place == kind) for place in range(7))
        course = replace(COURSE, shares=shares, unanswerable=unanswerable)
        [blank_token] = encoder._ids(answers.BLANK)
        [first, *_] = training._pool(encoder, course, 0, 0)
        return sum(one.targets.count(blank_token) for one in first)

    asked = {3: 16, 4: 24, 5: 24}[kind]
    assert (blank(0.0), blank(1.0)) == (0, asked)


def test_every_reader_can_grow_from_one_that_is_trained_before_it():
    known = [SEEDLING]
    for name in [name for name in RECIPES if name != SEEDLING]:
        shape, parent = RECIPES[name].shape, RECIPES[RECIPES[name].grows_from].shape
        assert RECIPES[name].grows_from in known
        assert shape.layers == parent.layers
        assert shape.hidden >= parent.hidden and shape.heads >= parent.heads
        known.append(name)


def test_the_saved_kind_computes_the_same(tokenizer):
    import torch

    model = fresh(tokenizer).eval()
    tokens = torch.arange(300, 340)[None]
    with torch.inference_mode():
        assert torch.allclose(model(tokens).logits, as_llama(model)(tokens).logits, atol=1e-4)
