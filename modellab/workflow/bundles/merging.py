"""One comparison of the systems of several bundles, which answered the same questions."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.atomic import atomic_folder
from modellab.core.io.frames import write_frame
from modellab.core.io.jsonl import read_json, read_rows, write_json
from modellab.core.records import Question
from modellab.evaluation.compare.agreement import write_agreement
from modellab.evaluation.compare.errors import write_errors
from modellab.evaluation.compare.matrix import matrix_table
from modellab.evaluation.frame import read_dataset
from modellab.reporting.page.page import write_report
from modellab.reporting.page.readme import write_readme
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.plots import PLOTS, sources_of
from modellab.reporting.plots.data import read_plot_data
from modellab.reporting.plots.drawing import FORMATS, INDEX, draw_plots
from modellab.workflow.bundles.archive import open_zip
from modellab.workflow.bundles.manifest import Manifest, Rescoring
from modellab.workflow.bundles.rescoring import asks, rescored, rules
from modellab.workflow.bundles.tables import make_tables
from modellab.workflow.bundles.verifying import MOST_BYTES, opened, statistics_of, unpack

#: of a question what decides scores; where it was read does not
_ASKED = ("id", "text", "given", "truth", "references", "unanswerable", "other_answers", "aliases")
_RANKED = ("relevant_chunks", "grades")
_PER_MODEL = ("predictions/{}.jsonl", "runs/{}.json", "scores/{}.csv")


@dataclass(frozen=True)
class Part:
    """One dataset of one bundle, unpacked into `folder`; `origin` is what the bundle is called."""

    path: Path
    origin: str
    folder: Path
    dataset: str
    manifest: Manifest

    @property
    def rescoring(self) -> Rescoring:
        return self.manifest.datasets[self.dataset]

    @property
    def results(self) -> Path:
        return self.folder / self.dataset


def merge(
    paths: Sequence[Path],
    out: Path,
    datasets: Sequence[str] = (),
    trust: bool = False,
    most_bytes: int = MOST_BYTES,
) -> Iterator[tuple[str, list[str]]]:
    """Write the results of several bundles as those of one run, a folder of `out` per dataset.

    Args:
        paths: The bundles, two or more.
        out: The folder of results to write into.
        datasets: Which datasets; none for all that each bundle has.
        trust: Whether scorers may load or ask the embedder that a bundle names.
        most_bytes: What each bundle may unpack to.

    Yields:
        Each dataset that is written, with its models.

    Raises:
        InputError: A bundle is not what it says, or two of them differ in their questions or in
            what their scores are made by.
    """
    if len(paths) < 2:
        raise InputError("merge: name two bundles or more")
    with tempfile.TemporaryDirectory(prefix="modellab-merge-") as place:
        scratch = Path(place)
        found = [
            _parts(path, origin, scratch / str(number), trust, most_bytes)
            for number, (path, origin) in enumerate(zip(paths, _origins(paths), strict=True))
        ]
        for dataset in _shared(found, datasets):
            parts = [one[dataset] for one in found]
            for part in parts[1:]:
                _require_same(parts[0], part)
            with atomic_folder(out / dataset) as folder:
                models = _gather(parts, folder)
                _finish(parts[0], folder, models, dataset)
            yield dataset, models


def _origins(paths: Sequence[Path]) -> list[str]:
    """A name for each bundle: that of its file, which may be a part of a model's name."""
    stems = [re.sub(r"[^a-z0-9._-]+", "-", path.stem.lower()).strip("-.") or "x" for path in paths]
    return [
        stem if stems.count(stem) == 1 else f"{stem}-{number}"
        for number, stem in enumerate(stems, start=1)
    ]


def _parts(path: Path, origin: str, scratch: Path, trust: bool, most_bytes: int) -> dict[str, Part]:
    """The datasets of a bundle whose files and scores are what it says."""
    with open_zip(path) as archive:
        manifest, troubles = opened(archive, most_bytes)
        if troubles:
            raise InputError(f"{path}: {troubles[0]}; `modellab verify` says more")
        for dataset in manifest.datasets:
            unpack(archive, manifest, dataset, scratch / "bundle")
    found = {}
    for dataset, rescoring in manifest.datasets.items():
        if (embedder := asks(rescoring)) and not trust:
            raise InputError(
                f"{path}: {dataset}: its scorer asks an embedder ({embedder}); --trust lets it"
            )
        for one in rescored(scratch / "bundle", dataset, rescoring, scratch / "again"):
            if one.differences:
                raise InputError(f"{path}: {dataset}: {one.system}: {one.differences[0]}")
        found[dataset] = Part(path, origin, scratch / "bundle", dataset, manifest)
    return found


def _shared(found: Sequence[Mapping[str, Part]], wanted: Sequence[str]) -> list[str]:
    names = [name for name in found[0] if all(name in one for one in found)]
    lacking = next((name for name in wanted if name not in names), None)
    if lacking is not None or not names:
        there = "; ".join(f"{next(iter(one.values())).path}: {', '.join(one)}" for one in found)
        what = "no dataset is in all bundles" if lacking is None else f"not in all: {lacking!r}"
        raise InputError(f"{what} ({there}); a dataset needs one name in all of them")
    return [name for name in names if not wanted or name in wanted]


