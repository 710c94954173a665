"""`modellab schema`: the JSON schema of the config."""

from __future__ import annotations

import json

import typer


def schema() -> None:
    """Print the JSON schema of the config, for editors."""
    from modellab.config.loading import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
