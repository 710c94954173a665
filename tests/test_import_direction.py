"""Imports go one way: records and config to families, families to stages, stages to plots."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "modellab"
# lower layers first; a module may import its own layer and those before it
LAYERS = [
    (
        *("records", "errors", "options", "storage", "digest", "wattbot_blank", "metrics"),
        *("wall_clock", "text", "intervals"),
    ),
    ("calibration", "efficiency", "outcomes"),
    ("machine", "joblog", "progress", "secrets", "prices", "gpu", "deadline", "loopback"),
    ("energy", "other_work", "run_history"),
    ("findings", "hidden_characters", "markdown", "spreadsheet", "values"),
    ("thoughts", "asking_again"),
    ("databases",),
    ("corpus", "prompts"),
    ("tiny_world", "tiny_readers"),
    (
        "tasks",
        "scorers",
        "questions",
        "retrieval",
        "retrieve",
        "retrieval_usage",
        "rankings",
        "chunk",
        "embedding_coverage",
        "data_card",
        "usage",
        "submissions",
        "providers",
        "ballots",
    ),
    (
        "requests",
        "session",
        "synthesis",
        "plan_queries",
        "predict",
        "ensembles",
        "score",
        "truth_check",
        "repeat_noise",
    ),
    ("judges", "judge", "judge_plan", "judge_tables"),
    ("compare", "statistics", "plots", "audit", "diagnostics", "labels", "annotation"),
    ("baselines", "registry"),
    ("config",),
    ("report", "bundles", "dashboard"),
    ("notebook",),
    ("preflight",),
    ("commands", "cli"),
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def layer(module):
    return RANK[module.split(".")[1]]


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_no_module_imports_upwards(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    if parts == ("__init__",):
        return
    own = layer(".".join(("modellab", *parts)))
    found = list(imports(path))
    assert not [name for name in found if name.split(".")[0] == "snakemake"]
    upwards = [name for name in found if name.startswith("modellab.") and layer(name) > own]
    assert upwards == []
