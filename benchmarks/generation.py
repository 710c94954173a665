"""How fast questions become answers on a CPU: the `transformers` provider and its peers.

A random Llama of about 5 M (or 56 M) parameters is built on the spot; prompts of 40 to 500 tokens
get 32 new tokens each, greedy, fp32. All ways run in turn, in rounds, each as a whole command in
a process of its own, from questions to texts; a server's start is part of it.

    python benchmarks/generation.py [--size 60m] [--rounds 3] [--prompts 96] [--peers]
        [--vllm PROGRAM] [--lm-eval-batches 16 32 64] [--rounds-of FILE]

writes benchmarks/results/generation-{size}.md. `--peers` makes an environment for each peer under
the temporary folder (once); vLLM for CPU is where `--vllm` says. Of the batch sizes of lm_eval
each is tried once, and the best one is timed. Rounds are added to those in `--rounds-of`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from generation_workload import NEW_TOKENS, build  # noqa: E402

from modellab.core.text.escape import storable  # noqa: E402

ENVIRONMENTS = Path(tempfile.gettempdir()) / "modellab-peers"
COMMON = ("torch==2.13.0", "transformers==5.23.0", "accelerate==1.15.0")
PEERS = {
    "lm_eval": ("lm_eval[hf]==0.4.13", *COMMON),
    "inspect_ai": ("inspect_ai==0.3.285", *COMMON),
    "llama_cpp": ("gguf==0.19.0", "xllamacpp==2026.10.11549", "safetensors"),
}
OURS, BARE = "ours (defaults)", "bare generate, sorted, 32"
#: seconds between two looks at the processor time of a command's processes
POLL_SECONDS = 0.2

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

#: seconds of a whole command, its processor seconds, and the texts by id
Run = dict[str, Any]


class Ways:
    """The commands, by name; each gives a Run."""

    def __init__(self, model: Path, prompts: Path, folder: Path) -> None:
        self.model, self.prompts, self.folder = model, prompts, folder

    def own(self, way: str, *more: str) -> Run:
        """A run of `generation_runs.py`."""
        return self._script(sys.executable, "generation_runs.py", way, *more)

    def inspect_ai(self, batch: int) -> Run:
        python, words = peer("inspect_ai", "python"), (str(batch), str(NEW_TOKENS))
        return self._script(python, "generation_inspect.py", *words)

    def lm_eval(self, batch: int) -> Run:
        tasks, out = self.folder / "tasks", self.folder / f"lm_eval-{time.time_ns()}"
        tasks.mkdir(exist_ok=True)
        text = LM_EVAL_TASK.format(prompts=self.prompts.resolve(), new_tokens=NEW_TOKENS)
        (tasks / "benchmark.yaml").write_text(text, encoding="utf-8")
        measured = timed([
            peer("lm_eval", "lm_eval"), "run", "--model", "hf",
            "--model_args", f"pretrained={self.model},dtype=float32", "--device", "cpu",
            "--batch_size", str(batch), "--tasks", "benchmark", "--include_path", str(tasks),
            "--output_path", str(out), "--log_samples",
        ])  # fmt: skip
        [samples] = out.rglob("samples_*.jsonl")
        rows = [json.loads(line) for line in samples.read_text(encoding="utf-8").splitlines()]
        return {
            **measured,
            "texts": {row["doc"]["id"]: row["resps"][0][0].strip() for row in rows},
        }

    def llama_cpp(self) -> Run:
        weights = self.folder / "model.gguf"
        python, script = peer("llama_cpp", "python"), str(HERE / "generation_llama.py")
        if not weights.exists():
            timed([python, script, "convert", str(self.model), str(weights)])
        program = self.folder / "llama-server"
        program.write_text(f'#!/bin/sh\nexec "{python}" "{script}" "$@"\n', encoding="utf-8")
        program.chmod(0o755)
        return self.own("llama.cpp", "--program", str(program), "--weights", str(weights))

    def _script(self, python: str, script: str, *words: str) -> Run:
        out = self.folder / "out.json"
        places = [str(self.model), str(self.prompts), str(out)]
        measured = timed([python, str(HERE / script), *places, *words])
        return {**measured, "texts": json.loads(out.read_text(encoding="utf-8"))["texts"]}


def peer(name: str, program: str) -> str:
    return str(ENVIRONMENTS / name / "bin" / program)


def timed(command: list[str]) -> Run:
    """Run a command; its seconds, and the processor seconds of all its processes.

    The processes of servers are looked at while they run: not each is waited for by its parent.
    """
    quiet = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    start, used = time.perf_counter(), dict[int, float]()
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(  # noqa: S603
            command, env={**os.environ, **quiet}, stdout=subprocess.DEVNULL, stderr=errors
        )
        while process.poll() is None:
            with suppress(psutil.NoSuchProcess):
                root = psutil.Process(process.pid)
                for one in [root, *root.children(recursive=True)]:
                    with suppress(psutil.NoSuchProcess):
                        times = one.cpu_times()
                        used[one.pid] = times.user + times.system
            time.sleep(POLL_SECONDS)
        if process.returncode:
            errors.seek(0)
            raise SystemExit(f"{command}: exit code {process.returncode}\n{errors.read()[-3000:]}")
    return {"wall": time.perf_counter() - start, "cpu": sum(used.values())}


def make_environments() -> None:
    """A virtual environment per peer, where there is none yet; they share torch's version."""
    for name, requirements in PEERS.items():
        folder = ENVIRONMENTS / name
        if not (folder / "ready").exists():
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)  # noqa: S603
            subprocess.run([peer(name, "pip"), "install", "-q", *requirements], check=True)  # noqa: S603
            (folder / "ready").touch()


