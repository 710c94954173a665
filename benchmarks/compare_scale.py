"""How long the tables of many models take, and how much memory, on synthetic scores.

    python benchmarks/compare_scale.py --models 100 --questions 10000

Scores are written as a run would write them; then each step runs in a process of its own,
through the function that its rule calls.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmark import Usage, in_child, publish, usage_table
from made_up_results import DATASET, made_up

from modellab.core.io.jsonl import write_rows
from modellab.core.machine import describe_machine
from modellab.core.records import Prediction, Question
from modellab.evaluation.compare.score_files import read_scores

SEED = 20261121
_ANSWER = {
    "answer": "7",
    "answer_value": "7",
    "answer_unit": "is_blank",
    "ref_id": "['doc']",
    "explanation": "It is 7.",
}


@dataclass(frozen=True)
class Scores:
    """The files of a scored run, in `folder`."""

    folder: Path
    names: tuple[str, ...]

    def files(self) -> tuple[Path, list[Path], list[Path]]:
        """Questions, records, and score rows, as the tables' functions take them."""
        return (
            self.folder / "questions.jsonl",
            [self.summary(name) for name in self.names],
            [self.rows(name) for name in self.names],
        )

    def summary(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def rows(self, name: str) -> Path:
        return self.folder / f"{name}.csv"

    def predictions(self, name: str) -> Path:
        return self.folder / f"{name}.jsonl"

    def run(self, name: str) -> Path:
        return self.folder / f"{name}.run.json"


def main() -> None:
    """Write scores, make the tables, print how long each took."""
    args = _arguments()
    with tempfile.TemporaryDirectory() as name:
        scores = write_scores(Path(name), args.models, args.questions)
        steps = args.steps or list(STEPS)
        rows = [(step, measured(STEPS[step], scores)) for step in steps]
    text = table(args, rows)
    publish(text, args.out)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--steps", nargs="*", choices=list(STEPS), help="default: all")
    parser.add_argument("--out", type=Path, help="a file for the table")
    return parser.parse_args()


def write_scores(folder: Path, models: int, questions: int) -> Scores:
    """One retriever per model, so that a model is a system."""
    data = made_up(models, questions, retrievers=1)
    write_rows(folder / "questions.jsonl", map(_with_truth, data.questions))
    scores = Scores(folder, tuple(model.name for model in data.models))
    for made in data.models:
        model = replace(made, example_scores=(*made.example_scores, "unit_correct"))
        scores.summary(model.name).write_text(json.dumps(asdict(model)), encoding="utf-8")
        with scores.rows(model.name).open("w", encoding="utf-8", newline="") as handle:
            rows = [{**row, **_ANSWER, "unit_correct": "1.0"} for row in data.rows[model.name]]
            writer = csv.DictWriter(handle, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        write_rows(scores.predictions(model.name), map(_prediction, data.predictions[model.name]))
        record = {"fingerprint": {"model": model.name}, "options": {}, "retrievers": ["bm25"]}
        scores.run(model.name).write_text(json.dumps(record), encoding="utf-8")
    return scores


def _prediction(row: dict[str, Any]) -> Prediction:
    """A made-up row with the fields of a real one; its text has 500 letters."""
    about = {key: value for key, value in row.items() if key != "peak_memory_bytes"}
    seconds = row["latency_seconds"]
    usage = {"prompt_tokens": 900, "completion_tokens": 60, "cost_usd": 0.001}
    return Prediction(
        **{**about, **usage, "answer": _ANSWER, "raw": "text " * 100},
        key=f"{row['question_id']}-{row['retriever']}",
        run="1",
        seconds_per_answer=seconds / 4,
    )


def _with_truth(question: Question) -> Question:
    value = "is_blank" if "is_NA" in question.tags else "7"
    return replace(question, reference={"answer_value": value, "ref_id": "['doc']"})


def measured(step: Callable[[Scores, Path], None], scores: Scores) -> Usage:
    def work() -> None:
        with tempfile.TemporaryDirectory() as out:
            step(scores, Path(out))

    return in_child(work)


def matrix(scores: Scores, out: Path) -> None:
    from modellab.core.io.frames import write_frame
    from modellab.evaluation.compare.matrix import matrix_table

    write_frame(out / "matrix.csv", matrix_table(_dataset(scores)))


def statistics(scores: Scores, out: Path) -> None:
    """Intervals, all paired comparisons and ranks, with the defaults of the config."""
    from modellab.evaluation.statistics.options import StatisticsOptions
    from modellab.evaluation.statistics.tables import StatisticsFiles, write_statistics
    from modellab.tasks import parse_scorer, parse_task

    names = ("statistics", "comparisons", "ranks", "detectable", "noise_budget")
    write_statistics(
        _dataset(scores),
        task=parse_task("wattbot"),
        scorer=parse_scorer("v3"),
        options=StatisticsOptions(),
        seed=SEED,
        files=StatisticsFiles(*(out / f"{name}.csv" for name in names)),
    )


def long_matrix(scores: Scores, out: Path) -> None:
    from modellab.core.io.frames import write_frame

    write_frame(out / "matrix_long.csv", _dataset(scores).rows)


def agreement(scores: Scores, out: Path) -> None:
    """Agreement of all pairs, questions by difficulty, unique wins."""
    from modellab.evaluation.compare.agreement import write_agreement

    names = ("agreement", "questions_by_difficulty", "unique_wins")
    write_agreement(_dataset(scores), "wattbot", *(out / f"{name}.csv" for name in names))


def errors(scores: Scores, out: Path) -> None:
    """What each model got wrong: counts, and a table per model."""
    from modellab.evaluation.compare.errors import write_errors

    write_errors(_dataset(scores), out / "errors.csv", out / "wrong_questions")


def _dataset(scores: Scores) -> Any:
    from modellab.evaluation.frame import read_dataset

    return read_dataset(*scores.files())


def ranking(scores: Scores, out: Path) -> None:
    from modellab.evaluation.compare.ranking import RankingFiles, pairs_of, write_ranking
    from modellab.evaluation.compare.ranking_options import RankingOptions

    weights = {"value_accuracy": 0.75, "ref_overlap": 0.15, "na_recall": 0.1}
    models = [read_scores(scores.summary(name)) for name in scores.names]
    write_ranking(
        RankingFiles.below(out), DATASET, pairs_of(models), RankingOptions(weights=weights)
    )


def leaderboard(scores: Scores, out: Path) -> None:
    from modellab.reporting.tables.leaderboard import write_leaderboard

    models = [read_scores(scores.summary(name)) for name in scores.names]
    write_leaderboard(out / "leaderboard.csv", models)


def efficiency(scores: Scores, out: Path) -> None:
    from modellab.evaluation.diagnostics.efficiency import write_efficiency

    files = {name: (scores.predictions(name), scores.run(name)) for name in scores.names}
    write_efficiency(out / "efficiency.csv", files, _fields())


def audit(scores: Scores, out: Path) -> None:
    """All checks, with the scores recomputed from their rows."""
    from modellab.evaluation.audit.options import AuditOptions
    from modellab.evaluation.audit.subjects import read_subjects
    from modellab.evaluation.audit.table import write_audit
    from modellab.tasks import parse_scorer, parse_task

    predictions = [scores.predictions(name) for name in scores.names]
    runs = [scores.run(name) for name in scores.names]
    subjects = read_subjects(
        _dataset(scores), predictions, runs, parse_task("wattbot"), parse_scorer("v3")
    )
    write_audit(out / "audit.csv", out / "audit.md", DATASET, subjects, AuditOptions())


def _fields() -> tuple[str, ...]:
    from modellab.tasks import parse_task

    return parse_task("wattbot").make().fields


STEPS: dict[str, Callable[[Scores, Path], None]] = {
    "matrix": matrix,
    "long_matrix": long_matrix,
    "statistics": statistics,
    "agreement": agreement,
    "errors": errors,
    "ranking": ranking,
    "leaderboard": leaderboard,
    "efficiency": efficiency,
    "audit": audit,
}


def table(args: argparse.Namespace, rows: list[tuple[str, Usage]]) -> str:
    """The table in Markdown."""
    machine = describe_machine()
    lines = [
        f"# The tables of {args.models} models x {args.questions} questions",
        "",
        f"{machine['processor']}, {machine['cores']} cores. Each step in a process of its own, "
        "one after the other. Compare CPU seconds if the machine has other work.",
        "",
        *usage_table("step", rows),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
