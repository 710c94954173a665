"""What the project says about itself stays true: pins, environments, links, shipped files."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

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


def test_conda_environments_have_the_same_pins():
    pins = constraints()
    for path in sorted((ROOT / "envs").glob("*.yaml")):
        dependencies = yaml.safe_load(path.read_text())["dependencies"]
        [pip] = [item["pip"] for item in dependencies if isinstance(item, dict)]
        wanted = {item: pins.get(name(item)) for item in pip}
        assert wanted == {item: item.split("==")[1] for item in pip}, path.name


@pytest.mark.parametrize("path", RULES, ids=lambda p: p.name)
def test_rules_name_files_that_are_there(path):
    text = path.read_text()
    named = re.findall(r'"(\.\./(?:envs|scripts)/[^"]+)"', text)
    assert [item for item in named if not (path.parent / item).is_file()] == []
    # a rule made from another (`use rule`) has what that one has
    blocks = re.split(r"^(?=(?:use )?rule )", text, flags=re.M)
    for block in (part for part in blocks if part.startswith("rule ")):
        for directive in ("log:", "message:", "resources:", "conda:", "threads:"):
            assert block.count(f"    {directive}") == 1, f"{directive} in {block[:40]}"


def test_one_script_per_rule_and_no_other():
    rules = {rule for path in RULES for rule in re.findall(r"^rule (\w+):", path.read_text(), re.M)}
    scripts = {path.stem for path in (ROOT / "scripts").glob("*.py")}
    # rules made from this one (`use rule`) share its script
    rules = {rule.removesuffix("_local") for rule in rules}
    assert scripts == rules | {"job", "run_summary", "failed_jobs"}


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


def test_every_page_is_in_the_index():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"\]\((\w[\w-]*\.md)\)", index))
    assert listed == {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
