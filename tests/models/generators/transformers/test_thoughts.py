"""Marks of thoughts that are special tokens, prompts that open a thought, templates that drop."""

import json
from types import SimpleNamespace

import pytest
from tiny_model import TEMPLATE, write_tiny_model

from modellab.core.errors import InputError
from modellab.generation.driver import without_thought
from modellab.models.generators.transformers.generation import Generator
from modellab.models.generators.transformers.loading import Loaded
from modellab.models.generators.transformers.reading import TokenizedPrompt

DROPS = TEMPLATE.replace(
    "{% for message in messages %}", "{% for message in messages if message.role != 'system' %}"
)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    from transformers import AddedToken, AutoTokenizer

    made = AutoTokenizer.from_pretrained(write_tiny_model(tmp_path_factory.mktemp("marks")))
    marks = [AddedToken(text, special=True) for text in ("<think>", "</think>", "<|note|>")]
    made.add_tokens(marks)
    return made


@pytest.fixture
def read(tokenizer, options, request_of):
    def read(text, opened="", **more):
        model = SimpleNamespace(dtype="torch.float32")
        loaded = Loaded(model, tokenizer, None, [tokenizer.eos_token_id])
        generator = Generator(options("x", **more), loaded, None, None, None)
        tokens = tokenizer(text, add_special_tokens=False)["input_ids"]
        return generator.read(TokenizedPrompt(request_of(1), (), opened=opened), tokens), len(
            tokens
        )

    return read


def test_special_marks_stay_in_the_text_and_all_tokens_in_raw(read):
    answer, _ = read("<think>4 or<|note|> 5</think>It is 5.<|end|>")
    assert answer.text == "<think>4 or 5</think>It is 5."
    assert answer.raw == "<think>4 or<|note|> 5</think>It is 5."
    assert answer.finish_reason == "stop"


def test_tokens_of_a_thought_are_counted_to_its_end(read, tokenizer):
    answer, tokens = read("<think>4 or 5</think>It is 5.<|end|>")
    rest = len(tokenizer("It is 5.<|end|>", add_special_tokens=False)["input_ids"])
    assert answer.thought_tokens == tokens - rest
    cut, tokens = read("<think>4 or 5")
    assert (cut.thought_tokens, cut.finish_reason) == (tokens, "length")
    assert read("It is 5.<|end|>")[0].thought_tokens is None


def test_a_text_without_special_tokens_has_no_other_raw(read):
    assert read("It is 5.<|end|>")[0].raw is None


def test_marks_of_ones_own_may_be_special_tokens(read):
    marks = {"start": "<think>", "end": "<|note|>"}
    assert read("<think>4<|note|>5", thought=marks)[0].text == "<think>4<|note|>5"


def test_an_answer_begins_within_a_thought_that_the_prompt_opens(
    tmp_path, options, request_of, answers
):
    folder = write_tiny_model(tmp_path)
    opens = TEMPLATE.replace("<|assistant|>{% endif", "<|assistant|><think>\n{% endif")
    (folder / "chat_template.jinja").write_text(opens)
    [row] = answers(options(folder), [request_of(1)]).values()
    assert row.text.startswith("<think>")
    assert without_thought(row).text == ""


@pytest.mark.parametrize(
    ("template", "role"),
    [
        (TEMPLATE, "kept"),
        (DROPS, "dropped"),
        (
            "{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}"
            + TEMPLATE,
            "refused",
        ),
    ],
)
def test_what_the_system_says_is_never_lost(tmp_path, options, request_of, caplog, template, role):
    folder = write_tiny_model(tmp_path)
    (folder / "chat_template.jinja").write_text(template)
    with options(folder).open(0, {}) as model:
        [row] = model.answer([request_of(1)])
        facts = dict(model.report())
    assert facts["system_role"] == role
    # "Answer." and the question; the markers of roles are one token each
    from transformers import AutoTokenizer

    count = AutoTokenizer.from_pretrained(folder)
    said = "<|user|>Answer.\n\nenergy energy energy 1?\n<|assistant|>"
    merged = len(count(said, add_special_tokens=False)["input_ids"])
    if role != "kept":
        assert row.prompt_tokens == merged
        assert "before the user's" in caplog.text
    else:
        assert "before the user's" not in caplog.text


def test_a_tokenizer_that_ends_each_text_leaves_room_for_an_answer(
    tmp_path, options, request_of, answers
):
    folder = write_tiny_model(tmp_path, chat=False)
    plain = answers(options(folder), [request_of(1)])
    file = folder / "tokenizer.json"
    data = json.loads(file.read_text())
    data["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [
            {"Sequence": {"id": "A", "type_id": 0}},
            {"SpecialToken": {"id": "<|end|>", "type_id": 0}},
        ],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<|end|>": {"id": "<|end|>", "ids": [0], "tokens": ["<|end|>"]}},
    }
    file.write_text(json.dumps(data))
    ended = answers(options(folder), [request_of(1)])
    assert [row.prompt_tokens for row in ended.values()] == [
        row.prompt_tokens for row in plain.values()
    ]


def test_a_template_gets_whether_to_think(tmp_path, options, request_of, answers):
    folder = write_tiny_model(tmp_path)
    closed = "<|assistant|>{% if enable_thinking is false %}<think></think>{% endif %}{% endif"
    template = TEMPLATE.replace("<|assistant|>{% endif", closed)
    (folder / "chat_template.jinja").write_text(template)
    tokens = {
        think: answers(options(folder, think=think), [request_of(1)]).popitem()[1].prompt_tokens
        for think in (None, True, False)
    }
    assert tokens[None] == tokens[True] < tokens[False]
    assert options(folder, think=False).fingerprint() != options(folder).fingerprint()


def test_a_template_that_knows_no_thinking(tmp_path, options):
    folder = write_tiny_model(tmp_path)
    with (
        pytest.raises(InputError, match="has no `enable_thinking`"),
        options(folder, think=False).open(0, {}),
    ):
        pass
