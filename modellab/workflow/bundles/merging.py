"""Merge bundles that answered the same questions into one comparison."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from modellab.config.loading import slug
from modellab.core import layout
from modellab.core.errors import InputError
from modellab.core.io.atomic import atomic_folder
from modellab.core.io.frames import write_frame
from modellab.core.io.jsonl import read_json, read_rows, write_json
from modellab.core.layout import QUESTIONS, SUMMARY, table_file, tables_in
from modellab.core.records import Question
from modellab.evaluation.compare.agreement import write_agreement
from modellab.evaluation.compare.errors import write_errors
from modellab.evaluation.compare.matrix import matrix_table
from modellab.evaluation.frame import read_dataset
from modellab.reporting.page.page import write_readme, write_report
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.plots import PLOTS, sources_of
from modellab.reporting.plots.data import read_plot_data
from modellab.reporting.plots.drawing import FORMATS, INDEX, draw_plots
from modellab.workflow.bundles.archive import PER_MODEL, Manifest, Rescoring, open_zip
from modellab.workflow.bundles.rescoring import (
    first_difference,
    foreign_embedder,
    make_tables,
    rescored,
    shown,
    statistics_of,
    task_and_scorer,
)
from modellab.workflow.bundles.verifying import MOST_BYTES, read_bundle, unpack

#: fields of a question that affect scores
_ASKED = (
    "id",
    "text",
    "inputs",
    "reference",
    "references",
    "unanswerable",
    "other_answers",
    "aliases",
)
_RANKED = ("relevant_chunks", "grades")


@dataclass(frozen=True)
class BundledDataset:
    """One dataset of one bundle, unpacked into `folder`; `origin` is the bundle's name."""

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
    """Write the results of several bundles as those of one run.

    Args:
        paths: The bundles, two or more.
        out: The folder of results, with a folder per dataset.
        datasets: The datasets to merge; empty: all that each bundle has.
        trust: Whether scorers may load or ask the embedder that a bundle names.
        most_bytes: The maximum unpacked size of each bundle.

    Yields:
        Each written dataset, with its models.

    Raises:
        InputError: A bundle fails its checks, or two differ in their questions or scoring rules.
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
    """A unique name for each bundle, by its file."""
    stems = [slug(path.stem) or "x" for path in paths]
    return [
        stem if stems.count(stem) == 1 else f"{stem}-{number}"
        for number, stem in enumerate(stems, start=1)
    ]


def _parts(
    path: Path, origin: str, scratch: Path, trust: bool, most_bytes: int
) -> dict[str, BundledDataset]:
    """The datasets of a bundle, after a check of its files and scores."""
    with open_zip(path) as archive:
        manifest, troubles = read_bundle(archive, most_bytes)
        if troubles:
            raise InputError(f"{path}: {troubles[0]}; `modellab verify` says more")
        for dataset in manifest.datasets:
            unpack(archive, manifest, dataset, scratch / "bundle")
    found = {}
    for dataset, rescoring in manifest.datasets.items():
        if (embedder := foreign_embedder(rescoring)) and not trust:
            raise InputError(
                f"{path}: {dataset}: its scorer asks an embedder ({embedder}); --trust lets it"
            )
        for one in rescored(scratch / "bundle", dataset, rescoring, scratch / "again"):
            if one.difference:
                raise InputError(f"{path}: {dataset}: {one.system}: {one.difference}")
        found[dataset] = BundledDataset(path, origin, scratch / "bundle", dataset, manifest)
    return found


def _shared(found: Sequence[Mapping[str, BundledDataset]], wanted: Sequence[str]) -> list[str]:
    names = [name for name in found[0] if all(name in one for one in found)]
    lacking = next((name for name in wanted if name not in names), None)
    if lacking is not None or not names:
        there = "; ".join(f"{next(iter(one.values())).path}: {', '.join(one)}" for one in found)
        what = "no dataset is in all bundles" if lacking is None else f"not in all: {lacking!r}"
        raise InputError(f"{what} ({there}); a dataset needs one name in all of them")
    return [name for name in names if not wanted or name in wanted]


def _require_same(first: BundledDataset, other: BundledDataset) -> None:
    """Raises InputError with the first difference in questions or scoring rules."""
    for one, two in ((_questions(first), _questions(other)), (_rules(first), _rules(other))):
        if difference := first_difference(one, two, exact=True):
            where, here, there = difference
            raise InputError(
                f"{other.path}: {other.dataset}: {where} is {shown(there)}, but {shown(here)} in "
                f"{first.path}; only answers to the same questions by the same rules can be "
                "compared"
            )


def _questions(part: BundledDataset) -> dict[str, Any]:
    fields = (*_ASKED, *(_RANKED if part.rescoring.task.get("kind") == "retrieval" else ()))
    rows = list(map(asdict, read_rows(part.results / QUESTIONS, Question)))
    own = {f"question {row['id']!r}": {field: row[field] for field in fields} for row in rows}
    return {"the number of questions": len(rows), **own}


def _rules(part: BundledDataset) -> dict[str, Any]:
    """The settings of scores and statistics, with digests of files."""
    rescoring, files = part.rescoring, part.manifest.files
    digests = {key: files[name].sha256 for key, name in rescoring.task_files.items()}
    return {
        "task": {**rescoring.task, **digests},
        "scorer": rescoring.scorer,
        "missing": rescoring.missing,
        "seed": rescoring.seed,
        "documents": files[rescoring.chunks].sha256 if rescoring.chunks else None,
        "statistics": rescoring.statistics,
    }


def _gather(parts: Sequence[BundledDataset], folder: Path) -> list[str]:
    """Copy the files of each model; returns the names of models, with that of the bundle if
    ambiguous."""
    for file in (QUESTIONS, *PER_MODEL):
        (folder / file).parent.mkdir(exist_ok=True)
    shutil.copyfile(parts[0].results / QUESTIONS, folder / QUESTIONS)
    counts = Counter(name for part in parts for name in part.rescoring.models)
    models = []
    for part in parts:
        for name in part.rescoring.models:
            own = name if counts[name] == 1 else f"{name}.{part.origin}"
            if own in models or (own != name and own in counts):
                raise InputError(f"{part.path}: {own!r} is the name of another model; rename it")
            for pattern in PER_MODEL:
                source = part.results / pattern.format(model=name)
                shutil.copyfile(source, folder / pattern.format(model=own))
            summary = folder / SUMMARY.format(model=own)
            write_json(summary, {**read_json(summary), "name": own, "bundle": part.origin})
            models.append(own)
    return models


def _finish(first: BundledDataset, folder: Path, models: Sequence[str], dataset: str) -> None:
    """Write tables, plots and page as in a run."""
    task, scorer = task_and_scorer(first.folder, dataset, first.rescoring)
    options, seed = statistics_of(first.rescoring), first.rescoring.statistics_seed
    make_tables(folder, models, task, scorer, options, seed, folder)
    summaries = [folder / SUMMARY.format(model=name) for name in models]
    rows = [path.with_suffix(".csv") for path in summaries]
    scored = read_dataset(folder / QUESTIONS, summaries, rows)
    write_frame(folder / table_file("matrix"), matrix_table(scored))
    write_frame(folder / table_file("matrix_long"), scored.rows)
    write_errors(scored, folder / table_file("errors"), folder / layout.TABLES / "wrong_questions")
    tables = ("agreement", "questions_by_difficulty", "unique_wins")
    write_agreement(scored, task.kind, *(folder / table_file(name) for name in tables))
    _draw(folder, models, dataset)
    results = DatasetResults(folder, models, settings={"scorer": first.rescoring.scorer})
    write_report(results, task, folder / layout.REPORT)
    write_readme(results, folder / layout.README)


def _draw(folder: Path, models: Sequence[str], dataset: str) -> None:
    """Draw all plots whose sources exist."""
    sources = {name: [path] for name, path in tables_in(folder).items()}
    sources["questions"] = [folder / QUESTIONS]
    for name, pattern in zip(("predictions", "runs", "rows"), PER_MODEL, strict=False):
        sources[name] = [folder / pattern.format(model=model) for model in models]
    (folder / layout.PLOTS).mkdir()
    wanted = [name for name in PLOTS if set(sources_of(name).needs) <= sources.keys()]
    files = {name: [folder / layout.PLOTS / f"{name}{kind}" for kind in FORMATS] for name in wanted}
    draw_plots(read_plot_data(dataset, sources), files, folder / layout.PLOTS / INDEX)
