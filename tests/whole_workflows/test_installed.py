"""The wheel alone is enough, and other workflows can use this one as a module."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from workflow.test_benchmark import MODULE

from modellab.core.project import PROJECT

pytestmark = [pytest.mark.workflow, pytest.mark.slow]
ROOT = Path(__file__).parents[2]


def run(words, folder, **environment):
    done = subprocess.run(
        [*map(str, words)],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from a copy: a build leaves files beside the sources."""
    source = tmp_path_factory.mktemp("source") / "project"
    kept = shutil.ignore_patterns(".*", "__pycache__", "results", "build", "*.egg-info", "tests")
    shutil.copytree(ROOT, source, ignore=kept)
    out = tmp_path_factory.mktemp("wheel")
    build = ("wheel", "-q", "--no-deps", "--no-build-isolation", "-w", out, source)
    run([sys.executable, "-m", "pip", *build], out)
    (found,) = out.glob("*.whl")
    return found


def test_the_wheel_holds_the_workflow(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = ("Snakefile", "config.yaml", "rules/common.smk", "scripts/job.py")
    resources = ("resources/prices.yaml", "resources/prompts/open_qa.jinja")
    for name in (*wanted, *resources, "profiles/default/config.yaml"):
        assert f"modellab/shipped/{name}" in names


@pytest.fixture
def installed(wheel, tmp_path):
    """`modellab` of a new environment, which has the packages of this one but not this checkout."""
    home = tmp_path / "environment"
    run([sys.executable, "-m", "venv", "--without-pip", home], tmp_path)
    (site,) = home.glob("lib/python*/site-packages")
    packages = [path for path in sys.path if path.endswith("site-packages")]
    (site / "packages.pth").write_text("\n".join(packages))
    pip = [sys.executable, "-m", "pip", "--python", home / "bin" / "python", "install", "-q"]
    run([*pip, "--no-deps", "--no-index", "--ignore-installed", wheel], tmp_path)
    return home / "bin" / "modellab"


def test_from_the_wheel_to_the_page_of_a_table_and_pdfs_in_an_empty_folder(installed, tmp_path):
    folder = tmp_path / "work"
    (folder / "docs").mkdir(parents=True)
    for name in ("coffee", "rooms", "travel"):
        shutil.copy(ROOT / "resources" / "tutorial" / f"{name}.pdf", folder / "docs")
    (folder / "faq.csv").write_text(
        "question,expected,source\n"
        "In which year was the coffee machine bought?,2021,coffee.pdf\n"
        "How many people does Oak seat?,20 people,rooms.pdf\n"
    )
    bare = {"PYTHONPATH": "", "PYTHONNOUSERSITE": "1"}
    said = run([installed, "init", "--from", "faq.csv", "--docs", "docs"], folder, **bare)
    assert "config.yaml" in said
    planned = run([installed, "plan"], folder, **bare)
    assert "No model is asked" in planned  # readers without a prompt
    done = run([installed, "run", "--cores", "2", "plots=[overall_ranking]"], folder, **bare)
    assert "Page: results/faq/report/index.html" in done
    assert (folder / "results" / "faq" / "report" / "index.html").is_file()
    assert "words@oracle" in run([installed, "show"], folder, **bare)


OWN = """\
mine: 1
benchmark:
  corpora: {notes: {path: notes}}
  datasets: {quiz: {corpus: notes, questions: quiz.csv, task: open_qa}}
  retrievers: {bm25: {kind: bm25}}
  models: {words: {provider: extractive, match: words}}
"""


@pytest.mark.smoke
def test_another_workflow_uses_it_as_a_module(tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("It used 5 MWh.")
    (tmp_path / "quiz.csv").write_text("question,answer\nHow much?,5 MWh\n")
    (tmp_path / "own.yaml").write_text(OWN)
    (tmp_path / "Snakefile").write_text(MODULE.format(project=PROJECT))
    run([sys.executable, "-m", "snakemake", "--cores", "2"], tmp_path, PYTHONPATH=str(ROOT))
    assert '"words"' in (tmp_path / "best.txt").read_text()
