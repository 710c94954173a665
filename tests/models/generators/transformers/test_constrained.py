import json
import sys

import pytest

from modellab.core.errors import InputError

pytestmark = pytest.mark.slow

SCHEMA = {
    "type": "object",
    "properties": {
        "answer": {"type": "string", "maxLength": 12, "pattern": "^[a-z ]{1,12}$"},
        "number": {"type": "integer", "minimum": 0, "maximum": 99},
        "kind": {"enum": ["number", "name", "blank"]},
    },
    "required": ["answer", "number", "kind"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_every_answer_is_json_under_the_schema(folder, options, requests, texts, temperature):
    wanted = options(
        folder, answer_format="json_schema", max_new_tokens=120, temperature=temperature
    )
    together = texts(wanted, requests, SCHEMA)
    for text in together.values():
        answer = json.loads(text)
        assert set(answer) == {"answer", "number", "kind"}
        assert 1 <= len(answer["answer"]) <= 12 and 0 <= answer["number"] <= 99
        assert answer["kind"] in SCHEMA["properties"]["kind"]["enum"]
    assert len(set(together.values())) > 3
    alone = wanted.model_copy(update={"batch_tokens": 1})
    assert together == texts(alone, requests, SCHEMA)


def test_without_the_extra(folder, options, monkeypatch):
    monkeypatch.setitem(sys.modules, "xgrammar", None)
    with (
        pytest.raises(InputError, match=r"\[constrained\]"),
        options(folder, answer_format="json_schema").open(0, SCHEMA),
    ):
        pass


def test_constrained_and_free_answers_are_kept_apart(folder, options):
    free = options(folder).fingerprint()
    assert free != options(folder, answer_format="json_schema").fingerprint()
