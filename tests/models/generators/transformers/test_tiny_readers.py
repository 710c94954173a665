"""The shipped models through the provider: real answers, not only well-formed ones."""

import hashlib
from pathlib import Path

import pytest
import torch
from tiny_questions import right_references, right_values, tiny_requests
from tiny_world.readers.recipes import RECIPES
from tiny_world.readers.shapes import as_llama, new_model

from modellab.core.records import Status
from modellab.models.registry import parse_model
from modellab.tasks.wattbot.task import WattBotOptions

pytestmark = pytest.mark.slow

MODELS = Path(__file__).parents[4] / "resources" / "models"
READERS = sorted(path.name for path in MODELS.iterdir() if path.is_dir())
#: bytes of all models together
LARGEST = 15_000_000
ASKED = 24


def answers(name, requests, **changed):
    options = parse_model(
        {"provider": "transformers", "model": str(MODELS / name), "dtype": "float32"}
        | {"device": "cpu", "max_new_tokens": 32, **changed}
    )
    with options.open(seed=1, answer_schema={}) as model:
        return {response.key: response for response in model.answer(requests)}


@pytest.fixture(scope="module")
def asked():
    return tiny_requests(ASKED)


@pytest.mark.parametrize("name", READERS)
def test_a_reader_answers_what_it_reads(asked, name):
    found = answers(name, asked)
    texts = {key: response.text for key, response in found.items()}
    assert {response.finish_reason for response in found.values()} == {"stop"}
    kinds = {WattBotOptions(kind="wattbot").parse(text).status for text in texts.values()}
    assert kinds <= {Status.ANSWERED, Status.ABSTAINED}
    assert right_values(asked, texts) >= 0.8 * ASKED
    assert right_references(asked, texts) >= 0.8 * ASKED


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
@pytest.mark.parametrize("continuous", ["off", "on"])
def test_a_reader_answers_on_a_card(asked, continuous):
    """Not only that it runs there: half of the numbers' digits must not cost the answers."""
    changed = {"device": "cuda", "dtype": "float16", "continuous_batching": continuous}
    found = answers(READERS[-1], asked, **changed)
    texts = {key: response.text for key, response in found.items()}
    assert right_values(asked, texts) >= 0.75 * ASKED
    assert right_references(asked, texts) >= 0.75 * ASKED


def test_the_shipped_files_are_those_that_were_measured():
    sums = dict(line.split("  ")[::-1] for line in (MODELS / "SHA256SUMS").read_text().splitlines())
    found = [f"{name}/model.safetensors" for name in READERS]
    assert sums == {
        path: hashlib.sha256((MODELS / path).read_bytes()).hexdigest() for path in found
    }


def test_all_together_are_small():
    files = [path for path in MODELS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < LARGEST


@pytest.mark.parametrize("name", READERS)
def test_a_reader_has_the_shape_of_its_recipe_and_a_card(name, tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(MODELS / name)
    expected = as_llama(
        new_model(RECIPES[name].shape, AutoTokenizer.from_pretrained(MODELS / name))
    )
    assert model.num_parameters() == expected.num_parameters()
    assert str(model.dtype) == "torch.float16"
    card = (MODELS / name / "README.md").read_text()
    assert f"{model.num_parameters():,}" in card
