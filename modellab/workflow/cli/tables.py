"""`modellab ranking`, `export-annotation` and `import-annotation`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from modellab.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

Questions = Annotated[Path, typer.Argument(help="questions.jsonl of a synthesis")]


def export_annotation(
    questions: Questions,
    out: Annotated[Path, typer.Argument(help="the table to fill in: .csv or .json")],
) -> None:
    """Write a table with a row per question, its chunks, and marks to fill in with 1 or 0."""
    from modellab.evaluation.annotation import export_annotation as export

    typer.echo(f"{export(questions, out)} questions in {out}")


def import_annotation(
    questions: Questions,
    out: Annotated[Path, typer.Argument(help="where the questions that pass are written")],
    tables: Annotated[list[Path], typer.Argument(help="the filled tables, one per annotator")],
    agreement: Annotated[
        Path | None, typer.Option(help="also write the annotators' agreement to this CSV file")
    ] = None,
) -> None:
    """Keep the questions that every annotator accepted; print the annotators' agreement."""
    from modellab.core.io.csv_file import write_csv
    from modellab.evaluation.annotation import AGREEMENT_COLUMNS
    from modellab.evaluation.annotation import import_annotation as read_back

    found = read_back(questions, tables, out)
    typer.echo(f"{len(found.kept)} kept, {found.refused} refused, {found.unmarked} not marked")
    for row in found.agreement:
        kappa = "-" if row["kappa"] is None else f"{row['kappa']:.3f}"
        pair = f"{row['annotator_a']} and {row['annotator_b']}"
        typer.echo(f"{row['mark']}: kappa {kappa} over {row['n']} ({pair})")
    if agreement:
        write_csv(agreement, AGREEMENT_COLUMNS, found.agreement)


def ranking(
    summary: Annotated[
        Path, typer.Argument(help='JSON file: {"embedding__model": {"metric": mean}}')
    ],
    output: Annotated[Path, typer.Option(help="the folder that the tables are written to")],
    weight: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METRIC=WEIGHT", help="once for each; default: the published RAGAS weights"
        ),
    ] = None,
    missing: Annotated[
        str, typer.Option(help="no_aggregate, or zero: a missing metric counts 0")
    ] = "no_aggregate",
) -> None:
    """Rank pairs of embedding and model by a weighted mean of their metrics."""
    from modellab.core.io.jsonl import read_json
    from modellab.evaluation.compare.ranking import RankingFiles, write_ranking
    from modellab.evaluation.compare.ranking_options import RAGAS_WEIGHTS, RankingOptions

    if missing not in ("no_aggregate", "zero"):
        raise InputError(f"--missing: unknown {missing!r}; choose from: no_aggregate, zero")
    weights = dict(map(_weight, weight)) if weight else RAGAS_WEIGHTS
    options = RankingOptions.model_validate({"weights": weights, "missing": missing})
    pairs = _pairs(summary, read_json(summary), list(weights))
    output.mkdir(parents=True, exist_ok=True)
    write_ranking(RankingFiles.below(output), summary.stem, pairs, options)
    count = len(pairs[["retriever", "model"]].drop_duplicates())
    typer.echo(f"{count} pairs ranked in {output}")


def _pairs(path: Path, data: Any, names: Sequence[str]) -> pd.DataFrame:
    """The pairs of a flat summary; values that are not numbers (errors, NaN) are missing."""
    import pandas as pd

    from modellab.evaluation.compare.ranking import PAIR_COLUMNS

    if not isinstance(data, dict) or not data:
        raise InputError(f'{path}: should be a map such as {{"embedding__model": {{...}}}}')
    pairs = []
    for pair, metrics in data.items():
        embedding, between, model = pair.partition("__")
        if not between or not isinstance(metrics, Mapping):
            raise InputError(f"{path}: {pair!r} is not a pair `embedding__model` with its metrics")
        pairs += [
            (embedding, model, False, name, _number(metrics.get(name)), None, None)
            for name in names
        ]
    return pd.DataFrame(pairs, columns=list(PAIR_COLUMNS))


def _number(value: Any) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if known and math.isfinite(value) else None


def _weight(text: str) -> tuple[str, float]:
    name, _, number = text.rpartition("=")
    try:
        weight = float(number)
    except ValueError:
        weight = math.nan
    if not name or not 0 < weight < math.inf:
        raise InputError(f"--weight: {text!r} should be METRIC=WEIGHT with a weight above 0")
    return name, weight
