"""Run details: settings as used, versions, machines, times, memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from modellab.core.secrets import without_passwords
from modellab.models.energy import energy_used
from modellab.reporting.page.blocks import Block, Cell, Column, Fold, Source, Table
from modellab.reporting.page.numbers import energy_cell, megabytes, plain, seconds
from modellab.reporting.page.results import DatasetResults


def build(results: DatasetResults) -> list[Block]:
    blocks: list[Block] = []
    if results.runs:
        blocks += [_runs(results.runs), Fold("Versions", [_versions(results.runs)])]
    if results.settings:
        blocks.append(Source("The config of this dataset, as used", _text(results.settings)))
    for name, run in results.runs.items():
        told = {
            key: run.get(key) for key in ("options", "fingerprint", "prompt", "machine", "model")
        }
        blocks.append(Source(f"{name}: options, fingerprint, machine", _text(told)))
    return blocks


def _runs(runs: Mapping[str, Mapping[str, Any]]) -> Table:
    columns = [
        Column("model"),
        Column("weights or API"),
        Column("made at"),
        Column("machine"),
        Column("rows", True),
        Column("generated", True, "answers made in the last run; the others came from the journal"),
        Column("load", True),
        Column("generate", True),
        Column("whole job", True),
        Column("peak memory", True),
        Column("energy", True, "of the GPUs, in all runs that made the answers"),
    ]
    return Table("Runs", columns, [_run(name, run) for name, run in runs.items()])


def _run(name: str, run: Mapping[str, Any]) -> list[Cell]:
    return [
        Cell(name),
        Cell(str(run.get("model_id", ""))),
        Cell(str(run.get("timestamp", ""))),
        Cell(_machine(run.get("machine") or {})),
        Cell(plain(run.get("rows")), run.get("rows")),
        Cell(plain(run.get("generated")), run.get("generated")),
        *(Cell(seconds(run.get(key)), run.get(key)) for key in _TIMES),
        Cell(megabytes(run.get("peak_memory_bytes")), run.get("peak_memory_bytes")),
        energy_cell(energy_used(run)),
    ]


_TIMES = ("load_seconds", "generate_seconds", "wall_seconds")


def _machine(machine: Mapping[str, Any]) -> str:
    gpus = [
        str(gpu.get("name", gpu) if isinstance(gpu, dict) else gpu)
        for gpu in machine.get("gpus") or ()
    ]
    memory = f"{machine['memory_gb']} GB" if machine.get("memory_gb") else ""
    parts = [str(machine.get("processor", "")), f"{machine.get('cores', '?')} cores", memory]
    return ", ".join(part for part in [*parts, *gpus] if part)


def _versions(runs: Mapping[str, Mapping[str, Any]]) -> Table:
    """Each package with its version; with who used which, where models differ."""
    used: dict[str, dict[str, list[str]]] = {}
    for model, run in runs.items():
        for package, version in (run.get("versions") or {}).items():
            used.setdefault(package, {}).setdefault(str(version), []).append(model)
    rows = [
        [Cell(package), Cell(_told(versions), tone="warn" if len(versions) > 1 else "")]
        for package, versions in used.items()
    ]
    return Table("Versions", [Column("package"), Column("version")], rows)


def _told(versions: Mapping[str, list[str]]) -> str:
    if len(versions) == 1:
        return next(iter(versions))
    return "; ".join(f"{version} ({', '.join(models)})" for version, models in versions.items())


def _text(value: Any) -> str:
    return without_passwords(json.dumps(value, ensure_ascii=False, indent=2, default=None))
