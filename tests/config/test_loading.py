from pathlib import Path

import pytest
import yaml
from cases import each

from modellab.config.loading import json_schema, load_config
from modellab.core.errors import InputError

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
    assert config.datasets["quiz"].task.kind == "wattbot"
    assert config.models["base"].enabled
    assert config.retrievers["bm25"].top_k == 5


def test_overrides_go_before_files(bench):
    config = load_config(FILES, {"limit": 3, "models": {"base": {"threshold": 0.9}}})
    assert config.limit == 3
    assert config.models["base"].threshold == 0.9
    assert config.models["small"].model == "weights"


BAD = [
    ("  small:\n", "  base:\n", "config.yaml:15: models.base: duplicate key (first defined on line 13)"),
    ("model: weights", "modle: weights", "config.yaml:17: models.small.modle: unknown key; did you mean 'model'?"),
    ("    provider: extractive", "    threshold: 1", "config.yaml:13: models.base: the key 'provider' is missing"),
    ("provider: extractive", "provider: oracle", "config.yaml:14: models.base.provider: unknown provider 'oracle'; choose from 'ensemble', 'extractive', "),
    ("{kind: bm25}", "{kind: bm52}", "config.yaml:10: retrievers.bm25.kind: unknown kind 'bm52'; choose from "),
    ("{kind: bm25}", "{kind: bm25, top_k: none}", "config.yaml:10: retrievers.bm25.top_k: "),
    ("    path: notes", "    path: notes\n    language: chinese", "config.yaml:4: corpora.notes.language: 'chinese' is not a language code; give two letters (ISO 639-1) such as 'zh', or auto"),
    ("    corpus: notes\n", "    corpus: note\n", "config.yaml:6: datasets.quiz.corpus: unknown corpus 'note'; choose from: notes"),
    ("    prompt: prompt.jinja", "    prompt: prompt.jinja\n    scorer: v9", "config.yaml:9: datasets.quiz.scorer: unknown scorer 'v9'; choose from: v4, v1, v2, v3, validator"),
    ("    prompt: prompt.jinja", "    prompt: prompt.jinja\n    task: chat", "config.yaml:9: datasets.quiz.task: unknown task 'chat'"),
    ("    prompt: prompt.jinja", "    task: {kind: label}", "config.yaml:8: datasets.quiz.task.labels: this key is missing"),
    ("    prompt: prompt.jinja", "    task: {kind: label, lables: [a, b]}", "config.yaml:8: datasets.quiz.task.lables: unknown key; did you mean 'labels'?"),
    ("    prompt: prompt.jinja", "    task: {kind: label, labels: [yes, no]}", "config.yaml:8: datasets.quiz.task.labels.0: should be text (in quotes"),
    ("    prompt: prompt.jinja", "    task: {kind: label, labels: [a, b], positive: c}", "config.yaml:8: datasets.quiz.task: 'c' is no label; choose from: a, b"),
    ("    prompt: prompt.jinja", "    task: {labels: [a, b]}", "config.yaml:8: datasets.quiz.task: the key 'kind' is missing"),
    ("    prompt: prompt.jinja", "    task: open_qa\n    scorer: v3", "config.yaml:9: datasets.quiz.scorer: scorer 'v3' is for the task 'wattbot', not 'open_qa'; choose texts"),
    ("    prompt: prompt.jinja", "    task: open_qa\n    scorer: {kind: texts, embedder: lsa}", "config.yaml:9: datasets.quiz.scorer.embedder: unknown embedder 'lsa'; choose from: there is none"),
    ("    prompt: prompt.jinja", "    format: xls", "config.yaml:8: datasets.quiz.format: unknown format 'xls'; choose from: table, csv, tsv"),
    ("    prompt: prompt.jinja", "    ranking: {weights: {missing_share: 1}}", "config.yaml:8: datasets.quiz.ranking.weights.missing_share: lower is better"),
    ("    corpus: notes\n", "    retrievers: [bm25]\n", "config.yaml:6: datasets.quiz.retrievers: there is no corpus to search; leave it out"),
    ("    corpus: notes\n", "", "config.yaml:5: datasets.quiz: there is no corpus to search; add the key corpus (known: notes), or leave `retrievers` out"),
    ("    prompt: prompt.jinja", "    columns: {qestion: Frage}", "config.yaml:8: datasets.quiz.columns.qestion: unknown key; did you mean 'question'? (known: answer, "),
    ("    prompt: prompt.jinja", "    prompt: prompt.jinja\n    retrievers: [bm52]", "config.yaml:9: datasets.quiz.retrievers.0: unknown retriever 'bm52'; choose from: bm25, none"),
    ("    provider: extractive", "    provider: extractive\n    datasets: [quizz]", "config.yaml:15: models.base.datasets.0: unknown dataset 'quizz'; choose from: quiz"),
    ("  small:\n", "  org/small:\n", "models.org/small: 'org/small' cannot be a name: use at most 80 lowercase letters"),
    ("  quiz:\n", "  smoke:\n", "config.yaml:5: datasets.smoke: 'smoke' is a folder of the results"),
    ("corpora:\n", "targets: {metrics: [{metric: hit_rte@5, good: 1}]}\ncorpora:\n", "config.yaml:1: targets.metrics.0: unknown metric 'hit_rte@5'; did you mean 'hit_rate@5'"),
    ("corpora:\n", "targets: {metrics: [{metric: overall, god: 1}]}\ncorpora:\n", "config.yaml:1: targets.metrics.0.god: unknown key; did you mean 'good'? (known: attention, "),
    ("corpora:\n", "targets: {metrics: [{metric: mrr, good: 1, retrievers: [bm52]}]}\ncorpora:\n", "config.yaml:1: targets.metrics.0.retrievers.0: unknown retriever 'bm52'; choose from: bm25, none"),
    ("    prompt: prompt.jinja", "    ranking: {wieghts: {overall: 1}}", "config.yaml:8: datasets.quiz.ranking.wieghts: unknown key; did you mean 'weights'? (known: missing, "),
    ("path: notes", "path: note", "config.yaml:3: corpora.notes.path: note: no such file or folder"),
    ("quiz.csv", "none.csv", "config.yaml:7: datasets.quiz.questions: none.csv: no such file or folder"),
    ("model: weights", "model: ./no-weights", "config.yaml:17: models.small.model: no-weights: no such file or folder"),
    ("  none: {kind: none}", "  mix: {kind: hybrid, of: [bm25, dance]}", "config.yaml:11: retrievers.mix.of: unknown retriever with an index 'dance'; choose from: bm25"),
    ("  none: {kind: none}", "  split: {kind: query_decomposition, of: bm25, model: base}", "config.yaml:11: retrievers.split.model: base: extractive uses no prompt: it cannot plan"),
    ("  none: {kind: none}", "  dense: {kind: dense, embedder: lsa}", "config.yaml:11: retrievers.dense.embedder: unknown embedder 'lsa'; choose from: there is none"),
    ("corpora:\n  notes:\n    path: notes\n", "corpora: {}\n", "config.yaml:4: datasets.quiz.corpus: unknown corpus 'notes'; choose from: there is none"),
    ("models:\n", "results: quiz.csv\nmodels:\n", "config.yaml:12: results: quiz.csv: not a folder"),
    ("models:\n", "results: notes/out\nmodels:\n", "config.yaml:12: results: notes/out: lies in corpus 'notes'"),
    ("models:\n", "results: 'r{x}'\nmodels:\n", "config.yaml:12: results: 'r{x}' contains '{'"),
    ("models:\n", "plots: []\nmodels:\n", "config.yaml:12: plots: should not be empty"),
    ("    provider: extractive", "    provider: extractive\n    retrievers: [none, none]", "config.yaml:15: models.base.retrievers.1: 'none' is a duplicate"),
    ("quiz.csv", "notes", "config.yaml:7: datasets.quiz.questions: notes: a folder, not a file"),
    ("    provider: extractive", "    7: x\n    provider: extractive", "config.yaml:14: models.base.7: YAML reads this name as a number; put it in quotes: '7'"),
    ("  notes:\n    path", "  7:\n    path", "config.yaml:2: corpora.7: YAML reads this name as a number; put it in quotes: '7'"),
    ("    provider: extractive", "    provider: extractive\n    retrievers: bm25", "config.yaml:15: models.base.retrievers: should be a list, such as [a, b], not 'bm25'"),
    ("  notes:\n    path: notes\n", "  notes:\n", "config.yaml:2: corpora.notes: should be a map of keys (`key: value`), not empty"),
    ("{kind: bm25}", "{kind: hybrid, of: [none, none]}", "config.yaml:10: retrievers.bm25: of: 'none' is a duplicate"),
    ("models:\n", "plots: [pie]\nmodels:\n", "config.yaml:12: plots.0: unknown plot 'pie'; choose from: "),
    ("{kind: bm25}", "{kind: bm25, top_k: true}", "config.yaml:10: retrievers.bm25.top_k: should be a whole number, not True"),
    ("{kind: bm25}", "{kind: bm25, top_k: '2'}", "config.yaml:10: retrievers.bm25.top_k: should be a whole number, not '2'"),
    ("    provider: extractive", "    provider: extractive\n    enabled: 'yes'", "config.yaml:15: models.base.enabled: should be true or false, not 'yes'"),
    ("    provider: extractive", "    provider: extractive\n    enabled: 1", "config.yaml:15: models.base.enabled: should be true or false, not 1"),
    ("    provider: extractive", "    provider: extractive\n    threshold: '1'", "config.yaml:15: models.base.threshold: should be a number, not '1'"),
    ("  none: {kind: none}", "  d: {kind: dense, embedder: {kind: tfidf-svd, dim: 3}}", "config.yaml:11: retrievers.d.embedder.dim: unknown key (known: dimensions, kind"),
    ("models:\n", "models: [\n", "config.yaml:14: not valid YAML: expected ',' or ']', but got ':' (while parsing a flow sequence that begins in line 12)"),
]  # fmt: skip


