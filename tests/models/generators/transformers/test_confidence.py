"""Confidence: what the model itself says of each token, worked out again without generating."""

import math

import pytest
from pydantic import ValidationError
from tiny_questions import READER, tiny_requests

from modellab.models.generators.transformers.processors import TokenConfidence, geometric_mean

pytestmark = pytest.mark.slow


def probability_of(model, prompt, tokens):
    """The geometric mean of the tokens' probabilities after the prompt, by one forward pass."""
    import torch

    with torch.inference_mode():
        logits = model(torch.tensor([[*prompt, *tokens]])).logits[0].float()
    logs = logits.log_softmax(-1)
    own = [logs[len(prompt) - 1 + place, token].item() for place, token in enumerate(tokens)]
    return math.exp(sum(own) / len(own))


def greedy(model, prompt, ends, most):
    """Token by token, the likeliest each time, up to and with the first that ends an answer."""
    import torch

    tokens = []
    with torch.inference_mode():
        while len(tokens) < most and not (tokens and tokens[-1] in ends):
            logits = model(torch.tensor([[*prompt, *tokens]])).logits[0, -1]
            tokens.append(int(logits.argmax()))
    return tokens


def test_it_is_that_of_a_forward_pass_over_the_answer(options):
    asked = tiny_requests(6)
    with options(READER, confidence=True, max_new_tokens=24).open(0, {}) as engine:
        rows = {row.key: row for row in engine.answer(asked)}
        model, ends = engine._model, engine._generator._ends
        for request in asked:
            prompt = list(engine._reader.prompt(request).tokens)
            tokens = greedy(model, prompt, ends, 24)
            row = rows[request.key]
            assert len(tokens) == row.completion_tokens
            assert row.confidence == pytest.approx(probability_of(model, prompt, tokens), rel=1e-3)
    assert len({round(row.confidence, 4) for row in rows.values()}) > 1


def test_answers_are_the_same_with_and_without(folder, options, requests, answers, texts):
    sure = answers(options(folder, confidence=True), requests)
    assert {key: row.text for key, row in sure.items()} == texts(options(folder), requests)
    assert all(0 < row.confidence <= 1 for row in sure.values())
    assert {row.confidence for row in answers(options(folder), requests).values()} == {None}


def test_neither_the_batch_nor_a_temperature_changes_it(folder, options, requests, answers):
    more = {"confidence": True, "temperature": 1.0}
    together = answers(options(folder, **more), requests)
    alone = answers(options(folder, batch_tokens=1, **more), requests)
    for key, row in together.items():
        assert row.text == alone[key].text
        assert row.confidence == pytest.approx(alone[key].confidence, rel=1e-3)


def test_a_grammar_does_not_make_a_model_sure(folder, options, requests, answers):
    """A random model that is held to JSON gives each token that it must take little."""
    pytest.importorskip("xgrammar")
    schema = {"type": "object", "properties": {"a": {"const": "yes"}}, "required": ["a"]}
    held = options(folder, confidence=True, answer_format="json_schema")
    with held.open(0, schema) as model:
        rows = list(model.answer(requests[:3]))
    assert all(row.confidence < 0.5 for row in rows)


def test_by_hand():
    import torch

    noted = TokenConfidence()
    first = torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]).log()
    second = torch.tensor([[0.2, 0.2, 0.6], [1.0, 0.0, 0.0]]).log()
    scores = noted(torch.tensor([[9], [9]]), first)
    assert scores is first
    noted(torch.tensor([[9, 1], [9, 2]]), second)
    found = noted.logarithms(torch.tensor([[9, 1, 2], [9, 2, 0]]))
    assert [[math.exp(one) for one in row] for row in found] == [
        pytest.approx([0.25, 0.6]),
        pytest.approx([0.8, 1.0]),
    ]
    assert geometric_mean(found[0]) == pytest.approx(math.sqrt(0.25 * 0.6))
    assert geometric_mean([]) is None


def test_it_is_in_the_identity_only_where_it_is_asked_for(folder, options):
    assert "confidence" not in options(folder).fingerprint()
    assert options(folder, confidence=True).fingerprint()["confidence"] is True


def test_it_needs_static_batches(folder, options):
    assert not options(folder, confidence=True).may_run_continuously()
    with pytest.raises(ValidationError, match="no confidence"):
        options(folder, confidence=True, continuous_batching="on")
