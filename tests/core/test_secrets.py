import os

import pytest

from modellab.core.errors import InputError
from modellab.core.secrets import scrub, secret


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    # what loading .env adds is taken away again
    monkeypatch.setattr(os, "environ", os.environ.copy())


def test_a_secret_from_the_environment(monkeypatch):
    monkeypatch.setitem(os.environ, "MISTRAL_KEY", "abc")
    assert secret("MISTRAL_KEY", "models.x") == "abc"


def test_the_environment_goes_before_the_file(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("MISTRAL_KEY=file\nOTHER_KEY='with # sign'\n")
    monkeypatch.setitem(os.environ, "MISTRAL_KEY", "environment")
    assert secret("MISTRAL_KEY", "models.x") == "environment"
    assert secret("OTHER_KEY", "models.x") == "with # sign"


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
