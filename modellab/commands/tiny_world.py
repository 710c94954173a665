"""`modellab tiny-world`: documents and questions about a world that is made up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from modellab.errors import InputError


def tiny_world(
    folder: Annotated[Path, typer.Argument(help="takes corpus.jsonl and questions.csv")],
    seed: Annotated[int, typer.Option(help="another seed makes another world")] = 1,
    known: Annotated[int, typer.Option(help="questions phrased as in lessons")] = 80,
    held_out: Annotated[int, typer.Option(help="questions phrased as in no lesson")] = 40,
    unanswerable: Annotated[int, typer.Option(help="questions no document answers")] = 30,
    groups: Annotated[int, typer.Option(help="groups of five things, about eleven documents")] = 9,
) -> None:
    """Write a corpus and questions of the tiny world; the same options write the same bytes."""
    from modellab.tiny_world.benchmark import Size, write_benchmark

    try:
        write_benchmark(folder, seed, Size(known, held_out, unanswerable, groups))
    except ValueError:
        raise InputError(
            f"--groups {groups}: too few for so many questions; ask for more"
        ) from None
