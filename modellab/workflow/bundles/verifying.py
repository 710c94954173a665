"""Verify a bundle: check the digests of its files, recompute scores and tables, check the page."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json
from modellab.core.layout import PAGE, QUESTIONS, REPORT, VERDICT, table_file
from modellab.core.project import VERSION
from modellab.evaluation.compare.entries import CONTROLS, entry_name
from modellab.reporting.page.numbers import NOTHING, number, score
from modellab.reporting.page.page import SCRIPTS, STYLE
from modellab.reporting.page.question_data import matrix, score_rows
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.untrusted import ASSETS
from modellab.reporting.page.views.systems import part_of
from modellab.reporting.registry.project import describe_project, project_root
from modellab.workflow.bundles.archive import (
    MANIFEST,
    PER_MODEL,
    Archive,
    Manifest,
    open_zip,
    read_manifest,
)
from modellab.workflow.bundles.rescoring import (
    LEADERBOARD,
    TABLES,
    content_of,
    first_difference,
    foreign_embedder,
    make_tables,
    rescored,
    shown,
    statistics_of,
    task_and_scorer,
)

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
    columns = ("rank", "model", "retriever", "control", "coverage", "n_questions")
    board = read_csv(folder / table_file("leaderboard"), columns).rows
    results = DatasetResults(folder, models, settings={"scorer": scorer})
    overall = results.components[-1]
    for title, control in (("Systems", "False"), (CONTROLS, "True")):
        rows = [row for row in board if row["control"] == control]
        wanted = [_expected(row, overall) for row in rows]
        yield from _of_table(title, page, wanted, overall.replace("_", " "))
    verdict = read_json(folder / VERDICT)["text"]
    shown = _text(page.find(".//p[@class='verdict']"))
    if shown != " ".join(verdict.split()):
        yield f"the page's verdict is {shown!r}, that of verdict.json {verdict!r}"
    yield from _of_outcomes(page, folder, results)


def foreign_scripts(folder: Path) -> list[str]:
    """The scripts of the page that differ from those of this version."""
    return [
        name
        for name in (*SCRIPTS, STYLE)
        if not (path := folder / REPORT / name).is_file()
        or path.read_bytes() != (ASSETS / name).read_bytes()
    ]


def _expected(row: Mapping[str, str], overall: str) -> _Shown:
    model, retriever = row["model"], row["retriever"]
    coverage, questions = number(row["coverage"]), number(row["n_questions"])
    part = "" if coverage is None or questions is None else part_of(coverage, int(questions))
    shown = "" if entry_name(model, retriever) == model else retriever
    below = " \u00b7 ".join(filter(None, (shown, part)))
    return (row["rank"] or NOTHING, f"{model} {below}".strip(), score(number(row[overall])))


def _of_table(title: str, page: Any, wanted: Sequence[_Shown], overall: str) -> Iterator[str]:
    tables = [one for one in page.iter("table") if one.get("data-name") == title]
    if len(tables) != bool(wanted):
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
        if len(shown) != len(wanted):
            yield f"the page ranks {len(shown)} systems in {title!r}, leaderboard.csv {len(wanted)}"
        for row, (one, other) in enumerate(zip(shown, wanted, strict=False), 1):
            if one != other:
                where = f"row {row} of {title!r}"
                yield f"{where}: {' '.join(one)} on the page, {' '.join(other)} in the table"


def _of_outcomes(page: Any, folder: Path, results: DatasetResults) -> Iterator[str]:
    """Compare the page's list of questions with the scores."""
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


_MOST_MANIFEST = 64 << 20
#: maximum unpacked size of a bundle
MOST_BYTES = 16 << 30


@dataclass(frozen=True)
class Check:
    """The result of one check."""

    ok: bool
    text: str


def verify(path: Path, trust: bool = False, most_bytes: int = MOST_BYTES) -> Iterator[Check]:
    """Check the files; if they are unchanged, recompute all scores and tables.

    `trust` lets scorers load or query the embedder that the bundle names. Raises InputError for a
    file that is no bundle, or that would unpack to more than `most_bytes`.
    """
    with open_zip(path) as archive:
        manifest, troubles = read_bundle(archive, most_bytes)
        yield Check(True, _head(manifest, archive.read(MANIFEST, _MOST_MANIFEST)))
        yield from (Check(False, line) for line in troubles)
        if troubles:
            yield Check(False, "files differ from the manifest, so nothing was scored again")
            return
        yield Check(True, f"{len(manifest.files)} files as in the manifest")
        for dataset in manifest.datasets:
            for check in _dataset(archive, manifest, dataset, trust):
                yield Check(check.ok, f"{dataset}: {check.text}")


def read_bundle(archive: Archive, most_bytes: int) -> tuple[Manifest, list[str]]:
    """The manifest, and a line for each file that does not match it.

    Raises InputError for a file that is no bundle, or that would unpack to more than `most_bytes`.
    """
    if MANIFEST not in archive.names:
        raise InputError(f"{archive.path}: no {MANIFEST} in it, so it is no bundle")
    manifest = read_manifest(archive.path, archive.read(MANIFEST, _MOST_MANIFEST))
    total = sum(file.bytes for file in manifest.files.values())
    if total > most_bytes:
        raise InputError(
            f"{archive.path}: would unpack to {total:,} bytes, more than {most_bytes:,}; "
            "--max-gb allows more"
        )
    return manifest, list(_file_troubles(archive, manifest))


