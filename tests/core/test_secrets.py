import base64
import html
import json
import os
import re
from urllib.parse import quote, quote_plus

import pytest
from cases import each

from modellab.core import secrets
from modellab.core.errors import InputError
from modellab.core.secrets import (
    answer_scrubber,
    check_variable_name,
    request_key,
    scrub,
    secret,
    without_passwords,
)


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    # what loading .env adds is taken away again
    monkeypatch.setattr(os, "environ", os.environ.copy())


def test_a_secret_from_the_environment(monkeypatch):
    monkeypatch.setitem(os.environ, "MISTRAL_KEY", "abc")
    assert secret("MISTRAL_KEY", "models.x") == "abc"


def test_the_environment_goes_before_the_file(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text(
        "MISTRAL_KEY=file\nOTHER_KEY='with # sign'\nTHIRD_KEY=a${HOME}b\n"
    )
    monkeypatch.setitem(os.environ, "MISTRAL_KEY", "environment")
    assert secret("MISTRAL_KEY", "models.x") == "environment"
    assert secret("OTHER_KEY", "models.x") == "with # sign"
    assert secret("THIRD_KEY", "models.x") == "a${HOME}b"


@pytest.mark.parametrize("data", ["MISTRAL_KEY=a".encode("utf-16"), b"MISTRAL_KEY=\xe9"])
def test_a_file_of_variables_that_is_no_text_is_one_line(tmp_path, data):
    (tmp_path / ".env").write_bytes(data)
    with pytest.raises(InputError, match=r"^\.env: not UTF-8 text"):
        secret("MISTRAL_KEY", "models.x")


def test_a_missing_secret_is_named():
    with pytest.raises(InputError) as caught:
        secret("MISTRAL_KEY", "models.x")
    assert str(caught.value) == (
        "models.x: the environment variable MISTRAL_KEY is not set; export it or put it into .env"
    )


def test_scrubbing_takes_out_given_and_known_secrets(monkeypatch):
    monkeypatch.setitem(os.environ, "AWS_SECRET_ACCESS_KEY", "wJalrXUtn/FEMI")
    text = "Bearer sk-0123456 and sk-0123456789, wJalrXUtn/FEMI"
    assert scrub(text, ["sk-0123456", "sk-0123456789"]) == (
        "Bearer [secret] and [secret], [secret]"
    )


def test_short_values_are_no_secrets(monkeypatch):
    monkeypatch.setitem(os.environ, "SOME_KEY", "a")
    assert scrub("a banana", [""]) == "a banana"


KEYS = [
    "sk-plain0123456789",
    'with"quote-0123',
    "with'apostrophe-0123",
    "back\\slash-0123",
    "slash/and+plus=0123",
    "new\nline-0123",
    "tab\there-0123",
    "\u00fcml\u00e4ut-\u20ac-0123",
    "emoji-\U0001f511-0123",
    "per%20cent&amp-0123",
    "space in it 0123",
    "sixsix",
]


@each("key", KEYS)
def test_a_key_is_hidden_in_every_form_that_servers_echo(key):
    data = key.encode()
    forms = [
        key,
        json.dumps({"key": key}),
        json.dumps({"key": key}, ensure_ascii=False),
        json.dumps({"key": key}).replace("/", r"\/"),
        repr(key),
        repr(f"Bearer {key}".encode()),
        repr({"headers": {"Authorization": f"Bearer {key}"}}),
        quote(key),
        quote(key, safe=""),
        quote_plus(key),
    ]
    for text in forms:
        for part in (
            key,
            json.dumps(key)[1:-1],
            repr(key)[1:-1],
            repr(data)[2:-1],
            quote(key, safe=""),
        ):
            assert part not in scrub(f"401: {text} is wrong", [key])
    for before in (b"", b"a", b"ab", b"user:"):
        encoded = base64.b64encode(before + data).decode()
        assert encoded not in scrub(f"Basic {encoded} refused", [key])
        assert scrub(encoded, [key]).count("[secret]") == 1


def test_rarer_forms_are_hidden_too():
    key = "<it's>&\"2/+\u00e4-0123"
    once = quote(key, safe="")
    for form in (
        re.sub("%..", lambda found: found[0].lower(), once),
        quote(once),
        html.escape(key),
        html.escape(key).replace("&#x27;", "&#39;"),
        # as the JSON of Go and of .NET
        r"\u003cit's\u003e\u0026\"2/+\u00e4-0123",
        r"\u003Cit\u0027s\u003E\u0026\u00222/\u002B\u00e4-0123",
        key.encode().hex(),
        key.encode().hex().upper(),
    ):
        assert scrub(f"refused: {form}!", [key]) == "refused: [secret]!", form


def test_keys_are_hidden_once_read(monkeypatch):
    monkeypatch.setattr(secrets, "_READ", set())
    monkeypatch.setitem(os.environ, "MISTRAL", " sk-0123456\n")
    assert request_key("MISTRAL", "models.x") == "sk-0123456"
    assert scrub("no sk-0123456") == answer_scrubber()("no sk-0123456") == "no [secret]"


@pytest.mark.parametrize("value", ["sk-0123\n456", "sk-\u20ac0123456", "sk-\t0123456", "  "])
def test_a_key_that_no_request_can_carry_is_named_and_not_shown(monkeypatch, value):
    monkeypatch.setattr(secrets, "_READ", set())
    monkeypatch.setitem(os.environ, "MISTRAL", value)
    with pytest.raises(InputError, match="MISTRAL") as caught:
        request_key("MISTRAL", "models.x")
    assert not value.strip() or value.strip() not in str(caught.value)


def test_an_answer_may_contain_a_word_that_serves_as_a_key(monkeypatch):
    monkeypatch.setitem(os.environ, "LOCAL_KEY", "ollama")
    assert answer_scrubber()("Served by ollama.") == "Served by ollama."
    assert scrub("key ollama refused") == "key [secret] refused"


def test_an_address_holds_no_password_even_with_an_at_sign_in_it():
    assert without_passwords("postgresql://me:p@ss@host/db") == "postgresql://me:[secret]@host/db"


@each(
    "key",
    [
        "sk-proj-abcdefghijklmnop",
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "hf_abcdefghijklmnopqrst",
        "AKIAIOSFODNN7EXAMPLE",
        "aB3dE5gH7jK9mN1pQ3sT5",
        "a key",
        "",
        "pass/word",
    ],
)
def test_a_key_is_no_name_of_a_variable_and_is_not_repeated(key):
    with pytest.raises(ValueError, match="name of an environment variable") as caught:
        check_variable_name(key)
    assert not key or key not in str(caught.value)


@each("name", ["OPENAI_API_KEY", "_x", "key2", "my_api_key_for_server_2", "HF_TOKEN"])
def test_names_of_variables(name):
    assert check_variable_name(name) == name
