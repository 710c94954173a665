from pathlib import Path

import pytest
import yaml

from modellab.config.answering import controls_of_model, models_asked, wanted_plots
from modellab.config.loading import load_config
from modellab.core.errors import InputError


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("notes").mkdir()
    Path("notes/a.txt").write_text("One.")
    Path("q.csv").write_text("question,references\nWhat?,a\n")

    def load(**keys):
        written = {
            "corpora": {"notes": {"path": "notes"}},
            "datasets": {"quiz": {"corpus": "notes", "questions": "q.csv"}},
            "retrievers": {"bm25": {"kind": "bm25"}, "oracle": {"kind": "oracle"}},
            **keys,
        }
        Path("config.yaml").write_text(yaml.safe_dump(written, sort_keys=False))
        return load_config("config.yaml")

    return load


@pytest.mark.parametrize("models", [{}, {"models": {}}])
def test_without_models_retrievers_are_the_systems(config, models):
    found = config(**models)
    assert models_asked(found, "quiz") == ["bm25", "oracle"]
    assert found.datasets["quiz"].task.kind == "retrieval"
    assert controls_of_model(found, "quiz", "bm25") == []
    assert controls_of_model(found, "quiz", "oracle") == ["oracle"]
    plots = wanted_plots(found, "quiz")
    assert "retrieval_by_k" in plots
    assert not {"refusal_rates", "time_vs_score", "latency_distribution"} & set(plots)


def test_models_answer_the_other_datasets_alone(config):
    asked = {"corpus": "notes", "questions": "q.csv"}
    found = config(
        datasets={
            "ranked": {**asked, "task": "retrieval", "retrievers": ["bm25"]},
            "answered": {**asked, "task": "open_qa"},
        },
        models={"base": {"provider": "extractive"}},
        max_models=1,
    )
    assert models_asked(found, "ranked") == ["bm25"]
    assert models_asked(found, "answered") == ["base"]


def test_nothing_to_compare_is_one_line(config):
    with pytest.raises(InputError, match=r"models.*no corpus to search; name a model"):
        config(datasets={"quiz": {"questions": "q.csv", "task": "open_qa"}})
    with pytest.raises(InputError, match=r"datasets.quiz.*name the corpus"):
        config(
            datasets={"quiz": {"questions": "q.csv", "task": "retrieval"}},
            models={"base": {"provider": "extractive"}},
        )
    with pytest.raises(
        InputError, match=r"config.yaml:\d+: retrievers.bm25: a model has this name"
    ):
        config(
            datasets={"quiz": {"corpus": "notes", "questions": "q.csv", "task": "retrieval"}},
            models={"bm25": {"provider": "extractive"}},
        )


def test_answers_from_files_need_no_retriever(config):
    quiz = {"quiz": {"corpus": "notes", "questions": "q.csv", "task": "open_qa"}}
    Path("a.csv").write_text("id,answer\n1,x\n")
    answers = {name: {"provider": "submission", "path": "a.csv"} for name in ("one", "other")}
    vote = {"both": {"provider": "ensemble", "members": ["one", "other"], "vote_on": "normalised"}}
    found = config(datasets=quiz, retrievers={}, models={**answers, **vote})
    assert models_asked(found, "quiz") == ["one", "other", "both"]
    for models in ({**answers, "base": {"provider": "extractive"}}, {}):
        with pytest.raises(InputError, match="'quiz' has a corpus; name a retriever"):
            config(datasets=quiz, retrievers={}, models=models)
