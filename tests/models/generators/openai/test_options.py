import os

import pytest
from api_samples import KEY, options
from pydantic import ValidationError

from modellab.core.errors import InputError
from modellab.models.asking.options import LitellmOptions
from modellab.models.generators.openai.provider import Address, http_settings, openai_address
from modellab.models.registry import parse_model

pytestmark = pytest.mark.usefixtures("keys")

URL = "http://127.0.0.1:9/v1"


def plain(model="openai/gpt-4o-mini", **more):
    return LitellmOptions(provider="litellm", model=model, **more)


def opened(given):
    with given.open(0, {"type": "object"}):
        pass


def test_the_entry_of_a_config():
    entry = parse_model({"provider": "litellm", "model": "mistral/mistral-small-latest"})
    assert isinstance(entry, LitellmOptions)
    assert (entry.local, entry.gpu_need(), entry.model_id()) == (
        False,
        0,
        "mistral/mistral-small-latest",
    )


def test_identity_is_model_server_and_decoding():
    assert plain().fingerprint() == {
        "model": "openai/gpt-4o-mini",
        "max_new_tokens": 256,
        "stop": [],
        "answer_format": "text",
    }
    assert options(URL).fingerprint()["base_url"] == URL
    sampled = plain(temperature=0.7).fingerprint()
    assert (sampled["temperature"], sampled["seed"]) == (0.7, True)


def test_limits_and_keys_are_no_part_of_the_identity():
    limits = {"max_concurrent": 1, "timeout_seconds": 1, "max_cost_usd": 1, "max_retries": 0}
    assert plain(**limits, api_key_env="A").fingerprint() == plain(api_key_env="B").fingerprint()


def test_the_limits_reach_the_job():
    """A job makes its options of these alone; another limit asks nothing that was answered."""
    limits = {"max_concurrent": 1, "requests_per_minute": 7, "tokens_per_minute": 5}
    options = plain(**limits)
    fields = options.cache_key_fields()
    assert limits.items() <= fields.items()
    assert options.fingerprint() == plain().fingerprint()


def test_the_base_url_may_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("MY_URL", URL)
    assert plain(base_url_env="MY_URL").fingerprint()["base_url"] == URL
    with pytest.raises(InputError, match="MY_OTHER_URL is not set"):
        plain(base_url_env="MY_OTHER_URL").fingerprint()
    with pytest.raises(InputError, match="not both"):
        plain(base_url_env="MY_URL", base_url=URL).fingerprint()
    monkeypatch.setenv("MY_URL", f"http://me:{KEY}@127.0.0.1/v1")
    with pytest.raises(InputError, match="no user, password") as caught:
        plain(base_url_env="MY_URL").fingerprint()
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://x/v1", "http://", "http://x/v1?key=abc"])
def test_what_is_no_base_url(url):
    with pytest.raises(ValidationError, match="a base URL"):
        plain(base_url=url)


def test_a_key_that_is_not_there(monkeypatch):
    with pytest.raises(InputError, match="environment variable NO_SUCH_KEY is not set"):
        opened(plain(api_key_env="NO_SUCH_KEY"))
    with pytest.raises(InputError, match="environment variable OPENAI_API_KEY is not set"):
        opened(plain())
    monkeypatch.setenv("TEST_KEY", "")
    with pytest.raises(InputError, match=r"TEST_KEY is not set; export it or put it into \.env"):
        opened(options(URL))


def test_a_key_from_the_env_file(tmp_path):
    (tmp_path / ".env").write_text("FILE_KEY=sk-from-file\n")
    assert plain(api_key_env="FILE_KEY").key() == "sk-from-file"
    os.environ.pop("FILE_KEY")


def test_the_default_key_may_end_in_a_line_break(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\n")
    assert openai_address(plain(), "m").key == KEY
    monkeypatch.setenv("OPENAI_API_KEY", "one\ntwo")
    with pytest.raises(InputError, match="the key in OPENAI_API_KEY has a character"):
        openai_address(plain(), "m")


def test_a_server_without_a_key_is_not_given_another_ones(monkeypatch):
    from api_samples import requests
    from fault_server import good, serving

    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with serving(lambda body, number: good()) as server:
        with plain("openai/m", base_url=server.url).open(0, {}) as model:
            list(model.answer(requests(1)))
        assert server.headers[0]["authorization"] == "Bearer none"


def test_a_variable_that_would_send_requests_elsewhere(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", URL)
    with pytest.raises(InputError, match="OPENAI_BASE_URL would decide which server"):
        opened(plain(api_key_env="TEST_KEY"))
    opened(plain(api_key_env="TEST_KEY", base_url_env="OPENAI_BASE_URL", wait_seconds=0.1))


def test_a_provider_that_is_not_there():
    with pytest.raises(InputError, match="LiteLLM knows no such provider"):
        opened(plain("nobody/model"))


def test_what_a_provider_does_not_take():
    bedrock = "bedrock/anthropic.claude-3-5-sonnet-20240620-v1:0"
    with pytest.raises(InputError, match=r"bedrock does not take: seed"):
        opened(plain(bedrock, temperature=1))
    opened(plain(bedrock, temperature=1, seed=False))


def test_a_budget_needs_a_price(tmp_path):
    with pytest.raises(InputError, match=r"openai/m: max_cost_usd needs a price, and .*prices"):
        opened(options(URL, max_cost_usd=1))
    own = tmp_path / "prices.yaml"
    own.write_text('as_of: "2026-01-01"\nprices: {openai/m: {input: 1, output: 1}}\n')
    opened(options(URL, max_cost_usd=1, prices=own))


@pytest.mark.parametrize(
    ("base_url", "organisation"), [(None, b"org-1"), ("https://models.example/v1", None)]
)
def test_the_organisation_is_named_to_openai_alone(monkeypatch, base_url, organisation):
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.delenv("OPENAI_PROJECT_ID", raising=False)
    headers = http_settings(Address("m", base_url, "key"))["headers"]
    assert headers.get("OpenAI-Organization") == organisation
    assert headers["Authorization"] == b"Bearer key"
    assert "OpenAI-Project" not in headers
