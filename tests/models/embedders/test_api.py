import base64
import re
import struct

import pytest
from fault_server import Play, bad, serving

from modellab.core.errors import InputError
from modellab.models.asking import limits
from modellab.models.embedders.pretrained import PROBE_TEXT
from modellab.models.embedders.remote import LitellmEmbedderOptions

KEY = "sk-0123456789"


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path):
    monkeypatch.setenv("TEST_KEY", KEY)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(limits, "FIRST_SECONDS", 0.02)


def vectors_of(body, number):
    rows = [
        {"object": "embedding", "index": index, "embedding": [float(len(text)), 1.0]}
        for index, text in enumerate(body["input"])
    ]
    # a server may give them in any order
    usage = {"prompt_tokens": 3, "total_tokens": 3}
    return Play(body={"object": "list", "model": "m", "data": rows[::-1], "usage": usage})


def options(url, **more):
    return LitellmEmbedderOptions(
        kind="litellm", model="openai/embedder", base_url=url, api_key_env="TEST_KEY", **more
    )


def test_each_text_gets_its_own_vector_and_is_sent_once(tmp_path):
    with serving(vectors_of) as server:
        embedder = options(server.url, batch_size=2, dimensions=2).load(tmp_path, tmp_path)
        vectors = embedder.embed_passages(["a", "bb", "ccc"])
        assert vectors[:, 0] / vectors[:, 1] == pytest.approx([1, 2, 3])
        embedder.embed_passages(["ccc", "dddd"])
        assert [body["input"] for body in server.bodies] == [
            *([PROBE_TEXT], ["a", "bb"], ["ccc"]),
            *([PROBE_TEXT], ["dddd"]),
        ]
        assert {body["dimensions"] for body in server.bodies} == {2}
        sent = {name.lower(): value for name, value in server.headers[0].items()}
        assert sent["authorization"] == f"Bearer {KEY}"


def test_passing_errors_are_tried_again(tmp_path):
    def play(body, number):
        return [bad(429, headers={"retry-after": "0"}), bad(500), None][number] or vectors_of(
            body, number
        )

    with serving(play) as server:
        assert len(options(server.url).load(tmp_path).embed_passages(["a"])) == 1
        assert len(server.bodies) == 3


@pytest.mark.parametrize(
    ("play", "tries", "message"),
    [
        (lambda *_: bad(401, f"wrong key {KEY}"), 1, "auth after 1 tries"),
        (lambda *_: bad(404, "no such model"), 1, "not_found after 1 tries"),
        (lambda *_: bad(500), 3, "server_error after 3 tries"),
        (lambda *_: Play(raw=b"{torn"), 3, "bad_response after 3 tries"),
    ],
)
def test_errors_that_stay_stop_the_job(tmp_path, play, tries, message):
    with serving(play) as server:
        embedder = options(server.url, max_retries=2).load(tmp_path)
        with pytest.raises(InputError, match=message) as caught:
            embedder.embed_passages(["a"])
        assert len(server.bodies) == tries
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)


