"""How long the tables of many models take, and how much memory, on synthetic scores.

    python benchmarks/compare_scale.py --models 100 --questions 10000

Scores are written as a run would write them; then each step runs in a process of its own,
through the function that its rule calls, reading and imports included.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmark import in_child, publish, usage_table
from made_up_results import DATASET, made_up

from modellab.core.io.frames import write_frame
from modellab.core.io.jsonl import write_rows
from modellab.core.machine import describe_machine
from modellab.core.records import ModelScores, Prediction, Question
from modellab.evaluation.compare.score_files import read_scores
from modellab.evaluation.frame import Scores, read_dataset
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.tasks import parse_scorer, parse_task

SEED = 20261121
TASK, SCORER = "wattbot", "v3"


@dataclass(frozen=True)
class Files:
    """A scored run in `folder`."""

    folder: Path
    names: tuple[str, ...]

    def of(self, ending: str) -> list[Path]:
        """A file of each model."""
        return [self.folder / f"{name}.{ending}" for name in self.names]

    def scores(self) -> Scores:
        return read_dataset(self.folder / "questions.jsonl", self.of("json"), self.of("csv"))

    def models(self) -> list[ModelScores]:
        return [read_scores(path) for path in self.of("json")]


def main() -> None:
    """Write scores, make the tables, print how long each took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--steps", nargs="*", choices=list(STEPS), help="default: all")
    parser.add_argument("--out", type=Path, help="a file for the table")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        files = write_files(Path(name), args.models, args.questions)
        out = Path(name, "out")
        out.mkdir()
        steps = args.steps or list(STEPS)
        rows = [(step, in_child(partial(STEPS[step], files, out))) for step in steps]
    machine = describe_machine()
    lines = [
        f"# The tables of {args.models} models x {args.questions} questions",
        "",
        f"{machine['processor']}, {machine['cores']} cores. Each step in a process of its own, "
        "one after the other. Compare CPU seconds if the machine has other work.",
        "",
        *usage_table("step", rows),
    ]
    publish("\n".join(lines), args.out)


