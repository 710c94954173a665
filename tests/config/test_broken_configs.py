"""Hundreds of broken configs, made from the JSON schema: each ends in one clear line."""

import copy
import os
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from cases import each

from modellab.config.loading import json_schema, load_config
from modellab.core.errors import InputError

FILES = [Path("config.yaml")]

CONFIG = """\
results: results
seed: 1
limit: 5
corpora:
  notes: {path: notes, chunking: {max_words: 100}}
datasets:
  quiz: {corpus: notes, questions: quiz.csv, prompt: prompt.jinja, retrievers: [bm25, mixed]}
embedders:
  lsa: {kind: tfidf-svd, dimensions: 3}
retrievers:
  bm25: {kind: bm25, top_k: 2, k1: 1.2}
  dense: {kind: dense, embedder: lsa}
  mixed: {kind: hybrid, of: [bm25, dense]}
models:
  base: {provider: extractive, threshold: 0.2}
  small: {provider: transformers, model: weights, temperature: 0.5, max_new_tokens: 4}
  remote: {provider: litellm, model: openai/x, base_url: "http://127.0.0.1:1/v1", max_retries: 2}
statistics: {confidence: 0.95}
judges:
  strict: {kind: rubric, model: {provider: litellm, model: openai/x}, metrics: [correctness]}
plots: [overall_ranking]
"""
WRONG = (*({}, [1], "", "no such thing", -1, float("inf"), float("nan"), True, None, 10**40),)


def places(node, above=()):
    """Every key and item of plain data."""
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in items:
        yield (*above, key)
        if isinstance(value, dict | list):
            yield from places(value, (*above, key))


def changed(data, place, change):
    data = copy.deepcopy(data)
    node = data
    for key in place[:-1]:
        node = node[key]
    change(node, place[-1])
    return data


def mutations():
    data = yaml.safe_load(CONFIG)
    for place in places(data):
        for value in WRONG:
            yield place, changed(data, place, lambda node, key, v=value: node.__setitem__(key, v))
        value = data
        for key in place:
            value = value[key]
        if isinstance(value, dict):
            yield (*place, "unknwon"), changed(data, place, lambda n, k: n[k].update(unknwon=1))
        yield place[:-1], changed(data, place, lambda node, key: node.__delitem__(key))


def broken():
    """The mutations that the schema refuses."""
    validator = jsonschema.Draft202012Validator(json_schema())
    return [(at, data) for at, data in mutations() if next(validator.iter_errors(data), None)]


@pytest.mark.slow
def test_every_broken_config_is_one_line_with_file_line_and_key(bench, tmp_path):
    cases = broken()
    assert len(cases) >= 300
    wrong = []
    for place, data in cases:
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
        try:
            load_config(FILES)
        except InputError as error:
            text = str(error)
            keys = [str(key) for key in place if isinstance(key, str)]
            named = not keys or any(key in text for key in keys)
            if "\n" in text or not named or not re.match(r"config\.yaml(:\d+)?: ", text):
                wrong.append((place, text))
        except Exception as error:  # noqa: BLE001  a traceback is what must not happen
            wrong.append((place, f"{type(error).__name__}: {error}"))
        else:
            wrong.append((place, "accepted"))
    assert wrong == []