def ways_of(given: argparse.Namespace, ways: Ways) -> dict[str, Callable[[], Run]]:
    found: dict[str, Callable[[], Run]] = {
        OURS: lambda: ways.own("ours"),
        BARE: lambda: ways.own("bare"),
    }
    if given.peers:
        best = given.lm_eval_batches[0]
        if len(given.lm_eval_batches) > 1:
            tried = {batch: ways.lm_eval(batch)["cpu"] for batch in given.lm_eval_batches}
            print("lm_eval, processor seconds by batch:", tried, flush=True)  # noqa: T201
            best = min(tried, key=tried.__getitem__)
        found[f"lm_eval, batch {best}"] = lambda: ways.lm_eval(best)
        found["inspect_ai, batch 32"] = lambda: ways.inspect_ai(32)
        found["llama.cpp's server, through ours"] = ways.llama_cpp
    if given.vllm:
        found["vLLM for CPU, through ours"] = lambda: ways.own("vllm", "--program", given.vllm)
    return found


def table(measured: dict[str, list[Run]]) -> list[str]:
    """Medians, and the medians of ratios to the bare loop of the same round."""
    lines = [
        "| way | whole command, s | over bare | CPU, s | over bare | same texts |",
        "|---|---|---|---|---|---|",
    ]
    expected = measured[BARE][0]["texts"]
    for name, runs in measured.items():
        walls, cpus = ([run[key] for run in runs] for key in ("wall", "cpu"))
        ratios = {
            key: statistics.median(
                run[key] / bare[key] for run, bare in zip(runs, measured[BARE], strict=True)
            )
            for key in ("wall", "cpu")
        }
        found = {key: plain(text) for key, text in runs[-1]["texts"].items()}
        same = sum(found.get(key) == plain(text) for key, text in expected.items())
        lines.append(
            f"| {name} | {statistics.median(walls):.1f} ({min(walls):.1f} to {max(walls):.1f}) | "
            f"{ratios['wall']:.2f} | {statistics.median(cpus):.1f} | {ratios['cpu']:.2f} | "
            f"{same}/{len(expected)} |"
        )
    return lines


def plain(text: str) -> str:
    """A text without what programs write differently: a special token, half a character."""
    return storable(text.replace("<|pad|>", "").rstrip("\ufffd").strip())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=["5m", "60m"], default="5m")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompts", type=int, default=96)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--vllm")
    parser.add_argument("--lm-eval-batches", type=int, nargs="+", default=[16, 32, 64])
    parser.add_argument("--rounds-of", type=Path)
    given = parser.parse_args()
    if given.peers:
        make_environments()
    measured: dict[str, list[Run]] = {}
    if given.rounds_of and given.rounds_of.exists():
        measured = json.loads(given.rounds_of.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as name:
        model, prompts = build(Path(name), given.size, given.prompts)
        ways = ways_of(given, Ways(model, prompts, Path(name)))
        for number in range(given.rounds):
            for way, run in ways.items():
                measured.setdefault(way, []).append(run())
                seconds = {key: round(measured[way][-1][key], 1) for key in ("wall", "cpu")}
                print(f"round {number + 1}: {way}: {seconds}", flush=True)  # noqa: T201
    if given.rounds_of:
        given.rounds_of.write_text(json.dumps(measured), encoding="utf-8")
    threads = os.environ.get("OMP_NUM_THREADS", "not set")
    head = [
        f"# Generation: Llama {given.size}, {given.prompts} prompts, {NEW_TOKENS} new tokens each",
        "",
        f"Greedy, fp32, CPU ({platform.machine()}, {os.cpu_count()} cores, OMP_NUM_THREADS "
        f"{threads}, load {os.getloadavg()[1]:.1f} at the end), {len(measured[OURS])} interleaved "
        "rounds; medians (least to most), and medians of the rounds' ratios. Made by "
        "`python benchmarks/generation.py`.",
        "",
    ]
    text = "\n".join([*head, *table(measured)]) + "\n"
    (HERE / "results" / f"generation-{given.size}.md").write_text(text, encoding="utf-8")
    print(text)  # noqa: T201


if __name__ == "__main__":
    main()
