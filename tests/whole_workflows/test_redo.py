"""Nothing stale, nothing redone."""

import os
import shutil

import pytest

pytestmark = pytest.mark.workflow
NOTHING = "Nothing to be done"
RUN = "results/quiz/runs/tiny.json"


def test_results_that_were_moved_beside_new_files_are_not_made_again(done, project):
    """As in a fresh clone; what new code does is in tests/workflow/test_fingerprints.py."""
    for part in ("results", ".snakemake"):
        shutil.copytree(done.path(part), project.path(part), dirs_exist_ok=True)
    for path in project.folder.rglob("*"):
        if path.is_file() and ".snakemake" not in path.parts and "results" not in path.parts:
            os.utime(path)
    run = project.run()
    assert run.code == 0
    assert NOTHING in run.text


def test_only_what_is_new_is_asked(done):
    from tiny_model import write_tiny_model

    def asked():
        run = done.run(RUN)
        assert run.code == 0, run.text
        assert run.jobs()["predictions_local"] == 1
        return done.json(RUN)["generated"], done.json(RUN)["reused"]

    # other weights are another model
    write_tiny_model(done.path("weights"), seed=5, positions=2048)
    assert asked() == (6, 0)
    # weights that the answers were there of, and a new question
    write_tiny_model(done.path("weights"), positions=2048)
    done.edit(
        "quiz.csv",
        "q6,How many",
        "q7,Who used TPU chips?,Google,Google,is_blank,['meena'],Quote,1,0\nq6,How many",
    )
    assert asked() == (1, 6)
