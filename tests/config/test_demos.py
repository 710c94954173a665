"""Every config that ships is right, and so are its questions."""

from pathlib import Path

import pytest

from modellab.config.loading import load_config

ROOT = Path(__file__).parents[2]
CONFIGS = sorted(ROOT.glob("resources/demo-*/*.yaml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_shipped_config_is_right(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    config = load_config([path])
    for dataset in config.datasets.values():
        questions = dataset.format.read(dataset.questions)
        assert questions
        assert [found for q in questions if (found := dataset.task.refuse(q))] == []


def test_the_production_judge_has_as_many_answers_to_show_as_to_hide(monkeypatch):
    monkeypatch.chdir(ROOT)
    [dataset] = load_config([ROOT / "resources/demo-judge/config.yaml"]).datasets.values()
    questions = dataset.format.read(dataset.questions)
    labels = [question.reference["label"] for question in questions]
    assert (labels.count("show"), labels.count("hide")) == (20, 20)
    assert all(question.reference["rationale"] for question in questions)
