"""Stress the GPU lease: two launchers, hundreds of jobs, four made-up GPUs, random SIGKILLs.

    python benchmarks/lease.py

Some minutes. The launchers are plain processes, which start jobs faster than any workflow could,
and in the last case two `snakemake` runs. Writes benchmarks/results/lease.md; exits with 1 if a
GPU was ever used by two jobs at once or a job was not done.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import multiprocessing
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from modellab.core.io.atomic import atomic_file
from modellab.models.gpu import Pace, lease

RESULT = Path(__file__).with_name("results") / "lease.md"
GPUS = ("fake0", "fake1", "fake2", "fake3")
LAUNCHERS = 2
#: jobs that one launcher has running or waiting at a time
PARALLEL = 8
FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Case:
    """`jobs` per launcher, each for `use` seconds; parts of them want two GPUs or are killed."""

    name: str
    jobs: int
    pairs: float
    kills: float
    poll_seconds: float = 0.02
    use: tuple[float, float] = (0.1, 0.3)
    launcher: str = "processes"


@dataclass(frozen=True)
class Work:
    """One job: GPUs, the seconds for which it uses them, and whether it is killed meanwhile."""

    name: str
    n: int
    seconds: float
    dies: bool = False


CASES = (
    Case("one GPU each", 120, 0.0, 0.0),
    Case("one or two GPUs", 120, 1 / 3, 0.0),
    Case("one or two GPUs, kills", 200, 1 / 3, 0.1),
    Case("longer jobs, default pace, kills", 40, 1 / 3, 0.1, Pace().poll_seconds, (0.5, 1.5)),
    Case(
        "two snakemake runs, kills", 100, 1 / 3, 0.1, Pace().poll_seconds, (0.5, 1.5), "snakemake"
    ),
)


def main() -> None:
    rows = [run(case, seed) for seed, case in enumerate(CASES)]
    with atomic_file(RESULT) as handle:
        handle.write(report(rows))
    sys.stdout.write(RESULT.read_text(encoding="utf-8"))
    sys.exit(any(row["clashes"] or row["missing"] for row in rows))


def run(case: Case, seed: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = time.monotonic()
        if case.launcher == "snakemake":
            run_workflows(case, folder, seed)
            # what snakemake itself takes to start is no matter of the lease
            start = min(line["at"] for line in read_events(folder))
        else:
            run_processes(case, folder, seed)
        makespan = max(line["at"] for line in read_events(folder)) - start
        return {"case": case, "makespan": makespan, **measured(case, read_events(folder))}


def run_processes(case: Case, folder: Path, seed: int) -> None:
    launchers = [
        FORK.Process(target=launch, args=(case, folder, f"{seed}-{number}"))
        for number in range(LAUNCHERS)
    ]
    for launcher in launchers:
        launcher.start()
    for launcher in launchers:
        launcher.join()


def run_workflows(case: Case, folder: Path, seed: int) -> None:
    """Two `snakemake` runs, each of which believes that all GPUs are its own."""
    config = {"jobs": case.jobs, "python": sys.executable, "script": Path(__file__).resolve()}
    command = [sys.executable, "-m", "snakemake", "--snakefile", Path(__file__).with_suffix(".smk")]
    command += ["--cores", PARALLEL, "--resources", f"gpu={len(GPUS)}", "--quiet", "all"]
    command += ["--nolock", "--workflow-profile", "none"]
    runs = [
        subprocess.Popen(  # noqa: S603
            [*map(str, command), "--config", f"run=run{number}"]
            + [f"{key}={value}" for key, value in config.items()],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for number in range(LAUNCHERS)
    ]
    stop = threading.Event()
    killer = threading.Thread(target=kill_waiting, args=(folder, random.Random(seed), stop))  # noqa: S311
    killer.start()
    for one in runs:
        one.wait()
    stop.set()
    killer.join()


def kill_waiting(folder: Path, chance: random.Random, stop: threading.Event) -> None:
    """Now and then kill a job that waits for its GPUs."""
    while not stop.wait(chance.uniform(0.5, 3.5)):
        events = read_events(folder) if (folder / "events.jsonl").exists() else []
        beyond = {line["pid"] for line in events if line["what"] != "waiting"}
        waiting = [line for line in events if line["pid"] not in beyond]
        if waiting:
            line = chance.choice(waiting)
            with suppress(ProcessLookupError):  # it got its GPUs, and was done, just now
                os.kill(line["pid"], signal.SIGKILL)
                event(folder, "killed", Work(line["job"], line["n"], 0.0), line["pid"])


def workflow_job(given: argparse.Namespace) -> None:
    """One job of a workflow: what it does is drawn from its name, and it dies at most once."""
    case = CASES[-1]
    chance = random.Random(given.job)  # noqa: S311
    drawn = work(case, chance, given.job)
    job = replace(drawn, n=given.gpus, dies=drawn.dies and given.attempt == 1)
    event(Path(), "waiting", job, os.getpid())
    use(case, Path(), job)


def launch(case: Case, folder: Path, seed: str) -> None:
    """Run all jobs of one launcher; a killed one is started again."""
    chance = random.Random(seed)  # noqa: S311
    todo = [work(case, chance, f"{seed}-{number}") for number in range(case.jobs)]
    running: dict[BaseProcess, tuple[Work, float]] = {}
    while todo or running:
        while todo and len(running) < PARALLEL:
            job = todo.pop(0)
            process = FORK.Process(target=use, args=(case, folder, job))
            process.start()
            # most of these kills hit a waiting claim; those of holders are in `use`
            delay = chance.uniform(0, 0.6) if chance.random() < case.kills else float("inf")
            running[process] = (job, time.monotonic() + delay)
        todo += kill_and_reap(folder, running)
        time.sleep(0.005)


def work(case: Case, chance: random.Random, name: str) -> Work:
    n = 2 if chance.random() < case.pairs else 1
    return Work(name, n, chance.uniform(*case.use), chance.random() < case.kills)


def kill_and_reap(folder: Path, running: dict[BaseProcess, tuple[Work, float]]) -> Iterator[Work]:
    """Kill what is due, forget what has ended; gives the jobs to start again."""
    for process, (job, kill_at) in list(running.items()):
        if time.monotonic() >= kill_at:
            process.kill()
            process.join()
        if process.is_alive():
            continue
        del running[process]
        if process.exitcode:
            event(folder, "killed", job, process.pid)
            yield replace(job, dies=False)


def use(case: Case, folder: Path, job: Work) -> None:
    """One job: take the GPUs, check that nobody else uses them, keep them a while."""
    # opened before the lease: at a kill the kernel closes the lower descriptors first, so that
    # these marks are gone when the lease is
    marks = {gpu: (folder / f"{gpu}.used").open("a") for gpu in GPUS}
    start = time.monotonic()
    pace = Pace(poll_seconds=case.poll_seconds)
    with lease(job.n, job=job.name, pool=GPUS, folder=folder / "locks", pace=pace) as held:
        event(folder, "got", job, os.getpid(), waited=time.monotonic() - start)
        for gpu in held.devices:
            try:
                fcntl.flock(marks[gpu], fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                event(folder, "clash", job, os.getpid())
        if job.dies:
            time.sleep(job.seconds / 2)
            if case.launcher == "snakemake":  # nobody else would tell of it
                event(folder, "killed", job, os.getpid())
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(job.seconds)
        event(folder, "done", job, os.getpid())
        for mark in marks.values():
            mark.close()


def event(folder: Path, what: str, job: Work, pid: int | None, **more: float) -> None:
    """Append one line; a line this short is written whole or not at all."""
    line = {"what": what, "job": job.name, "n": job.n, "pid": pid, "at": time.monotonic(), **more}
    with (folder / "events.jsonl").open("a", encoding="utf-8") as handle:
        handle.write(json.dumps(line) + "\n")


def read_events(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "events.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def measured(case: Case, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    got = {line["pid"]: line for line in events if line["what"] == "got"}
    ends = {line["pid"]: line for line in events if line["what"] in ("done", "killed")}
    used = sum(line["n"] * (ends[pid]["at"] - line["at"]) for pid, line in got.items())
    killed = [line["pid"] for line in events if line["what"] == "killed"]
    done = {line["job"] for line in events if line["what"] == "done"}
    return {
        "killed_holding": sum(pid in got for pid in killed),
        "killed_waiting": sum(pid not in got for pid in killed),
        "clashes": sum(line["what"] == "clash" for line in events),
        "missing": LAUNCHERS * case.jobs - len(done),
        "pairs": sum(line["n"] == 2 for line in events if line["what"] == "done"),
        "bound": used / len(GPUS),
        **{f"longest_wait_{n}": longest_wait(got, n) for n in (1, 2)},
    }


def longest_wait(got: Mapping[int, Mapping[str, Any]], n: int) -> float | None:
    return max((line["waited"] for line in got.values() if line["n"] == n), default=None)


def report(rows: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join([*intro(), *map(table_row, rows)]) + "\n"


def intro() -> Iterator[str]:
    yield "# GPU lease under stress"
    yield ""
    yield (
        f"{LAUNCHERS} independent launchers, {len(GPUS)} made-up GPUs, up to {PARALLEL} jobs per "
        f"launcher running or waiting. Killed jobs (SIGKILL) "
        "are started again. Every job checks by a lock of its own that it is alone on "
        "its GPUs. The bound is the time for which GPUs were held, divided by the GPUs: no "
        "schedule of these jobs is shorter."
    )
    yield ""
    yield (
        f"Made by `python benchmarks/lease.py` on {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}. No real GPU is involved."
    )
    yield ""
    head = (
        "case", "s per job", "poll s", "jobs", "of them 2 GPUs", "killed holding",
        "killed waiting", "used twice", "not done", "makespan s", "bound s", "GPUs in use",
        "longest wait, 1 GPU s", "longest wait, 2 GPUs s",
    )  # fmt: skip
    yield f"| {' | '.join(head)} |"
    yield "|---" + "|---:" * (len(head) - 1) + "|"


def table_row(row: Mapping[str, Any]) -> str:
    case = row["case"]
    cells = (
        case.name, "{} to {}".format(*case.use), case.poll_seconds,
        LAUNCHERS * case.jobs, row["pairs"],
        row["killed_holding"], row["killed_waiting"], row["clashes"], row["missing"],
        seconds(row["makespan"]), seconds(row["bound"]), f"{row['bound'] / row['makespan']:.0%}",
        seconds(row["longest_wait_1"]), seconds(row["longest_wait_2"]),
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--job", help="be this job of the workflow, not the benchmark")
    parser.add_argument("--gpus", type=int)
    parser.add_argument("--attempt", type=int)
    arguments = parser.parse_args()
    workflow_job(arguments) if arguments.job else main()
