"""Records of jobs beside their outputs: outputs of other inputs or settings are stale.

Snakemake's metadata are in `.snakemake` of the working folder, and contain the inputs and settings
of failed jobs as if they had been used. These records are with the results, so that they survive a
kill, and are valid in a copy and in another working folder.

    results/quiz/scores/plain.csv
    results/quiz/scores/.records/plain.csv.json
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.fingerprint import content_digest, digest
from modellab.core.io.atomic import remove_parts
from modellab.core.io.jsonl import read_json, write_json

FOLDER = ".records"
#: number of changed inputs that are named
_MOST_NAMES = 3
#: params with locations, which do not affect the content
PLACES = {"journal", "journals", "registry", "folder"}


@dataclass(frozen=True)
class InputFile:
    """The state of an input file or folder when a job read it.

    Attributes:
        name: The last part of its path, as the rest differs between working folders.
        state: Number of files, size and modification time; if equal, the content is too.
        digest: Of the content.
        place: Its path relative to the record's folder.
    """

    name: str
    state: tuple[int, ...]
    digest: str
    place: str = ""


@dataclass(frozen=True)
class JobRecord:
    """The inputs, params and outputs of a job.

    Attributes:
        rule: Its rule.
        params: Digests of the params that affect the outputs.
        inputs: Its inputs.
        outputs: Digests of the outputs, by path relative to the record's folder; empty for a job
            that is running, failed or was killed.
    """

    rule: str
    params: dict[str, str]
    inputs: tuple[InputFile, ...]
    outputs: dict[str, str] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        files = [[one.name, list(one.state), one.digest, one.place] for one in self.inputs]
        return {**vars(self), "inputs": files}

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> JobRecord:
        files = tuple(
            InputFile(name, tuple(state), text, place)
            for name, state, text, place in data["inputs"]
        )
        return cls(data["rule"], data["params"], files, data["outputs"])


@contextmanager
def recorded(job: Any) -> Iterator[None]:
    """Write the record of a job: without outputs when it starts, with them when it succeeds.

    Temporary files of an earlier job that was killed are removed. A job without outputs has no
    record. `job` is the `snakemake` object of a script.
    """
    outputs = [Path(path) for path in job.output]
    if not outputs:
        yield
        return
    path = record_path(outputs[0])
    remove_parts([*outputs, path, *_journal_files(job.params)])
    inputs = tuple(
        replace(_current(file, {}), place=os.path.relpath(file, path.parent))
        for file in map(Path, job.input)
        if file.exists()
    )
    record = JobRecord(job.rule, _params(job), inputs)
    write_json(path, record.plain())
    yield
    # Snakemake reports missing outputs
    made = [file for file in outputs if file.exists()]
    digests = {os.path.relpath(file, path.parent): content_digest(file) for file in made}
    write_json(path, replace(record, outputs=digests).plain())


def record_path(output: Path) -> Path:
    """The record of the job with this first output."""
    return output.parent / FOLDER / f"{output.name}.json"


def watch(workflow: Any, results: Path) -> None:
    """Make Snakemake rerun stale jobs that its own metadata do not reveal.

    To be called when all rules are known. The records are read once, when Snakemake evaluates the
    inputs of the first job, as it does not know its targets before.

    Args:
        workflow: Snakemake's workflow, in its main process.
        results: The folder of all results.
    """
    waiting = [True]

    def no_files(_: Any) -> list[str]:
        if waiting and workflow.dag_settings is not None and workflow.dag is not None:
            waiting.clear()
            found = stale(workflow, results)
            workflow.dag.forcefiles.update(found)
            # a dry run that lists its jobs says why for each
            shown = workflow.output_settings
            every = shown and shown.dryrun and "RULES" not in {q.name for q in shown.quiet or ()}
            others = f" (and {len(found) - 1} more)" if len(found) > 1 and not every else ""
            for output in sorted(found)[: None if every else 1]:
                sys.stderr.write(f"Stale: {output}: {found[output]}{others}\n")
        return []

    for rule in workflow.rules:
        if rule.products():
            rule.set_input(no_files)


def reset_future_dates(results: Path, dry_run: bool) -> None:
    """Set dates in the future, as after a clock was set back, to now; a dry run only reports them.

    Snakemake rejects an output that is older than an input. Content is compared by digests.
    """
    now = time.time()
    paths = [Path(at, name) for at, *names in os.walk(results) for name in chain(*names)]
    future = [path for path in paths if path.lstat().st_mtime > now]
    for path in () if dry_run else future:
        os.utime(path, (now, now), follow_symlinks=False)
    if future:
        sys.stderr.write(
            f"{len(future)} results {'are' if dry_run else 'were'} dated in the future (was the "
            f"clock set back?): {'a run will date them' if dry_run else 'now dated'} as of now\n"
        )


def stale(workflow: Any, results: Path) -> dict[str, str]:
    """The first outputs of jobs that must be rerun, with the reasons."""
    records = dict(_read(results))
    digests = {os.path.normpath(path): text for path, text in _outputs(records).items()}
    # rounds are read from existing files; if one changes, so do all later ones
    created = workflow.checkpoints.created_output
    before = set(created)
    created.update(digests)
    producers, found, current = _Producers(workflow), {}, []
    for path, record in records.items():
        output = str(path.parent.parent / path.name.removesuffix(".json"))
        job = producers.job(output, record.rule)
        if job and (reason := _difference(record, job, digests)):
            found[output] = reason
        elif job:
            current.append((list(map(Path, job.input)), list(_outputs({path: record}))))
    created.intersection_update(before)
    _redate(current)
    return found


def _redate(jobs: Sequence[tuple[Sequence[Path], Sequence[Path]]]) -> None:
    """Date outputs as of now that are older than the inputs that they were made of.

    So they are in a copy, or after an input was touched; Snakemake compares the dates. `jobs` are
    inputs and outputs.
    """
    every = dict.fromkeys(path for files in jobs for path in chain(*files))
    dates = {path: _dated(path).stat().st_mtime_ns for path in every if path.exists()}
    now, later = time.time_ns(), set[Path]()
    waiting = True
    while waiting:
        waiting = False
        for inputs, outputs in jobs:
            newest = max((dates[path] for path in inputs if path in dates), default=0)
            for path in outputs:
                if path in dates and dates[path] < newest:
                    dates[path] = max(now, newest)
                    later.add(path)
                    waiting = True
    for path in sorted(later):
        try:
            os.utime(_dated(path), ns=(dates[path], dates[path]))
        except PermissionError:  # a dry run over the results of somebody else
            sys.stderr.write(f"{path}: older than its inputs, and may not be dated: seems stale\n")
            return


def _dated(path: Path) -> Path:
    """The file that has the date of an output: of a folder, Snakemake's own in it."""
    stamp = path / ".snakemake_timestamp"
    return stamp if stamp.exists() else path


