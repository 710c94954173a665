"""The tables and rows of one dataset as pandas frames, for plots."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import pandas as pd

from modellab.core.io.frames import read_frame
from modellab.core.io.jsonl import read_json, read_json_rows
from modellab.core.records import NO_RETRIEVER
from modellab.evaluation.compare.entries import ENSEMBLE, entry_name
from modellab.evaluation.compare.score_files import FIRST_REPEAT
from modellab.evaluation.prediction_frame import read_prediction_frame
from modellab.evaluation.results import typed
from modellab.reporting.plots.style import colours_of

_STATUSES = ["answered", "abstained", "unparsed", "failed", "missing"]
#: components that a plot of all of them has room for, the overall score among them
_MOST_COMPONENTS = 9
#: more families than this have no colour of their own
_MOST_FAMILIES = 9


class PlotData:
    """The results of one dataset. Each frame is read once, when it is first used.

    Args:
        dataset: its name.
        sources: the readers of the frames by the names of tables, and `questions`, `rows`,
            `predictions` and `runs`; the frame of a source that is left out is empty.
    """

    def __init__(self, dataset: str, sources: Mapping[str, Callable[[], pd.DataFrame]]) -> None:
        self.dataset = dataset
        self._sources = sources
        self._read: dict[str, pd.DataFrame] = {}

    def table(self, name: str) -> pd.DataFrame:
        """The frame of a source; without rows and columns if the dataset does not have it."""
        if name not in self._read:
            self._read[name] = self._sources.get(name, pd.DataFrame)()
        return self._read[name]

    @cached_property
    def systems(self) -> pd.DataFrame:
        """The leaderboard, contenders best first and then controls, with more columns.

        `system` is the name, `family` the models that share a `colour`, the same in all plots,
        `origin` where it runs, `rows` the number of expected answers, `asked` those that are not
        missing. Where retrievers are compared, none is beside the system: `retriever` is empty.
        """
        frame = self.table("leaderboard").copy()
        if frame.empty:
            return frame
        frame["system"] = _system_names(frame)
        alone = frame["retriever"] == frame["model"]
        frame["retriever"] = frame["retriever"].mask(alone, NO_RETRIEVER)
        frame["family"] = frame["model"].map(families(list(frame["model"].unique())))
        frame["colour"] = frame["family"].map(colours_of(sorted(frame["family"].unique())))
        runs_at = frame["local"].map({True: "local"}).fillna("API")
        own = frame["provider"].isin(["submission", ENSEMBLE])
        frame["origin"] = frame["provider"].where(own, runs_at)
        frame["control"] = frame["control"].astype(bool)
        frame["rows"] = frame[_STATUSES].sum(axis=1)
        frame["asked"] = frame["rows"] - frame["missing"]
        return frame

    @cached_property
    def components(self) -> tuple[str, ...]:
        """The components of the score in order; the last is the overall score."""
        names = list(map(str, self.systems))
        return tuple(n for n in names if f"{n}_n" in names and f"{n}_failed" in names)

    @property
    def main_components(self) -> tuple[str, ...]:
        """The first of the components, and the overall score: as many as there is room for."""
        return (*self.components[:-1][: _MOST_COMPONENTS - 1], self.overall)

    @property
    def overall(self) -> str:
        return self.components[-1]

    @property
    def partial(self) -> list[str]:
        """The models of the config that have no predictions."""
        return str(self.systems.get("models_missing", pd.Series([""])).iloc[0]).split()

    def intervals(self, component: str, systems: pd.DataFrame) -> pd.DataFrame:
        """`low` and `high` of these systems, in their order; NaN without an interval."""
        found = self.table("statistics")
        if not found.empty:
            found = found[found["component"] == component].set_index("system")
        ends = found.reindex(index=systems["system"], columns=["low", "high"]).astype(float)
        return ends.reset_index(drop=True)

    def first_outcomes(self) -> pd.DataFrame:
        """The rows of the first repeat that have an outcome, `right` is 1.0 or 0.0.

        Without missing answers if `missing: ignore` leaves them out of the score.
        """
        rows, systems = self.table("rows"), self.systems
        rows = rows[(rows["repeat"] == FIRST_REPEAT) & (rows["outcome"] != "")]
        ignoring = systems[systems[f"{self.overall}_n"] <= systems["asked"]]["system"]
        rows = rows[~((rows["outcome"] == "missing") & rows["system"].isin(ignoring))]
        return rows.assign(right=(rows["outcome"] == "right").astype(float))


def read_plot_data(dataset: str, sources: Mapping[str, Sequence[Path]]) -> PlotData:
    """Results in files by the names of `PlotData`; files of models are named like the model."""
    readers: dict[str, Callable[[Sequence[Path]], pd.DataFrame]] = {
        "questions": _questions,
        "rows": _score_rows,
        "predictions": _predictions,
        "runs": lambda paths: run_frame({path.stem: read_json(path) for path in paths}),
    }

    def reader(name: str, files: Sequence[Path]) -> Callable[[], pd.DataFrame]:
        return lambda: readers[name](files) if name in readers else numbers_of(read_frame(files[0]))

    return PlotData(dataset, {n: reader(n, paths) for n, paths in sources.items() if paths})


def families(models: Sequence[str]) -> dict[str, str]:
    """The family of each model, whose colour it shares: the first letters of its name.

    If all models have the same first letters, each is a family. Beyond nine families the smallest
    are `other`.
    """
    first = {name: re.search(r"[^\W\d_]{2,}", name) for name in models}
    found = {name: letters[0].lower() if letters else name for name, letters in first.items()}
    if len(set(found.values())) == 1:
        found = {name: name for name in models}
    counts = pd.Series(list(found.values())).value_counts(sort=False)
    if len(counts) > _MOST_FAMILIES:
        kept = set(counts.sort_values(ascending=False, kind="stable").index[: _MOST_FAMILIES - 1])
        found = {name: one if one in kept else "other" for name, one in found.items()}
    return found


def _system_names(frame: pd.DataFrame) -> list[str]:
    return list(map(entry_name, frame["model"], frame["retriever"]))


def numbers_of(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of texts with flags, and with numbers as float, NaN if missing."""
    found = typed(frame)
    return found.astype(dict.fromkeys(found.select_dtypes("Int64"), float))


