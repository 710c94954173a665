"""Data sets of the hub: fetched once, then used without a network."""

import json
import os
import subprocess
import sys

import hub_server
import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SCRIPT = """
import json, sys
from modellab.config.loading import load_config
from modellab.core.errors import InputError
for config in sys.argv[1:]:
    try:
        dataset = load_config(config).datasets["quiz"]
        found = dataset.question_format.read(dataset.questions)
        print(json.dumps([dataset.task.kind, str(dataset.questions), found[0].text, len(found)]))
    except InputError as error:
        print(json.dumps([str(error)]))
"""
CONFIG = """
datasets: {quiz: {questions: "hf://datasets/somebody/quiz", split: validation}}
models: {base: {provider: extractive}}
"""
CARD = """---
configs:
- config_name: default
  data_files:
  - {split: train, path: data/train.jsonl}
  - {split: validation, path: data/validation.jsonl}
---
# Quiz
"""


@pytest.mark.slow
def test_a_data_set_is_fetched_once(tmp_path):
    repository = tmp_path / "repository"
    (repository / "data").mkdir(parents=True)
    (repository / "README.md").write_text(CARD)
    (repository / "picture.png").write_bytes(b"picture")
    rows = [{"question": "Who?", "answers": {"text": ["Ada"], "answer_start": [3]}}]
    (repository / "data/train.jsonl").write_text(json.dumps({**rows[0], "question": "Train?"}))
    (repository / "data/validation.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "other.yaml").write_text(CONFIG.replace('quiz"', 'other"'))
    hub = hub_server.Hub("somebody/quiz", COMMIT, repository, "datasets")

    def load(url, *names):
        env = {**os.environ, "HF_ENDPOINT": url, "HF_HOME": str(tmp_path / "home")}
        env |= {"HF_HUB_OFFLINE": "0", "NO_PROXY": "127.0.0.1", "HF_HUB_DISABLE_XET": "1"}
        command = [sys.executable, "-c", SCRIPT, *(str(tmp_path / name) for name in names)]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()[-len(names) :]]

    with hub_server.serving(hub) as url:
        [(kind, folder, text, number)] = load(url, "config.yaml")
        assert (kind, text, number) == ("open_qa", "Who?", 1)
        assert COMMIT in folder
    assert not any("picture" in path for path in hub.asked)
    asked = len(hub.asked)
    # the hub is gone
    again, (message,) = load(url, "config.yaml", "other.yaml")
    assert again == [kind, folder, text, number]
    assert len(hub.asked) == asked
    assert "other.yaml:2: datasets.quiz.questions: hf://datasets/somebody/other: " in message
