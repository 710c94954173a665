"""What the project says about itself stays true: pins, environments, links, shipped files."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from modellab.workflow.environments import ENVIRONMENTS, text_of

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^[A-Za-z0-9_.-]+==[A-Za-z0-9_.!-]+$")
RULES = sorted((ROOT / "rules").glob("*.smk"))


def name(text):
    return re.split(r"[=<>\[ ]", text)[0].lower().replace("_", "-")


def constraints():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return {name(line): line.split("==")[1] for line in lines}


def test_constraints_are_plain_pins():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert [line for line in lines if not PIN.match(line)] == []


def test_every_dependency_is_pinned():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    assert [item for item in wanted if name(item) not in constraints()] == []


def test_conda_environments_are_those_of_make_lock():
    written = {path.stem: path.read_text() for path in (ROOT / "envs").glob("*.yaml")}
    assert written == {name: text_of(name) for name in ENVIRONMENTS}


def test_rules_leave_memory_and_time_to_profiles():
    """Else editing `default-resources` of profiles/slurm would change nothing.

    Only the memory of an index is known from its chunks; `set-resources` replaces it.
    """
    text = "".join(path.read_text() for path in RULES)
    found = re.findall(r"(?:mem_mb|runtime|\bdisk_mb).*", text)
    assert found == ["mem_mb=entries.index_megabytes,"]


def test_links_lead_somewhere():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    links = [
        (path, link)
        for path in pages
        for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", path.read_text())
    ]
    broken = [f"{path.name}: {link}" for path, link in links if not (path.parent / link).exists()]
    assert broken == []


def test_rooms_import_only_rooms_below_them():
    program = Path(sys.executable).with_name("lint-imports")
    found = subprocess.run(
        [str(program), "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_a_public_class_has_its_name_alone():
    trees = (ast.parse(path.read_text()) for path in (ROOT / "modellab").rglob("*.py"))
    named = (node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef))
    counts = Counter(name for name in named if not name.startswith("_"))
    assert [name for name, count in counts.items() if count > 1] == []


def test_every_page_is_in_the_index():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"\]\((\w[\w-]*\.md)\)", index))
    assert listed == {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
