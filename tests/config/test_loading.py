from pathlib import Path

import pytest
import yaml

from modellab.config.loading import json_schema, load_config
from modellab.errors import InputError

FILES = [Path("config.yaml")]


def message():
    with pytest.raises(InputError) as error:
        load_config(FILES)
    text = str(error.value)
    assert "\n" not in text
    return text


def test_a_right_config_with_its_defaults(bench):
    config = load_config(FILES)
    assert config.seed == 0
    assert config.results == Path("results")
    assert config.datasets["quiz"].task == "wattbot"
    assert config.models["base"].enabled
    assert config.retrievers["bm25"].top_k == 5


def test_overrides_go_before_files(bench):
    config = load_config(FILES, {"limit": 3, "models": {"base": {"threshold": 0.9}}})
    assert config.limit == 3
    assert config.models["base"].threshold == 0.9
    assert config.models["small"].model == "weights"


BAD = [
    ("  small:\n", "  base:\n", "config.yaml:15: models.base: this key stands twice (first in line 13)"),
    ("model: weights", "modle: weights", "config.yaml:17: models.small.modle: unknown key; did you mean 'model'?"),
    ("    provider: extractive", "    threshold: 1", "config.yaml:13: models.base: the key 'provider' is missing"),
    ("provider: extractive", "provider: oracle", "config.yaml:14: models.base.provider: unknown provider 'oracle'; choose from 'extractive', "),
    ("{kind: bm25}", "{kind: bm52}", "config.yaml:10: retrievers.bm25.kind: unknown kind 'bm52'; choose from "),
    ("{kind: bm25}", "{kind: bm25, top_k: none}", "config.yaml:10: retrievers.bm25.top_k: "),
    ("    corpus: notes\n", "    corpus: note\n", "config.yaml:6: datasets.quiz.corpus: unknown corpus 'note'; choose from: notes"),
    ("    prompt: prompt.jinja", "    prompt: prompt.jinja\n    scorer: v9", "config.yaml:9: datasets.quiz.scorer: unknown scorer 'v9'; choose from: v1, v2, v3, validator"),
    ("    prompt: prompt.jinja", "    prompt: prompt.jinja\n    task: chat", "config.yaml:9: datasets.quiz.task: unknown task 'chat'"),
    ("    prompt: prompt.jinja", "    prompt: prompt.jinja\n    retrievers: [bm52]", "config.yaml:9: datasets.quiz.retrievers: unknown retriever 'bm52'; choose from: bm25, none"),
    ("    provider: extractive", "    provider: extractive\n    datasets: [quizz]", "config.yaml:15: models.base.datasets: unknown dataset 'quizz'; choose from: quiz"),
    ("  small:\n", "  org/small:\n", "models.org/small: 'org/small' cannot be a name: use lowercase letters"),
    ("  quiz:\n", "  smoke:\n", "config.yaml:5: datasets.smoke: 'smoke' is a folder of the results"),
    ("path: notes", "path: note", "config.yaml:3: corpora.notes.path: note: no such file or folder"),
    ("quiz.csv", "none.csv", "config.yaml:7: datasets.quiz.questions: none.csv: no such file or folder"),
    ("model: weights", "model: ./no-weights", "config.yaml:17: models.small.model: no-weights: no such file or folder"),
    ("  none: {kind: none}", "  mix: {kind: hybrid, of: [bm25, dance]}", "config.yaml:11: retrievers.mix.of: unknown retriever with an index 'dance'; choose from: bm25"),
    ("  none: {kind: none}", "  dense: {kind: dense, embedder: lsa}", "config.yaml:11: retrievers.dense.embedder: unknown embedder 'lsa'; choose from: there is none"),
    ("corpora:\n  notes:\n    path: notes\n", "corpora: {}\n", "config.yaml:1: corpora: "),
    ("models:\n", "plots: [pie]\nmodels:\n", "config.yaml:12: plots.0: unknown plot 'pie'; choose from: "),
    ("models:\n", "models: [\n", "config.yaml:14: not valid YAML"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), BAD, ids=[new for _, new, _ in BAD])
def test_a_wrong_config_is_one_clear_line(bench, old, new, expected):
    bench(old, new)
    assert expected in message()


def test_no_enabled_model(bench):
    with pytest.raises(InputError, match=r"config.yaml:12: models: no model is enabled"):
        load_config(FILES, {"models": {"base": {"enabled": False}, "small": {"enabled": False}}})


def test_too_many_models(bench):
    with pytest.raises(InputError, match="max_models: 2 models are enabled, more than the 1"):
        load_config(FILES, {"max_models": 1})


def test_a_disabled_model_may_be_missing(bench):
    load_config(FILES, {"models": {"small": {"model": "./gone", "enabled": False}}})


def test_a_wrong_override_is_named(bench):
    with pytest.raises(InputError, match="limitt: unknown key; did you mean 'limit'"):
        load_config(FILES, {"limitt": 1})


def test_an_empty_file(bench, tmp_path):
    (tmp_path / "config.yaml").write_text("# nothing\n")
    assert "empty, or not a map" in message()


def test_bad_bytes(bench, tmp_path):
    (tmp_path / "config.yaml").write_bytes(b"seed: 1\nresults: \xff\n")
    assert "config.yaml:2: byte 0xff is not UTF-8" in message()


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        load_config([tmp_path / "none.yaml"])


def test_every_key_is_described_in_the_schema():
    schema = json_schema()
    for name, part in [("Config", schema), *schema["$defs"].items()]:
        for key, value in part["properties"].items():
            if key not in ("provider", "kind") and "$ref" not in value:
                assert value.get("description"), f"{name}.{key} has no description"


def test_the_shipped_schema_is_current():
    import json

    shipped = Path(__file__).parents[2] / "resources" / "config.schema.json"
    assert json.loads(shipped.read_text()) == json_schema(), "run `make schema`"


def test_the_shipped_reference_is_current():
    from modellab.config.reference import config_reference

    shipped = Path(__file__).parents[2] / "docs" / "config.md"
    assert shipped.read_text() == config_reference(), "run `make schema`"


def test_the_demo_config_comments_every_key():
    """Each key of the demo's sections stands under a comment of its own, or beside a like one."""
    text = (Path(__file__).parents[2] / "config.yaml").read_text()
    data = yaml.safe_load(text)
    lines = text.splitlines()
    for key in data:
        row = next(index for index, line in enumerate(lines) if line.startswith(f"{key}:"))
        assert lines[row - 1].startswith("#"), f"{key} has no comment"
