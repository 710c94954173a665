"""The results of one dataset for the views: each file is read once, None if it is absent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json, read_rows
from modellab.core.layout import PLOTS, QUESTIONS, RUN, SUMMARY, TABLES, VERDICT, table_file
from modellab.core.records import ModelScores, Question
from modellab.evaluation.compare.entries import (
    Entry,
    Standings,
    components_of,
    entry_name,
    places_of,
    ranked,
    standings,
)
from modellab.evaluation.compare.score_files import read_scores
from modellab.evaluation.compare.verdict import Verdict, read_verdict
from modellab.reporting.tables.leaderboard import in_rounds

Row = Mapping[str, str]


@dataclass(frozen=True)
class DrawnPlot:
    """A plot as SVG, with the words on it."""

    path: Path
    title: str
    caption: str


@dataclass(frozen=True)
class DatasetResults:
    """The folder `results/{dataset}` with the models to show, in order.

    `query_logs` are folders of tables. `settings` is the config as plain data. `missing` are the
    models without predictions. `sources` are the files that belong to the config, by kind: a file
    that an earlier config left in the folder counts as absent. None: all files of the folder.
    """

    folder: Path
    models: Sequence[str]
    query_logs: Sequence[Path] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    missing: Sequence[str] = ()
    sources: Mapping[str, Sequence[Path]] | None = None

    @property
    def dataset(self) -> str:
        return self.folder.name

    @cached_property
    def scores(self) -> tuple[ModelScores, ...]:
        return tuple(read_scores(self.folder / SUMMARY.format(model=name)) for name in self.models)

    @cached_property
    def entries(self) -> list[Entry]:
        """All systems: contenders, best first, then controls."""
        return ranked(self.scores)

    @cached_property
    def competing(self) -> Standings:
        """Contenders and controls apart."""
        return standings(self.scores)

    @cached_property
    def places(self) -> dict[str, int | None]:
        """The rank of each system by name; None for controls."""
        return places_of(self.entries, self.components[-1])

    @cached_property
    def in_rounds(self) -> bool:
        """Whether some systems were asked only a part of the questions."""
        return in_rounds(self.scores)

    @cached_property
    def verdict(self) -> Verdict | None:
        """None without a leaderboard."""
        path = self.folder / VERDICT
        return read_verdict(path) if self._has(path) else None

    @cached_property
    def components(self) -> tuple[str, ...]:
        return components_of(self.scores)

    @cached_property
    def questions(self) -> list[Question]:
        return read_rows(self.folder / QUESTIONS, Question)

    @cached_property
    def runs(self) -> dict[str, dict[str, Any]]:
        """The records of the runs by model, if they exist."""
        files = {name: self.folder / RUN.format(model=name) for name in self.models}
        return {name: read_json(path) for name, path in files.items() if path.is_file()}

    @cached_property
    def shared_rules(self) -> ModelScores:
        """The first model's record: task, scorer and join are those of all."""
        return self.scores[0]

    def table(self, name: str) -> tuple[Row, ...] | None:
        """The rows of a table; None without its file."""
        path = self.folder / table_file(name)
        return read_csv(path).rows if self._has(path) else None

    def tables_in(self, folder: str) -> dict[str, tuple[Row, ...]]:
        """The tables of a folder among the tables, by name."""
        paths = self.files(f"{TABLES}/{folder}/*.csv")
        return {path.stem: read_csv(path).rows for path in paths}

    def files(self, pattern: str) -> list[Path]:
        """The files that match a pattern, by name."""
        return sorted(filter(self._has, self.folder.glob(pattern)))

    def json(self, file: str) -> Any:
        """The content of a JSON file; None without it."""
        path = self.folder / file
        return read_json(path) if self._has(path) else None

    def _has(self, path: Path) -> bool:
        return path.is_file() and (self.sources is None or path in self._of_config)

    @cached_property
    def _of_config(self) -> frozenset[Path]:
        return frozenset(path for paths in (self.sources or {}).values() for path in paths)

    @cached_property
    def plots(self) -> dict[str, DrawnPlot]:
        """The plots that show something, by name; titles and captions as the plots have them."""
        index = self.json(f"{PLOTS}/index.json") or {}
        shown, empty = index.get("shown", {}), index.get("nothing_to_show", {})
        return {
            path.stem: DrawnPlot(path, **_words_of(path.stem, shown))
            for path in self.files(f"{PLOTS}/*.svg")
            if path.stem not in empty
        }

    def statistics_of(self, system: str) -> Row:
        """The row of the leaderboard of a system; empty if there is none."""
        return self._leaderboard.get(system, {})

    @cached_property
    def _leaderboard(self) -> dict[str, Row]:
        rows = self.table("leaderboard") or ()
        return {entry_name(row["model"], row["retriever"]): row for row in rows}

    @cached_property
    def leader(self) -> Entry | None:
        """The contender with the highest overall score; None where no contender has one."""
        overall = self.components[-1]
        scored = (e for e in self.competing.contenders if e.score(overall) is not None)
        return next(scored, None)


def _words_of(name: str, shown: Mapping[str, Any]) -> dict[str, str]:
    words = shown.get(name) or {}
    title = words.get("title") or name.replace("_", " ").capitalize()
    return {"title": title, "caption": " ".join(words.get("caption", ()))}
