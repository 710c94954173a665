"""How fast the `transformers` provider answers, beside plain `generate`, lm_eval and inspect_ai.

A random Llama of about 5 M (or 56 M) parameters is built on the spot; 200 prompts of 40 to 500
tokens get 32 new tokens each, greedy, fp32, on the CPU. All ways run in turn, in rounds, each in a
process of its own, and must give the same texts.

    python benchmarks/generation.py [--size 60m] [--rounds 3] [--prompts 200] [--peers]

writes benchmarks/results/generation-{size}.md. `--peers` makes an environment for each peer under
the temporary folder (once) and tries their batch sizes first (`--peer-batches 8 32 64`): the best
one is timed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from generation_workload import NEW_TOKENS, build  # noqa: E402

ENVIRONMENTS = Path(tempfile.gettempdir()) / "modellab-peers"
COMMON = ("torch==2.13.0", "transformers==5.23.0", "accelerate==1.15.0")
PEERS = {"lm_eval": "lm_eval[hf]==0.4.13", "inspect_ai": "inspect_ai==0.3.285"}

LM_EVAL_TASK = """task: benchmark
dataset_path: json
dataset_kwargs: {{data_files: {{test: {prompts}}}}}
test_split: test
output_type: generate_until
doc_to_text: "{{{{prompt}}}}"
doc_to_target: ""
generation_kwargs: {{until: ["<<never>>"], do_sample: false, max_gen_toks: {new_tokens}}}
metric_list: [{{metric: bypass}}]
"""


@dataclass
class Measured:
    """Seconds of each round: the whole command, its CPU time, and the generation alone."""

    walls: list[float] = field(default_factory=list)
    cpus: list[float] = field(default_factory=list)
    generations: list[float] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def add(self, other: Measured) -> None:
        self.walls += other.walls
        self.cpus += other.cpus
        self.generations += other.generations
        self.texts = other.texts


def run(command: list[str], read: Callable[[], tuple[dict[str, str], float | None]]) -> Measured:
    """Run a command and read its texts; raises CalledProcessError if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    quiet = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run(command, env={**os.environ, **quiet}, capture_output=True, text=True)  # noqa: S603
    wall = time.perf_counter() - start
    if done.returncode:
        sys.stderr.write(done.stderr[-3000:])
        done.check_returncode()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    texts, seconds = read()
    return Measured([wall], [cpu], [] if seconds is None else [seconds], texts)


def own(way: str, model: Path, prompts: Path, folder: Path) -> Measured:
    out = folder / f"{way}.json"
    script = str(HERE / "generation_runs.py")
    return run([sys.executable, script, way, str(model), str(prompts), str(out)], reader(out))


def reader(out: Path) -> Callable[[], tuple[dict[str, str], float | None]]:
    def read() -> tuple[dict[str, str], float | None]:
        result = json.loads(out.read_text(encoding="utf-8"))
        return result["texts"], result["seconds"]

    return read


def inspect_ai(model: Path, prompts: Path, folder: Path, batch: int) -> Measured:
    out = folder / "inspect.json"
    python = str(ENVIRONMENTS / "inspect_ai" / "bin" / "python")
    script = str(HERE / "generation_inspect.py")
    arguments = [str(model), str(prompts), str(out), str(batch), str(NEW_TOKENS)]
    return run([python, script, *arguments], reader(out))


def lm_eval(model: Path, prompts: Path, folder: Path, batch: int) -> Measured:
    tasks, out = folder / "tasks", folder / f"lm_eval-{time.time_ns()}"
    tasks.mkdir(exist_ok=True)
    text = LM_EVAL_TASK.format(prompts=prompts.resolve(), new_tokens=NEW_TOKENS)
    (tasks / "benchmark.yaml").write_text(text, encoding="utf-8")
    command = [
        str(ENVIRONMENTS / "lm_eval" / "bin" / "lm_eval"), "run", "--model", "hf",
        "--model_args", f"pretrained={model},dtype=float32", "--device", "cpu",
        "--batch_size", str(batch), "--tasks", "benchmark", "--include_path", str(tasks),
        "--output_path", str(out), "--log_samples",
    ]  # fmt: skip

    def read() -> tuple[dict[str, str], float | None]:
        [samples] = out.rglob("samples_*.jsonl")
        rows = [json.loads(line) for line in samples.read_text(encoding="utf-8").splitlines()]
        return {row["doc"]["id"]: row["resps"][0][0].strip() for row in rows}, None

    return run(command, read)


