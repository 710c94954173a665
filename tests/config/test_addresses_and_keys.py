"""Keys and passwords written where the config takes an address or a name are refused unseen."""

import pytest
import yaml
from cases import each

from modellab.config.loading import load_config
from modellab.core.errors import InputError
from modellab.models.registry import parse_embedder, parse_model
from modellab.workflow.preflight.inputs import refuse_unset_servers

KEY = "sk-proj-planted0123456789"
PASSWORD = "hunter2planted"
WITH_PASSWORD = f"http://user:{PASSWORD}@127.0.0.1:1"
MODELS = {
    "openai": {"provider": "openai", "model": "m"},
    "litellm": {"provider": "litellm", "model": "mistral/m"},
    "ollama": {"provider": "ollama", "model": "m:1b"},
}
EMBEDDERS = {
    "openai": {"kind": "openai", "model": "m"},
    "litellm": {"kind": "litellm", "model": "mistral/m"},
    "ollama": {"kind": "ollama", "model": "m"},
}
PLANTED = [
    *(
        (role, name, field, value)
        for role, parts in (("models", MODELS), ("embedders", EMBEDDERS), ("judges", MODELS))
        for name in parts
        for field, value in (
            ("api_key_env", KEY),
            ("base_url", WITH_PASSWORD),
            ("base_url_env", KEY),
        )
        if (name, field) != ("ollama", "api_key_env")
    ),
    ("databases", "", "url", f"postgresql://user:{PASSWORD}@h/d"),
    ("databases", "", "url_env", KEY),
]


def config_of(role, name, field, value):
    part = {"databases": {}, "models": MODELS.get(name), "embedders": EMBEDDERS.get(name)}.get(role)
    if role == "judges":
        model = {**MODELS[name], field: value}
        entry = {"kind": "rubric", "model": model, "metrics": ["correctness"]}
    else:
        entry = {**part, field: value}
    base = {
        "datasets": {"quiz": {"questions": "quiz.csv"}},
        "models": {"x": {"provider": "extractive"}},
    }
    return {**base, role: {**base.get(role, {}), "planted": entry}}


@each(("role", "name", "field", "value"), PLANTED)
def test_it_is_refused_and_not_repeated(bench, role, name, field, value):
    bench.joinpath("config.yaml").write_text(yaml.safe_dump(config_of(role, name, field, value)))
    with pytest.raises(InputError, match=f"config.yaml:.*{role}.planted") as caught:
        load_config([bench / "config.yaml"], {})
    assert KEY not in str(caught.value)
    assert PASSWORD not in str(caught.value)


@pytest.fixture
def bench(tmp_path, monkeypatch):
    (tmp_path / "quiz.csv").write_text("id,question,answer\nq1,How much?,5\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_password_in_ollamas_own_variable(monkeypatch):
    monkeypatch.setenv("OLLAMA_HOST", WITH_PASSWORD)
    for ask in (
        lambda: parse_model(MODELS["ollama"]).server_url(),
        lambda: parse_embedder(EMBEDDERS["ollama"]).fingerprint(),
    ):
        with pytest.raises(InputError, match=r"OLLAMA_HOST: .* no user or password") as caught:
            ask()
        assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize("role", ["models", "embedders", "judges"])
@pytest.mark.parametrize("name", MODELS)
def test_an_unset_variable_of_an_address_is_reported_before_any_job(bench, monkeypatch, role, name):
    monkeypatch.delenv("PLANTED_URL", raising=False)
    data = config_of(role, name, "base_url_env", "PLANTED_URL")
    bench.joinpath("config.yaml").write_text(yaml.safe_dump(data))
    config = load_config([bench / "config.yaml"], {})
    with pytest.raises(
        InputError, match=rf"{role}\.planted\.(model\.)?base_url_env: .*PLANTED_URL is not set"
    ):
        refuse_unset_servers(config)
