"""`modellab runs`: what was run before, and what changed between two runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from modellab.core.errors import InputError

if TYPE_CHECKING:
    from modellab.reporting.registry.comparing import Change
    from modellab.reporting.registry.records import RecordedMetric, RunRecord


def runs(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN [RUN]]", help="one run to show, or two to compare; `latest` is the last"
        ),
    ] = None,
    results: Annotated[Path, typer.Option(help="the folder of the results")] = Path("results"),
    dataset: Annotated[str | None, typer.Option(help="list only runs on this dataset")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """List the runs that gave new results, show one of them, or compare two."""
    from modellab.reporting.registry.log import find_run, read_registry

    registry = read_registry(results / "registry")
    for trouble in registry.troubles:
        typer.echo(f"warning: {trouble}", err=True)
    if not names:
        listed = registry.records if dataset is None else registry.of(dataset)
        _list(listed, registry.path, as_json)
        return
    found = [find_run(registry, name) for name in names]
    if len(found) > 2:
        raise InputError(f"{len(found)} runs were named; one is shown, two are compared")
    if len(found) == 1:
        _show(found[0], as_json)
    else:
        _compare(found[0], found[1], as_json)


def _list(records: Sequence[RunRecord], path: Path, as_json: bool) -> None:
    from dataclasses import asdict

    from modellab.reporting.registry.pages import commit, number

    if as_json:
        typer.echo(json.dumps([asdict(record) for record in records], ensure_ascii=False))
        return
    if not records:
        typer.echo(f"no run is recorded in {path}")
        return
    rows = [
        [
            record.run,
            record.timestamp,
            record.status or "-",
            record.best.system if record.best else "-",
            number(record.best.value) if record.best else "-",
            commit(record, short=True),
            record.author or "-",
            record.verdict or "-",
        ]
        for record in records
    ]
    heads = ["run", "time (UTC)", "status", "best system", "score", "commit", "author", "verdict"]
    _print_table(heads, rows)


def _show(record: RunRecord, as_json: bool) -> None:
    from dataclasses import asdict

    from modellab.reporting.registry.pages import run_page

    text = json.dumps(asdict(record), ensure_ascii=False) if as_json else run_page(record).rstrip()
    typer.echo(text)


def _compare(before: RunRecord, after: RunRecord, as_json: bool) -> None:
    from modellab.reporting.registry.comparing import compare_runs

    changes = compare_runs(before, after)
    if as_json:
        told = {"before": before.run, "after": after.run, "metrics": list(map(_plain, changes))}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    for label, one, two in _settings(before, after):
        typer.echo(f"{label}: {one}" if one == two else f"{label}: {one} -> {two}")
    rows = [
        [
            change.system,
            change.metric,
            _value(change.before),
            _value(change.after),
            _difference(change),
        ]
        for change in changes
    ]
    _print_table(["system", "metric", "before", "after", "difference"], rows)
    if any(change.other_rows for change in changes):
        typer.echo("* the two values rest on different numbers of rows")


def _settings(before: RunRecord, after: RunRecord) -> list[tuple[str, str, str]]:
    from modellab.reporting.registry.pages import commit

    same = "the same" if before.config == after.config else "different"
    return [
        ("run", before.run, after.run),
        ("dataset", before.dataset, after.dataset),
        ("commit", commit(before, short=True), commit(after, short=True)),
        ("status", before.status or "-", after.status or "-"),
        ("verdict", before.verdict or "-", after.verdict or "-"),
        ("settings", same, same),
    ]


def _plain(change: Change) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "system": change.system,
        "metric": change.metric,
        "before": asdict(change.before) if change.before else None,
        "after": asdict(change.after) if change.after else None,
        "difference": change.difference,
    }


def _value(metric: RecordedMetric | None) -> str:
    from modellab.reporting.registry.pages import number

    return "" if metric is None else f"{number(metric.value)} (n={metric.n_scored})"


def _difference(change: Change) -> str:
    if change.difference is None:
        return ""
    return f"{change.difference:+.4f}{' *' if change.other_rows else ''}"


def _print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        typer.echo("  ".join(map(str.ljust, row, widths)).rstrip())
