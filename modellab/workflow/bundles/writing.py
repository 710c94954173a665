"""From a config and its results to a bundle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from modellab.config.answering import models_asked, unanswered
from modellab.config.schema import Config
from modellab.config.scoring import reads_chunks, resolved_scorer
from modellab.core.errors import InputError
from modellab.core.fingerprint import file_digest
from modellab.core.io.jsonl import dump_json
from modellab.core.secrets import load_env_file, scrubber, secrets_to_hide, without_passwords
from modellab.core.version import VERSION
from modellab.evaluation.compare.score_files import read_scores
from modellab.reporting.registry.project import describe_project, project_root
from modellab.workflow.bundles.archive import write_zip
from modellab.workflow.bundles.contents import dataset_files
from modellab.workflow.bundles.crate import METADATA, crate_metadata, workflow_files
from modellab.workflow.bundles.manifest import (
    FORMAT,
    MANIFEST,
    BundledFile,
    Described,
    Manifest,
    Rescoring,
    manifest_text,
)

_BLOCK = 1 << 24


def write_bundle(
    config: Config,
    written: Sequence[Path],
    overrides: Mapping[str, object],
    datasets: Sequence[str],
    out: Path,
) -> Manifest:
    """Write the bundle `out` of these datasets, an RO-Crate; equal results give equal bytes.

    `written` are the config's files, and `overrides` what the command line said beside them. Raises
    InputError for results that are not there or are not of this config, and for a file that holds
    the value of a secret.
    """
    load_env_file()
    files: dict[str, Path | bytes] = {
        **workflow_files(),
        **dict(_config_files(written, overrides)),
    }
    rescoring = {}
    for name in datasets:
        models = answered_models(config, name)
        rescoring[name] = _rescoring(config, name, models)
        files |= dataset_files(config.results / name, models)
        files |= _inputs(config, name, rescoring[name])
    _refuse_secrets(files)
    project = describe_project(project_root())
    manifest = Manifest(
        format=FORMAT,
        modellab=VERSION,
        commit=project.commit,
        changed=project.dirty,
        datasets=rescoring,
        files={name: _described(files[name]) for name in sorted(files)},
    )
    metadata = crate_metadata(manifest, {name: config.results / name for name in datasets})
    known = {**manifest.files, METADATA: _described(metadata)}
    manifest = manifest.model_copy(update={"files": known})
    write_zip(out, {**files, METADATA: metadata, MANIFEST: manifest_text(manifest).encode()})
    return manifest


def _config_files(
    written: Sequence[Path], overrides: Mapping[str, object]
) -> Iterator[tuple[str, bytes]]:
    """The config as people wrote it, without what must not be known."""
    clean = scrubber()
    for number, path in enumerate(written, start=1):
        text = without_passwords(clean(path.read_text(encoding="utf-8-sig")))
        yield f"config/{number}-{path.name}", text.encode()
    if overrides:
        yield "config/overrides.json", (dump_json(dict(overrides)) + "\n").encode()


def answered_models(config: Config, dataset: str) -> list[str]:
    """The models whose predictions are there. Raises InputError where there are none."""
    missing = unanswered(config, dataset)
    models = [name for name in models_asked(config, dataset) if name not in missing]
    if not models:
        raise InputError(f"{config.results / dataset}: no predictions; `modellab run` makes them")
    return models


def _rescoring(config: Config, dataset: str, models: Sequence[str]) -> Rescoring:
    asked, chunks = config.datasets[dataset], reads_chunks(config, dataset)
    found = Rescoring(
        task=asked.task.model_dump(mode="json"),
        task_files={key: f"{dataset}/task/{path.name}" for key, path in asked.task.files().items()},
        scorer=resolved_scorer(config, dataset).model_dump(mode="json"),
        missing=asked.missing,
        seed=config.seed if chunks else 0,
        chunks=f"{dataset}/chunks.jsonl" if chunks else None,
        models={name: _model(config, name) for name in models},
        statistics=config.statistics.model_dump(mode="json"),
        statistics_seed=config.seed,
    )
    for name in models:
        _require_own(config, dataset, name, found)
    return found


def _model(config: Config, name: str) -> Described:
    options = config.models[name]
    return Described(
        provider=options.provider,
        model_id=options.model_id(),
        local=options.runs_here(),
        size_b=options.size_b,
    )


def _require_own(config: Config, dataset: str, model: str, found: Rescoring) -> None:
    path = config.results / dataset / "scores" / f"{model}.json"
    if not path.is_file():
        raise InputError(f"{path}: no such file; `modellab run` makes it")
    scores = read_scores(path)
    said = (scores.task, scores.missing, scores.model_id)
    if said != (found.task["kind"], found.missing, found.models[model].model_id):
        raise InputError(f"{path}: made with another config; `modellab run` makes it again")


def _inputs(config: Config, dataset: str, rescoring: Rescoring) -> dict[str, Path]:
    """What scoring reads beside the results: a task's own files, and documents."""
    task = config.datasets[dataset].task.files()
    files = {name: Path(task[key]) for key, name in rescoring.task_files.items()}
    if rescoring.chunks:
        corpus = str(config.datasets[dataset].corpus)
        files[rescoring.chunks] = config.results / "corpora" / corpus / "chunks.jsonl"
    return files


def _refuse_secrets(files: Mapping[str, Path | bytes]) -> None:
    """A bundle goes to others: nothing is cut out of results, they are not given away."""
    secrets = [value.encode() for value in secrets_to_hide()]
    for name, content in files.items():
        if any(_holds(content, secret) for secret in secrets):
            raise InputError(
                f"{name}: holds the value of a secret of the environment, so no bundle was written"
            )


def _holds(content: Path | bytes, secret: bytes) -> bool:
    if isinstance(content, bytes):
        return secret in content
    tail = b""
    with content.open("rb") as handle:
        while block := handle.read(_BLOCK):
            if secret in tail + block:
                return True
            tail = block[-len(secret) :]
    return False


def _described(content: Path | bytes) -> BundledFile:
    if isinstance(content, bytes):
        return BundledFile(sha256=sha256(content).hexdigest(), bytes=len(content))
    return BundledFile(sha256=file_digest(content), bytes=content.stat().st_size)
