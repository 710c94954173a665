"""A bundle as an RO-Crate: what its files are, and which run of the workflow made them.

Source: Workflow Run Crate 0.5 (https://w3id.org/ro/wfrun/workflow/0.5), RO-Crate 1.1.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modellab.core.io.jsonl import read_json
from modellab.core.project import PROJECT
from modellab.workflow.bundles.manifest import BundledFile, Manifest

if TYPE_CHECKING:
    from rocrate.rocrate import ROCrate

METADATA = "ro-crate-metadata.json"
WORKFLOW = "workflow/Snakefile"
_PROFILES = {
    "Process Run Crate": "https://w3id.org/ro/wfrun/process/0.5",
    "Workflow Run Crate": "https://w3id.org/ro/wfrun/workflow/0.5",
    # the library adds that of Workflow RO-Crate 1.0 to the metadata
    "Workflow RO-Crate": "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
}
_TERMS = "https://w3id.org/ro/terms/workflow-run/context"


def workflow_files() -> dict[str, Path]:
    """The workflow's own files by their names in a bundle."""
    rules = sorted((PROJECT / "rules").glob("*.smk"))
    named = {f"workflow/rules/{path.name}": path for path in rules}
    return {WORKFLOW: PROJECT / "Snakefile", **named}


def crate_metadata(manifest: Manifest, folders: Mapping[str, Path]) -> bytes:
    """The metadata of a bundle; equal results give equal bytes.

    Args:
        manifest: What is in the bundle, but for the metadata itself.
        folders: By dataset the folder of its results.
    """
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version="1.1")
    crate.metadata.extra_contexts.append(_TERMS)
    _profiles(crate)
    entities = {WORKFLOW: _workflow(crate, manifest)}
    for name, about in manifest.files.items():
        if name != WORKFLOW:
            described = _described(name, about)
            entities[name] = crate.add_file(dest_path=name, properties=described)
    ends = [
        _dataset(crate, manifest, dataset, folder, entities) for dataset, folder in folders.items()
    ]
    names = ", ".join(folders)
    crate.name = f"Model Lab: {names}"
    crate.description = f"Language models compared on {names}: answers, scores, statistics, page."
    crate.datePublished = max(ends)
    crate.license = "Not stated; ask those who made it."
    graph = json.dumps(crate.metadata.generate(), indent=1, sort_keys=True, ensure_ascii=False)
    return f"{graph}\n".encode()


def _profiles(crate: ROCrate) -> None:
    from rocrate.model.contextentity import ContextEntity

    for name, address in _PROFILES.items():
        about = {"@type": "CreativeWork", "name": name, "version": address.rsplit("/", 1)[1]}
        crate.root_dataset.append_to(
            "conformsTo", crate.add(ContextEntity(crate, address, properties=about))
        )


def _workflow(crate: ROCrate, manifest: Manifest) -> Any:
    commit = f" ({manifest.commit}{', changed' if manifest.changed else ''})"
    properties = {
        **_described(WORKFLOW, manifest.files[WORKFLOW]),
        "name": "Model Lab",
        "version": f"{manifest.modellab}{commit if manifest.commit else ''}",
    }
    return crate.add_workflow(
        dest_path=WORKFLOW, properties=properties, main=True, lang="snakemake"
    )


def _described(name: str, about: BundledFile) -> dict[str, str]:
    kind = mimetypes.guess_type(name)[0] or "text/plain"
    return {
        "name": name,
        "contentSize": str(about.bytes),
        "encodingFormat": "application/jsonl" if name.endswith(".jsonl") else kind,
        "sha256": about.sha256,
    }


def _dataset(
    crate: ROCrate,
    manifest: Manifest,
    dataset: str,
    folder: Path,
    entities: Mapping[str, Any],
) -> str:
    """The run of the workflow, and of each model; gives when the last of them ended."""
    own = [name for name in entities if name.startswith(f"{dataset}/")]
    inputs = [name for name in entities if name.startswith("config/")]
    made = {f"{dataset}/predictions/{model}.jsonl" for model in manifest.datasets[dataset].models}
    questions = f"{dataset}/questions.jsonl"
    times = [
        _answers(crate, manifest, dataset, model, folder, entities)
        for model in manifest.datasets[dataset].models
    ]
    known = [pair for pair in times if pair]
    start = min((pair[0] for pair in known), default=datetime.fromtimestamp(0, UTC))
    end = max((pair[1] for pair in known), default=start)
    _action(
        crate,
        f"#run-{dataset}",
        f"Run of Model Lab on {dataset}",
        crate.mainEntity,
        [entities[name] for name in (*inputs, questions)],
        [entities[name] for name in own if name != questions and name not in made],
        (start, end),
    )
    return _time(end)


def _answers(
    crate: ROCrate,
    manifest: Manifest,
    dataset: str,
    model: str,
    folder: Path,
    entities: Mapping[str, Any],
) -> tuple[datetime, datetime] | None:
    """A model's answers as what one application made; gives when it began and ended."""
    from rocrate.model.softwareapplication import SoftwareApplication

    about = manifest.datasets[dataset].models[model]
    name = f"#model-{model}"
    if crate.get(name) is None:
        described = {"name": f"{about.provider} {about.model_id}"}
        crate.add(SoftwareApplication(crate, name, properties=described))
    times = _times(read_json(folder / "runs" / f"{model}.json"))
    questions, answers = f"{dataset}/questions.jsonl", f"{dataset}/predictions/{model}.jsonl"
    _action(
        crate,
        f"#answers-{dataset}-{model}",
        f"Answers of {model} to {dataset}",
        crate.get(name),
        [entities[questions]],
        [entities[answers]],
        times,
    )
    return times


def _action(
    crate: ROCrate,
    identifier: str,
    name: str,
    instrument: Any,
    inputs: Sequence[Any],
    results: Sequence[Any],
    times: tuple[datetime, datetime] | None,
) -> None:
    properties = {"name": name}
    if times:
        properties |= {"startTime": _time(times[0]), "endTime": _time(times[1])}
    action = crate.add_action(instrument, identifier, list(inputs), list(results), properties)
    crate.root_dataset.append_to("mentions", action)


def _times(run: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    """From the first of the runs that made answers to the last; None where nothing says so."""
    parts = [one for one in run.get("runs") or [run] if one.get("timestamp")]
    ends = [(_read(one["timestamp"]), one.get("wall_seconds") or 0) for one in parts]
    if not ends:
        return None
    return (
        min(end - timedelta(seconds=int(seconds)) for end, seconds in ends),
        max(end for end, _ in ends),
    )


def _read(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _time(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S+00:00}"
