"""What a kill costs: rows generated twice when a run is killed and started again.

A run of 500 questions with a tiny random model is killed with SIGKILL at random moments after its
first answers, again and again, and then left to finish. Each answer is a line of the journal; each
batch leaves a line in a log of its own when it begins.

    python benchmarks/crash.py [--kills 5] [--rows 500]

writes benchmarks/results/crash.md.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

BATCH_TOKENS = 1024
PROMPT = "{% block user %}{{ question }}{% endblock %}"


def prepare(folder: Path, rows: int) -> None:
    """The model, the questions and the prompt of the run."""
    from tiny_model import write_tiny_model

    from modellab.core.io.jsonl import write_rows
    from modellab.core.records import Context, Question

    write_tiny_model(folder / "model")
    keys = [f"q{number}" for number in range(rows)]
    questions = [
        Question(key, f"energy {key} " * (1 + i % 9), {}, {}, ()) for i, key in enumerate(keys)
    ]
    write_rows(folder / "questions.jsonl", questions)
    write_rows(folder / "none.jsonl", [Context(key, "none", ()) for key in keys])
    (folder / "prompt.jinja").write_text(PROMPT, encoding="utf-8")


def work(folder: Path) -> None:
    """The run itself, in a process of its own; each batch is logged when it begins."""
    from modellab.generation.predict import PredictionJob, predict
    from modellab.models.generators.transformers.generation import Generator
    from modellab.models.generators.transformers.options import TransformersOptions
    from modellab.tasks import parse_task

    generate = Generator.generate

    def logged(self, prompts, most=None):  # type: ignore[no-untyped-def]
        with (folder / "batches.log").open("a") as handle:
            handle.write(json.dumps([prompt.request.key for prompt in prompts]) + "\n")
        return generate(self, prompts, most)

    Generator.generate = logged  # type: ignore[method-assign]
    options = TransformersOptions(
        provider="transformers", model=str(folder / "model"), device="cpu", dtype="float32",
        max_new_tokens=32, batch_tokens=BATCH_TOKENS,
    )  # fmt: skip
    job = PredictionJob(
        model="tiny", dataset="crash", options=options, task=parse_task("wattbot"),
        prompt=folder / "prompt.jinja", questions=folder / "questions.jsonl",
        contexts={"none": folder / "none.jsonl"}, journal=folder / "journal.jsonl", seed=0,
    )  # fmt: skip
    predict(job, folder / "predictions.jsonl", folder / "run.json")


def lines(path: Path) -> list[str]:
    """The whole lines of a file; a line that a kill cut off is none."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return text.splitlines() if text.endswith("\n") else text.splitlines()[:-1]


def answered(folder: Path) -> set[str]:
    return {json.loads(line)["response"]["key"] for line in lines(folder / "journal.jsonl")}


def batches(folder: Path) -> list[list[str]]:
    return [json.loads(line) for line in lines(folder / "batches.log")]


def start(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, __file__, "--work", str(folder)]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603


def kill_after_progress(folder: Path, rng: random.Random) -> bool:
    """Kill the run at a random moment after new answers; False if it ended before."""
    before, process = len(lines(folder / "journal.jsonl")), start(folder)
    while process.poll() is None and len(lines(folder / "journal.jsonl")) <= before:
        time.sleep(0.002)
    time.sleep(rng.uniform(0, 2))
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def measure(folder: Path, kills: int, rows: int) -> list[str]:
    """The table's lines. Rows are lost when they were begun, but are not in the journal."""
    rng, lost = random.Random(0), 0  # noqa: S311
    table = [
        "| kill | answers on disk | begun and lost | rows of the largest batch |",
        "|---|---|---|---|",
    ]
    for number in range(1, kills + 1):
        seen = len(batches(folder))
        if not kill_after_progress(folder, rng):
            table.append(f"| {number} | the run ended before | | |")
            break
        kept, made = answered(folder), batches(folder)
        gone = len({key for batch in made[seen:] for key in batch} - kept)
        lost += gone
        table.append(f"| {number} | {len(kept)} | {gone} | {max(map(len, made))} |")
    if start(folder).wait():
        raise SystemExit("the last run failed")
    begun = Counter(key for batch in batches(folder) for key in batch)
    complete = len(lines(folder / "predictions.jsonl")) == len(begun) == rows
    again = sum(begun.values()) - len(begun)
    end = f"At the end: {len(begun)} rows, complete: {complete}; {again} begun again, {lost} lost."
    return [*table, "", end]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        work(given.work)
        return
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name), given.rows)
        table = measure(Path(name), given.kills, given.rows)
    head = [
        f"# Crash: {given.rows} rows, {given.kills} times SIGKILL",
        "",
        "Target: no kill loses more rows than one batch. Made by `python benchmarks/crash.py`.",
        "",
    ]
    out = HERE / "results" / "crash.md"
    out.parent.mkdir(exist_ok=True)
    out.write_text("\n".join([*head, *table]) + "\n", encoding="utf-8")
    print(out.read_text(encoding="utf-8"))  # noqa: T201


if __name__ == "__main__":
    main()
