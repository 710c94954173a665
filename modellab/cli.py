"""The `modellab` command: what is useful outside of a run.

A new command is one file in `modellab/commands` and one line below.
"""

from __future__ import annotations

import typer

from modellab.commands.schema import schema
from modellab.commands.score import score

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command()(schema)
app.command()(score)


@app.callback()
def _main() -> None:
    """Compare language models on your own documents and questions."""
