"""Compare the page of a bundle with its tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json
from modellab.core.layout import PAGE, REPORT, VERDICT, table_file
from modellab.evaluation.compare.entries import CONTROLS, entry_name
from modellab.reporting.page.numbers import NOTHING, number, score
from modellab.reporting.page.page import SCRIPTS, STYLE
from modellab.reporting.page.question_data import matrix, score_rows
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.untrusted import ASSETS

#: the column of ranks, and that of names
_RANK, _SYSTEM = "#", "system"
_Shown = tuple[str, str, str]


def page_differences(
    folder: Path, models: Sequence[str], scorer: Mapping[str, Any]
) -> Iterator[str]:
    """Differences in systems, ranks, scores, verdict and outcomes, a line each.

    `models` are those of the tables, `scorer` the scorer's options as plain data.
    """
    from lxml import html

    text = (folder / PAGE).read_text(encoding="utf-8")
    if not text.strip():
        yield "the page is empty"
        return
    page = html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))
    columns = ("rank", "model", "retriever", "control")
    board = read_csv(folder / table_file("leaderboard"), columns).rows
    results = DatasetResults(folder, models, settings={"scorer": scorer})
    overall = results.components[-1]
    for title, control in (("Systems", "False"), (CONTROLS, "True")):
        rows = [row for row in board if row["control"] == control]
        said = [_expected(row, overall) for row in rows]
        yield from _of_table(title, page, said, overall.replace("_", " "))
    verdict = read_json(folder / VERDICT)["text"]
    shown = _text(page.find(".//p[@class='verdict']"))
    if shown != " ".join(verdict.split()):
        yield f"the page's verdict is {shown!r}, that of verdict.json {verdict!r}"
    yield from _of_outcomes(page, folder, results)


def foreign_scripts(folder: Path) -> list[str]:
    """The page's scripts that are not those of this version of Model Lab."""
    return [
        name
        for name in (*SCRIPTS, STYLE)
        if not (path := folder / REPORT / name).is_file()
        or path.read_bytes() != (ASSETS / name).read_bytes()
    ]


def _expected(row: Mapping[str, str], overall: str) -> _Shown:
    model, retriever = row["model"], row["retriever"]
    below = "" if entry_name(model, retriever) == model else f" {retriever}"
    return (row["rank"] or NOTHING, f"{model}{below}", score(number(row[overall])))


def _of_table(title: str, page: Any, said: Sequence[_Shown], overall: str) -> Iterator[str]:
    tables = [one for one in page.iter("table") if one.get("data-name") == title]
    if len(tables) != bool(said):
        yield f"the page has {len(tables)} tables {title!r}"
        return
    for table in tables:
        heads = [_text(one) for one in table.iter("th")]
        if not {_RANK, _SYSTEM, overall} <= set(heads):
            yield f"the page's table {title!r} has no columns {_RANK}, {_SYSTEM} and {overall}"
            return
        places = [heads.index(name) for name in (_RANK, _SYSTEM, overall)]
        body = [[_text(cell) for cell in row.iter("td")] for row in table.iter("tr")]
        cells = [tuple(row[place] for place in places) for row in body if row]
        # an interval may follow the score
        shown = [(rank, system, value.split(" ")[0]) for rank, system, value in cells]
        if len(shown) != len(said):
            yield f"the page ranks {len(shown)} systems in {title!r}, leaderboard.csv {len(said)}"
        for row, (one, other) in enumerate(zip(shown, said, strict=False), 1):
            if one != other:
                where = f"row {row} of {title!r}"
                yield f"{where}: {' '.join(one)} on the page, {' '.join(other)} in the table"


def _of_outcomes(page: Any, folder: Path, results: DatasetResults) -> Iterator[str]:
    """The page's list of questions compared with the scores."""
    found = page.xpath("//script[@id='data-matrix']")
    if found:
        text = found[0].text or ""
    else:
        path = folder / "report" / "data" / "matrix.js"
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        # modellab("matrix","{...}");
        text = json.loads(f"[{text.strip()[len('modellab(') : -2]}]")[1] if text else ""
    try:
        shown = {one["name"]: one for one in json.loads(text)["systems"]}
    except (ValueError, KeyError, TypeError, IndexError):
        yield "the page's list of questions cannot be read"
        return
    made = {one["name"]: one for one in matrix(results, score_rows(results))["systems"]}
    for name in dict.fromkeys([*made, *shown]):
        one, other = shown.get(name), made.get(name)
        if one is None or other is None or json.loads(json.dumps(other)) != one:
            yield f"the page's list of questions shows other outcomes of {name} than its scores"


def _text(element: Any) -> str:
    if element is None:
        return ""
    return " ".join(" ".join(element.itertext()).split())
