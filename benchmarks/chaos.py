"""What runs leave that are killed, hung up, or find a full disk: compared with a calm run.

A small whole run (a local model, an API on loopback, a judge, tables, a plot, the page) is ended
at random points, resumed until it is done, and its results compared byte for byte with those of a
run that nothing disturbed, but for times and records of runs.

    python benchmarks/chaos.py [--seed 0] [--points 100] [--only kill,sigterm,...]

adds a row per disturbance to benchmarks/results/chaos.csv and writes chaos.md beside it. Ten points
at a time are of one run. Full and read-only disks need the right to mount (Linux, root).
"""

from __future__ import annotations

import argparse
import csv
import difflib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
# the tests of whole workflows have the project that is run here
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

import fault_server  # noqa: E402
from disturbed_runs import IN_FLIGHT, Disturbed, answer, contents  # noqa: E402
from written_project import write_project  # noqa: E402

TABLE = HERE / "results" / "chaos.csv"
COLUMNS = (
    "disturbance", "seed", "points", "asked_again", "in_flight_at_most", "answers_twice",
    "files", "files_that_differ", "half_files", "locks_when_ended", "locks_at_the_end",
    "children_left", "exit_code", "seconds",
)  # fmt: skip
POINTS_OF_A_RUN = 10
DAYS = 2 * 24 * 3600
_HEAD = """\
# Chaos: runs that are ended before their time

Targets: after each is resumed, 0 files differ from a calm run (but for times and records of runs),
0 answers are in a journal twice, no child is at work and no lock left, and no more is asked again
than was in flight (6 requests a point). Made by `python benchmarks/chaos.py`.
`locks_when_ended`: how often the signal left Snakemake's lock, which `snakemake --unlock` removes.

"""

#: one disturbance: what it does before the run is resumed; how many points, locks and children
Disturbance = Callable[["Disturbed", random.Random, int], tuple[int, int, int]]


def by_signal(how: int, group: bool = True) -> Disturbance:
    def disturb(run: Disturbed, rng: random.Random, points: int) -> tuple[int, int, int]:
        reached = locks = children = 0
        for _ in range(points):
            reached += bool(run.end_early(rng, how, group))
            children += len(run.children())
            locks += run.unlock()
        return reached, locks, children

    return disturb


def two_at_once(run: Disturbed, rng: random.Random, _: int) -> tuple[int, int, int]:
    """A second run of the same folder while the first is at work: it is refused."""
    first = run.start()
    time.sleep(rng.uniform(4, 8))
    code, text = run.finish()
    if code == 0 or "lock" not in text.lower():
        raise SystemExit(f"the second run was not refused:\n{text}")
    first.finish()
    return 1, 0, len(run.children())


def clock_back(run: Disturbed, rng: random.Random, _: int) -> tuple[int, int, int]:
    """A killed run whose files are two days in the future, as where the clock went back."""
    found = by_signal(signal.SIGKILL)(run, rng, 1)
    for path in run.results.rglob("*"):
        stat = path.stat()
        os.utime(path, (stat.st_atime + DAYS, stat.st_mtime + DAYS))
    return found


def full_disk(run: Disturbed, _rng: random.Random, _: int) -> tuple[int, int, int]:
    """Results on a disk of 150 kB, which is then made larger."""
    mount("-t", "tmpfs", "-o", "size=150k", "tmpfs", str(run.results))
    code, text = run.finish()
    if code == 0 or "No space left" not in text:
        raise SystemExit(f"a full disk was not reported:\n{text}")
    mount("-o", "remount,size=64m", str(run.results))
    return 1, 0, len(run.children())


def read_only(run: Disturbed, rng: random.Random, _: int) -> tuple[int, int, int]:
    """A killed run whose results can be read only, and are then writable again."""
    mount("-t", "tmpfs", "-o", "size=64m", "tmpfs", str(run.results))
    _, locks, children = by_signal(signal.SIGKILL)(run, rng, 1)
    mount("-o", "remount,ro", str(run.results))
    code, text = run.finish()
    if code == 0 or "Traceback" in text:
        raise SystemExit(f"read-only results were not reported in a line:\n{text}")
    mount("-o", "remount,rw", str(run.results))
    return 1, locks, children


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)  # noqa: S603, S607


