import gc
from dataclasses import replace

import pytest
from tiny_model import write_tiny_image_model, write_tiny_model

from modellab.core.records import Message, Question, Request
from modellab.models.generators.transformers.options import TransformersOptions


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return write_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(autouse=True, scope="session")
def what_was_imported_is_no_garbage(folder):
    """A model that is closed looks for garbage: not in all of torch and transformers, each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def image_folder(tmp_path_factory):
    return write_tiny_image_model(tmp_path_factory.mktemp("image-model"))


@pytest.fixture
def options():
    def make(folder, **more):
        defaults = {"device": "cpu", "max_new_tokens": 12, "dtype": "float32"}
        return TransformersOptions(provider="transformers", model=str(folder), **(defaults | more))

    return make


@pytest.fixture
def request_of():
    def make(number, words=3, images=()):
        text = " ".join(["energy"] * words) + f" {number}?"
        question = Question(f"q{number}", text, {}, {}, ())
        user = replace(Message("user", text), images=tuple(str(path) for path in images))
        messages = (Message("system", "Answer."), user)
        return Request(f"{number:064x}", question, "none", 1, (), messages)

    return make


@pytest.fixture
def requests(request_of):
    return [request_of(number, words=1 + 7 * number % 40) for number in range(12)]


@pytest.fixture
def answers():
    def ask(options, requests, schema=None):
        with options.open(0, schema or {}) as model:
            return {response.key: response for response in model.answer(requests)}

    return ask


@pytest.fixture
def texts(answers):
    def ask(options, requests, schema=None):
        rows = answers(options, requests, schema)
        assert not [row.error for row in rows.values() if row.error]
        return {key: row.text for key, row in rows.items()}

    return ask
