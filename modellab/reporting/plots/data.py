"""What plots are drawn from: the tables and rows of one dataset, as pandas frames."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import pandas as pd

from modellab.core.io.frames import read_frame
from modellab.core.io.jsonl import read_json, read_json_rows
from modellab.evaluation.compare.entries import ENSEMBLE, EXTERNAL, entry_name
from modellab.evaluation.compare.score_files import FIRST_REPEAT
from modellab.models.energy import energy_used

#: tables of a dataset, `results/{dataset}/{name}.csv`
TABLES = (
    *("leaderboard", "statistics", "comparisons", "noise_budget", "agreement"),
    *("retrieval", "error_attribution", "judge_scores", "confusion", "label_agreement"),
)
#: all that a plot may name; every plot has the leaderboard
SOURCES = (*TABLES, "questions", "rows", "predictions", "runs")
#: columns that are text whatever stands in them; the others are numbers where all cells are
_TEXT = {
    *("system", "system_a", "system_b", "model", "retriever", "judge", "provider", "component"),
    *("metric", "source", "kind", "level", "test", "method", "marked", "question_id", "outcome"),
    "models_missing",
    "true",
    "given",
}
_TRUTH = {"True": True, "False": False}
_STATUSES = ("answered", "abstained", "unparsed", "failed", "missing")
#: fields of predictions that plots look at
_OF_PREDICTIONS = ("question_id", "retriever", "repeat", "status", "latency_seconds", "confidence")
#: a system without a retriever of ours
NO_RETRIEVER = EXTERNAL
#: more families than this have no colour of their own
_MOST_FAMILIES = 9


class PlotData:
    """One dataset's results. A frame is read when it is first asked for, and kept.

    Args:
        dataset: its name.
        sources: by the names in `SOURCES`, what gives the frame. One that the dataset does not
            have is not in it, and its frame is empty.
    """

    def __init__(self, dataset: str, sources: Mapping[str, Callable[[], pd.DataFrame]]) -> None:
        self.dataset = dataset
        self._sources = sources
        self._read: dict[str, pd.DataFrame] = {}

    def table(self, name: str) -> pd.DataFrame:
        """The frame of a source, without rows and columns where the dataset does not have it."""
        if name not in self._read:
            self._read[name] = self._sources[name]() if name in self._sources else pd.DataFrame()
        return self._read[name]

    @cached_property
    def systems(self) -> pd.DataFrame:
        """The leaderboard, contenders best first and then controls, and what plots add to it.

        `system` is its name, `family` the models that share a colour, `origin` where the answers
        come from, `rows` how many answers were wanted, `asked` those that are not missing.
        """
        frame = self.table("leaderboard").copy()
        if frame.empty:
            return frame
        frame["system"] = _named(frame)
        frame["family"] = frame["model"].map(families(list(frame["model"].unique())))
        frame["origin"] = [
            provider
            if provider in ("submission", ENSEMBLE)
            else "local"
            if local is True
            else "API"
            for provider, local in zip(frame["provider"], frame["local"], strict=True)
        ]
        frame["control"] = frame["control"].astype(bool)
        frame["rows"] = frame[[*_STATUSES]].sum(axis=1)
        frame["asked"] = frame["rows"] - frame["missing"]
        return frame

    @cached_property
    def components(self) -> tuple[str, ...]:
        """The components of the score in order; the last is the overall score."""
        names = list(map(str, self.systems))
        return tuple(n for n in names if f"{n}_n" in names and f"{n}_failed" in names)

    @property
    def overall(self) -> str:
        return self.components[-1]

    @cached_property
    def partial(self) -> tuple[str, ...]:
        """The models that should be there and are not."""
        if "models_missing" not in self.systems:
            return ()
        return tuple(str(self.systems["models_missing"].iloc[0]).split())

    def intervals(self, component: str) -> pd.DataFrame:
        """`low` and `high` of every system in the order of `systems`, NaN where there are none."""
        found = self.table("statistics")
        if not found.empty:
            found = found[found["component"] == component].set_index("system")[["low", "high"]]
            found = found.astype(float)
        return found.reindex(index=self.systems["system"], columns=["low", "high"]).reset_index()

    def right(self) -> pd.DataFrame:
        """Question by system: 1.0 right, 0.0 not, NaN without an outcome; the first repeat.

        Missing answers have none where `missing: ignore` leaves them out of the score.
        """
        rows = self.table("rows")
        rows = rows[(rows["repeat"] == FIRST_REPEAT) & (rows["outcome"] != "")]
        systems = self.systems
        ignoring = systems[systems[f"{self.overall}_n"] <= systems["asked"]]["system"]
        missing = (rows["outcome"] == "missing") & rows["system"].isin(ignoring)
        rows = rows[~missing]
        marks = (rows["outcome"] == "right").astype(float)
        return (
            rows.assign(right=marks)
            .pivot_table(index="question_id", columns="system", values="right", observed=True)
            .reindex(columns=systems["system"])
        )


def read_plot_data(dataset: str, named: Iterable[tuple[str, str | Sequence[str]]]) -> PlotData:
    """Results in files, named as in `SOURCES`; files of models are named like the model."""
    files = {
        name: [Path(path) for path in ([paths] if isinstance(paths, str) else paths)]
        for name, paths in named
    }
    readers: dict[str, Callable[[Sequence[Path]], pd.DataFrame]] = {
        "questions": _questions,
        "rows": _score_rows,
        "predictions": _predictions,
        "runs": _runs,
    }

    def reader(name: str) -> Callable[[], pd.DataFrame]:
        return lambda: readers.get(name, _tables)(files[name])

    return PlotData(dataset, {name: reader(name) for name in SOURCES if files.get(name)})


def families(models: Sequence[str]) -> dict[str, str]:
    """By model the family that it has its colour with: the letters that its name begins with.

    Where all begin alike each model is a family. Beyond nine families the rest is `other`.
    """
    found = {name: _family(name) for name in models}
    if len(set(found.values())) == 1:
        found = {name: name for name in models}
    counts = pd.Series(list(found.values())).value_counts(sort=False)
    if len(counts) > _MOST_FAMILIES:
        kept = set(counts.sort_values(ascending=False, kind="stable").index[: _MOST_FAMILIES - 1])
        found = {name: one if one in kept else "other" for name, one in found.items()}
    return found


def _family(model: str) -> str:
    letters = re.search(r"[^\W\d_]{2,}", model)
    return letters.group().lower() if letters else model


def _named(frame: pd.DataFrame) -> list[str]:
    pairs = zip(frame["model"], frame["retriever"], strict=True)
    return [entry_name(model, retriever) for model, retriever in pairs]


def _tables(paths: Sequence[Path]) -> pd.DataFrame:
    return typed(pd.concat([read_frame(path) for path in paths], ignore_index=True))


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of text: names stay text, truths become bool, the rest numbers if all cells are."""
    for name in frame.columns.difference(list(_TEXT)):
        cells = frame[name].map(lambda cell: "" if cell is None else str(cell))
        if cells.isin(_TRUTH).any() and cells.isin({*_TRUTH, ""}).all():
            frame[name] = cells.map(_TRUTH)
            continue
        numbers = pd.to_numeric(cells.replace("", "nan"), errors="coerce")
        frame[name] = cells if (numbers.isna() & ~cells.isin(["", "nan"])).any() else numbers
    return frame