DISTURBANCES: dict[str, Disturbance] = {
    "SIGKILL": by_signal(signal.SIGKILL),
    "SIGTERM": by_signal(signal.SIGTERM),
    "SIGHUP": by_signal(signal.SIGHUP),
    "Ctrl-C": by_signal(signal.SIGINT),
    "SIGTERM to Snakemake alone": by_signal(signal.SIGTERM, group=False),
    "SIGKILL to Snakemake alone": by_signal(signal.SIGKILL, group=False),
    "two runs at once": two_at_once,
    "clock goes back": clock_back,
    "full disk": full_disk,
    "read-only disk": read_only,
}


@contextmanager
def disturbed(folder: Path, server: object) -> Iterator[Disturbed]:
    run = Disturbed(write_project(folder), server)
    run.results.mkdir()
    try:
        yield run
    finally:
        if os.path.ismount(run.results):
            subprocess.run(["umount", str(run.results)], check=False)  # noqa: S603, S607


def measure(name: str, seed: int, points: int) -> dict[str, object]:
    """A calm run, and one that is disturbed and resumed: a row of the table."""
    began, rng = time.monotonic(), random.Random(seed)  # noqa: S311
    with (
        tempfile.TemporaryDirectory() as text,
        fault_server.serving(answer) as server,
    ):
        folder = Path(text)
        with disturbed(folder / "calm", server) as calm:
            code, said = calm.finish()
            if code:
                raise SystemExit(said)
            expected, asked = contents(calm.results), len(server.bodies)
        server.bodies.clear()
        with disturbed(folder / "run", server) as run:
            reached, locks, children = DISTURBANCES[name](run, rng, points)
            code, said = run.finish()
            found = contents(run.results)
            names = expected.keys() | found.keys()
            differ = sorted(one for one in names if expected.get(one) != found.get(one))
            if code or differ:
                print(said, *_differences(expected, found, differ), sep="\n")  # noqa: T201
            again = len(server.bodies) - asked
            ends = (len(run.parts()), locks, int(run.unlock()), children + len(run.children()))
            twice, seconds = run.answers_twice(), round(time.monotonic() - began)
            counts = (reached, again, reached * IN_FLIGHT, twice, len(names), len(differ))
            row = (name, seed, *counts, *ends, code, seconds)
    return dict(zip(COLUMNS, row, strict=True))


def _differences(
    expected: Mapping[str, str], found: Mapping[str, str], names: Iterable[str]
) -> Iterator[str]:
    for name in names:
        texts = (expected.get(name, "").splitlines(), found.get(name, "").splitlines())
        yield from [f"differs: {name}", *difflib.unified_diff(*texts, n=0, lineterm="")][:40]


def write_table() -> None:
    with TABLE.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    sums = {name: [row for row in rows if row["disturbance"] == name] for name in DISTURBANCES}
    shown = [name for name in COLUMNS if name not in ("seed", "exit_code", "seconds")]
    lines = ["| " + " | ".join(name.replace("_", " ") for name in shown) + " |"]
    lines.append("|---" * len(shown) + "|")
    for name, found in sums.items():
        if found:
            cells = [str(sum(int(row[column]) for row in found)) for column in shown[1:]]
            lines.append("| " + " | ".join([name, *cells]) + " |")
    TABLE.with_suffix(".md").write_text(_HEAD + "\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--points", type=int, default=100, help="of SIGKILL; others have one to three"
    )
    parser.add_argument("--only", help="names of disturbances, with commas")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else DISTURBANCES
    jobs = [(name, options.seed, 3) for name in names if name != "SIGKILL"]
    if "SIGKILL" in names:
        rounds = range(0, options.points, POINTS_OF_A_RUN)
        jobs += [
            ("SIGKILL", options.seed + n, min(POINTS_OF_A_RUN, options.points - begun))
            for n, begun in enumerate(rounds)
        ]
    new = not TABLE.exists()
    for job in jobs:
        row = measure(*job)
        with TABLE.open("a", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, COLUMNS, lineterminator="\n")
            if new:
                writer.writeheader()
            new = False
            writer.writerow(row)
        print(row, flush=True)  # noqa: T201
        write_table()


if __name__ == "__main__":
    main()