def encoded(row):
    numbers = struct.pack(f"<{len(row['embedding'])}f", *row["embedding"])
    return {**row, "embedding": base64.b64encode(numbers).decode()}


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows[::-1],
        lambda rows: [{**row, "index": 0} for row in rows],
        lambda rows: [{"embedding": row["embedding"]} for row in rows],
        lambda rows: [{**row, "index": str(row["index"])} for row in rows[::-1]],
        lambda rows: [encoded(row) for row in rows],
    ],
)
def test_vectors_in_any_form_are_in_the_order_of_their_texts(tmp_path, change):
    def play(body, number):
        good = vectors_of(body, number)
        good.body["data"] = change(good.body["data"][::-1])
        return good

    texts = ["a" * length for length in (12, 3, 5, 9, 1, 7, 11, 2, 4, 8, 10, 6)]
    with serving(play) as server:
        vectors = options(server.url).load(tmp_path).embed_passages(texts)
    assert vectors[:, 0] / vectors[:, 1] == pytest.approx([len(text) for text in texts])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows[:-1], "1 vectors for 2 texts"),
        (lambda rows: [{**row, "index": n} for n, row in enumerate(rows, 1)], "numbered"),
        (lambda rows: [{**row, "embedding": None} for row in rows], "no vectors"),
        (lambda rows: [{**row, "embedding": [None, 1.0]} for row in rows], "no numbers"),
        (lambda rows: [{**row, "embedding": [1.0] * n} for n, row in enumerate(rows)], "[0, 1]"),
        (lambda rows: {"error": {"code": 404, "message": "no such model"}}, "no such model"),
    ],
)
def test_replies_that_are_no_vectors_of_these_texts(tmp_path, change, message):
    def play(body, number):
        good = vectors_of(body, number)
        changed = change(good.body["data"])
        return Play(body=changed if isinstance(changed, dict) else {**good.body, "data": changed})

    with serving(play) as server, pytest.raises(InputError, match=re.escape(message)):
        options(server.url, max_retries=0).load(tmp_path).embed_passages(["a", "b"])


def test_other_dimensions_than_the_config_asks_for(tmp_path):
    with (
        serving(vectors_of) as server,
        pytest.raises(InputError, match=r"\[2\] dimensions, not of 3"),
    ):
        options(server.url, dimensions=3).load(tmp_path).embed_passages(["a"])


@pytest.mark.parametrize(
    "refusal",
    [
        bad(422, "batch size 5 > maximum allowed batch size 2"),
        bad(400, "Invalid 'input': array too long. Expected an array with maximum length 2"),
        bad(400, "Requested 304123 tokens, max 300000 tokens per request"),
        Play(status=413, raw=b"<title>413 Request Entity Too Large</title>"),
    ],
)
def test_smaller_batches_where_a_server_refuses_larger_ones(tmp_path, refusal):
    def play(body, number):
        return refusal if len(body["input"]) > 2 else vectors_of(body, number)

    with serving(play) as server:
        vectors = options(server.url).load(tmp_path).embed_passages(["a", "bb", "ccc", "d", "ee"])
        assert vectors[:, 0] / vectors[:, 1] == pytest.approx([1, 2, 3, 1, 2])
        assert [len(body["input"]) for body in server.bodies] == [5, 2, 2, 1]


def test_a_text_that_is_too_long_is_named_as_such(tmp_path):
    def play(body, number):
        too_long = any(len(text) > 3 for text in body["input"])
        return bad(400, "maximum context length is 3") if too_long else vectors_of(body, number)

    with serving(play) as server, pytest.raises(InputError, match=r"context_too_long.*cccc"):
        options(server.url).load(tmp_path).embed_passages(["a", "bb", "cccc", "d"])


def test_a_server_that_gives_only_zeros(tmp_path):
    def play(body, number):
        good = vectors_of(body, number)
        rows = [{**row, "embedding": [0.0, 0.0]} for row in good.body["data"]]
        return Play(body={**good.body, "data": rows})

    with serving(play) as server, pytest.raises(InputError, match="a vector of zeros"):
        options(server.url).load(tmp_path, tmp_path).embed_passages(["a"])


def test_a_refused_encoding_is_left_out(tmp_path):
    def play(body, number):
        refused = "encoding_format" in body
        return bad(400, "Unknown: encoding_format") if refused else vectors_of(body, number)

    with serving(play) as server:
        assert len(options(server.url).load(tmp_path).embed_passages(["a", "bb"])) == 2
        assert len(server.bodies) == 2


def test_a_missing_key(tmp_path, monkeypatch):
    monkeypatch.delenv("TEST_KEY")
    with pytest.raises(InputError, match="TEST_KEY is not set"):
        options("http://127.0.0.1:9").load(tmp_path).embed_passages(["a"])