def _questions(paths: Sequence[Path]) -> pd.DataFrame:
    rows = [
        {"question_id": row["id"], "tags": tuple(row.get("tags") or ())}
        for path in paths
        for row in read_json_rows(path)
    ]
    return pd.DataFrame(rows, columns=["question_id", "tags"])


def _score_rows(paths: Sequence[Path]) -> pd.DataFrame:
    columns = ("question_id", "retriever", "repeat", "outcome")
    read = (read_frame(path, {}, columns, only=True).assign(model=path.stem) for path in paths)
    return with_systems(pd.concat(read, ignore_index=True))


def _predictions(paths: Sequence[Path]) -> pd.DataFrame:
    rows = ([path.stem, *fields] for path in paths for fields in _fields(path))
    return with_systems(pd.DataFrame(rows, columns=["model", *_OF_PREDICTIONS]))


def _fields(path: Path) -> Iterator[list[object]]:
    for row in read_json_rows(path):
        yield [row.get(name) for name in _OF_PREDICTIONS]


def with_systems(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of models with the name of their system; what repeats itself as categories."""
    rows["repeat"] = rows["repeat"].astype(int)
    pairs = rows[["model", "retriever"]].drop_duplicates()
    names = pairs.assign(system=_named(pairs))
    rows = rows.merge(names, on=["model", "retriever"], how="left")
    for name in ("model", "retriever", "system", "question_id"):
        rows[name] = rows[name].astype("category")
    return rows


def _runs(paths: Sequence[Path]) -> pd.DataFrame:
    return run_frame({path.stem: read_json(path) for path in paths})


def run_frame(runs: Mapping[str, Mapping[str, object]]) -> pd.DataFrame:
    """By model: watt-hours per 1,000 answers, NaN without a meter, and the log of its memory."""
    rows = []
    for name, run in runs.items():
        used, model = energy_used(run), run.get("model_report")
        energy = 1000 * used.watt_hours / used.generated if used and used.generated else None
        memory = (model.get("memory") if isinstance(model, Mapping) else None) or []
        rows.append({"model": name, "energy": energy, "memory": memory})
    return pd.DataFrame(rows, columns=["model", "energy", "memory"])
