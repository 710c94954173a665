"""`modellab score`: score a submission against reference answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from pydantic import ValidationError

from modellab.core.errors import InputError
from modellab.core.outcomes import count_outcomes
from modellab.workflow.cli.options import AsJson

if TYPE_CHECKING:
    from modellab.tasks.scorer import ScorerOptions
    from modellab.workflow.cli.comparison import ScoredSubmission

#: number of wrong rows that are printed
SHOWN = 5
_LABELS = {
    "value_accuracy": "value accuracy",
    "ref_overlap": "ref overlap",
    "na_recall": "NA recall",
}


def score(
    truth: Annotated[Path, typer.Argument(help="CSV file with the true answers")],
    submission: Annotated[Path, typer.Argument(help="CSV file with the answers to score")],
    scorer: Annotated[
        str | None, typer.Option(help="rules: v1, v2, v3, v4 or validator; default: v4")
    ] = None,
    locale: Annotated[
        str | None,
        typer.Option(help="how 1,234 is to be read: en, de, ...; default: as the truths show"),
    ] = None,
    missing: Annotated[
        str, typer.Option(help="incorrect: a missing row counts as wrong; ignore: it is left out")
    ] = "incorrect",
    as_json: AsJson = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="exit with 1 if ids are missing, extra or doubled")
    ] = False,
) -> None:
    """Score a submission in the WattBot format."""
    from modellab.core.registry import kinds
    from modellab.models.submission_files import MissingRows
    from modellab.models.submission_matching import complaints
    from modellab.tasks import scorers
    from modellab.workflow.cli.comparison import check_order, compare_files

    versions = [kind for options in scorers("wattbot") for kind in kinds(options)]
    rules = _rules(_one_of("--scorer", scorer or versions[0], versions), locale)
    missing_rows = cast(MissingRows, _one_of("--missing", missing, ["incorrect", "ignore"]))
    for note in check_order(truth, submission):
        typer.echo(f"note: {note}", err=True)
    result = compare_files(truth, submission, rules, missing_rows)
    problems = list(complaints(result.matched))
    for problem in problems:
        typer.echo(f"warning: {submission}: {problem}", err=True)
    typer.echo(json.dumps(_plain(result)) if as_json else "\n".join(_lines(result)))
    if strict and problems:
        raise typer.Exit(1)


def _one_of(option: str, name: str, choices: Sequence[str]) -> str:
    if name not in choices:
        raise InputError(f"{option}: unknown {name!r}; choose from: {', '.join(choices)}")
    return name


def _rules(kind: str, locale: str | None) -> ScorerOptions:
    from modellab.core.options import UNKNOWN_KEY
    from modellab.tasks import parse_scorer

    try:
        return parse_scorer({"kind": kind, **({} if locale is None else {"locale": locale})})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        problem = first["msg"].removeprefix("Value error, ")
        if first["type"] == UNKNOWN_KEY:
            problem = f"{kind} has none"
        raise InputError(f"--locale: {problem}") from None


def _plain(result: ScoredSubmission) -> dict[str, Any]:
    """The result as plain JSON, with all digits of its numbers."""
    return {
        **{name: metric.value for name, metric in result.metrics.items()},
        "n": len(result.rows),
        "n_na": result.metrics["na_recall"].n_scored,
        "coverage": result.matched.coverage,
        "scorer": result.scorer,
        "missing_rows": result.missing,
        "missing": list(result.matched.missing),
        "extra": list(result.matched.extra),
        "duplicates": list(result.matched.duplicates),
        "outcomes": count_outcomes(result.rows),
        "flags": {
            flag: {"accuracy": found.accuracy, "n": found.n, "right": found.right}
            for flag, found in result.flags().items()
        },
    }


def _lines(result: ScoredSubmission) -> Iterator[str]:
    """The result for people: components, coverage, kinds of evidence, the first wrong rows."""
    from modellab.models.submission_files import listed

    matched = result.matched
    yield f"rules {result.scorer}, missing rows: {result.missing}"
    for name, metric in result.metrics.items():
        yield f"  {_LABELS.get(name, name):<15} {metric.value:.6f}  n={metric.n_scored}"
    yield f"  {'coverage':<15} {matched.coverage:.6f}  n={len(matched.rows)}"
    for what, ids in (
        ("missing", matched.missing),
        ("extra", matched.extra),
        ("duplicate", tuple(matched.duplicates)),
    ):
        yield f"{what} rows: {len(ids)}" + (f" ({listed(ids)})" if ids else "")
    outcomes = count_outcomes(result.rows)
    yield "outcomes: " + ", ".join(f"{count} {name}" for name, count in outcomes.items())
    if flags := result.flags():
        yield "right answers by kind of evidence"
    for flag, row in flags.items():
        share = "-" if row.accuracy is None else f"{row.accuracy:.6f}"
        yield f"  {flag:<15} {share:<8}  n={row.n}, right={row.right}"
    if wrong := result.wrong():
        yield f"rows that lost points, {min(SHOWN, len(wrong))} of {len(wrong)}"
    for name, reason in wrong[:SHOWN]:
        yield f"  {name}: {reason}"