def _questions(paths: Sequence[Path]) -> pd.DataFrame:
    rows = [(row["id"], tuple(row.get("tags") or ())) for p in paths for row in read_json_rows(p)]
    return pd.DataFrame(rows, columns=["question_id", "tags"])


def _score_rows(paths: Sequence[Path]) -> pd.DataFrame:
    columns = ("question_id", "retriever", "repeat", "outcome")
    read = (read_frame(path, {}, columns, only=True).assign(model=path.stem) for path in paths)
    return with_systems(pd.concat(read, ignore_index=True))


def _predictions(paths: Sequence[Path]) -> pd.DataFrame:
    read = (read_prediction_frame(path, ()).assign(model=path.stem) for path in paths)
    return with_systems(pd.concat(read, ignore_index=True))


def with_systems(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of models with the name of their system; repeated texts as categories."""
    rows["repeat"] = rows["repeat"].astype(int)
    pairs = rows[["model", "retriever"]].drop_duplicates()
    rows = rows.merge(pairs.assign(system=_system_names(pairs)), how="left")
    names = ["model", "retriever", "system", "question_id"]
    return rows.astype(dict.fromkeys(names, "category"))


def run_frame(runs: Mapping[str, Mapping[str, object]]) -> pd.DataFrame:
    """By model: watt-hours per 1,000 answers, NaN without a meter, and the log of its memory."""
    from modellab.models.metering import energy_used

    rows = []
    for name, run in runs.items():
        used, model = energy_used(run), run.get("model_report")
        energy = 1000 * used.watt_hours / used.generated if used and used.generated else None
        memory = (model.get("memory") if isinstance(model, Mapping) else None) or []
        rows.append({"model": name, "energy": energy, "memory": memory})
    return pd.DataFrame(rows, columns=["model", "energy", "memory"])
