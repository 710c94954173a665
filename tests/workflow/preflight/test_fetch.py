"""Models of a hub: fetched once, then used without a network."""

import json
import os
import subprocess
import sys

import hub_server
import pytest
from tiny_model import write_tiny_model

MODEL, COMMIT = "somebody/tiny", "0123456789abcdef0123456789abcdef01234567"
# what is to be done, one after the other in a process
SCRIPT = """
import json, sys
from modellab.models.registry import parse_model
options = parse_model({"provider": "transformers", "model": "somebody/tiny", "device": "cpu"})
for what in sys.argv[1:]:
    if what == "fetch":
        print(json.dumps(options.fetch()))
    if what == "preflight":
        print(json.dumps([[f.level, f.message] for f in options.preflight("model tiny")]))
    if what == "load":
        from modellab.models.generators.transformers.loading import load
        from modellab.models.generators.transformers.memory import DeviceMemory
        load(options, DeviceMemory("cpu"))
        print(json.dumps(dict(options.fingerprint())))
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = write_tiny_model(tmp_path_factory.mktemp("repository") / "tiny")
    # the same weights in a format that nobody needs beside safetensors
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    return hub_server.Hub(MODEL, COMMIT, folder)


def run(url, home, *steps):
    """What each step has found."""
    env = {**os.environ, "HF_ENDPOINT": url, "HF_HOME": str(home), "HF_HUB_OFFLINE": "0"}
    env |= {"NO_PROXY": "127.0.0.1", "HF_HUB_DISABLE_XET": "1"}
    command = [sys.executable, "-c", SCRIPT, *steps]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()[-len(steps) :]]


@pytest.mark.slow
def test_what_is_fetched_is_used_without_a_network(hub, tmp_path):
    with hub_server.serving(hub) as url:
        before, stamp = run(url, tmp_path, "preflight", "fetch")
        assert before == [["warning", f"commit {COMMIT} is on the hub, not in the cache here"]]
        assert stamp == {"model": MODEL, "revision": "main", "commit": COMMIT}
    assert any("model.safetensors" in path for path in hub.asked)
    assert not any("pytorch_model.bin" in path for path in hub.asked)
    asked = len(hub.asked)

    # the hub is gone
    fingerprint, after = run(url, tmp_path, "load", "preflight")
    assert (fingerprint["model"], fingerprint["commit"]) == (MODEL, COMMIT)
    assert after[0] == ["ok", f"commit {COMMIT} is in the hub's cache"]
    assert len(hub.asked) == asked


def test_half_a_download_is_not_a_model(tmp_path, monkeypatch):
    from modellab.models import weights as hub

    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setattr(
        "huggingface_hub.try_to_load_from_cache", lambda *_, **__: str(tmp_path / "config.json")
    )
    assert hub.cached_snapshot(MODEL, None) is None
    shards = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(shards))
    (tmp_path / "model-1.safetensors").touch()
    assert hub.cached_snapshot(MODEL, None) is None
    (tmp_path / "model-2.safetensors").touch()
    assert hub.cached_snapshot(MODEL, None) == tmp_path
