"""The registry in Markdown: a page per run, and an index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from modellab.core.io.atomic import atomic_file
from modellab.core.text.escape import Markup, markdown_table, markdown_text
from modellab.evaluation.compare.entries import CONTROLS
from modellab.reporting.registry.records import RecordedMetric, RunRecord

INDEX = "index.md"
_UNKNOWN = "unknown"


def write_pages(folder: Path, records: Sequence[RunRecord]) -> None:
    """Write the index, and the page of each run that has none."""
    for record in records:
        path = folder / f"{record.run}.md"
        if not path.exists():
            _write(path, run_page(record))
    _write(folder / INDEX, index_page(records))


def index_page(records: Sequence[RunRecord]) -> str:
    """All runs, the newest first."""
    heads = ["run", "time (UTC)", "dataset", "status", "best system", "score", "commit", "author"]
    heads.append("verdict")
    rows = ([Markup(_link(record)), *_overview(record)] for record in reversed(records))
    return "\n".join(["# Runs", "", *markdown_table(heads, rows), ""])


def _link(record: RunRecord) -> str:
    return f"[{markdown_text(record.run)}](<{record.run}.md>)"


def _overview(record: RunRecord) -> list[str]:
    return [
        *(record.timestamp, record.dataset, record.status or "-"),
        *_best_cells(record),
        *(commit(record, short=True), record.author or "-", record.verdict or "-"),
    ]


def run_page(record: RunRecord) -> str:
    lines = [f"# {record.run}", ""]
    lines += markdown_table(["what", ""], _facts(record))
    if record.ratings:
        lines += ["", "## Compared with the targets", "", *_ratings(record)]
    scores = [m for m in record.metrics if not m.judge]
    lines += ["", "## Scores", "", *_scores([m for m in scores if m.system not in record.controls])]
    controls = [m for m in scores if m.system in record.controls]
    if controls:
        lines += ["", f"## {CONTROLS}", "", *_scores(controls)]
    judged = [metric for metric in record.metrics if metric.judge]
    if judged:
        lines += ["", "## Judges' metrics", "", *_scores(judged)]
    lines += ["", "## Models", "", *_models(record)]
    if record.judges:
        lines += ["", "## Judges", "", *_judges(record)]
    versions = [[package, version] for package, version in record.versions.items()]
    lines += ["", "## Versions", "", *markdown_table(["package", "version"], versions)]
    return "\n".join([*lines, ""])


def commit(record: RunRecord, short: bool = False) -> str:
    """The commit, marked if files were changed since."""
    project = record.project
    if project.commit is None:
        return "-" if short else _UNKNOWN
    name = project.commit[:10] if short else project.commit
    mark = {True: "+changes", False: "", None: ""}[project.dirty]
    return f"{name}{mark}"


def number(value: float | None) -> str:
    """Four decimals; the record keeps all digits."""
    return "-" if value is None else f"{value:.4f}"


def seconds(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:,.1f} s"


def _best_cells(record: RunRecord) -> list[str]:
    best = record.best
    return [best.system, number(best.value)] if best else ["-", "-"]


def _facts(record: RunRecord) -> list[list[str]]:
    facts = [
        ("time (UTC)", record.timestamp),
        ("dataset", f"{record.dataset} ({record.questions} questions)"),
        ("verdict", record.verdict or "not recorded"),
        ("status", record.status or "not rated"),
        ("task, scorer", f"{record.task}, {record.scorer}"),
        ("retrievers", ", ".join(record.retrievers) or "none"),
        ("commit", commit(record)),
        ("branch", record.project.branch or _UNKNOWN),
        ("author", record.author or _UNKNOWN),
        ("results", record.state),
        ("settings", record.config),
        ("schema version", str(record.schema_version)),
        *((f"{stage} took", seconds(value)) for stage, value in record.durations.items()),
        *([("without the models", ", ".join(record.missing))] if record.missing else []),
    ]
    return [list(fact) for fact in facts]


def _scores(metrics: Sequence[RecordedMetric]) -> Iterator[str]:
    """A row per system, a column per metric: value, and the rows behind it."""
    names = list(dict.fromkeys(metric.name for metric in metrics))
    by_system: dict[str, dict[str, RecordedMetric]] = {}
    for metric in metrics:
        by_system.setdefault(metric.system, {})[metric.name] = metric
    rows = [
        [system, *(_counted(found.get(name)) for name in names)]
        for system, found in by_system.items()
    ]
    return markdown_table(["system", *names], rows)


def _counted(metric: RecordedMetric | None) -> str:
    if metric is None:
        return ""
    lost = f", {metric.n_failed} failed" if metric.n_failed else ""
    return f"{number(metric.value)} (n={metric.n_scored}{lost})"


def _ratings(record: RunRecord) -> Iterator[str]:
    rows = [
        [one.metric, one.subject, f"{number(one.value)} (n={one.n_scored})", one.status]
        for one in record.ratings
    ]
    return markdown_table(["metric", "of", "value", "status"], rows)


def _models(record: RunRecord) -> Iterator[str]:
    rows = [
        [name, m.provider, m.model_id, str(m.answers), seconds(m.seconds), m.fingerprint[:10]]
        for name, m in record.models.items()
    ]
    return markdown_table(["model", "provider", "id", "answers", "took", "fingerprint"], rows)


def _judges(record: RunRecord) -> Iterator[str]:
    rows = [
        [name, judge.kind, judge.model_id, str(judge.judgements), seconds(judge.seconds)]
        for name, judge in record.judges.items()
    ]
    return markdown_table(["judge", "kind", "id", "judgements", "took"], rows)


def _write(path: Path, text: str) -> None:
    with atomic_file(path) as handle:
        handle.write(text)