def _file_troubles(archive: Archive, manifest: Manifest) -> Iterator[str]:
    names = set(archive.names) - {MANIFEST}
    for name in sorted(names | set(manifest.files)):
        listed = manifest.files.get(name)
        if listed is None:
            yield f"extra: {name!r} is not in the manifest"
        elif name not in names:
            yield f"missing: {name!r}"
        else:
            found = archive.content(name, listed.bytes)
            if (found.sha256, found.bytes) != (listed.sha256, listed.bytes):
                yield f"changed: {name!r}"


def unpack(archive: Archive, manifest: Manifest, dataset: str, folder: Path) -> None:
    """Extract the files for scoring a dataset again, its tables and its page.

    Raises InputError for a file that is not in the manifest.
    """
    rescoring = manifest.datasets[dataset]
    per_model = (pattern.format(model=model) for model in rescoring.models for pattern in PER_MODEL)
    names = (
        *(f"{dataset}/{name}" for name in (QUESTIONS, PAGE, *TABLES)),
        *(f"{dataset}/{name}" for name in per_model),
        *(name for name in manifest.files if name.startswith(f"{dataset}/{REPORT}/")),
        *rescoring.task_files.values(),
        *([rescoring.chunks] if rescoring.chunks else []),
    )
    for name in dict.fromkeys(names):
        if name not in manifest.files:
            raise InputError(f"{MANIFEST}: {name!r} is needed to score again, and is missing")
        archive.extract(name, folder, manifest.files[name].bytes)


def _head(manifest: Manifest, text: bytes) -> str:
    made_by = f"modellab {manifest.modellab}, {manifest.commit or 'no commit'}"
    changed = ", with changes" if manifest.changed else ""
    other = "" if made_by == _this_version() else f"; verified by {_this_version()}"
    return f"bundle {sha256(text).hexdigest()}: {made_by}{changed}{other}"


def _this_version() -> str:
    return f"modellab {VERSION}, {describe_project(project_root()).commit or 'no commit'}"


def _dataset(archive: Archive, manifest: Manifest, dataset: str, trust: bool) -> Iterator[Check]:
    rescoring = manifest.datasets[dataset]
    embedder = foreign_embedder(rescoring)
    if embedder and not trust:
        yield Check(
            False,
            f"not scored again: its scorer asks an embedder ({embedder}) that the bundle names; "
            "--trust lets it",
        )
        return
    with tempfile.TemporaryDirectory(prefix="modellab-verify-") as place:
        folder = Path(place) / "bundle"
        unpack(archive, manifest, dataset, folder)
        for one in rescored(folder, dataset, rescoring, Path(place) / "again"):
            value = "none" if one.value is None else f"{one.value:.6f}"
            same = f"{one.overall} {value} from {one.rows} rows: the same"
            yield Check(one.difference is None, f"{one.system}: {one.difference or same}")
        yield from _tables(folder, manifest, dataset, Path(place) / "tables")
        yield from _page(folder, manifest, dataset)


def _tables(folder: Path, manifest: Manifest, dataset: str, made: Path) -> Iterator[Check]:
    """Recompute the tables from the scores of the bundle."""
    rescoring, own = manifest.datasets[dataset], folder / dataset
    task, scorer = task_and_scorer(folder, dataset, rescoring)
    board = read_csv(own / LEADERBOARD).rows
    missing = board[0].get("models_missing", "").split() if board else []
    options, seed = statistics_of(rescoring), rescoring.statistics_seed
    make_tables(own, list(rescoring.models), task, scorer, options, seed, made, missing)
    found = {
        name: first_difference(content_of(own / name), content_of(made / name)) for name in TABLES
    }
    for name, difference in found.items():
        if difference:
            where, written, now = difference
            text = f"{where}: {shown(written)}, but {shown(now)} from the scores"
            yield Check(False, f"{name}: {text}")
    if not any(found.values()):
        yield Check(True, f"{len(TABLES)} tables made again: the same")


def _page(folder: Path, manifest: Manifest, dataset: str) -> Iterator[Check]:
    rescoring = manifest.datasets[dataset]
    found = list(page_differences(folder / dataset, list(rescoring.models), rescoring.scorer))
    for text in found:
        yield Check(False, f"{PAGE}: {text}")
    if not found:
        yield Check(True, "the page shows the ranking of its table")
    if foreign := foreign_scripts(folder / dataset):
        commit = describe_project(project_root()).commit
        same = (manifest.modellab, manifest.commit) == (VERSION, commit) and not manifest.changed
        hint = "" if same else "; the bundle is of another version, so its scripts are not checked"
        text = f"{REPORT}/{foreign[0]}: not that of modellab {VERSION}, {commit or 'no commit'}"
        yield Check(not same, f"{text}{hint}")