def outdated(folder: Path) -> dict[Path, str]:
    """The results that were not made from the existing files, with the reasons, without rules.

    Inputs outside the folder, such as prompts, are ignored.
    """
    records = dict(_read(folder))
    known = {
        (one.name, one.state): one.digest for record in records.values() for one in record.inputs
    }
    found = {}
    for path, record in records.items():
        why = "" if record.outputs else "its job did not finish"
        first = path.parent.parent / path.name.removesuffix(".json")
        for one in record.inputs:
            file = Path(os.path.normpath(path.parent / one.place))
            inside = folder in file.parents and file.exists()
            if not why and inside and _current(file, known).digest != one.digest:
                why = f"made of another {file.relative_to(folder)} than is there now"
        for file, text in _outputs({path: record}).items() or [(first, "")]:
            changed = not why and file.exists() and _current(file, known).digest != text
            found[file] = "changed since its job wrote it" if changed else why
    return {file: why for file, why in found.items() if why and file.exists()}


def recorded_outputs(folder: Path) -> frozenset[Path]:
    """The files and folders that jobs wrote."""
    return frozenset(_outputs(dict(_read(folder))))


def _outputs(records: Mapping[Path, JobRecord]) -> dict[Path, str]:
    """Digests of outputs by path."""
    return {
        Path(os.path.normpath(path.parent / name)): text
        for path, record in records.items()
        for name, text in record.outputs.items()
    }