@each(("old", "new", "expected"), BAD)
def test_a_wrong_config_is_one_clear_line(bench, old, new, expected):
    bench(old, new)
    assert expected in message()


def test_further_problems_are_named_by_their_keys(bench):
    given = {"statistics": {"resamples": "x"}, "retrievers": {"bm25": {"top_kk": 3, "k1": "y"}}}
    with pytest.raises(InputError) as caught:
        load_config(FILES, given)
    text = str(caught.value)
    assert "retrievers.bm25.top_kk: unknown key" in text
    assert text.endswith("(also wrong: retrievers.bm25.k1, statistics.resamples)")


def test_a_dictionary_of_a_language_that_has_none(bench, tmp_path):
    bench("{kind: bm25}", "{kind: bm25, segmenter: dictionary}")
    path = tmp_path / "config.yaml"
    path.write_text(path.read_text().replace("path: notes", "path: notes\n    language: km"))
    assert (
        "config.yaml:11: retrievers.bm25.segmenter: corpus 'notes': there is no dictionary for the "
        "language 'km': zh, ja, th; or use pairs"
    ) in message()


def test_a_model_and_a_dataset_without_a_common_retriever(bench):
    models = {"base": {"retrievers": ["bm25"]}}
    with pytest.raises(InputError, match=r"models.base.retrievers: none of them is one of dataset"):
        load_config(FILES, {"datasets": {"quiz": {"retrievers": ["none"]}}, "models": models})


