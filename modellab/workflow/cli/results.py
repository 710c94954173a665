"""`modellab show`, `open`, `dashboard` and `runs`: existing results, and earlier runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modellab.core.errors import InputError
from modellab.core.layout import PAGE, REGISTRY, SUMMARY
from modellab.workflow.cli.options import (
    AsJson,
    Benchmark,
    Datasets,
    Results,
    columns,
    load,
)

if TYPE_CHECKING:
    from modellab.reporting.registry.records import Change, RecordedMetric, RunRecord


def show(config: Benchmark = None, dataset: Datasets = None) -> None:
    """Print verdict and leaderboard of the results that are there; runs nothing."""
    from modellab.workflow.run_summary import print_leaderboards, print_statuses
    from modellab.workflow.systems import Systems

    loaded = load(config, dataset)
    results, systems = loaded.config.results, Systems(loaded.config)
    # other configs may have results of other models in the same folder
    models = {
        name: [one for one in _scored(results / name) if one in systems.models(name)]
        for name in loaded.datasets
    }
    scored = {name: found for name, found in models.items() if found}
    if not scored:
        raise InputError(f"{results}: no scores of {', '.join(models)} yet; `modellab run`")
    print_leaderboards(results, scored)
    print_statuses(loaded.config, scored)
    for name in scored:
        page = _page(results, name)
        typer.echo(f"Page: {page}" if page.exists() else f"{name}: no page yet; `modellab run`")


def open_page(config: Benchmark = None, dataset: Datasets = None) -> None:
    """Open the page of the results in the browser, and print its path."""
    loaded = load(config, dataset)
    pages = [_page(loaded.config.results, name) for name in loaded.datasets]
    existing = [page for page in pages if page.exists()]
    if not existing:
        raise InputError(f"{pages[0]}: no such page yet; `modellab run` makes it")
    for page in existing:
        typer.echo(f"Page: {page}")
        # has no effect without a display
        typer.launch(page.resolve().as_uri())


def _scored(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob(SUMMARY.format(model="*")))


def _page(results: Path, dataset: str) -> Path:
    return results / dataset / PAGE


def dashboard(
    port: Annotated[
        int | None,
        typer.Option(
            help="use this port only; default: the first free one of 7860 to 7870",
            min=1,
            max=65535,
        ),
    ] = None,
    results: Results = Path("results"),
) -> None:
    """Serve the results folder on this machine, read-only, until Ctrl-C."""
    from modellab.reporting.dashboard.page import index_page
    from modellab.reporting.dashboard.server import FIRST_PORT, HOST, LAST_PORT, make_server

    root = results.resolve()
    if not root.is_dir():
        raise InputError(f"--results {results}: no such folder; run snakemake first")
    first, last = (port, port) if port else (FIRST_PORT, LAST_PORT)
    with make_server(root, lambda: index_page(root), first, last) as server:
        typer.echo(f"http://{HOST}:{server.server_address[1]}/ shows {root}; Ctrl-C ends it")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            typer.echo("ended")


def runs(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN [RUN]]", help="one run to show, or two to compare; `latest` is the last"
        ),
    ] = None,
    results: Results = Path("results"),
    dataset: Annotated[str | None, typer.Option(help="list only runs on this dataset")] = None,
    as_json: AsJson = False,
) -> None:
    """List the runs that gave new results, show one of them, or compare two."""
    from modellab.reporting.registry.log import find_run, read_registry
    from modellab.reporting.registry.pages import run_page

    registry = read_registry(results / REGISTRY)
    for trouble in registry.troubles:
        typer.echo(f"warning: {trouble}", err=True)
    if not names:
        known = sorted({record.dataset for record in registry.records})
        if dataset and known and dataset not in known:
            raise InputError(f"--dataset {dataset}: no run; choose from: {', '.join(known)}")
        listed = registry.records if dataset is None else registry.of(dataset)
        _list(listed, registry.path, as_json)
        return
    found = [find_run(registry, name) for name in names]
    if len(found) > 2:
        raise InputError(f"{len(found)} runs were named; one is shown, two are compared")
    if len(found) == 2:
        _compare(found[0], found[1], as_json)
    elif as_json:
        typer.echo(json.dumps(asdict(found[0]), ensure_ascii=False))
    else:
        typer.echo(run_page(found[0]).rstrip())


def _list(records: Sequence[RunRecord], path: Path, as_json: bool) -> None:
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
    typer.echo("\n".join(columns([heads, *rows])))


def _compare(before: RunRecord, after: RunRecord, as_json: bool) -> None:
    from modellab.reporting.registry.pages import commit
    from modellab.reporting.registry.records import compare_runs

    changes = compare_runs(before, after)
    if as_json:
        metrics = [{**asdict(one), "difference": one.difference} for one in changes]
        found = {"before": before.run, "after": after.run, "metrics": metrics}
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    same = "the same" if before.config == after.config else "different"
    for label, one, two in (
        ("run", before.run, after.run),
        ("dataset", before.dataset, after.dataset),
        ("commit", commit(before, short=True), commit(after, short=True)),
        ("status", before.status or "-", after.status or "-"),
        ("verdict", before.verdict or "-", after.verdict or "-"),
        ("settings", same, same),
    ):
        typer.echo(f"{label}: {one}" if one == two else f"{label}: {one} -> {two}")
    heads = ["system", "metric", "before", "after", "difference"]
    typer.echo("\n".join(columns([heads, *map(_changed, changes)])))
    if any(change.other_rows for change in changes):
        typer.echo("* the two values are based on different numbers of rows")


def _changed(change: Change) -> list[str]:
    mark = " *" if change.other_rows else ""
    difference = "" if change.difference is None else f"{change.difference:+.4f}{mark}"
    values = [_value(change.before), _value(change.after)]
    return [change.system, change.metric, *values, difference]


def _value(metric: RecordedMetric | None) -> str:
    from modellab.reporting.registry.pages import number

    return "" if metric is None else f"{number(metric.value)} (n={metric.n_scored})"
