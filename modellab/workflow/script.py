"""One call of a library function by a rule's script: what the rule names are its arguments.

from job import run
from modellab.evaluation.compare.matrix import write_matrix

run(write_matrix, snakemake)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

from pydantic import ConfigDict, validate_call

from modellab.core.job_log import job_log

#: params that are there only so that a change of them makes results stale
FINGERPRINTS = {"code", "assets"}


def run(function: Callable[..., object], job: Any) -> None:
    """Call a function with what a rule names, in the job's log.

    Args:
        function: A library function, which knows nothing of Snakemake. Its arguments are found
            by their names among inputs, outputs, params, wildcards, resources and `threads`;
            `inputs` and `outputs` are all of them by name. Paths and options are made of text and
            plain data as the annotations say; `Path | None` is None where there is no file.
        job: The `snakemake` object of a script.

    Raises:
        TypeError: the function takes no argument for a param of the rule.
    """
    with job_log(job.log[0]):
        checked = validate_call(config=ConfigDict(arbitrary_types_allowed=True))(function)
        checked(**arguments(function, job))


def arguments(function: Callable[..., object], job: Any) -> dict[str, Any]:
    """The function's arguments among the names of a job."""
    wanted = inspect.signature(function).parameters
    unused = sorted(set(job.params.keys()) - set(wanted) - FINGERPRINTS)
    if unused:
        raise TypeError(f"rule {job.rule}: {function.__name__} takes no {', '.join(unused)}")
    files = {**dict(job.input.items()), **dict(job.output.items())}
    known = {
        "inputs": {name: _listed(paths) for name, paths in job.input.items()},
        "outputs": {name: _listed(paths) for name, paths in job.output.items()},
        "threads": job.threads,
        # files are the most particular names, those of resources the least
        **dict(job.resources.items()),
        **dict(job.wildcards.items()),
        **dict(job.params.items()),
        **files,
    }
    types = get_type_hints(function)
    return {
        name: _files(types[name], known[name]) if name in files else known[name]
        for name in wanted
        if name in known
    }


def _files(kind: Any, paths: Any) -> Any:
    """One path, several or none, as an argument's type wants it."""
    if kind is Path or set(get_args(kind)) == {Path, NoneType}:
        found = _listed(paths)
        return found[0] if len(found) == 1 else found or None
    return _listed(paths)


def _listed(paths: Any) -> list[str]:
    return [paths] if isinstance(paths, str) else list(paths)