def _require_same(first: Part, other: Part) -> None:
    """Raises InputError that names the first difference in questions or in scoring rules."""
    text = _of_questions(first, other) or _of_plain(_rules(first), _rules(other))
    if text:
        what, one, two = text
        raise InputError(
            f"{other.path}: {other.dataset}: {what} is {_short(two)}, but {_short(one)} in "
            f"{first.path}; only answers to the same questions by the same rules can be compared"
        )


_Difference = tuple[str, Any, Any]


def _of_questions(first: Part, other: Part) -> _Difference | None:
    fields = (*_ASKED, *(_RANKED if first.rescoring.task.get("kind") == "retrieval" else ()))
    one, two = _questions(first, fields), _questions(other, fields)
    if len(one) != len(two):
        return "the number of questions", len(one), len(two)
    for name in dict.fromkeys([*one, *two]):
        if name not in one or name not in two:
            states = ["there" if name in questions else "missing" for questions in (one, two)]
            return f"question {name!r}", states[0], states[1]
        if found := _of_plain(one[name], two[name]):
            return f"question {name!r}: {found[0]}", found[1], found[2]
    return None


def _questions(part: Part, fields: Sequence[str]) -> dict[str, dict[str, Any]]:
    rows = map(asdict, read_rows(part.results / "questions.jsonl", Question))
    return {row["id"]: {field: row[field] for field in fields} for row in rows}


def _rules(part: Part) -> dict[str, Any]:
    """All that scores and statistics are made by; files by their digests."""
    said, files = part.rescoring, part.manifest.files
    digests = {key: files[name].sha256 for key, name in said.task_files.items()}
    return {
        "task": {**said.task, **digests},
        "scorer": said.scorer,
        "missing": said.missing,
        "seed": said.seed,
        "documents": files[said.chunks].sha256 if said.chunks else None,
        "statistics": said.statistics,
    }


def _of_plain(one: Any, other: Any, where: str = "") -> _Difference | None:
    """The first key by which plain data differ, with both values."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return None if one == other else (where, one, other)
    found = (
        _of_plain(one.get(key), other.get(key), f"{where}.{key}" if where else str(key))
        for key in dict.fromkeys([*one, *other])
    )
    return next(filter(None, found), None)


def _short(value: Any, width: int = 60) -> str:
    text = value if isinstance(value, str) and value in ("there", "missing") else repr(value)
    return text if len(text) <= width else f"{text[:width]}..."


def _gather(parts: Sequence[Part], folder: Path) -> list[str]:
    """Copy what each bundle has of each model; gives the models' names.

    A name that several bundles have gets its bundle's.
    """
    for name in ("predictions", "runs", "scores"):
        (folder / name).mkdir()
    shutil.copyfile(parts[0].results / "questions.jsonl", folder / "questions.jsonl")
    counts = Counter(name for part in parts for name in part.rescoring.models)
    models = []
    for part in parts:
        for name in part.rescoring.models:
            own = name if counts[name] == 1 else f"{name}.{part.origin}"
            if own in models or (own != name and own in counts):
                raise InputError(f"{part.path}: {own!r} is the name of another model; rename it")
            for pattern in _PER_MODEL:
                source = part.results / pattern.format(name)
                shutil.copyfile(source, folder / pattern.format(own))
            scores = read_json(part.results / "scores" / f"{name}.json")
            named = {**scores, "name": own, "bundle": part.origin}
            write_json(folder / "scores" / f"{own}.json", named)
            models.append(own)
    return models


def _finish(first: Part, folder: Path, models: Sequence[str], dataset: str) -> None:
    """Tables, plots and page, by the same functions as of a run."""
    task, scorer = rules(first.folder, dataset, first.rescoring)
    options, seed = statistics_of(first.rescoring), first.rescoring.statistics_seed
    make_tables(folder, models, task, scorer, options, seed, folder)
    summaries = [folder / "scores" / f"{name}.json" for name in models]
    rows = [path.with_suffix(".csv") for path in summaries]
    scored = read_dataset(folder / "questions.jsonl", summaries, rows)
    write_frame(folder / "matrix.csv", matrix_table(scored))
    write_frame(folder / "matrix_long.csv", scored.rows)
    write_errors(scored, folder / "errors.csv", folder / "wrong_questions")
    tables = ("agreement", "questions_by_difficulty", "unique_wins")
    write_agreement(scored, task.kind, *(folder / f"{name}.csv" for name in tables))
    _draw(folder, models, dataset)
    results = DatasetResults(folder, models, settings={"scorer": first.rescoring.scorer})
    write_report(results, task.make(), folder / "report")
    write_readme(results, folder / "README.md")


def _draw(folder: Path, models: Sequence[str], dataset: str) -> None:
    """The plots whose tables are there."""
    sources = {path.stem: [str(path)] for path in folder.glob("*.csv")}
    sources["questions"] = [str(folder / "questions.jsonl")]
    for name, pattern in zip(("predictions", "runs", "rows"), _PER_MODEL, strict=True):
        sources[name] = [str(folder / pattern.format(model)) for model in models]
    (folder / "plots").mkdir()
    wanted = [name for name in PLOTS if set(sources_of(name).needs) <= sources.keys()]
    files = {name: [folder / "plots" / f"{name}{kind}" for kind in FORMATS] for name in wanted}
    draw_plots(read_plot_data(dataset, sources.items()), files, folder / "plots" / INDEX)
