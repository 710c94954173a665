"""The RO-Crate metadata of a bundle: its files, and the runs that made them.

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
from modellab.core.layout import PREDICTIONS, QUESTIONS, RUN
from modellab.core.project import PROJECT
from modellab.workflow.bundles.archive import BundledFile, Manifest, Rescoring

if TYPE_CHECKING:
    from rocrate.rocrate import ROCrate

METADATA = "ro-crate-metadata.json"
WORKFLOW = "workflow/Snakefile"
_PROFILES = {
    "Process Run Crate": "https://w3id.org/ro/wfrun/process/0.5",
    "Workflow Run Crate": "https://w3id.org/ro/wfrun/workflow/0.5",
    # the library itself names Workflow RO-Crate 1.0 in the metadata
    "Workflow RO-Crate": "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
}
_TERMS = "https://w3id.org/ro/terms/workflow-run/context"


def workflow_files() -> dict[str, Path]:
    """The files of the workflow, by name in a bundle."""
    rules = sorted((PROJECT / "rules").glob("*.smk"))
    named = {f"workflow/rules/{path.name}": path for path in rules}
    return {WORKFLOW: PROJECT / "Snakefile", **named}


def crate_metadata(manifest: Manifest, folders: Mapping[str, Path]) -> bytes:
    """The metadata of a bundle; equal results give equal bytes.

    Args:
        manifest: The manifest, without the metadata itself.
        folders: By dataset the folder of its results.
    """
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version="1.1")
    crate.metadata.extra_contexts.append(_TERMS)
    _add_profiles(crate)
    entities = {WORKFLOW: _workflow(crate, manifest)}
    for name, about in manifest.files.items():
        if name != WORKFLOW:
            entities[name] = crate.add_file(dest_path=name, properties=_described(name, about))
    ends = [
        _add_runs(crate, name, manifest.datasets[name], folder, entities)
        for name, folder in folders.items()
    ]
    names = ", ".join(folders)
    crate.name = f"Model Lab: {names}"
    crate.description = f"Language models compared on {names}: answers, scores, statistics, page."
    crate.datePublished = _text(max(ends))
    crate.license = "Not stated; ask those who made it."
    graph = json.dumps(crate.metadata.generate(), indent=1, sort_keys=True, ensure_ascii=False)
    return f"{graph}\n".encode()


def _add_profiles(crate: ROCrate) -> None:
    from rocrate.model.contextentity import ContextEntity

    for name, address in _PROFILES.items():
        about = {"@type": "CreativeWork", "name": name, "version": address.rsplit("/", 1)[1]}
        profile = crate.add(ContextEntity(crate, address, properties=about))
        crate.root_dataset.append_to("conformsTo", profile)


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


def _add_runs(
    crate: ROCrate, dataset: str, about: Rescoring, folder: Path, entities: Mapping[str, Any]
) -> datetime:
    """Add the run on a dataset and those of its models; returns the end of the last one."""
    from rocrate.model.softwareapplication import SoftwareApplication

    questions = f"{dataset}/{QUESTIONS}"
    answers = {model: f"{dataset}/{PREDICTIONS.format(model=model)}" for model in about.models}
    times: list[datetime] = []
    for model, options in about.models.items():
        name = f"#model-{model}"
        described = {"name": f"{options.provider} {options.model_id}"}
        application = crate.get(name) or crate.add(
            SoftwareApplication(crate, name, properties=described)
        )
        span = _times(read_json(folder / RUN.format(model=model)))
        own = {"name": f"Answers of {model} to {dataset}", **_span(span)}
        made = [entities[answers[model]]]
        _add_action(
            crate, application, f"#answers-{dataset}-{model}", [entities[questions]], made, own
        )
        times += span
    inputs = [*(name for name in entities if name.startswith("config/")), questions]
    made = [
        entity
        for name, entity in entities.items()
        if name.startswith(f"{dataset}/") and name not in (questions, *answers.values())
    ]
    span = [min(times), max(times)] if times else [datetime.fromtimestamp(0, UTC)] * 2
    own = {"name": f"Run of Model Lab on {dataset}", **_span(span)}
    read = [entities[name] for name in inputs]
    _add_action(crate, crate.mainEntity, f"#run-{dataset}", read, made, own)
    return span[1]


def _add_action(
    crate: ROCrate,
    instrument: Any,
    identifier: str,
    inputs: Sequence[Any],
    outputs: Sequence[Any],
    properties: Mapping[str, str],
) -> None:
    action = crate.add_action(instrument, identifier, list(inputs), list(outputs), dict(properties))
    crate.root_dataset.append_to("mentions", action)


def _times(run: Mapping[str, Any]) -> list[datetime]:
    """Start of the first and end of the last run that made answers; empty if unknown."""
    ends = [
        (datetime.fromisoformat(time), timedelta(seconds=int(one.get("wall_seconds") or 0)))
        for one in run.get("runs") or [run]
        if (time := one.get("timestamp"))
    ]
    return [min(end - took for end, took in ends), max(end for end, _ in ends)] if ends else []


def _text(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S+00:00}"


def _span(times: Sequence[datetime]) -> dict[str, str]:
    return dict(zip(("startTime", "endTime"), map(_text, times), strict=False))
