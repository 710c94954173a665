"""What the tables of a dataset say of the metrics that have a target."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modellab.core.io.csv_file import read_csv
from modellab.core.records import Status, Summary
from modellab.evaluation.compare.entries import Entry, entry_name, ranked
from modellab.evaluation.compare.score_files import read_scores

Row = Mapping[str, str]
#: what a summary tells beside its metrics
_OF_SUMMARIES = (
    *("coverage", "avg_latency_seconds", "p50_latency_seconds", "p95_latency_seconds"),
    *("total_time_seconds", "estimated_cost_usd"),
)
#: columns of tables that hold a metric each
_COLUMNS = {
    "error_attribution": ("retrieval_loss", "reading_loss", "retrieval_gain", "wrong_text_harm"),
    "resource_usage": ("error_rate",),
}
#: the row of a table over all retrievers of a model
_EVERY = "(all)"


@dataclass(frozen=True)
class Reading:
    """One metric as it stands in a table, and of what.

    `coverage` is the share of rows that it tells of, from 0 to 1; `judged` is the metric whose
    judgements a table about judges tells of. What does not apply is empty.
    """

    table: str
    metric: str
    value: float | None
    n_scored: int
    n_failed: int
    coverage: float
    model: str = ""
    retriever: str = ""
    judge: str = ""
    kind: str = ""
    embedder: str = ""
    texts: str = ""
    level: str = ""
    judged: str = ""

    @property
    def subject(self) -> str:
        """What it is of, in a few words."""
        system = self.model and self.retriever and entry_name(self.model, self.retriever)
        who = system or self.model or self.retriever or self.embedder
        named = f"{self.judge}: {who}" if self.judge and who else self.judge or who
        detail = self.level or self.texts or self.judged
        return f"{named} ({detail})" if detail else named

    def is_about(self, model: str, retriever: str) -> bool:
        """Whether it is of this system, of its model or of its retriever."""
        return self.model in ("", model) and self.retriever in ("", retriever)

    @property
    def instrument(self) -> tuple[str, ...]:
        """What measured: readings of different systems by one instrument may be compared."""
        about = (self.embedder, self.texts, self.level, self.judged)
        return (self.table, self.judge, self.kind, *about)


@dataclass(frozen=True)
class Measured:
    """All readings of a dataset, and its systems (model, retriever), the best first.

    `controls` are those of the systems that are reference points; they come last.
    """

    readings: Sequence[Reading]
    systems: Sequence[tuple[str, str]]
    controls: frozenset[tuple[str, str]] = frozenset()

    def is_apart(self, reading: Reading, models: Sequence[str] | None = None) -> bool:
        """Whether a reading is of controls alone, though there are contenders: among `models`."""
        among = [one for one in self.systems if models is None or one[0] in models]
        own = [system for system in among if reading.is_about(*system)]
        alone = self.controls.issuperset(among)
        return not alone and bool(own) and self.controls.issuperset(own)


def read_measured(summaries: Sequence[Path], tables: Mapping[str, Path]) -> Measured:
    """From scores, and tables by name; those that are not there are left out.

    Names are those of the tables, `self_consistency` and `resource_usage` for two of `judges/`.
    """
    entries = ranked([read_scores(path) for path in summaries])
    overall = list(entries[0].summary.metrics)[-1]
    found = [reading for entry in entries for reading in _of_scores(entry)]
    for name, path in tables.items():
        for row in read_csv(path).rows:
            found.extend(_of_row(name, row, overall))
    systems = {(entry.model.name, entry.summary.retriever): entry.control for entry in entries}
    controls = frozenset(system for system, control in systems.items() if control)
    return Measured(found, list(systems), controls)


def _of_scores(entry: Entry) -> Iterator[Reading]:
    """All metrics of a system; the share of rows for which the model said anything."""
    summary, share = entry.summary, _share_with_text(entry.summary)
    of = {"model": entry.model.name, "retriever": summary.retriever}
    for name, metric in summary.metrics.items():
        value = entry.score(name)
        yield Reading("scores", name, value, metric.n_scored, metric.n_failed, share, **of)
    rows = sum(summary.statuses.values())
    for name in _OF_SUMMARIES:
        value = getattr(summary, name)
        if value is not None:
            whole = 1.0 if name == "coverage" else share
            yield Reading("scores", name, value, rows, 0, whole, **of)


def _share_with_text(summary: Summary) -> float:
    """Failed and missing rows are no fault of the answers; unreadable texts are."""
    rows = sum(summary.statuses.values())
    lost = sum(summary.statuses.get(status.value, 0) for status in (Status.FAILED, Status.MISSING))
    return 1 - lost / rows if rows else 0.0


def _of_row(table: str, row: Row, overall: str) -> Iterator[Reading]:
    if row.get("retriever") == _EVERY and not row["metric"].startswith("run_"):
        return
    if table in _COLUMNS:
        if row.get("component", overall) == overall:
            for name in _COLUMNS[table]:
                yield _reading(table, name, row[name], row)
    else:
        yield _reading(table, row.get("metric", ""), row["value"], row)


def _reading(table: str, metric: str, text: str, row: Row) -> Reading:
    value = float(text) if text else math.nan
    scored, failed = _counts(table, row)
    share = scored / (scored + failed) if scored + failed else 0.0
    steady = table == "self_consistency"
    return Reading(
        table="judges" if steady or table == "resource_usage" else table,
        metric=table if steady else metric,
        value=value if math.isfinite(value) else None,
        n_scored=scored,
        n_failed=failed,
        coverage=float(row["coverage"]) if row.get("coverage") else share,
        model=row.get("model", ""),
        retriever=row.get("retriever", "") if row.get("retriever") != _EVERY else "",
        judge=row.get("judge", ""),
        kind=row.get("kind", ""),
        embedder=row.get("embedder", ""),
        texts=row.get("texts", ""),
        level=row.get("level", ""),
        judged=metric if steady else "",
    )


def _counts(table: str, row: Row) -> tuple[int, int]:
    if table == "resource_usage":
        # a judgement without a score is what the rate counts, not one that it leaves out
        return int(row["n_judgements"]), 0
    if table == "error_attribution":
        return int(row["n_questions"]), 0
    return int(row["n_scored"]), int(row["n_failed"])
