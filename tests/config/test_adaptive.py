"""Datasets that cannot be asked in rounds: one clear line, at the key that is wrong."""

from pathlib import Path

import pytest

from modellab.config.loading import load_config
from modellab.core.errors import InputError

TASK = "    prompt: prompt.jinja\n"


def load():
    return load_config([Path("config.yaml")])


def test_the_keys_of_a_dataset(bench):
    adaptive = "    adaptive: {rounds: 4, stop: {top: 3}, budget_usd: 2}\n"
    bench(TASK, TASK + adaptive)
    found = load().datasets["quiz"].adaptive
    assert (found.rounds, found.most_left, found.error, found.budget_usd) == (4, 3, 0.05, 2)
    bench(TASK, TASK + "    adaptive: {}\n")
    assert load().datasets["quiz"].adaptive.most_left == 1


@pytest.mark.parametrize(
    ("adaptive", "model", "expected"),
    [
        ("{}", "{provider: ensemble, members: [base, small]}", "votes"),
        (
            "{budget_usd: 1}",
            "{provider: openai, model: nobody-knows, api_key_env: KEY}",
            "no price of 'more'",
        ),
        ("{}\n    ranking: {weights: {overall: 1}}", "{provider: extractive}", "ranking"),
        ("{rounds: 1}", "{provider: extractive}", "rounds"),
        ("{stop: never}", "{provider: extractive}", "stop"),
    ],
)
def test_invalid_adaptive_datasets(bench, adaptive, model, expected):
    bench(TASK, f"{TASK}    adaptive: {adaptive}\n")
    path = Path("config.yaml")
    path.write_text(f"{path.read_text()}  more: {model}\n")
    with pytest.raises(InputError, match=expected) as error:
        load()
    assert "datasets.quiz" in str(error.value)
    assert "\n" not in str(error.value)
