"""Calling library functions from a rule's script, with what the rule names as arguments.

from job import run
from modellab.reporting.dataset_tables import write_tables

run(write_tables, snakemake)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from modellab.core.job_log import job_log
from modellab.core.registry import load
from modellab.workflow.job_records import recorded

#: params that are there only so that a change of them makes results stale
FINGERPRINTS = {"code", "assets"}
Function = Callable[..., object]


def run(functions: Function | Sequence[Function], job: Any) -> None:
    """Call one or several library functions with the names of a rule, in the job's log.

    An argument is looked up by its name among the rule's outputs, inputs, params, wildcards,
    resources and `threads`, and converted as annotated: to paths, options of families, dataclasses,
    and collections of them. `Path | None` and `Mapping[str, Path] | None` are None without a file;
    `Mapping[str, Path]` has each file by its stem. `sources` and `files` are all inputs and outputs
    by name. A dataclass that is not a name of the rule is made of the rule's names.

    Args:
        functions: They know nothing of Snakemake.
        job: The `snakemake` object of a script.

    Raises:
        TypeError: A param of the rule is not used.
    """
    with job_log(job.log[0]), recorded(job):
        for function, arguments in calls(functions, job):
            function(**arguments)


def calls(
    functions: Function | Sequence[Function], job: Any
) -> list[tuple[Function, dict[str, Any]]]:
    """Each function with its arguments."""
    several = [functions] if callable(functions) else functions
    known: dict[str, Any] = {"threads": job.threads}
    # the names of resources are the least specific
    for part in (job.resources, job.wildcards, job.params, job.input, job.output):
        known.update(part.items())
    every = {"sources": dict(job.input.items()), "files": dict(job.output.items())}
    used: set[str] = set()
    found = [(function, _arguments(function, known, every, used)) for function in several]
    if unused := sorted(set(job.params.keys()) - used - FINGERPRINTS):
        names = " and ".join(function.__name__ for function in several)
        raise TypeError(f"rule {job.rule}: {names} takes no {', '.join(unused)}")
    return found


def _arguments(
    function: Function, known: Mapping[str, Any], every: Mapping[str, Any], used: set[str]
) -> dict[str, Any]:
    """The arguments of a function or the fields of a dataclass; adds their names to `used`."""
    types = get_type_hints(function)
    found: dict[str, Any] = {}
    for name in inspect.signature(function).parameters:
        parts: list[Any] = [kind for kind in _members(types[name]) if is_dataclass(kind)]
        if name in known:
            used.add(name)
            found[name] = _converted(types[name], known[name])
        elif parts:
            found[name] = parts[0](**_arguments(parts[0], known, every, used))
        elif name in every:
            found[name] = _converted(types[name], every[name])
    return found


def _members(kind: Any) -> tuple[Any, ...]:
    """The members of a union, or the type alone."""
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _converted(kind: Any, value: Any) -> Any:
    """A value of a rule as an annotation says."""
    members = _members(kind)
    if Path in members:
        files = _listed(value)
        return Path(files[0]) if files else None
    if value is None:
        return None
    for member in members:
        origin, inner = get_origin(member), get_args(member)
        if origin is Mapping and not isinstance(value, Mapping):
            named = {_name_of(file): Path(file) for file in _listed(value)}
            return named if named or NoneType not in members else None
        if origin is Mapping:
            return {name: _converted(inner[1], entry) for name, entry in value.items()}
        if origin is Sequence:
            return [_converted(inner[0], item) for item in _listed(value)]
        if isinstance(member, type) and isinstance(value, Mapping):
            return _made(member, value)
    return value


#: the parsers of families, by their base class
_PARSERS = {
    "modellab.judging.options.JudgeOptions": "modellab.judging:parse_judge",
    "modellab.models.embedders.protocol.EmbedderOptions": "modellab.models.registry:parse_embedder",
    "modellab.models.protocol.ModelOptions": "modellab.models.registry:parse_model",
    "modellab.questions.protocol.QuestionFormat": "modellab.questions:parse_format",
    "modellab.retrieval.protocol.RetrieverOptions": "modellab.retrieval:parse_retriever",
    "modellab.tasks.protocol.TaskOptions": "modellab.tasks:parse_task",
    "modellab.tasks.scorer.ScorerOptions": "modellab.tasks:parse_scorer",
}


def _made(kind: type, data: Mapping[str, Any]) -> Any:
    """Options or a dataclass from plain data."""
    for base in kind.__mro__:
        if parser := _PARSERS.get(f"{base.__module__}.{base.__qualname__}"):
            return load(parser)(data)
    if issubclass(kind, BaseModel):
        return kind.model_validate(data)
    if not is_dataclass(kind):
        return data
    types = get_type_hints(kind)
    return kind(**{name: _converted(types[name], value) for name, value in data.items()})


def _listed(value: Any) -> list[Any]:
    return [value] if isinstance(value, str | Mapping) else list(value)


def _name_of(file: str) -> str:
    """The name of what a file is about: names of models and retrievers may contain dots."""
    path = Path(file)
    return path.stem if path.suffix in (".csv", ".json", ".jsonl", ".jinja") else path.name
