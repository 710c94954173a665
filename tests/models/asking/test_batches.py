"""Batches: sent once, waited for, collected also in part; the rest is asked row by row."""

import json

import pytest
from api_samples import requests
from batch_server import serving_batches

from modellab.core.errors import InputError
from modellab.core.io.jsonl import write_json
from modellab.models.registry import parse_model

pytestmark = pytest.mark.usefixtures("keys")
OPENAI = ["validating", "in_progress", "finalizing", "completed"]
ANTHROPIC = ["in_progress", "ended"]
PROVIDERS = pytest.mark.parametrize(
    ("course", "more"),
    [(OPENAI, {}), (ANTHROPIC, {"provider": "litellm", "model": "anthropic/claude-sonnet-4-5"})],
)


class Killed(BaseException):
    """Nothing of the run goes on after it."""


def opened(server, **more):
    entry = {"provider": "openai", "model": "gpt-4o", "api_key_env": "TEST_KEY", **more}
    base = server.url.removesuffix("/v1") if "anthropic" in entry["model"] else server.url
    options = {"base_url": base, "batch": True, "batch_pause_seconds": 0.01, **entry}
    return parse_model(options).open(0, {})


def ask(server, asked, path=None, **more):
    with opened(server, **more) as model:
        if path:
            model.keep_in(path)
        found = {response.key: response for response in model.answer(asked)}
        assert model.report()["batches"] or not server.batches
    return found


def test_all_in_one_batch_for_half_the_price():
    asked = requests(5)
    with serving_batches(OPENAI) as server:
        found = ask(server, asked)
        [batch] = server.batches
        lines = server.lines(batch)
    # the first one is sent alone: a refusal comes once
    assert len(server.chats) == 1
    assert {line["custom_id"] for line in lines} == {request.key for request in asked[1:]}
    assert lines[0]["body"] == {**server.chats[0], "messages": lines[0]["body"]["messages"]}
    assert (lines[0]["method"], lines[0]["url"]) == ("POST", "/v1/chat/completions")
    assert [found[r.key].text for r in asked] == ["row", *[f"batch {batch}"] * 4]
    costs = [found[request.key].cost_usd for request in asked]
    assert costs == pytest.approx([0.00035, *[0.000175] * 4])
    assert [found[r.key].method for r in asked] == [None, *["batch"] * 4]


@pytest.mark.parametrize("state", ["expired", "cancelled"])
def test_what_is_there_is_collected_and_the_rest_is_asked_row_by_row(state):
    asked = requests(5)
    with serving_batches(["in_progress", state], answered={asked[1].key, asked[2].key}) as server:
        found = ask(server, asked)
    assert [found[r.key].text for r in asked] == ["row", "batch batch_1", "batch batch_1"] + [
        "row"
    ] * 2
    assert len(server.chats) == 3


def test_a_batch_that_is_refused_says_why(caplog):
    error = {"code": "invalid_model", "message": "not for batches", "object": "error"}
    with serving_batches(["validating", "failed"], errors=[error]) as server:
        found = ask(server, requests(3))
    assert {response.text for response in found.values()} == {"row"}
    assert "invalid_model: not for batches" in caplog.text


@PROVIDERS
def test_a_killed_run_waits_for_the_batch_that_it_has_sent(tmp_path, monkeypatch, course, more):
    asked, path = requests(4), tmp_path / "under_way.json"

    def kill(_):
        raise Killed

    with serving_batches(course) as server:
        monkeypatch.setattr("modellab.models.asking.batches.time.sleep", kill)
        with pytest.raises(Killed):
            ask(server, asked, path, **more)
        monkeypatch.undo()
        monkeypatch.setenv("TEST_KEY", "k")
        [kept] = json.loads(path.read_text())
        [batch] = server.batches
        assert kept["id"] == batch
        # the journal has the one that went alone
        found = ask(server, asked[1:], path, **more)
        assert list(server.batches) == [batch]
    assert {response.text for response in found.values()} == {f"batch {batch}"}
    assert json.loads(path.read_text()) == []


@PROVIDERS
def test_a_batch_with_a_lost_id_is_found(tmp_path, course, more):
    with serving_batches(course) as server:
        server.lost_reply = True
        found = ask(server, requests(4), tmp_path / "under_way.json", **more)
        assert len(server.batches) == 1
    assert [r.method for r in found.values()].count("batch") == 3


@PROVIDERS
def test_a_run_killed_before_it_noted_the_id_finds_the_batch(tmp_path, monkeypatch, course, more):
    asked, path = requests(4), tmp_path / "under_way.json"

    def killed_with_the_id(file, batches):
        if any(one["id"] for one in batches):
            raise Killed
        write_json(file, batches)

    with serving_batches(course) as server:
        with monkeypatch.context() as patch:
            patch.setattr("modellab.models.asking.batches.write_json", killed_with_the_id)
            with pytest.raises(Killed):
                ask(server, asked, path, **more)
        assert [one["id"] for one in json.loads(path.read_text())] == [""]
        found = ask(server, asked[1:], path, **more)
        [batch] = server.batches
    assert {response.text for response in found.values()} == {f"batch {batch}"}


def test_an_unknown_batch_is_sent_again(tmp_path):
    asked, path = requests(3), tmp_path / "under_way.json"
    kept = {"keys": [r.key for r in asked], "sent_at": 0, "upload": "file_0", "id": "gone"}
    path.write_text(json.dumps([kept]))
    with serving_batches(OPENAI) as server:
        found = ask(server, asked, path)
        assert len(server.batches) == 1
    assert len(found) == 3


def test_anthropics_own_form_and_words():
    asked = requests(3)
    more = {"provider": "litellm", "model": "anthropic/claude-sonnet-4-5", "stop": ["\n"]}
    with serving_batches(ANTHROPIC, answered={asked[1].key}) as server:
        found = ask(server, asked, **more)
        [batch] = server.batches.values()
    params = batch["requests"][0]["params"]
    assert params == {
        "model": "claude-sonnet-4-5",
        "system": "Answer.",
        "messages": [{"role": "user", "content": asked[1].messages[-1].content}],
        "max_tokens": 256,
        "temperature": 0.0,
        "stop_sequences": ["\n"],
    }
    one = found[asked[1].key]
    assert (one.prompt_tokens, one.cached_tokens, one.completion_tokens) == (100, 40, 10)
    assert one.cost_usd == pytest.approx((60 * 3 + 40 * 0.3 + 10 * 15) / 1e6 / 2)
    assert found[asked[2].key].text == "row"


def test_a_batch_that_may_cost_too_much_is_not_sent():
    with serving_batches(OPENAI) as server:
        with pytest.raises(InputError, match="more than max_cost_usd"):
            ask(server, requests(5), max_cost_usd=0.004, max_new_tokens=300)
        assert not server.batches


def test_batches_are_cut_where_they_would_be_too_large(monkeypatch):
    from modellab.models.generators.openai.batch import OpenAIBatches

    monkeypatch.setattr(OpenAIBatches, "most_requests", 2)
    with serving_batches(OPENAI) as server:
        found = ask(server, requests(6))
        assert [len(server.lines(name)) for name in server.batches] == [2, 2, 1]
    assert len(found) == 6


@pytest.mark.parametrize(
    "entry",
    [
        {"provider": "litellm", "model": "mistral/m", "batch": True},
        {"provider": "openai", "model": "m", "batch": True, "stream": True},
    ],
)
def test_what_has_no_batches_is_refused(entry):
    with pytest.raises(ValueError, match="batch"):
        parse_model(entry)
