"""A harmless edit makes nothing stale; a real one what its code made, and nothing else.

The project is copied once, with a benchmark of a member of each family; each test edits a file of
the copy and compares the fingerprints of all jobs.
"""

import ast
import os
import shutil
from pathlib import Path

import pytest
from workflow.conftest import write_files
from workflow.jobs import BENCHMARK, fingerprints, jobs_of

from modellab.workflow.mock import PROJECT

PARTS = ("rules", "scripts", "modellab", "resources/prompts")


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copy")
    for part in PARTS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PROJECT / part, folder / part, ignore=ignored)
    shutil.copy(PROJECT / "Snakefile", folder)
    write_files(folder)
    before = Path.cwd()
    os.chdir(folder)
    os.environ.setdefault("KEY", "k")
    jobs = jobs_of(BENCHMARK, project=folder)
    yield folder, jobs, fingerprints(jobs)
    os.chdir(before)


@pytest.fixture
def stale(copy):
    """The jobs with another fingerprint after an edit of files."""
    folder, jobs, before = copy

    def stale(edit, *paths):
        texts = {folder / path: (folder / path).read_text() for path in paths}
        try:
            for file, text in texts.items():
                new = edit(text)
                assert new != text, f"the edit changes nothing in {file}"
                file.write_text(new)
            after = fingerprints(jobs)
        finally:
            for file, text in texts.items():
                file.write_text(text)
        return {name for name in after if after[name] != before[name]}

    return stale


def commented(text):
    return f"# a comment\n{text}\n# another one\n"


def documented(text):
    """All docstrings say something else."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            node.body[0].value = ast.Constant("Says something else.")
    return ast.unparse(tree)


def rewritten(text):
    """All functions do something else."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body.insert(1 if ast.get_docstring(node) else 0, ast.parse("assert True").body[0])
    return ast.unparse(tree)


#: by room: a file that jobs of the benchmark use
USED = {
    "core": "modellab/core/io/jsonl.py",
    "corpus": "modellab/corpus/chunking.py",
    "models": "modellab/models/protocol.py",
    "tasks": "modellab/tasks/wattbot/task.py",
    "questions": "modellab/questions/selection.py",
    "retrieval": "modellab/retrieval/bm25.py",
    "generation": "modellab/generation/driver.py",
    "judging": "modellab/judging/judge.py",
    "evaluation": "modellab/evaluation/score.py",
    "reporting": "modellab/reporting/tables/leaderboard.py",
    "config": "modellab/config/loading.py",
    "workflow": "modellab/workflow/files.py",
}


@pytest.mark.parametrize("edit", [commented, documented], ids=["comment", "docstrings"])
def test_a_harmless_edit_in_every_room_makes_nothing_stale(stale, edit):
    assert stale(edit, *USED.values()) == set()


ASKING = {
    "predictions_local quiz plain",
    "predictions_server quiz api",
    "predictions_server flags api",
    "query_plans_server quiz split",
    "judgements_server quiz strict",
}
#: by file: exactly what a real edit of it makes stale, before all that is made of that
STALE = {
    "corpus/chunking.py": {"chunks notes"},
    "questions/label_csv.py": {"questions flags"},
    "retrieval/bm25.py": {
        *("index notes bm25", "contexts quiz bm25"),
        # what searches its index
        *("contexts quiz hybrid", "contexts quiz split"),
    },
    "models/generators/extractive.py": {"predictions_local quiz plain"},
    "generation/query_plans.py": {"query_plans_server quiz split"},
    "generation/driver.py": ASKING,
    "judging/judge.py": {name for name in ASKING if name.startswith("judgements")},
    # the page explains the columns of the leaderboard
    "reporting/tables/leaderboard.py": {
        *("tables flags", "tables1 quiz", "report quiz", "report flags")
    },
    # a log decides nothing, and what these decide is in the params
    "core/job_log.py": set(),
    "config/loading.py": set(),
    "workflow/files.py": set(),
}


@pytest.mark.parametrize("path", STALE)
def test_a_real_edit_makes_stale_what_its_code_made(stale, path):
    assert stale(rewritten, f"modellab/{path}") == STALE[path]


def test_a_task_makes_jobs_about_its_answers_stale(stale):
    found = stale(rewritten, "modellab/tasks/label/task.py")
    assert {"questions flags", "predictions_server flags api", "scores flags api"} <= found
    assert not {
        name for name in found if name.startswith(("predictions", "scores")) and "quiz" in name
    }


def test_other_rules_of_a_scorer_score_again_without_any_request(stale):
    found = stale(lambda text: text.replace("= 0.75", "= 0.70"), "modellab/tasks/wattbot/rules.py")
    assert {name for name in found if name.startswith("scores")} == {
        f"scores quiz {model}" for model in ("plain", "api", "votes")
    }
    assert "data_card quiz" in found
    assert not found & {*ASKING, "questions quiz"}


def test_a_provider_makes_stale_what_it_answered(stale):
    found = stale(rewritten, "modellab/models/asking/options.py")
    assert found == {name for name in ASKING if "plain" not in name or "strict" in name} - {
        "query_plans_server quiz split"
    }


def test_a_script_makes_its_own_jobs_stale(stale):
    assert stale(lambda text: f"{text}\nprint()\n", "scripts/chunks.py") == {"chunks notes"}
