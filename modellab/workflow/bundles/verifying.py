"""Whether a bundle is what it says: every file by its digest, every score from its predictions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from modellab.core.errors import InputError
from modellab.workflow.bundles.archive import Archive, open_zip
from modellab.workflow.bundles.manifest import MANIFEST, Manifest, read_manifest
from modellab.workflow.bundles.rescoring import asks, rescored

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
        if MANIFEST not in archive.names:
            raise InputError(f"{path}: no {MANIFEST} in it, so it is no bundle")
        text = archive.read(MANIFEST, _MOST_MANIFEST)
        manifest = read_manifest(text)
        _refuse_size(path, manifest, most_bytes)
        yield Finding(True, _head(manifest, text))
        troubles = [Finding(False, line) for line in _file_troubles(archive, manifest)]
        yield from troubles
        if troubles:
            yield Finding(False, "files are not those of the manifest, so nothing was scored again")
            return
        yield Finding(True, f"{len(manifest.files)} files as in the manifest")
        for dataset in manifest.datasets:
            yield from _dataset(archive, manifest, dataset, trust)


def _refuse_size(path: Path, manifest: Manifest, most_bytes: int) -> None:
    total = sum(file.bytes for file in manifest.files.values())
    if total > most_bytes:
        raise InputError(
            f"{path}: would unpack to {total:,} bytes, more than {most_bytes:,}; "
            "--max-gb allows more"
        )


def _head(manifest: Manifest, text: bytes) -> str:
    commit = manifest.commit or "no commit"
    changed = ", with changes" if manifest.changed else ""
    return f"bundle {sha256(text).hexdigest()}: modellab {manifest.modellab}, {commit}{changed}"


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
        for name in _needed(manifest, dataset):
            archive.extract(name, folder, manifest.files[name].bytes)
        for one in rescored(folder, dataset, rescoring, Path(place) / "again"):
            if not one.differences:
                value = "none" if one.value is None else f"{one.value:.6f}"
                same = f"{one.overall} {value} from {one.rows} rows: the same"
                yield Finding(True, f"{dataset}: {one.system}: {same}")
            for difference in one.differences:
                yield Finding(False, f"{dataset}: {one.system}: {difference}")


def _needed(manifest: Manifest, dataset: str) -> Iterator[str]:
    """The files that scoring reads. Raises InputError for one that is not in the manifest."""
    rescoring = manifest.datasets[dataset]
    yield from dict.fromkeys(
        _listed(manifest, name)
        for name in (
            f"{dataset}/questions.jsonl",
            f"{dataset}/leaderboard.csv",
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
