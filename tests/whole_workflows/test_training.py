"""Training the tiny readers by their own Snakefile, in few steps."""

import json
import shutil

import pytest
from tiny_world.readers.recipes import RECIPES, SEEDLING
from written_project import ROOT, write_project

pytestmark = pytest.mark.workflow

#: more than are saved at once
STEPS = 22
FOLDER = "results/tiny-readers"
READER = "sapling-0.4m"
TRAINING = ("--snakefile", str(ROOT / "examples/tiny-world/Snakefile"))


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A training killed between two of its steps, and started again."""
    project = write_project(tmp_path_factory.mktemp("training") / "project")
    shutil.copytree(ROOT / "resources/tiny-seedling", project.path("resources/tiny-seedling"))
    made = (f"{FOLDER}/{SEEDLING}", f"{FOLDER}/{READER}")
    arguments = (*TRAINING, *made, "--config", f"steps={STEPS}")
    state = project.path(f"{FOLDER}/{SEEDLING}.state")
    project.kill_when(state.exists, *arguments)
    assert not project.path(f"{FOLDER}/{SEEDLING}").exists()
    run = project.run(*arguments)
    assert run.code == 0, run.text
    return project


def test_a_killed_training_continues_where_it_was(stopped):
    log = stopped.path(f"results/logs/tiny_reader/{SEEDLING}.log").read_text()
    assert "going on after step 20" in log
    assert stopped.path(f"{FOLDER}/{SEEDLING}/model.safetensors").exists()
    assert not stopped.path(f"{FOLDER}/{SEEDLING}.state").exists()


def test_readers_grow_from_the_seedling_that_ships(stopped):
    """That each can grow from the one before it is in tests/examples/tiny_world/readers."""
    reader = f"{FOLDER}/{READER}"
    config = json.loads(stopped.path(f"{reader}/config.json").read_text())
    shape = RECIPES[READER].shape
    assert (config["hidden_size"], config["num_hidden_layers"]) == (shape.hidden, shape.layers)
    assert stopped.path(f"{reader}/tokenizer.json").exists()
