"""Which systems are reference points: by the kind of their retriever, unless an entry decides otherwise."""

from __future__ import annotations

import pytest

from modellab.config.answering import controls_of_model, roles_of_model
from modellab.config.schema import Config

RETRIEVERS = {
    "bm25": {"kind": "bm25"},
    "gold": {"kind": "oracle"},
    "closed": {"kind": "none"},
    "mixed": {"kind": "shuffled", "of": "bm25"},
    "sorted": {"kind": "post_processing", "of": "gold"},
    "tidied": {"kind": "post_processing", "of": "bm25"},
}
MODEL = {"provider": "extractive"}
FILE = {"provider": "submission", "path": "answers.csv"}


def config(retrievers=tuple(RETRIEVERS), models=None, corpus="notes", **entries):
    """One dataset with these retrievers; `entries` change retrievers."""
    changed = {n: {**RETRIEVERS[n], **entries.get(n, {})} for n in RETRIEVERS}
    return Config.model_validate(
        {
            "corpora": {"notes": {"path": "notes"}},
            "datasets": {
                "quiz": {
                    "corpus": corpus,
                    "questions": "quiz.csv",
                    "task": "wattbot",
                    "retrievers": retrievers,
                }
            },
            "retrievers": changed,
            "models": models or {"m": MODEL},
        }
    )


def controls(made, model="m"):
    return controls_of_model(made, "quiz", model)


def test_yardsticks_are_controls_beside_what_was_retrieved():
    """Also what only sorts the right passages."""
    assert controls(config()) == ["gold", "closed", "mixed", "sorted"]
    assert roles_of_model(config(), "quiz", "m") == {
        "bm25": "retrieved",
        "gold": "oracle",
        "closed": "none",
        "mixed": "shuffled",
        "sorted": "retrieved",
        "tidied": "retrieved",
    }


@pytest.mark.parametrize("retrievers", [("gold",), ("closed",), ("gold", "closed")])
def test_where_nothing_else_is_asked_they_are_the_question(retrievers):
    assert controls(config(retrievers)) == []


def test_only_what_models_read_counts():
    only_gold = {"m": {**MODEL, "retrievers": ["gold"]}}
    assert controls(config(models=only_gold)) == []
    other = {**only_gold, "n": {**MODEL, "retrievers": ["bm25"]}}
    assert controls(config(models=other)) == ["gold"]
    left_out = {**only_gold, "n": {**other["n"], "enabled": False}}
    assert controls(config(models=left_out)) == []


def test_a_submission_is_a_contender_unless_it_is_marked():
    models = {"m": MODEL, "file": FILE}
    assert controls(config(("gold", "closed"), models)) == ["gold", "closed"]
    assert controls(config(("gold", "closed"), models), "file") == []
    marked = {"m": MODEL, "file": {**FILE, "control": True}}
    assert controls(config(("gold", "closed"), marked)) == []
    assert controls(config(("gold", "closed"), marked), "file") == ["external"]
    assert roles_of_model(config(models=models), "quiz", "file") == {"external": ""}


def test_what_an_entry_says_goes_first():
    assert controls(config(gold={"control": False})) == ["closed", "mixed", "sorted"]
    assert controls(config(bm25={"control": True})) == ["bm25", "gold", "closed", "mixed", "sorted"]
    # a model's own word goes before its retriever's
    fair = {"m": {**MODEL, "control": False}}
    assert controls(config(models=fair, bm25={"control": True})) == []
    chance = {"m": MODEL, "chance": {**MODEL, "control": True}}
    assert controls(config(models=chance), "chance") == list(RETRIEVERS)
    assert controls(config(("gold", "closed"), chance)) == []


def test_without_documents_no_passages_are_no_control():
    """Every model is asked without passages then, and no retriever has a name."""
    models = {"m": MODEL, "file": FILE}
    assert controls(config(None, models, corpus=None)) == []
    assert roles_of_model(config(None, corpus=None), "quiz", "m") == {"": ""}


def test_the_word_of_a_retriever_is_no_part_of_what_decides_its_passages():
    made = config(gold={"control": False})
    assert "control" not in made.retrievers["gold"].model_dump()
    assert (
        "control"
        not in config(models={"m": {**MODEL, "control": True}}).models["m"].cache_key_fields()
    )