@each(
    ("text", "said"),
    [
        ("models: {1.10: {provider: extractive}}", "config.yaml:1: models.1.10: .*'1.10'"),
        ("models: {007: {provider: extractive}}", "config.yaml:1: models.007: .*'007'"),
        ("models:\n  1:30: {provider: extractive}", "config.yaml:2: models.1:30: .*'1:30'"),
        ("models:\n  2024-01-02: {provider: extractive}", "config.yaml:2: .*'2024-01-02'"),
        ("models:\n  3.0: {provider: extractive}", "config.yaml:2: models.3.0: .*'3.0'"),
        ("on: 1", "config.yaml:1: on: .*'on'"),
        ("limit: 010", "config.yaml:1: limit: YAML reads 010 as another number"),
        ("limit: 1:30", "config.yaml:1: limit: YAML reads 1:30 as another number"),
        ("limit: 0x_1", "config.yaml:1: limit: YAML reads 0x_1"),
        ("limit: 2024-13-45", "config.yaml:1: .*'2024-13-45' is read as a date"),
        (f"limit: {'9' * 5000}", "config.yaml:1: .*is read as a number"),
        ("limit: !!timestamp tomorrow", "config.yaml:1: .*'tomorrow' is read as a date"),
        ('limit: !!int ""', "config.yaml:1: .*'' is read as a number"),
        ('"a\\nb": 1', r"config.yaml:1: a\\nb: unknown key"),
        ("limit: &x [*x]", "config.yaml:1: .*alias of itself"),
        ('results: "a\\ud800"', r"config.yaml:1: results: .*U\+D800"),
        ('results: "a\\0b"', r"config.yaml:1: results: .*U\+0000"),
        ("? [a, b]\n: 1", "config.yaml:1: this key is a list"),
        ("limit: 1\n---\nlimit: 2", "config.yaml:2: not valid YAML"),
        ("limit:\n\tx: 1", "config.yaml:2: not valid YAML"),
        ("limit: " + "[" * 3000, "config.yaml: nested too deeply"),
    ],
)
def test_yaml_that_says_something_else_than_its_author_meant(bench, tmp_path, text, said):
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(InputError, match=f"^{said}"):
        load_config(FILES)


def test_aliases_of_aliases_end_at_once(bench, tmp_path):
    levels = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    (tmp_path / "config.yaml").write_text("\n".join(levels))
    with pytest.raises(InputError, match="larger than 100,000 entries"):
        load_config(FILES)


@pytest.mark.parametrize(
    "folder",
    [
        *("", "/", ".", "..", "~/results", "a*", "a\\nb", "a{b}"),
        *(".git", ".snakemake", "x" * 201, "quiz.csv/x", "loop"),
    ],
)
def test_results_need_their_own_folder(bench, tmp_path, folder):
    (tmp_path / "loop").symlink_to("loop")
    bench("models:\n", f'results: "{folder}"\nmodels:\n')
    with pytest.raises(InputError, match=r"^config.yaml:12: results: "):
        load_config(FILES)


def test_a_device_a_pipe_and_an_endless_path_are_no_input(bench, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, said in (
        ("/dev/zero", "neither a file nor a folder"),
        ("pipe", "neither a file nor a folder"),
        ("a/" * 3000, "File name too long"),
    ):
        bench("questions: quiz.csv", f"questions: {path}")
        with pytest.raises(
            InputError, match=rf"^config.yaml:\d+: datasets.quiz.questions: .*{said}"
        ):
            load_config(FILES)


KEYS = [
    *("sk-proj-Abcdefgh12345678", "hf_abcdefghijklmnop123", "gsk_abcdefgh12345678ij"),
    *("xai-abcdefgh12345678ij", "AIza" + "Sy1" * 12, "AKIA1234567890ABCDEF", "Bearer abcd1234"),
]


@each("key", KEYS)
@each(
    "entry",
    [
        '{provider: openai, model: "KEY"}',
        '{provider: openai, model: m, base_url: "http://host/KEY/v1"}',
        '{provider: openai, model: m, extra: {extra_headers: {X: "KEY"}}}',
    ],
)
def test_a_key_in_the_config_is_refused_and_not_repeated(bench, key, entry):
    bench("models:\n", f"models:\n  api: {entry.replace('KEY', key)}\n")
    said = r"^config.yaml:13: models.api.*looks like a secret key"
    with pytest.raises(InputError, match=said) as found:
        load_config(FILES)
    assert key not in str(found.value)
    with pytest.raises(InputError, match=r"^--config model: .*looks like a secret key") as found:
        load_config([], {"provider": "openai", "model": key})
    assert key not in str(found.value)


def test_keys_that_are_sent_on_may_be_numbers(bench):
    bench(
        "    provider: extractive",
        "    provider: litellm\n    model: openai/x\n    extra: {logit_bias: {50256: -100}}",
    )
    assert load_config(FILES).models["base"].extra["logit_bias"] == {50256: -100}
