"""Tokens per second on one GPU: static batches, continuous batching, vLLM, and a bare loop.

A random Qwen2 (bf16, 1.5, 3 or 7.6 B parameters) is built on the spot. Each way answers the same
prompts in a process of its own: once a few to warm up, then all of them, twice. Loading and the
start of a server are not in the times. Nothing is downloaded.

    python benchmarks/gpu_generation.py [--size 3b] [--rows 256] [--minutes 8] [--vllm PROGRAM]
    python benchmarks/gpu_generation.py --cpu --rows 12 [--vllm PROGRAM]

writes benchmarks/results/gpu-generation.md, with `--cpu` (a model of 5 M parameters, fp32, to try
the script where there is no GPU) only prints. What does not fit into the minutes is left out, and
the table says so. vLLM is what `--vllm` or PATH names.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

NEW_TOKENS = {"cuda": 128, "cpu": 16}
ROUNDS = 2
WARM_UP_ROWS = 8
OURS = ("static", "continuous", "auto")
BARE = "bare generate, sorted, 64"
#: shapes of Qwen2.5; `vocab_size` is that of the real ones, the tokenizer knows 4,000 of them
COMMON = {"vocab_size": 151936, "num_key_value_heads": 2, "max_position_embeddings": 32768}
SIZES: dict[str, dict[str, Any]] = {
    "1.5b": {**COMMON, "hidden_size": 1536, "intermediate_size": 8960,
             "num_hidden_layers": 28, "num_attention_heads": 12},
    "3b": {**COMMON, "hidden_size": 2048, "intermediate_size": 11008,
           "num_hidden_layers": 36, "num_attention_heads": 16},
    "7b": {**COMMON, "hidden_size": 3584, "intermediate_size": 18944,
           "num_hidden_layers": 28, "num_attention_heads": 28, "num_key_value_heads": 4},
    "cpu": {"vocab_size": 4000, "hidden_size": 256, "intermediate_size": 768,
            "num_hidden_layers": 4, "num_attention_heads": 8, "num_key_value_heads": 2,
            "max_position_embeddings": 2048},
}  # fmt: skip


def build(folder: Path, size: str, device: str) -> None:
    """Weights from the GPU itself (a CPU would take minutes), and a small tokenizer."""
    import torch
    from generation_workload import tokenizer_and_words
    from transformers import Qwen2Config, Qwen2ForCausalLM

    tokenizer, _ = tokenizer_and_words()
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16 if device == "cuda" else torch.float32)
    # no end token: every row has all of its new tokens
    ends = {"eos_token_id": None, "bos_token_id": None, "pad_token_id": tokenizer.pad_token_id}
    with torch.device(device):
        model = Qwen2ForCausalLM(Qwen2Config(**SIZES[size], **ends))
    model.save_pretrained(folder)
    tokenizer.eos_token = None
    tokenizer.save_pretrained(folder)


def requests(rows: int, device: str) -> list[Any]:
    from generation_workload import tokenizer_and_words

    from modellab.core.records import Message, Question, Request

    _, words = tokenizer_and_words()
    rng = random.Random(1)  # noqa: S311
    most = 250 if device == "cuda" else 60
    texts = [" ".join(rng.choices(words, k=rng.randint(most // 6, most))) for _ in range(rows)]
    return [
        Request(
            f"{i:064x}", Question(str(i), text, {}, {}, ()), "none", 1, (), (Message("user", text),)
        )
        for i, text in enumerate(texts)
    ]


def through_ours(way: str, folder: Path, asked: list[Any], given: Any) -> dict[str, Any]:
    """Seconds of each round by an entry of a config, the texts, and what its record says."""
    from modellab.models.registry import parse_model

    device = "cpu" if given.cpu else "cuda"
    entry: dict[str, Any] = {"model": str(folder), "max_new_tokens": NEW_TOKENS[device]}
    if way == "vLLM":
        number = "float32" if given.cpu else "bfloat16"
        args = {"max-model-len": 2048, "dtype": number, "enforce-eager": given.cpu}
        entry |= {"provider": "served", "engine": "vllm", "program": given.vllm, "args": args}
        entry |= {"gpus": 0 if given.cpu else 1, "max_concurrent": 256}
        entry |= {"environment": {"VLLM_CPU_KVCACHE_SPACE": "1"}} if given.cpu else {}
    else:
        method = {"static": "off", "continuous": "on", "auto": "auto"}[way]
        entry |= {"provider": "transformers", "device": device, "continuous_batching": method}
    seconds = []
    with parse_model(entry).open(0, {}) as model:
        list(model.answer(asked[:WARM_UP_ROWS]))
        for _ in range(ROUNDS):
            start = time.perf_counter()
            rows = list(model.answer(asked))
            seconds.append(time.perf_counter() - start)
    wrong = [row.error for row in rows if row.error]
    if wrong:
        raise SystemExit(f"{len(wrong)} rows failed, the first: {wrong[0]}")
    report = model.report()
    return {
        "seconds": seconds,
        "texts": {row.key: row.text for row in rows},
        "method": sorted({row.method for row in rows if row.method}),
        "batch_tokens": report.get("batch_tokens"),
        "trial": report.get("trial"),
        "peak_gb": max((row.peak_memory_bytes or 0) for row in rows) / 2**30,
    }


def bare(folder: Path, asked: list[Any], given: Any) -> dict[str, Any]:
    """A plain `generate` loop over sorted batches of 64 rows."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    device = "cpu" if given.cpu else "cuda"
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype="auto", device_map=device)
    tokens = [(r.key, tokenizer(r.messages[0].content)["input_ids"]) for r in asked]
    texts: dict[str, str] = {}

    def answer(rows: list[tuple[str, list[int]]]) -> float:
        start = time.perf_counter()
        rows = sorted(rows, key=lambda row: -len(row[1]))
        for first in range(0, len(rows), 64):
            keys, ids = zip(*rows[first : first + 64], strict=True)
            inputs = tokenizer.pad({"input_ids": list(ids)}, return_tensors="pt").to(device)
            with torch.inference_mode():
                output = model.generate(
                    **inputs, max_new_tokens=NEW_TOKENS[device], do_sample=False
                )
            new = output[:, inputs["input_ids"].shape[1] :]
            found = tokenizer.batch_decode(new, skip_special_tokens=True)
            texts.update(zip(keys, (text.strip() for text in found), strict=True))
        return time.perf_counter() - start

    answer(tokens[:WARM_UP_ROWS])
    seconds = [answer(tokens) for _ in range(ROUNDS)]
    peak = 0 if given.cpu else torch.cuda.max_memory_allocated()
    return {"seconds": seconds, "texts": texts, "method": ["static"], "peak_gb": peak / 2**30}


