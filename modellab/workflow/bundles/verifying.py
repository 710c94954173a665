"""Whether a bundle is what it says: files by digests, scores and tables made again, the page."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv
from modellab.core.version import VERSION
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.reporting.registry.project import describe_project, project_root
from modellab.workflow.bundles.archive import Archive, open_zip
from modellab.workflow.bundles.manifest import MANIFEST, Manifest, Rescoring, read_manifest
from modellab.workflow.bundles.page import foreign_scripts, page_differences
from modellab.workflow.bundles.rescoring import asks, rescored, rules
from modellab.workflow.bundles.tables import LEADERBOARD, TABLES, difference, make_tables

_MOST_MANIFEST = 64 << 20
#: bytes that a bundle may unpack to
MOST_BYTES = 16 << 30


@dataclass(frozen=True)
class Finding:
    """One line of a verification."""

    ok: bool
    text: str


def verify(path: Path, trust: bool = False, most_bytes: int = MOST_BYTES) -> Iterator[Finding]:
    """Check the files, then, if they are as they were, score all predictions again.

    `trust` lets scorers load or ask the embedder that the bundle names. Raises InputError for a
    file that is no bundle, or that would unpack to more than `most_bytes`.
    """
    with open_zip(path) as archive:
        manifest, troubles = opened(archive, most_bytes)
        yield Finding(True, _head(manifest, archive.read(MANIFEST, _MOST_MANIFEST)))
        yield from (Finding(False, line) for line in troubles)
        if troubles:
            yield Finding(False, "files are not those of the manifest, so nothing was scored again")
            return
        yield Finding(True, f"{len(manifest.files)} files as in the manifest")
        for dataset in manifest.datasets:
            yield from _dataset(archive, manifest, dataset, trust)


def opened(archive: Archive, most_bytes: int) -> tuple[Manifest, list[str]]:
    """What a bundle says of itself, and where its files are others.

    Raises InputError for a file that is no bundle, or that would unpack to more than `most_bytes`.
    """
    if MANIFEST not in archive.names:
        raise InputError(f"{archive.path}: no {MANIFEST} in it, so it is no bundle")
    manifest = read_manifest(archive.path, archive.read(MANIFEST, _MOST_MANIFEST))
    _refuse_size(archive.path, manifest, most_bytes)
    return manifest, list(_file_troubles(archive, manifest))


def unpack(archive: Archive, manifest: Manifest, dataset: str, folder: Path) -> None:
    """Write what is needed to score a dataset again, its tables and its page."""
    for name in _needed(manifest, dataset):
        archive.extract(name, folder, manifest.files[name].bytes)


def statistics_of(rescoring: Rescoring) -> StatisticsOptions:
    try:
        return StatisticsOptions.model_validate(rescoring.statistics)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise InputError(f"{MANIFEST}: statistics: {first['msg']}") from None


def _refuse_size(path: Path, manifest: Manifest, most_bytes: int) -> None:
    total = sum(file.bytes for file in manifest.files.values())
    if total > most_bytes:
        raise InputError(
            f"{path}: would unpack to {total:,} bytes, more than {most_bytes:,}; "
            "--max-gb allows more"
        )


def _head(manifest: Manifest, text: bytes) -> str:
    changed = ", with changes" if manifest.changed else ""
    other = "" if _made_by(manifest) == _this() else f"; verified by {_this()}"
    return f"bundle {sha256(text).hexdigest()}: {_made_by(manifest)}{changed}{other}"


def _made_by(manifest: Manifest) -> str:
    return f"modellab {manifest.modellab}, {manifest.commit or 'no commit'}"


def _this() -> str:
    return f"modellab {VERSION}, {describe_project(project_root()).commit or 'no commit'}"


def _file_troubles(archive: Archive, manifest: Manifest) -> Iterator[str]:
    names = set(archive.names) - {MANIFEST}
    for name in sorted(names | set(manifest.files)):
        said = manifest.files.get(name)
        if said is None:
            yield f"extra: {name!r} is not in the manifest"
        elif name not in names:
            yield f"missing: {name!r}"
        else:
            found = archive.content(name, said.bytes)
            if (found.sha256, found.bytes) != (said.sha256, said.bytes):
                yield f"changed: {name!r}"


def _dataset(archive: Archive, manifest: Manifest, dataset: str, trust: bool) -> Iterator[Finding]:
    rescoring = manifest.datasets[dataset]
    embedder = asks(rescoring)
    if embedder and not trust:
        yield Finding(
            False,
            f"{dataset}: not scored again: its scorer asks an embedder ({embedder}) that the "
            "bundle names; --trust lets it",
        )
        return
    with tempfile.TemporaryDirectory(prefix="modellab-verify-") as place:
        folder = Path(place) / "bundle"
        unpack(archive, manifest, dataset, folder)
        for one in rescored(folder, dataset, rescoring, Path(place) / "again"):
            if not one.differences:
                value = "none" if one.value is None else f"{one.value:.6f}"
                same = f"{one.overall} {value} from {one.rows} rows: the same"
                yield Finding(True, f"{dataset}: {one.system}: {same}")
            for difference in one.differences:
                yield Finding(False, f"{dataset}: {one.system}: {difference}")
        yield from _tables(folder, manifest, dataset, Path(place) / "tables")
        yield from _page(folder, manifest, dataset)


def _tables(folder: Path, manifest: Manifest, dataset: str, made: Path) -> Iterator[Finding]:
    """The tables, made again from the scores of the bundle."""
    rescoring, own = manifest.datasets[dataset], folder / dataset
    task, scorer = rules(folder, dataset, rescoring)
    board = read_csv(own / LEADERBOARD).rows
    missing = board[0].get("models_missing", "").split() if board else []
    options = statistics_of(rescoring)
    seed = rescoring.statistics_seed
    make_tables(own, list(rescoring.models), task, scorer, options, seed, made, missing)
    found = {name: difference(own / name, made / name) for name in TABLES}
    for name, text in found.items():
        if text:
            yield Finding(False, f"{dataset}: {name}: {text} from the scores")
    if not any(found.values()):
        yield Finding(True, f"{dataset}: {len(TABLES)} tables made again: the same")


def _page(folder: Path, manifest: Manifest, dataset: str) -> Iterator[Finding]:
    rescoring = manifest.datasets[dataset]
    found = list(page_differences(folder / dataset, list(rescoring.models), rescoring.scorer))
    for text in found:
        yield Finding(False, f"{dataset}: report/index.html: {text}")
    if not found:
        yield Finding(True, f"{dataset}: the page shows the ranking of its table")
    if foreign := foreign_scripts(folder / dataset):
        own = describe_project(project_root()).commit
        same = (manifest.modellab, manifest.commit) == (VERSION, own) and not manifest.changed
        text = (
            f"{dataset}: report/{foreign[0]}: not that of modellab {VERSION}, {own or 'no commit'}"
        )
        hint = "" if same else "; the bundle was made by another, so what it does was not checked"
        yield Finding(not same, f"{text}{hint}")


def _needed(manifest: Manifest, dataset: str) -> Iterator[str]:
    """The files that scoring reads. Raises InputError for one that is not in the manifest."""
    rescoring = manifest.datasets[dataset]
    yield from dict.fromkeys(
        _listed(manifest, name)
        for name in (
            f"{dataset}/questions.jsonl",
            *(f"{dataset}/{table}" for table in TABLES),
            *(n for n in manifest.files if n.startswith(f"{dataset}/report/")),
            f"{dataset}/report/index.html",
            *rescoring.task_files.values(),
            *([rescoring.chunks] if rescoring.chunks else []),
            *(
                f"{dataset}/{pattern.format(model)}"
                for model in rescoring.models
                for pattern in (
                    *("predictions/{}.jsonl", "runs/{}.json"),
                    *("scores/{}.csv", "scores/{}.json"),
                )
            ),
        )
    )


def _listed(manifest: Manifest, name: str) -> str:
    if name not in manifest.files:
        raise InputError(f"{MANIFEST}: {name!r} is needed to score again, and is not there")
    return name
