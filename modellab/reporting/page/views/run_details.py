"""Run details: settings as used, versions, machines, times, memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from modellab.core.secrets import without_passwords
from modellab.models.metering import energy_used
from modellab.reporting.page.blocks import Block, Cell, Column, Fold, Source, Table
from modellab.reporting.page.numbers import amount, energy_cell, megabytes, plain, seconds
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.tables import tabulate


def build(results: DatasetResults) -> list[Block]:
    blocks: list[Block] = []
    if results.runs:
        blocks += [_runs(results.runs), Fold("Versions", [_versions(results.runs)])]
    if results.settings:
        blocks.append(Source("The config of this dataset, as used", _text(results.settings)))
    for name, run in results.runs.items():
        details = {
            key: run.get(key) for key in ("options", "fingerprint", "prompt", "machine", "model")
        }
        blocks.append(Source(f"{name}: options, fingerprint, machine", _text(details)))
    return blocks


def _runs(runs: Mapping[str, Mapping[str, Any]]) -> Table:
    def texts(name: str) -> Callable[[str], Cell]:
        return lambda model: Cell(str(runs[model].get(name, "")))

    def amounts(name: str, write: Callable[[float | None], str] = plain) -> Callable[[str], Cell]:
        return lambda model: amount(runs[model].get(name), write)

    made = "answers made in the last run; the others came from the journal"
    columns: dict[Column, Callable[[str], Cell]] = {
        Column("model"): Cell,
        Column("weights or API"): texts("model_id"),
        Column("made at"): texts("timestamp"),
        Column("machine"): lambda model: Cell(_machine(runs[model].get("machine") or {})),
        Column("rows", True): amounts("rows"),
        Column("generated", True, made): amounts("generated"),
        Column("load", True): amounts("load_seconds", seconds),
        Column("generate", True): amounts("generate_seconds", seconds),
        Column("whole job", True): amounts("wall_seconds", seconds),
        Column("peak memory", True): amounts("peak_memory_bytes", megabytes),
        Column("energy", True, "of the GPUs, in all runs that made the answers"): lambda model: (
            energy_cell(energy_used(runs[model]))
        ),
    }
    return tabulate("Runs", list(runs), columns)


def _machine(machine: Mapping[str, Any]) -> str:
    gpus = [
        str(gpu.get("name", gpu) if isinstance(gpu, dict) else gpu)
        for gpu in machine.get("gpus") or ()
    ]
    memory = f"{machine['memory_gb']} GB" if machine.get("memory_gb") else ""
    parts = [str(machine.get("processor", "")), f"{machine.get('cores', '?')} cores", memory]
    return ", ".join(part for part in [*parts, *gpus] if part)


def _versions(runs: Mapping[str, Mapping[str, Any]]) -> Table:
    """The version of each package, with the models if they differ."""
    used: dict[str, dict[str, list[str]]] = {}
    for model, run in runs.items():
        for package, version in (run.get("versions") or {}).items():
            used.setdefault(package, {}).setdefault(str(version), []).append(model)
    rows = [
        [Cell(package), Cell(_used_by(versions), tone="warn" if len(versions) > 1 else "")]
        for package, versions in used.items()
    ]
    return Table("Versions", [Column("package"), Column("version")], rows)


def _used_by(versions: Mapping[str, list[str]]) -> str:
    if len(versions) == 1:
        return next(iter(versions))
    return "; ".join(f"{version} ({', '.join(models)})" for version, models in versions.items())


def _text(value: Any) -> str:
    return without_passwords(json.dumps(value, ensure_ascii=False, indent=2, default=None))
