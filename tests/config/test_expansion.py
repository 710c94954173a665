from pathlib import Path

import pytest

from modellab.config.loading import expand_models, load_config
from modellab.core.errors import InputError

FILES = [Path("config.yaml")]


def names(models, environment=None):
    data, _ = expand_models({"models": models}, environment or {})
    return data["models"]


def test_variants_become_models():
    found = names(
        {"m": {"provider": "x", "dtype": "auto", "variants": {"a": {"dtype": "bf16"}, "b": None}}}
    )
    assert found == {
        "m-a": {"provider": "x", "dtype": "bf16"},
        "m-b": {"provider": "x", "dtype": "auto"},
    }


def test_models_from_the_environment():
    entry = {"provider": "x", "models_from_env": "LIST"}
    found = names({"api": entry}, {"LIST": "org/Big:1, small ,"})
    assert found == {
        "api-org-big-1": {"provider": "x", "model": "org/Big:1"},
        "api-small": {"provider": "x", "model": "small"},
    }


def test_lists_and_variants_together():
    entry = {"models_from_env": "LIST", "variants": {"hot": {"temperature": 1}}}
    assert names({"api": entry}, {"LIST": "a,b"}) == {
        "api-a-hot": {"model": "a", "temperature": 1},
        "api-b-hot": {"model": "b", "temperature": 1},
    }


def test_an_unset_list_is_named():
    with pytest.raises(
        InputError, match=r"models.api.models_from_env: the variable LIST is not set"
    ):
        names({"api": {"models_from_env": "LIST"}})
    assert names({"api": {"models_from_env": "LIST", "enabled": False}}) == {}


def test_two_models_of_one_name():
    with pytest.raises(InputError, match="a second model would be named 'm-a'"):
        names({"m-a": {}, "m": {"variants": {"a": {}}}})


def test_other_entries_stay_as_they_are():
    assert names({"m": {"provider": "x"}, "odd": 3}) == {"m": {"provider": "x"}, "odd": 3}


def test_an_error_in_a_variant_is_at_its_own_line(bench):
    bench("    model: weights", "    model: weights\n    variants:\n      hot: {temprature: 1}")
    with pytest.raises(InputError) as error:
        load_config(FILES)
    expected = "config.yaml:19: models.small.variants.hot.temprature: unknown key; did you mean 'temperature'?"
    assert expected in str(error.value)


def test_one_quick_model_takes_the_place_of_all(bench):
    config = load_config(FILES, {"provider": "transformers", "model": "weights", "limit": 2})
    assert list(config.models) == ["weights"]
    assert config.limit == 2


def test_a_wrong_quick_model_is_not_blamed_on_the_file(bench):
    with pytest.raises(InputError, match=r"^--config: models.x.provider: unknown provider 'nope'"):
        load_config(FILES, {"provider": "nope", "model": "org/x"})


@pytest.mark.parametrize("changes", [["dtype"], "bf16", 3])
def test_a_variant_that_is_no_mapping_is_reported(changes):
    with pytest.raises(InputError, match=r"models\.m\.variants\.a: should be a map of keys"):
        names({"m": {"provider": "x", "variants": {"a": changes}}})


def test_no_list_from_the_environment_is_none():
    entry = {"provider": "x", "model": "y", "models_from_env": None}
    assert names({"m": entry}) == {"m": entry}