def write_files(folder: Path, models: int, questions: int) -> Files:
    """One retriever per model, so that a model is a system."""
    data = made_up(models, questions, retrievers=1)
    write_rows(folder / "questions.jsonl", map(_with_truth, data.questions))
    for made in data.models:
        model = replace(made, example_scores=(*made.example_scores, "unit_correct"))
        path = folder / f"{model.name}.json"
        path.write_text(json.dumps(asdict(model)), encoding="utf-8")
        with path.with_suffix(".csv").open("w", encoding="utf-8", newline="") as handle:
            rows = [
                {**row, **_answer(number, row["outcome"]), "unit_correct": "1.0"}
                for number, row in enumerate(data.rows[model.name])
            ]
            writer = csv.DictWriter(handle, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        answers = zip(data.predictions[model.name], rows, strict=True)
        write_rows(path.with_suffix(".jsonl"), (_prediction(*both) for both in answers))
        record = {"fingerprint": {"model": model.name}, "options": {}, "retrievers": ["bm25"]}
        path.with_suffix(".run").write_text(json.dumps(record), encoding="utf-8")
    return Files(folder, tuple(model.name for model in data.models))


def _answer(number: int, outcome: str) -> dict[str, str]:
    """Models that are right or wrong give the same answer; no two questions have the same."""
    value = str(number + (outcome != "right"))
    return {
        "answer": f"It is {value} kWh",
        "answer_value": value,
        "answer_unit": "kWh",
        "ref_id": f"['doc{number}']",
        "explanation": f"The table on page {number} of the report says that it is {value} kWh.",
    }


def _prediction(row: dict[str, Any], scored: dict[str, str]) -> Prediction:
    """A made-up row with the fields of a real one; its text has 500 letters."""
    about = {key: value for key, value in row.items() if key != "peak_memory_bytes"}
    return Prediction(
        **about,
        answer={name: scored[name] for name in _answer(0, "")},
        raw="text " * 100,
        key=f"{row['question_id']}-{row['retriever']}",
        run="1",
        seconds_per_answer=row["latency_seconds"] / 4,
        prompt_tokens=900,
        completion_tokens=60,
        cost_usd=0.001,
    )


def _with_truth(question: Question) -> Question:
    value = "is_blank" if "is_NA" in question.tags else "7"
    return replace(question, reference={"answer_value": value, "ref_id": "['doc']"})


def matrix(files: Files, out: Path) -> None:
    from modellab.evaluation.compare.matrix import matrix_table

    write_frame(out / "matrix.csv", matrix_table(files.scores()))


def long_matrix(files: Files, out: Path) -> None:
    write_frame(out / "matrix_long.csv", files.scores().rows)


def statistics(files: Files, out: Path) -> None:
    """Intervals, all paired comparisons and ranks, with the defaults of the config."""
    from modellab.evaluation.statistics.tables import StatisticsFiles, write_statistics

    names = ("statistics", "comparisons", "ranks", "detectable", "noise_budget")
    tables = StatisticsFiles(*(out / f"{name}.csv" for name in names))
    write_statistics(
        files.scores(), parse_task(TASK), parse_scorer(SCORER), StatisticsOptions(), SEED, tables
    )


def agreement(files: Files, out: Path) -> None:
    """Agreement of all pairs, questions by difficulty, unique wins."""
    from modellab.evaluation.compare.agreement import write_agreement

    names = ("agreement", "questions_by_difficulty", "unique_wins")
    write_agreement(files.scores(), TASK, *(out / f"{name}.csv" for name in names))


def errors(files: Files, out: Path) -> None:
    """What each model got wrong: counts, and a table per model."""
    from modellab.evaluation.compare.errors import write_errors

    write_errors(files.scores(), out / "errors.csv", out / "wrong_questions")


def error_attribution(files: Files, out: Path) -> None:
    from modellab.evaluation.diagnostics.error_attribution import Roles, attribution_table

    how = (parse_task(TASK), parse_scorer(SCORER), StatisticsOptions())
    write_frame(
        out / "error_attribution.csv", attribution_table(files.scores(), Roles(("bm25",)), *how)
    )


def ranking(files: Files, out: Path) -> None:
    from modellab.evaluation.compare.ranking import RankingFiles, pairs_of, write_ranking
    from modellab.evaluation.compare.ranking_options import RankingOptions

    options = RankingOptions(
        weights={"value_accuracy": 0.75, "ref_overlap": 0.15, "na_recall": 0.1}
    )
    write_ranking(RankingFiles.below(out), DATASET, pairs_of(files.models()), options)


def leaderboard(files: Files, out: Path) -> None:
    from modellab.reporting.tables.leaderboard import write_leaderboard

    write_leaderboard(out / "leaderboard.csv", files.models())


def efficiency_and_audit(files: Files, out: Path) -> None:
    """Two tables from one reading of the predictions; all checks, with the scores recomputed."""
    from modellab.reporting.dataset_tables import write_efficiency_and_audit

    job = tables_job(files, out)
    write_efficiency_and_audit(DATASET, files.scores(), job.read, job.settings, job.files)


def all_tables(files: Files, out: Path) -> None:
    """All of the above (without the ranking, which is another rule) in one job."""
    from modellab.reporting.dataset_tables import write_tables

    write_tables(DATASET, **vars(tables_job(files, out)))


def tables_job(files: Files, out: Path) -> SimpleNamespace:
    """The arguments of the rule `tables`."""
    from modellab.evaluation.audit.options import AuditOptions
    from modellab.evaluation.diagnostics.error_attribution import Roles
    from modellab.evaluation.statistics.tables import StatisticsFiles
    from modellab.reporting import dataset_tables as tables

    def outputs(kind: type[Any]) -> Any:
        return kind(**{field.name: out / f"{field.name}.csv" for field in fields(kind)})

    read: dict[str, Any] = {"models": files.names, "questions": files.folder / "questions.jsonl"}
    endings = {"summaries": "json", "rows": "csv", "predictions": "jsonl", "runs": "run"}
    read |= {name: files.of(ending) for name, ending in endings.items()}
    how = (parse_task(TASK), parse_scorer(SCORER), StatisticsOptions(), Roles(("bm25",)))
    return SimpleNamespace(
        read=tables.ScoredFiles(**read, searches=(), plans=(), contexts=()),
        settings=tables.TableSettings(*how, AuditOptions(), (), SEED),
        statistics_files=outputs(StatisticsFiles),
        ranked=outputs(tables.RankedFiles),
        files=replace(outputs(tables.TableFiles), consistency=None),
    )


STEPS: dict[str, Callable[[Files, Path], None]] = {
    step.__name__: step
    for step in (
        *(matrix, long_matrix, statistics, agreement, errors, error_attribution),
        *(ranking, leaderboard, efficiency_and_audit, all_tables),
    )
}


if __name__ == "__main__":
    main()
