import pytest
from fault_server import Play, bad, serving

from modellab.core.errors import InputError
from modellab.models.asking import limits
from modellab.models.embedders.api import LitellmEmbedderOptions
from modellab.models.embedders.pretrained import PROBE_TEXT

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


def test_a_missing_key(tmp_path, monkeypatch):
    monkeypatch.delenv("TEST_KEY")
    with pytest.raises(InputError, match="TEST_KEY is not set"):
        options("http://127.0.0.1:9").load(tmp_path).embed_passages(["a"])
