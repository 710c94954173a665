"""Write a bundle: its files and manifest."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from modellab.config.answering import models_asked, unanswered
from modellab.config.entries import reads_chunks, resolved_scorer
from modellab.config.schema import Config
from modellab.core import layout
from modellab.core.errors import InputError
from modellab.core.fingerprint import file_digest
from modellab.core.io.jsonl import dump_json
from modellab.core.project import VERSION
from modellab.core.secrets import load_env_file, scrubber, secrets_to_hide, without_passwords
from modellab.evaluation.compare.score_files import read_scores
from modellab.reporting.registry.project import describe_project, project_root
from modellab.workflow.bundles.archive import (
    FORMAT,
    MANIFEST,
    PER_MODEL,
    BundledFile,
    Described,
    Manifest,
    Rescoring,
    manifest_text,
    write_zip,
)
from modellab.workflow.bundles.crate import METADATA, crate_metadata, workflow_files
from modellab.workflow.bundles.rescoring import TABLES
from modellab.workflow.exports.protocol import Exported
from modellab.workflow.job_records import outdated, recorded_outputs

_BLOCK = 1 << 24
#: folders of a dataset that are included completely: the page, and what it links to
_WHOLE = (layout.REPORT, layout.PLOTS, layout.TABLES, "questions")
#: folders whose files are always made from scores
_DERIVED = (f"{layout.REPORT}/", f"{layout.PLOTS}/")
_NEEDED = (layout.QUESTIONS, layout.PAGE, *TABLES)


def write_bundle(
    config: Config,
    written: Sequence[Path],
    overrides: Mapping[str, object],
    datasets: Sequence[str],
    out: Path,
) -> Manifest:
    """Write the bundle `out` of these datasets, an RO-Crate; equal results give equal bytes.

    `written` are the config's files, and `overrides` the keys given on the command line. Raises
    InputError for results that are missing or of another config, and for a file that holds the
    value of a secret.
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


def export_crate(exported: Exported, folder: Path) -> Sequence[str]:
    """The export `ro-crate`: write `{dataset}.crate.zip`, a bundle of the dataset."""
    names, out = [exported.dataset], folder / f"{exported.dataset}.crate.zip"
    write_bundle(exported.config, exported.written, exported.overrides, names, out)
    return ()


def _config_files(
    written: Sequence[Path], overrides: Mapping[str, object]
) -> Iterator[tuple[str, bytes]]:
    """The config files, without secrets and passwords."""
    clean = scrubber()
    for number, path in enumerate(written, start=1):
        text = without_passwords(clean(path.read_text(encoding="utf-8-sig")))
        yield f"config/{number}-{path.name}", text.encode()
    if overrides:
        yield "config/overrides.json", (dump_json(dict(overrides)) + "\n").encode()


def answered_models(config: Config, dataset: str) -> list[str]:
    """The models that have predictions. Raises InputError if none has."""
    missing = unanswered(config, dataset)
    models = [name for name in models_asked(config, dataset) if name not in missing]
    if not models:
        raise InputError(f"{config.results / dataset}: no predictions; `modellab run` makes them")
    return models


def dataset_files(folder: Path, models: Sequence[str]) -> dict[str, Path]:
    """Tables, page, plots, questions and the files of each model, by name in the bundle.

    Journals, contexts and indexes are left out, as scoring does not need them. Raises InputError
    for a missing or outdated file.
    """
    needed = [*_NEEDED, *(pattern.format(model=name) for name in models for pattern in PER_MODEL)]
    for name in needed:
        if not (folder / name).is_file():
            raise InputError(f"{folder / name}: no such file; `modellab run` makes it")
    shown = [*folder.iterdir(), *(file for name in _WHOLE for file in (folder / name).rglob("*"))]
    # neither links, which may lead anywhere, nor hidden files
    plain = [
        path
        for path in shown
        if path.is_file()
        and not path.is_symlink()
        and not path.name.startswith(".")
        and not path.parent.name.startswith(".")
    ]
    files = [*plain, *(folder / name for name in needed)]
    _refuse_outdated(folder, files)
    return {f"{folder.name}/{file.relative_to(folder).as_posix()}": file for file in files}


def _refuse_outdated(folder: Path, files: Sequence[Path]) -> None:
    """Raises InputError for files that were not made from these scores.

    This follows from job records; a derived file without a record must not be older than scores.
    """
    old, known = outdated(folder), recorded_outputs(folder)
    scored = max(path.stat().st_mtime_ns for path in folder.glob(layout.ROWS.format(model="*")))
    for file in files:
        places = (file, *file.parents)
        place = next((place for place in places if place in old), file)
        why = old.get(place, "")
        name = file.relative_to(folder).as_posix()
        derived = name in TABLES or name.startswith(_DERIVED)
        if derived and known.isdisjoint(places) and file.stat().st_mtime_ns < scored:
            why = why or "older than the scores beside it"
        if why:
            raise InputError(f"{place}: {why}; `modellab run` makes again what is out of date")


def _rescoring(config: Config, dataset: str, models: Sequence[str]) -> Rescoring:
    asked, chunks = config.datasets[dataset], reads_chunks(config, dataset)
    found = Rescoring(
        task=asked.task.model_dump(mode="json"),
        task_files={key: f"{dataset}/task/{path.name}" for key, path in asked.task.files().items()},
        scorer=resolved_scorer(config, dataset).model_dump(mode="json"),
        missing=asked.missing,
        seed=config.seed if chunks else 0,
        chunks=f"{dataset}/chunks.jsonl" if chunks else None,
        models={
            name: Described(
                provider=options.provider,
                model_id=options.model_id(),
                local=options.runs_here(),
                size_b=options.size_b,
            )
            for name in models
            for options in [config.models[name]]
        },
        statistics=config.statistics.model_dump(mode="json"),
        statistics_seed=config.seed,
    )
    for name in models:
        path = config.results / dataset / layout.SUMMARY.format(model=name)
        if not path.is_file():
            raise InputError(f"{path}: no such file; `modellab run` makes it")
        scores = read_scores(path)
        recorded = (scores.task, scores.missing, scores.model_id)
        if recorded != (found.task["kind"], found.missing, found.models[name].model_id):
            raise InputError(f"{path}: made with another config; `modellab run` makes it again")
    return found


def _inputs(config: Config, dataset: str, rescoring: Rescoring) -> dict[str, Path]:
    """Inputs of scoring that are not results: files of the task, and documents."""
    task = config.datasets[dataset].task.files()
    files = {name: Path(task[key]) for key, name in rescoring.task_files.items()}
    if rescoring.chunks:
        corpus = str(config.datasets[dataset].corpus)
        files[rescoring.chunks] = config.results / layout.CHUNKS.format(corpus=corpus)
    return files


def _refuse_secrets(files: Mapping[str, Path | bytes]) -> None:
    """Raises InputError for results that contain a secret; they are not edited."""
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