def measured(way: str, folder: Path, until: float) -> dict[str, Any] | str:
    """A way in a process of its own, or why it has no result."""
    left = until - time.monotonic()
    if left < 20:
        return "no time was left"
    out = folder.parent / f"{way}.json"
    words = [*sys.argv[1:], "--way", way, "--folder", str(folder), "--out", str(out)]
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, __file__, *words], capture_output=True, text=True, timeout=left
        )
    except subprocess.TimeoutExpired:
        return f"stopped after {left:.0f} s"
    if done.returncode:
        return done.stderr.strip().splitlines()[-1][:300]
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def report(results: dict[str, dict[str, Any] | str], given: Any, device: str) -> str:
    from modellab.models.generators.transformers.memory import device_name

    tokens = given.rows * NEW_TOKENS[device]
    done = {way: found for way, found in results.items() if isinstance(found, dict)}
    speeds = {w: tokens / statistics.median(found["seconds"]) for w, found in done.items()}
    best = max(speeds.values(), default=0.0)
    lines = [
        f"# Generation on {device_name(device)}: random Qwen2, {given.size}",
        "",
        f"{given.rows} rows of {NEW_TOKENS[device]} new tokens, greedy, "
        f"{'fp32' if given.cpu else 'bf16'}; medians of {ROUNDS} rounds. Made by "
        "`python benchmarks/gpu_generation.py`.",
        "",
        "| way | tokens/s | of the best | peak GB | tokens in a batch | texts as `static` |",
        "|---|---|---|---|---|---|",
    ]
    expected = done.get("static", {}).get("texts", {})
    for way, found in results.items():
        if isinstance(found, str):
            lines.append(f"| {way} | {found} | | | | |")
            continue
        same = sum(found["texts"].get(key) == text for key, text in expected.items())
        name = f"{way} ({', '.join(found['method'])})" if found["method"] else way
        lines.append(
            f"| {name} | {speeds[way]:.0f} | {speeds[way] / best:.2f} | {found['peak_gb']:.1f} | "
            f"{found.get('batch_tokens') or ''} | {same}/{given.rows} |"
        )
    trial = done.get("auto", {}).get("trial")
    return "\n".join([*lines, *(["", f"The trial of `auto`: {trial}."] if trial else [])]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=list(SIZES), default="3b")
    parser.add_argument("--rows", type=int, default=256)
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--vllm", default=shutil.which("vllm"))
    parser.add_argument("--cpu", action="store_true")
    for name in ("--way", "--folder", "--out"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    given = parser.parse_args()
    device = "cpu" if given.cpu else "cuda"
    given.size = "cpu" if given.cpu else given.size
    if given.way:
        folder, asked = Path(given.folder), requests(given.rows, device)
        found: dict[str, Any] = {}
        if given.way == "build":
            build(folder, given.size, device)
        elif given.way == BARE:
            found = bare(folder, asked, given)
        else:
            found = through_ours(given.way, folder, asked, given)
        Path(given.out).write_text(json.dumps(found), encoding="utf-8")
        return
    import torch

    if not given.cpu and not torch.cuda.is_available():
        raise SystemExit("this benchmark needs a CUDA GPU; --cpu tries the script without one")
    until = time.monotonic() + 60 * given.minutes
    ways = [*OURS, BARE, *(["vLLM"] if given.vllm else [])]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "model"
        built = measured("build", folder, until)
        if isinstance(built, str):
            raise SystemExit(f"the model could not be built: {built}")
        results: dict[str, dict[str, Any] | str] = {}
        for way in ways:
            results[way] = measured(way, folder, until)
            print(f"{way}: {until - time.monotonic():.0f} s are left", flush=True)  # noqa: T201
    if not given.vllm:
        results["vLLM"] = "not installed"
    text = report(results, given, device)
    print(text)  # noqa: T201
    if not given.cpu:
        (HERE / "results" / "gpu-generation.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
