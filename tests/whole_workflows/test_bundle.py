"""A bundle of results that the real command made, checked, and changed."""

import subprocess
import sys
import zipfile

import pytest

pytestmark = pytest.mark.workflow


def modellab(project, *arguments):
    script = "from modellab.workflow.cli.app import app; app()"
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr


def test_results_are_packed_checked_and_tampered_with(done):
    code, said = modellab(done, "bundle", "--output", "b.zip")
    assert code == 0, said
    code, said = modellab(done, "verify", "b.zip")
    assert code == 0, said
    for system in ("plain@bm25", "tiny@oracle", "published"):
        assert f"quiz: {system}: overall " in said
    with zipfile.ZipFile(done.path("b.zip")) as found:
        files = {name: found.read(name) for name in found.namelist()}
    assert {"quiz/report/index.html", "quiz/leaderboard.tex"} <= set(files)
    assert {"quiz/plots/overall_ranking.pdf", "config/1-config.yaml"} <= set(files)
    files["quiz/predictions/plain.jsonl"] = files["quiz/predictions/plain.jsonl"].replace(
        b"1", b"2"
    )
    with zipfile.ZipFile(done.path("c.zip"), "w") as changed:
        for name, content in files.items():
            changed.writestr(name, content)
    code, said = modellab(done, "verify", "c.zip")
    assert code == 1
    assert "changed: 'quiz/predictions/plain.jsonl'" in said
