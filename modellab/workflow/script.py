"""One call of a library function by a rule's script: what the rule names are its arguments.

from job import run
from modellab.reporting.dataset_tables import write_tables

run(write_tables, snakemake)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
#: all outputs by name; no rule can name anything so
_OUTPUTS = "all outputs"


def run(function: Callable[..., object], job: Any) -> None:
    """Call a function with what a rule names, in the job's log.

    Args:
        function: A library function, which knows nothing of Snakemake. Its arguments are found
            by their names among the rule's outputs, inputs, params, wildcards and resources, and
            `threads`; a dataclass that is not named there is made of the same names, and a mapping
            `files` of all outputs. Paths and
            options are made of text and plain data as the annotations say: `Path | None` and
            `Mapping[str, Path] | None` are None where there is no file; `Mapping[str, Path]` has
            each file by its own name.
        job: The `snakemake` object of a script.

    Raises:
        TypeError: nothing takes a param of the rule.
    """
    with recorded_log(job):
        function(**arguments(function, job))


@contextmanager
def recorded_log(job: Any) -> Iterator[None]:
    """A job's log, and the record of what it read and made."""
    with job_log(job.log[0]), recorded(job):
        yield


def arguments(function: Callable[..., object], job: Any) -> dict[str, Any]:
    """The function's arguments among the names of a job."""
    known: dict[str, Any] = {"threads": job.threads, _OUTPUTS: dict(job.output.items())}
    # files are the most particular names, those of resources the least
    for part in (job.resources, job.wildcards, job.params, job.input, job.output):
        known.update(part.items())
    taken: set[str] = set()
    found = _taken(function, known, taken)
    unused = sorted(set(job.params.keys()) - taken - FINGERPRINTS)
    if unused:
        raise TypeError(f"rule {job.rule}: {function.__name__} takes no {', '.join(unused)}")
    return found


def _taken(
    taker: Callable[..., object], known: Mapping[str, Any], taken: set[str]
) -> dict[str, Any]:
    types_of = get_type_hints(taker)
    found: dict[str, Any] = {}
    for name in inspect.signature(taker).parameters:
        kind = types_of[name]
        if name in known:
            taken.add(name)
            found[name] = _as(kind, known[name])
        elif is_dataclass(kind) and isinstance(kind, type):
            found[name] = kind(**_taken(kind, known, taken))
        elif name == "files":
            found[name] = _as(kind, known[_OUTPUTS])
    return found


def _as(kind: Any, value: Any) -> Any:
    """A value as an annotation wants it."""
    choices = [one for one in _choices(kind) if one is not NoneType]
    if Path in choices:
        files = _listed(value)
        return Path(files[0]) if files else None
    if value is None:
        return None
    for one in choices:
        origin, inner = get_origin(one), get_args(one)[-1:]
        if origin is Mapping and not isinstance(value, Mapping):
            named = {_name_of(file): Path(file) for file in _listed(value)}
            return named if named or NoneType not in _choices(kind) else None
        if origin is Mapping:
            return {name: _as(inner[0], entry) for name, entry in value.items()}
        if origin is Sequence:
            return [Path(item) if inner == (Path,) else item for item in _listed(value)]
        if isinstance(one, type) and isinstance(value, Mapping):
            return _made(one, value)
    return value


def _made(kind: type, data: Mapping[str, Any]) -> Any:
    """Options or a dataclass from plain data."""
    if parse := _parser(kind):
        return parse(data)
    if issubclass(kind, BaseModel):
        return kind.model_validate(data)
    return kind(**data) if is_dataclass(kind) else data


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


def _parser(kind: type) -> Callable[[Any], Any] | None:
    for base in kind.__mro__:
        if parser := _PARSERS.get(f"{base.__module__}.{base.__qualname__}"):
            found: Callable[[Any], Any] = load(parser)
            return found
    return None


def _choices(kind: Any) -> Sequence[Any]:
    """The members of a union, or the type alone."""
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _listed(paths: Any) -> list[Any]:
    return [paths] if isinstance(paths, str) else list(paths)


def _name_of(file: str) -> str:
    """The name of what a file is about: names of models and retrievers may hold dots."""
    path = Path(file)
    return path.stem if path.suffix in (".csv", ".json", ".jsonl", ".jinja") else path.name
