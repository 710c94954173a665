"""The files of each target, of reports and of plots."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import cache

from modellab.config.answering import models_named, wanted_plots
from modellab.config.schema import Config
from modellab.core import layout
from modellab.core.layout import table_file
from modellab.reporting.plots import sources_of
from modellab.workflow.entries import Wildcards
from modellab.workflow.settings import Settings
from modellab.workflow.systems import Systems

#: sources of plots (`modellab.reporting.plots.data`) that are not tables
_PLOT_SOURCES = {
    "questions": layout.QUESTIONS,
    "rows": layout.ROWS,
    "predictions": layout.PREDICTIONS,
    "runs": layout.RUN,
}
#: tables that every dataset has
_TABLES = ("leaderboard", "matrix", "matrix_long", "errors", "agreement", "audit")
_IN_REPORT = (
    *("leaderboard", "statistics", "comparisons", "ranks", "minimum_detectable_effect", "audit"),
    *("noise_budget", "agreement", "unique_wins", "errors"),
)


class Outputs:
    """The files of targets, and the datasets that have them."""

    def __init__(self, config: Config, systems: Systems, settings: Settings) -> None:
        self._config, self._systems, self._settings = config, systems, settings

    def all(self) -> list[str]:
        """All results of a config."""
        systems, names = self._systems, self._config.datasets
        return [
            *_of(names, layout.DATA_CARD, layout.REPORT, *map(table_file, _TABLES)),
            *(f for n in names for f in _tables([n], *self._settings.tables(n))),
            *_tables(systems.with_ranking(), "overall_ranking"),
            *self.statuses(),
            *_tables(systems.with_task("label"), "wide"),
            *_tables(systems.with_task("extract"), "extract_fields"),
            *(f for n in names for f in self._plots(n, "png")),
            *self.judging(),
            *self.query_logs(),
        ]

    def scores(self) -> list[str]:
        """The scores, and the check of the reference answers."""
        rows = self._systems.answered
        checks = _tables(dict.fromkeys(row.dataset for row in rows), "truth_check")
        summaries = ((row.dataset, layout.SUMMARY.format(model=row.model)) for row in rows)
        return [*checks, *(f for dataset, file in summaries for f in _of([dataset], file))]

    def embedding_eval(self) -> list[str]:
        """The geometry of the vectors of questions and chunks."""
        return _tables(
            self._systems.with_corpus() if self._config.embedders else [], "embedding_space"
        )

    def retrieval_eval(self) -> list[str]:
        return _tables(self._systems.with_corpus(), "retrieval")

    def reading_eval(self) -> list[str]:
        """How models answer from the reference passages, of datasets with an oracle."""
        retrievers = self._config.retrievers
        names = [
            name
            for name in self._systems.with_corpus()
            if name in self._systems.with_answers()
            and any(retrievers[one].role == "oracle" for one in self._systems.retrievers_on(name))
        ]
        tables = _tables(names, "truth_check", "error_attribution", "consistency")
        return [*tables, *self._judged(names)]

    def system_eval(self) -> list[str]:
        """How whole systems answer."""
        names = self._systems.with_answers()
        tables = _tables(names, "truth_check", "leaderboard", "efficiency", "consistency")
        return [*tables, *self._judged(names)]

    def statuses(self) -> list[str]:
        """The tables that compare results with their targets."""
        return _tables(self._systems.with_targets(), "status")

    def users(self) -> list[str]:
        """Analyses of users' queries and of embeddings."""
        return [*self.query_logs(), *self.embedding_eval()]

    def judging(self) -> list[str]:
        """The tables about judges, production judges included."""
        judged = self._systems.with_judges()
        names = (f"judges/{name}" for name in layout.JUDGE_TABLES)
        return [*_tables(judged, *names, "judge_scores"), *self.production_judges()]

    def production_judges(self) -> list[str]:
        """The tables about models whose label decides whether an answer is shown."""
        return _tables(self._systems.with_task("label"), "judges/by_production_judge")

    def query_logs(self) -> list[str]:
        return [f"<results>/query_logs/{name}/tables" for name in self._config.query_logs]

    def fetched(self) -> list[str]:
        """The records of the hub models of a run."""
        used = models_named(self._config)
        entries = self._config.models
        names = [name for name in self.on_hub() if entries[name].enabled or name in used]
        return [f"<results>/models/{name}.json" for name in names]

    def on_hub(self) -> list[str]:
        """The models that are downloaded from a hub."""
        return [name for name, model in self._config.models.items() if model.downloads()]

    def datasets_by_plots(self) -> dict[tuple[str, ...], list[str]]:
        """The datasets by the plots that they have."""
        found: dict[tuple[str, ...], list[str]] = {}
        for dataset in self._config.datasets:
            found.setdefault(wanted_plots(self._config, dataset), []).append(dataset)
        return found

    def datasets_by_tables(self) -> dict[tuple[tuple[str, str], ...], list[str]]:
        """The datasets by their additional tables, each with its category in a report."""
        found: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for dataset in self._config.datasets:
            made = self._settings.tables(dataset)
            apart = self._settings.consistency_apart()
            parts = (
                *((("error_attribution", "Retrieval"),) if "error_attribution" in made else ()),
                *((("consistency", "Answers"),) if dataset not in apart else ()),
            )
            found.setdefault(parts, []).append(dataset)
        return found

    def _judged(self, datasets: Iterable[str]) -> list[str]:
        judged = self._systems.with_judges()
        return _tables([name for name in datasets if name in judged], "judge_scores")

    # by wildcards

    def plot_sources(self, plots: Iterable[str]) -> Callable[[Wildcards], dict[str, list[str]]]:
        """The sources of these plots that a dataset has."""
        named = [source for plot in plots for part in sources_of(plot)[:2] for source in part]

        def files(wildcards: Wildcards) -> dict[str, list[str]]:
            absent = self._settings.absent(wildcards.dataset)
            wanted = dict.fromkeys(("leaderboard", *named))
            return {n: self._source(n, wildcards.dataset) for n in wanted if n not in absent}

        return files

    def _source(self, name: str, dataset: str) -> list[str]:
        pattern = _PLOT_SOURCES.get(name, table_file(name))
        models = self._systems.models(dataset) if "{model}" in pattern else [""]
        return _of([dataset], *(pattern.format(model=model) for model in models))

    def plots_of(self, wildcards: Wildcards) -> list[str]:
        dataset = wildcards.dataset
        return [*_of([dataset], f"{layout.PLOTS}/index.json"), *self._plots(dataset, "svg")]

    def _plots(self, dataset: str, kind: str) -> list[str]:
        names = wanted_plots(self._config, dataset)
        return _of([dataset], *(f"{layout.PLOTS}/{name}.{kind}" for name in names))

    def tables_of(self, wildcards: Wildcards) -> list[str]:
        """The tables of a dataset that its report shows."""
        name, systems = wildcards.dataset, self._systems
        tables = (
            *_IN_REPORT,
            *(("overall_ranking",) if name in systems.with_ranking() else ()),
            *(("status",) if name in systems.with_targets() else ()),
            *(("extract_fields",) if name in systems.with_task("extract") else ()),
            *(layout.LABEL_TABLES if name in systems.with_task("label") else ()),
            *(("synthetic_ranking",) if name in systems.synthetic() else ()),
            *self._settings.tables(name),
        )
        return _tables([name], *tables)

    def judging_of(self, wildcards: Wildcards) -> list[str]:
        """The tables of a dataset about judges."""
        folder = f"<results>/{wildcards.dataset}/"
        return [path for path in self.judging() if path.startswith(folder)]


def or_explain(target: str, files: list[str], lacking: str) -> Callable[[Wildcards], list[str]]:
    """An input function that returns the files; if there are none, it prints the reason."""

    def find(_: Wildcards) -> list[str]:
        if not files:
            _print_once(f"{target}: nothing to make: {lacking}")
        return files

    return find


@cache
def _print_once(line: str) -> None:
    """Print a line once, as Snakemake evaluates the inputs of a rule several times."""
    sys.stderr.write(f"{line}\n")


def _of(datasets: Iterable[str], *files: str) -> list[str]:
    return [f"<results>/{dataset}/{file}" for dataset in datasets for file in files]


def _tables(datasets: Iterable[str], *names: str) -> list[str]:
    return _of(datasets, *map(table_file, names))
