"""Where files are looked for, and what the command line makes of values."""

import pytest

from modellab.config.loading import check_config, load_config
from modellab.core.errors import InputError


def test_paths_are_found_beside_the_config_file(bench, tmp_path, monkeypatch):
    bench("provider: extractive", "provider: extractive\n    retrievers: [bm25]")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    config = load_config("../config.yaml")
    assert str(config.corpora["notes"].path) == "../notes"
    assert str(config.datasets["quiz"].questions) == "../quiz.csv"
    assert str(config.datasets["quiz"].prompt) == "../prompt.jinja"
    assert config.models["small"].model == "../weights"
    assert str(config.results) == "results"


def test_weights_of_a_server_that_the_job_starts_are_found_there_too(bench, tmp_path, monkeypatch):
    served = "provider: served\n    engine: llama.cpp\n    model: m.gguf"
    bench("provider: extractive", served)
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    models = load_config("../config.yaml").models.values()
    assert "../m.gguf" in [getattr(model, "model", None) for model in models]


def test_the_working_folder_goes_before_that_of_the_config(bench, tmp_path, monkeypatch):
    bench("provider: extractive", "provider: extractive")
    (tmp_path / "elsewhere" / "notes").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "elsewhere")
    config = load_config("../config.yaml")
    assert str(config.corpora["notes"].path) == "notes"


def test_a_missing_file_is_reported_with_both_folders(bench, tmp_path, monkeypatch):
    bench("    path: notes", "    path: nots")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with pytest.raises(InputError, match=r"config.yaml:3: corpora.notes.path: nots: no such") as e:
        load_config("../config.yaml")
    assert str(tmp_path / "elsewhere") in str(e.value)
    assert "beside the config file" in str(e.value)


def test_a_path_may_begin_with_the_home_folder(bench, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    bench("    path: notes", "    path: ~/notes")
    assert load_config("config.yaml").corpora["notes"].path == tmp_path / "notes"
    bench("    path: notes", "    path: $HOME/notes")
    with pytest.raises(InputError, match="without values of environment variables"):
        load_config("config.yaml")


def test_the_missing_prompt_of_a_model_is_an_error_of_the_config(bench):
    bench("model: weights", "model: weights\n    prompt: tiny.jinja")
    with pytest.raises(InputError, match=r"config.yaml:\d+: models.small.prompt: tiny.jinja: no"):
        load_config("config.yaml")


def test_a_value_that_became_a_number_is_to_be_quoted(bench):
    bench("provider: extractive", "provider: extractive")
    with pytest.raises(InputError, match="--config results: read as the number 20250630; quote"):
        load_config("config.yaml", {"results": 20250630})


def test_a_key_without_a_value_is_refused_and_null_is_the_default(bench):
    bench("provider: extractive", "provider: extractive")
    with pytest.raises(InputError, match="--config limit: has no value"):
        load_config("config.yaml", {"limit": None})
    assert load_config("config.yaml", {"limit": "null"}).limit is None


def test_a_quick_model_never_takes_the_name_of_an_entry(bench):
    bench("provider: extractive", "provider: extractive")
    config = load_config("config.yaml", {"provider": "transformers", "model": "org/small"})
    assert list(config.models) == ["small-quick"]
    config = load_config("config.yaml", {"provider": "transformers", "model": "org/other"})
    assert list(config.models) == ["other"]


def test_a_config_that_is_a_map_already_is_checked_too(bench):
    bench("provider: extractive", "provider: extractive")
    good = {
        "datasets": {"quiz": {"questions": "quiz.csv"}},
        "models": {"base": {"provider": "extractive"}},
    }
    assert list(check_config(good).models) == ["base"]
    with pytest.raises(InputError, match=r"^config: datasets.quiz.questions: none.csv: no such"):
        check_config(good | {"datasets": {"quiz": {"questions": "none.csv"}}})
