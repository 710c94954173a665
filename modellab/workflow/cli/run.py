"""`modellab run` and `modellab smoke`: Snakemake with the arguments that it needs here."""

from __future__ import annotations

from collections.abc import Sequence

import typer

#: what is Snakemake's own goes through
PASSED_ON = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "help_option_names": ["--help"],
}


def run(ctx: typer.Context) -> None:
    """Run a benchmark: [CONFIG] [TARGETS] [KEY=VALUE] [OPTIONS OF SNAKEMAKE], in any order.

    CONFIG is a YAML file, a folder with a config.yaml, or `demo`; default: config.yaml. Without
    targets all that the config asks for is made. -n makes nothing and lists what would be made.
    """
    start(ctx.args)


def smoke(ctx: typer.Context) -> None:
    """Run one question per model, into a folder `smoke` of the results. Arguments as for `run`."""
    start(ctx.args, smoke=True)


def start(words: Sequence[str], smoke: bool = False) -> None:
    """Check the config, then run Snakemake in this process, which ends with its exit code."""
    from snakemake.cli import main

    from modellab.config.loading import load_config
    from modellab.workflow.cli.preflight import overrides
    from modellab.workflow.command_line import read_words
    from modellab.workflow.plan_of_run import SMOKE

    line = read_words(words)
    config = load_config(line.configfiles, overrides(line.config))
    own = [f"results={config.results / SMOKE}", "limit=1"] if smoke else []
    main([*_with(line.snakemake(), own)])


def _with(words: list[str], config: list[str]) -> list[str]:
    if not config:
        return words
    if "--config" in words:
        at = words.index("--config") + 1
        return [*words[:at], *config, *words[at:]]
    return [*words, "--config", *config]