def make_environments() -> None:
    """A virtual environment per peer, where there is none yet; they share torch's version."""
    for name, requirement in PEERS.items():
        folder = ENVIRONMENTS / name
        if (folder / "ready").exists():
            continue
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)  # noqa: S603
        pip = [str(folder / "bin" / "pip"), "install", "-q"]
        subprocess.run([*pip, *COMMON], check=True)  # noqa: S603
        subprocess.run([*pip, requirement, *COMMON], check=True)  # noqa: S603
        (folder / "ready").touch()


def ways_of(
    batches: list[int], model: Path, prompts: Path, folder: Path
) -> tuple[dict[str, Callable[[], Measured]], list[str]]:
    """What is timed, by name, and notes on how the peers' batch sizes were chosen."""
    ways: dict[str, Callable[[], Measured]] = {
        "ours (defaults)": lambda: own("ours", model, prompts, folder),
        "bare generate, sorted, 32": lambda: own("bare", model, prompts, folder),
        "one by one": lambda: own("one", model, prompts, folder),
    }
    notes = []
    for name, peer in {"lm_eval": lm_eval, "inspect_ai": inspect_ai}.items() if batches else ():
        best = batches[0]
        if len(batches) > 1:
            tried = {n: peer(model, prompts, folder, n).walls[0] for n in batches}
            best = min(tried, key=lambda n: tried[n])
            shown = ", ".join(f"{n}: {seconds:.1f} s" for n, seconds in tried.items())
            notes.append(f"{name} was tried once with batches of {shown}.")
        ways[f"{name}, batch {best}"] = lambda peer=peer, best=best: peer(  # type: ignore[misc]
            model, prompts, folder, best
        )
    return ways, notes


def table(measured: dict[str, Measured]) -> list[str]:
    ours = statistics.median(measured["ours (defaults)"].walls)
    lines = [
        "| way | whole command, s | over ours | CPU, s | generation alone, s | same texts |",
        "|---|---|---|---|---|---|",
    ]
    expected = measured["one by one"].texts
    for name, times in measured.items():
        wall = statistics.median(times.walls)
        alone = f"{statistics.median(times.generations):.1f}" if times.generations else "not told"
        same = sum(times.texts.get(key) == text for key, text in expected.items())
        lines.append(
            f"| {name} | {wall:.1f} ({min(times.walls):.1f} to {max(times.walls):.1f}) | "
            f"{wall / ours:.2f} | {statistics.median(times.cpus):.1f} | {alone} | "
            f"{same}/{len(expected)} |"
        )
    return lines


def targets(measured: dict[str, Measured]) -> list[str]:
    """The ratios of the generation alone, round by round, as medians."""

    def ratio(name: str) -> float:
        pairs = zip(
            measured[name].generations, measured["ours (defaults)"].generations, strict=True
        )
        return statistics.median(theirs / ours for theirs, ours in pairs)

    return [
        f"Generation alone, median of the rounds' ratios: {ratio('one by one'):.2f} times as fast "
        "as one by one (target: 5), "
        f"{ratio('bare generate, sorted, 32'):.2f} times as fast as the bare loop (target: 0.9).",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=["5m", "60m"], default="5m")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--peer-batches", type=int, nargs="+", default=[8, 32, 64])
    given = parser.parse_args()
    if given.peers:
        make_environments()
    with tempfile.TemporaryDirectory() as name:
        model, prompts = build(Path(name), given.size, given.prompts)
        ways, notes = ways_of(given.peer_batches if given.peers else [], model, prompts, Path(name))
        measured = {way: Measured() for way in ways}
        for number in range(given.rounds):
            for way, timed in ways.items():
                measured[way].add(timed())
                print(f"round {number + 1}: {way}: {measured[way].walls[-1]:.1f} s", flush=True)  # noqa: T201
    arguments = " ".join(sys.argv[1:])
    threads = os.environ.get("OMP_NUM_THREADS", "not set")
    head = [
        f"# Generation: Llama {given.size}, {given.prompts} prompts, {NEW_TOKENS} new tokens each",
        "",
        f"Greedy, fp32, CPU ({platform.machine()}, {os.cpu_count()} cores, OMP_NUM_THREADS "
        f"{threads}, load {os.getloadavg()[1]:.1f} at the end), {given.rounds} interleaved rounds; "
        f"medians (least to most). Made by `python benchmarks/generation.py {arguments}`.",
        "",
    ]
    text = "\n".join([*head, *table(measured), "", *targets(measured), "", *notes]).rstrip() + "\n"
    out = HERE / "results" / f"generation-{given.size}.md"
    out.parent.mkdir(exist_ok=True)
    out.write_text(text, encoding="utf-8")
    print(text)  # noqa: T201


if __name__ == "__main__":
    main()
