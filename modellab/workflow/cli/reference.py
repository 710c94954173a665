"""`modellab reference`: the config reference."""

from __future__ import annotations

import typer


def reference() -> None:
    """Print the config reference in Markdown."""
    from modellab.config.reference import config_reference

    typer.echo(config_reference(), nl=False)
