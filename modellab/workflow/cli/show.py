"""`modellab show` and `modellab open`: the results that are there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from modellab.config.schema import Config

Where = Annotated[
    str | None, typer.Argument(help="a config file or its folder; default: config.yaml")
]
Dataset = Annotated[str | None, typer.Option(help="this dataset alone; default: all")]


def show(config: Where = None, dataset: Dataset = None) -> None:
    """Print verdict and leaderboard of the results that are there; runs nothing."""
    from modellab.core.errors import InputError
    from modellab.workflow.run_summary import print_leaderboards, print_statuses

    loaded = _loaded(config)
    names = _chosen(loaded, dataset)
    models = {name: _scored(loaded.results / name) for name in names}
    there = {name: found for name, found in models.items() if found}
    if not there:
        raise InputError(f"{loaded.results}: no scores of {', '.join(names)} yet; `modellab run`")
    print_leaderboards(loaded.results, there)
    print_statuses(loaded.results, there)
    for name in there:
        page = _page(loaded.results, name)
        typer.echo(f"Page: {page}" if page.exists() else f"{name}: no page yet; `modellab run`")


def open_page(config: Where = None, dataset: Dataset = None) -> None:
    """Open the page of the results in the browser, and print where it is."""
    from modellab.core.errors import InputError

    loaded = _loaded(config)
    pages = [_page(loaded.results, name) for name in _chosen(loaded, dataset)]
    there = [page for page in pages if page.exists()]
    if not there:
        raise InputError(f"{pages[0]}: no such page yet; `modellab run` makes it")
    for page in there:
        typer.echo(f"Page: {page}")
        # on a machine without a screen the line above has to do
        typer.launch(page.resolve().as_uri())


def _loaded(config: str | None) -> Config:
    from modellab.config.loading import load_config
    from modellab.workflow.command_line import read_words

    return load_config(read_words([config] if config else []).configfiles)


def _chosen(config: Config, dataset: str | None) -> list[str]:
    from modellab.core.errors import InputError

    if dataset is not None and dataset not in config.datasets:
        raise InputError(f"--dataset {dataset}: unknown; choose from: {', '.join(config.datasets)}")
    return [dataset] if dataset else list(config.datasets)


def _scored(folder: Path) -> list[str]:
    """The models that have scores, in the order of their names."""
    return sorted(path.stem for path in (folder / "scores").glob("*.json"))


def _page(results: Path, dataset: str) -> Path:
    return results / dataset / "report" / "index.html"
