"""`modellab plan`: what a whole run would ask and cost."""

from __future__ import annotations

from typing import Annotated

import typer


def plan(
    config: Annotated[
        str | None, typer.Argument(help="a config file or its folder; default: config.yaml")
    ] = None,
) -> None:
    """Estimate calls, tokens and dollars of a run, judges included. Asks and writes nothing."""
    from modellab.config.loading import load_config
    from modellab.core.project import PROJECT
    from modellab.workflow.command_line import read_words
    from modellab.workflow.plan_of_run import plan as planned

    found = planned(load_config(read_words([config] if config else []).configfiles), PROJECT)
    if not found:
        typer.echo("No model is asked: none of the config reads a prompt.")
        return
    for line in found:
        cost = "no price known" if line.cost_usd is None else f"{line.cost_usd:.4f} USD"
        typer.echo(
            f"{line.dataset}: {line.who}: {line.calls:,} calls ({line.in_journal:,} of "
            f"{line.rows:,} in the journal), {line.prompt_tokens:,} tokens in, "
            f"{line.output_tokens:,} out, {cost}"
        )
    known = [line.cost_usd for line in found if line.cost_usd is not None]
    more = "" if len(known) == len(found) else " and what has no price"
    typer.echo(
        f"total at most: {sum(line.calls for line in found):,} calls, "
        f"{sum(line.prompt_tokens for line in found):,} tokens in, "
        f"{sum(line.output_tokens for line in found):,} out, {sum(known):.4f} USD{more}"
    )
