"""How long all plots take, and how much memory, on synthetic results of many models.

    python benchmarks/plots_scale.py --models 100 --questions 10000
    python benchmarks/plots_scale.py --models 6 --questions 200 --retrievers 3 --keep gallery

Results are written as a run would write them, then each plot is drawn by a process of its own
through the functions that its rule calls. `--keep` leaves the pictures, to be looked at.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

from benchmark import Usage, in_child, publish, usage_table
from made_up_results import DATASET, Results, made_up

from modellab.core.machine import describe_machine
from modellab.reporting.plots import PLOTS
from modellab.reporting.tables.leaderboard import leaderboard_frame

Files = dict[str, list[Path]]


def main() -> None:
    """Write results, draw, print the table."""
    args = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        keep = args.keep or Path(folder) / "plots"
        keep.mkdir(parents=True, exist_ok=True)
        start = time.perf_counter()
        files = write_results(Path(folder), made_up(args.models, args.questions, args.retrievers))
        sys.stderr.write(f"results written in {time.perf_counter() - start:.0f} s\n")
        rows = [(name, in_child(partial(_draw, name, files, keep))) for name in args.plots or PLOTS]
    text = table(args, rows)
    publish(text, args.out)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--retrievers", type=int, default=1)
    parser.add_argument("--plots", nargs="*", choices=list(PLOTS), help="default: all")
    parser.add_argument("--keep", type=Path, help="a folder for the pictures")
    parser.add_argument("--out", type=Path, help="a file for the table")
    return parser.parse_args()


def write_results(folder: Path, data: Results) -> Files:
    """The files of a run, by the names that plots have for them."""
    files: Files = {"questions": [folder / "questions.jsonl"]}
    _write_lines(files["questions"][0], map(asdict, data.questions))
    for model in data.models:
        for name, ending in (("rows", "csv"), ("predictions", "jsonl")):
            path = folder / name / f"{model.name}.{ending}"
            path.parent.mkdir(exist_ok=True)
            files.setdefault(name, []).append(path)
        _write_csv(files["rows"][-1], data.rows[model.name])
        _write_lines(files["predictions"][-1], data.predictions[model.name])
        run = folder / "runs" / f"{model.name}.json"
        run.parent.mkdir(exist_ok=True)
        run.write_text(json.dumps(data.runs[model.name]))
        files.setdefault("runs", []).append(run)
    tables = {"leaderboard": leaderboard_frame(data.models).to_dict("records"), **data.tables}
    for name, rows in tables.items():
        files[name] = [folder / f"{name}.csv"]
        _write_csv(files[name][0], rows)
    return files


def _write_lines(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8") as handle:
        handle.writelines(json.dumps(row) + "\n" for row in rows)


def _write_csv(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    every = iter(rows)
    first = next(every)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(every)


def _draw(name: str, files: Files, keep: Path) -> None:
    """As `scripts/plots.py` does."""
    from modellab.reporting.plots.data import read_plot_data
    from modellab.reporting.plots.drawing import draw_plots

    pictures = [keep / f"{name}{suffix}" for suffix in (".png", ".svg", ".pdf")]
    draw_plots(read_plot_data(DATASET, files), {name: pictures})


def table(args: argparse.Namespace, rows: list[tuple[str, Usage]]) -> str:
    """The table in Markdown."""
    machine = describe_machine()
    lines = [
        f"# All plots of {args.models} models x {args.questions} questions",
        "",
        f"{args.retrievers} retriever(s); {machine['processor']}, {machine['cores']} cores. Each "
        "plot in a process of its own, one after the other. Compare CPU seconds if the machine has "
        "other work.",
        "",
        *usage_table("plot", rows),
        f"| all | {sum(usage.seconds for _, usage in rows):.0f} | "
        f"{sum(usage.cpu_seconds for _, usage in rows):.0f} | "
        f"{max(usage.megabytes for _, usage in rows):.0f} (largest) |",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
