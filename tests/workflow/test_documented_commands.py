"""Every command of the README and the docs is one that the programs know.

Commands of Snakemake have jobs in a folder that looks like a clone; of `modellab` and `make` the
words are checked. tests/whole_workflows/test_tutorial.py runs the tutorial.
"""

import re
import shlex
from functools import cache
from pathlib import Path

import pytest
from cases import each
from typer.main import get_command
from workflow.jobs import Jobs

from modellab.workflow.cli.app import app
from modellab.workflow.mock import load_workflow

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
TUTORIAL = "tutorial.md"
#: what has no jobs here, and why
NOT_RUN = {
    "snakemake results/quiz/leaderboard.csv": "the config is an excerpt",
    "snakemake judge judge_pipeline --cores 4": "the config is an excerpt",
    "snakemake --config partial=true": "it begins with answers that are there",
    "snakemake fetch_models --cores 1": "the demo has nothing to fetch",
}
#: variables that the page says to set
SET = {"JUDGE_URL": "http://127.0.0.1:9/v1", "JUDGE_MODEL_KEY": "none"}
#: another test runs them: these are other programs
OTHER = ("export ", ".venv/bin/pip ")


def blocks(page):
    return re.findall(r"^```(?:bash|sh|console)\n(.*?)^```", page.read_text(), re.S | re.M)


def commands():
    """(page, command) of all pages but the tutorial, comments and continued lines taken away."""
    for page in PAGES:
        text = "\n".join(blocks(page)) if page.name != TUTORIAL else ""
        for line in text.replace("\\\n", " ").splitlines():
            command = re.sub(r"\s+", " ", re.sub(r"(^|\s)#.*", "", line)).strip()
            if command:
                yield page.name, command


ALL = list(commands())


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A folder like a clone, with a second config beside the demo's."""
    folder = tmp_path_factory.mktemp("clone")
    left = {"results", "tests", "site", "build"}
    for path in ROOT.iterdir():
        if not path.name.startswith(".") and path.name not in left:
            (folder / path.name).symlink_to(path)
    (folder / "mine.yaml").write_text((ROOT / "resources/demo-label/config.yaml").read_text())
    return folder


@cache
def workflow(configfiles, config):
    from snakemake.cli import parse_config

    return load_workflow(parse_config(config), configfiles)


@pytest.mark.parametrize(
    "command", [one for _, one in ALL if "snakemake " in one and one not in NOT_RUN]
)
def test_commands_of_snakemake_have_jobs(command, clone, monkeypatch):
    from snakemake.cli import parse_args

    monkeypatch.chdir(clone)
    words = shlex.split(command)
    start = words.index("snakemake")
    for name, value in {**SET, **dict(word.split("=", 1) for word in words[:start])}.items():
        monkeypatch.setenv(name, value)
    _, found = parse_args(words[start + 1 :])
    files = tuple(found.configfile or [Path("config.yaml")])
    made = workflow(files, tuple(found.config or ()))
    for target in found.targets or ["all"]:
        assert Jobs(made, target).by_name


@pytest.mark.parametrize("command", [one for _, one in ALL if one.startswith("modellab ")])
def test_commands_of_modellab_have_words_that_it_knows(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, name, *words = shlex.split(command)
    found = get_command(app).commands[name]
    for word in words:
        if word.endswith((".csv", ".jsonl", ".zip", "/")):  # files that a command wants to be there
            path = Path(word.rstrip("/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.mkdir(exist_ok=True) if word.endswith("/") else path.touch()
    found.make_context(name, list(words))


@each("command", [one for _, one in ALL if one.startswith("make ")])
def test_commands_of_make_are_targets(command):
    assert re.search(rf"^{command.split()[1]}:", (ROOT / "Makefile").read_text(), re.M)


def test_every_command_is_tried_or_excused():
    known = ("modellab ", "make ", *OTHER)
    rest = {c for _, c in ALL if not c.startswith(known) and "snakemake " not in c}
    assert not rest
    assert set(NOT_RUN) <= {command for _, command in ALL}
