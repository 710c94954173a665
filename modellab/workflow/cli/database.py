"""`modellab database`: fill the databases of a config, see what they hold, empty them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from modellab.config.schema import Config

database = typer.Typer(
    no_args_is_help=True, help="Fill the databases of a config, see what they hold, empty them."
)

_Names = Annotated[list[str] | None, typer.Argument(help="names in `databases`; default: all")]
_Files = Annotated[
    list[Path] | None, typer.Option(help="config file; may be given again; default: config.yaml")
]


@database.command("load")
def load_databases(names: _Names = None, configfile: _Files = None) -> None:
    """Load the dumps into their databases; what is loaded already stays."""
    from modellab.config.databases import embedded_path, stamp_path
    from modellab.core.io.sql.loading import load

    config, chosen = _chosen(names, configfile)
    for name in chosen:
        paths = (embedded_path(config, name), stamp_path(config, name))
        found = load(name, config.databases[name], *paths)
        for table, rows in found.tables.items():
            typer.echo(f"{name}: {table}: {rows} rows")


@database.command("status")
def show_status(names: _Names = None, configfile: _Files = None) -> None:
    """Say what each database holds, and whether its dump has changed since."""
    from modellab.config.databases import embedded_path, stamp_path
    from modellab.core.io.sql.loading import status

    config, chosen = _chosen(names, configfile)
    for name in chosen:
        paths = (embedded_path(config, name), stamp_path(config, name))
        typer.echo(status(name, config.databases[name], *paths))


@database.command("reset")
def reset_database(
    name: Annotated[str, typer.Argument(help="its name in `databases`")],
    configfile: _Files = None,
    yes: Annotated[bool, typer.Option("--yes", help="do it: all its tables are lost")] = False,
) -> None:
    """Empty one database that was filled from a dump."""
    from modellab.config.databases import embedded_path, stamp_path
    from modellab.core.errors import InputError
    from modellab.core.io.sql.loading import reset

    config, _ = _chosen([name], configfile)
    if not yes:
        raise InputError(f"{name}: all its tables would be lost; say --yes if that is meant")
    reset(name, config.databases[name], embedded_path(config, name), stamp_path(config, name))
    typer.echo(f"{name}: emptied")


def _chosen(names: list[str] | None, files: list[Path] | None) -> tuple[Config, list[str]]:
    from modellab.config.loading import load_config
    from modellab.core.errors import InputError

    config = load_config(files or [Path("config.yaml")])
    known = list(config.databases)
    for name in names or []:
        if name not in known:
            choices = ", ".join(known) or "there is none"
            raise InputError(f"unknown database {name!r}; choose from: {choices}")
    if not known:
        raise InputError("the config has no `databases`")
    return config, names or known
