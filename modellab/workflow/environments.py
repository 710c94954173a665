"""The conda environments of rules, one per kind of machine, written by `make lock`.

    python -m modellab.workflow.environments

Each has the dependencies of pyproject.toml with some of its extras, in the versions of
constraints.txt.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from modellab.core.project import PROJECT


@dataclass(frozen=True)
class Environment:
    """A file of `envs/`: what it is for, and the extras of the project that it has."""

    title: str
    extras: tuple[str, ...]


_EXTRAS = ("constrained", "postgres", "ragas", "segmenters", "sentence-transformers")
ENVIRONMENTS = {
    "cpu": Environment("Machines without a GPU, and jobs that need none.", _EXTRAS),
    "gpu": Environment(
        "Machines with GPUs: torch brings its CUDA libraries along.", (*_EXTRAS, "quantization")
    ),
}


def text_of(name: str, project: Path = PROJECT) -> str:
    """The file `envs/{name}.yaml`.

    Raises:
        KeyError: constraints.txt has no version of a dependency.
    """
    environment = ENVIRONMENTS[name]
    data = {
        "channels": ["conda-forge", "nodefaults"],
        "dependencies": ["python =3.12", "pip", {"pip": _pinned(project, environment.extras)}],
    }
    head = f"# {environment.title} Written by `make lock`.\n"
    return head + yaml.safe_dump(data, sort_keys=False)


def _pinned(project: Path, extras: Sequence[str]) -> list[str]:
    """The dependencies as plain pins; of a package with extras of its own, with them."""
    lines = (project / "constraints.txt").read_text(encoding="utf-8").splitlines()
    versions = {_normal(line.split("==")[0]): line.split("==")[1] for line in lines if line}
    about = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    chosen = [about["dependencies"], *(about["optional-dependencies"][name] for name in extras)]
    names = {re.split(r"[<>=!~ ;]", wanted)[0] for part in chosen for wanted in part}
    return [f"{n}=={versions[_normal(n.split('[')[0])]}" for n in sorted(names, key=str.lower)]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    for name in ENVIRONMENTS:
        (PROJECT / "envs" / f"{name}.yaml").write_text(text_of(name), encoding="utf-8")