def test_a_dataset_that_no_model_answers(bench):
    other = {"corpus": "notes", "questions": "quiz.csv"}
    models = {name: {"datasets": ["quiz"]} for name in ("base", "small")}
    with pytest.raises(InputError, match=r"datasets.other: no enabled model answers it"):
        load_config(FILES, {"datasets": {"other": other}, "models": models})


def test_a_wrong_value_on_the_command_line_is_not_the_files_fault(bench):
    with pytest.raises(InputError, match=r"^--config: limit: should be a whole number, not 'x'"):
        load_config(FILES, {"limit": "x"})


def test_an_alias_that_holds_itself(bench, tmp_path):
    (tmp_path / "config.yaml").write_text("x: &r [*r]\n")
    with pytest.raises(InputError, match=r"alias of itself|too deeply"):
        load_config(FILES)


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
        for key, value in part.get("properties", {}).items():
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
    """Each key of the demo's sections has a comment above it, or is next to a similar key."""
    text = (Path(__file__).parents[2] / "config.yaml").read_text()
    data = yaml.safe_load(text)
    lines = text.splitlines()
    for key in data:
        row = next(index for index, line in enumerate(lines) if line.startswith(f"{key}:"))
        assert lines[row - 1].startswith("#"), f"{key} has no comment"


@each(
    ("changes", "limit", "refused"),
    [
        ({"gpus": 2}, 1, True),
        ({"gpus": 2}, 2, False),
        ({"gpus": 2, "enabled": False}, 1, False),
        ({"device": "cuda"}, 0, True),
        ({}, 0, False),
        ({"device": "cpu", "gpus": 2}, 0, False),
    ],
)
def test_more_gpus_than_the_run_may_use(bench, changes, limit, refused):
    from modellab.config.answering import refuse_impossible_gpus

    config = load_config(FILES, {"models": {"small": changes}})
    if not refused:
        refuse_impossible_gpus(config, limit)
        return
    with pytest.raises(InputError, match=r"models.small: needs \d GPUs, but this run may use"):
        refuse_impossible_gpus(config, limit)
