"""The conda environments of rules, one per kind of machine, written by `make lock`.

    python -m modellab.workflow.environments

Each has the dependencies of pyproject.toml with some of its extras, in the versions of
constraints.txt.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from modellab.core.project import PROJECT

_EXTRAS = ("constrained", "postgres", "ragas", "segmenters", "sentence-transformers")
#: by file of `envs/` its title and the project's extras in it
ENVIRONMENTS = {
    "cpu": ("Machines without a GPU, and jobs that need none.", _EXTRAS),
    "gpu": (
        "Machines with GPUs: torch brings its CUDA libraries along.",
        (*_EXTRAS, "quantization"),
    ),
}


def text_of(name: str, project: Path = PROJECT) -> str:
    """The file `envs/{name}.yaml`.

    Raises:
        KeyError: constraints.txt has no version of a dependency.
    """
    title, extras = ENVIRONMENTS[name]
    lines = (project / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.split("==") for line in lines if line]
    versions = {canonicalize_name(package): version for package, version in pins}
    about = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    chosen = [about["dependencies"], *(about["optional-dependencies"][extra] for extra in extras)]
    packages = {
        f"{wanted.name}[{','.join(sorted(wanted.extras))}]" if wanted.extras else wanted.name: (
            versions[canonicalize_name(wanted.name)]
        )
        for part in chosen
        for wanted in map(Requirement, part)
    }
    pinned = [f"{package}=={packages[package]}" for package in sorted(packages, key=str.lower)]
    data = {
        "channels": ["conda-forge", "nodefaults"],
        "dependencies": ["python =3.12", "pip", {"pip": pinned}],
    }
    return f"# {title} Written by `make lock`.\n" + yaml.safe_dump(data, sort_keys=False)


if __name__ == "__main__":
    for name in ENVIRONMENTS:
        (PROJECT / "envs" / f"{name}.yaml").write_text(text_of(name), encoding="utf-8")