def _difference(record: JobRecord, job: Any, digests: Mapping[str, str]) -> str:
    """How a current job differs from its record; empty if it does not."""
    if not record.outputs:
        return "its job did not finish"
    params = _params(job)
    changed = sorted(n for n in {*params, *record.params} if params.get(n) != record.params.get(n))
    if changed:
        return f"{', '.join(changed)} changed"
    known = {(one.name, one.state): one.digest for one in record.inputs}
    inputs = []
    for file in map(Path, job.input):
        if file.exists():
            inputs.append(_current(file, known))
        elif text := digests.get(os.path.normpath(file)):
            inputs.append(InputFile(file.name, (), text))
        else:
            return ""  # unknown: left to Snakemake
    before, now = (
        Counter((one.name, one.digest) for one in files) for files in (record.inputs, inputs)
    )
    names = sorted({name for name, _ in (before - now) + (now - before)})
    more = " ..." if len(names) > _MOST_NAMES else ""
    return f"{', '.join(names[:_MOST_NAMES])}{more} changed" if names else ""


def _current(path: Path, known: Mapping[tuple[str, tuple[int, ...]], str]) -> InputFile:
    state = _state(path)
    text = known.get((path.name, state)) or content_digest(path)
    return InputFile(path.name, state, text)


def _state(path: Path) -> tuple[int, ...]:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    states = [file.stat() for file in files]
    return (
        len(states),
        sum(one.st_size for one in states),
        max((one.st_mtime_ns for one in states), default=0),
    )


def _params(job: Any) -> dict[str, str]:
    """Digests of params; in paths of inputs only the last part counts."""
    above = {str(path) for file in map(Path, job.input) for path in (file, *file.parents)} - {"."}
    return {
        name: digest(_plain(value, above))
        for name, value in job.params.items()
        if name not in PLACES
    }


def _plain(value: Any, inputs: Set[str]) -> Any:
    """A param as plain JSON data."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one, inputs) for name, one in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one, inputs) for one in value]
    if isinstance(value, str | Path) and os.path.normpath(value) in inputs:
        return Path(os.path.normpath(value)).name
    # paths, and numbers that are not JSON
    return value if isinstance(value, str | int | None) else str(value)


def _journal_files(params: Any) -> list[Path]:
    """The small files beside a journal that its job rewrites."""
    journal = dict(params.items()).get("journal")
    if journal is None:
        return []
    return [Path(journal).with_suffix(suffix) for suffix in (".runs.json", ".round.json")]


def _read(results: Path) -> Iterator[tuple[Path, JobRecord]]:
    """The records of a folder of results; a broken one counts as that of a killed job."""
    for folder, _, names in os.walk(results):
        if Path(folder).name == FOLDER:
            for name in sorted(names):
                if name.endswith(".json"):
                    path = Path(folder, name)
                    try:
                        yield path, JobRecord.parse(read_json(path))
                    except (InputError, ValueError, KeyError, TypeError):
                        yield path, JobRecord("", {}, ())


class _Producers:
    """The rules that make files; rules may have been renamed since a record was written."""

    def __init__(self, workflow: Any) -> None:
        self._dag = workflow.dag
        self._rules = {rule.name: rule for rule in workflow.rules if rule.products()}

    def job(self, output: str, name: str) -> Any:
        """The job that makes a file, preferably of the named rule; None if there is none."""
        from snakemake.jobs import Job

        first = [self._rules[name]] if name in self._rules else []
        rules = (rule for rule in [*first, *self._rules.values()] if rule.is_producer(output))
        rule = next(rules, None)
        return Job(rule, self._dag, rule.get_wildcards(output)) if rule else None
