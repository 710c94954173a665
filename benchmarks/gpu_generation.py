"""Tokens per second of a 7 B model on a CUDA GPU: static, continuous, and what memory allows.

A random Qwen2 with the shape of Qwen2.5-7B (7.6 B parameters, bf16, about 15 GB) is built on the
spot. The same prompts are answered by static batches of this project's provider, by continuous
batching, and by a bare `generate` loop; beside them stands the limit of the memory's bandwidth:
each step reads all weights once, so a batch of B rows can give at most
B * bandwidth / weight bytes tokens per second.

    python benchmarks/gpu_generation.py [--rows 256] [--batch-tokens 65536] [--rounds 3]

writes benchmarks/results/gpu-generation.md. This benchmark has not been run: no CUDA machine was
at hand when it was written.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

NEW_TOKENS = 128
SHAPE: dict[str, Any] = {
    "vocab_size": 152064, "hidden_size": 3584, "intermediate_size": 18944,
    "num_hidden_layers": 28, "num_attention_heads": 28, "num_key_value_heads": 4,
    "max_position_embeddings": 32768,
}  # fmt: skip


def build(folder: Path) -> None:
    """Weights from the GPU itself (a CPU would take minutes), and a small tokenizer."""
    import torch
    from generation_workload import tokenizer_and_words
    from transformers import Qwen2Config, Qwen2ForCausalLM

    tokenizer, _ = tokenizer_and_words()
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda"):
        # no end token: every row has all of its new tokens
        model = Qwen2ForCausalLM(
            Qwen2Config(
                **SHAPE, eos_token_id=None, bos_token_id=None, pad_token_id=tokenizer.pad_token_id
            )
        )
    torch.set_default_dtype(torch.float32)
    model.save_pretrained(folder)
    tokenizer.eos_token = None
    tokenizer.save_pretrained(folder)


def requests(rows: int) -> list[Any]:
    from generation_workload import tokenizer_and_words

    from modellab.core.records import Message, Question, Request

    _, words = tokenizer_and_words()
    rng = random.Random(1)  # noqa: S311
    texts = [" ".join(rng.choices(words, k=rng.randint(40, 250))) for _ in range(rows)]
    return [
        Request(
            f"{i:064x}", Question(str(i), text, {}, {}, ()), "none", 1, (), (Message("user", text),)
        )
        for i, text in enumerate(texts)
    ]


def engine_seconds(folder: Path, asked: list[Any], batch_tokens: int, continuous: str) -> float:
    """Seconds of all answers after a first unrecorded call with the same requests."""
    from modellab.models.generators.transformers.options import TransformersOptions

    options = TransformersOptions(
        provider="transformers", model=str(folder), device="cuda", dtype="bfloat16",
        max_new_tokens=NEW_TOKENS, batch_tokens=batch_tokens, continuous_batching=continuous,
    )  # fmt: skip
    with options.open(0, {}) as model:
        list(model.answer(asked[:8]))
        start = time.perf_counter()
        rows = list(model.answer(asked))
        seconds = time.perf_counter() - start
    wrong = [row.error for row in rows if row.error]
    if wrong:
        raise SystemExit(f"{len(wrong)} rows failed, the first: {wrong[0]}")
    return seconds


def bare_seconds(folder: Path, asked: list[Any], batch_tokens: int) -> float:
    """Seconds of a plain `generate` loop over sorted batches of equal row counts."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, device_map="cuda")
    prompts = sorted((tokenizer(r.messages[0].content)["input_ids"] for r in asked), key=len)[::-1]
    size = max(1, batch_tokens // (len(prompts[0]) + NEW_TOKENS))
    start = time.perf_counter()
    for first in range(0, len(prompts), size):
        rows = {"input_ids": prompts[first : first + size]}
        inputs = tokenizer.pad(rows, return_tensors="pt").to("cuda")
        with torch.inference_mode():
            model.generate(**inputs, max_new_tokens=NEW_TOKENS, do_sample=False)  # type: ignore[misc]
    torch.cuda.synchronize()
    seconds = time.perf_counter() - start
    del model
    torch.cuda.empty_cache()
    return seconds


def bandwidth() -> float:
    """Bytes per second that the GPU reads, measured by summing 4 GiB several times."""
    import torch

    data = torch.ones(2**31, dtype=torch.bfloat16, device="cuda")
    data.sum()
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(20):
        data.sum()
    torch.cuda.synchronize()
    return 20 * data.nbytes / (time.perf_counter() - start)


def report(measured: dict[str, list[float]], rows: int, limits: list[str]) -> str:
    import torch

    tokens = rows * NEW_TOKENS
    lines = [
        "# Generation on CUDA: random Qwen2 7 B, bf16",
        "",
        f"{torch.cuda.get_device_name()}, {rows} rows of {NEW_TOKENS} new tokens, greedy; medians "
        "of interleaved rounds. Made by `python benchmarks/gpu_generation.py`.",
        "",
        "| way | seconds | tokens/s |",
        "|---|---|---|",
    ]
    for name, seconds in measured.items():
        middle = statistics.median(seconds)
        lines.append(f"| {name} | {middle:.1f} | {tokens / middle:.0f} |")
    return "\n".join([*lines, "", *limits]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=256)
    parser.add_argument("--batch-tokens", type=int, default=65536)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    import torch

    if not torch.cuda.is_available():
        raise SystemExit("this benchmark needs a CUDA card")
    with tempfile.TemporaryDirectory() as name:
        folder, asked = Path(name), requests(given.rows)
        build(folder)
        size = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
        steps = bandwidth() / size
        ways: dict[str, Callable[[], float]] = {
            "static": lambda: engine_seconds(folder, asked, given.batch_tokens, "off"),
            "continuous": lambda: engine_seconds(folder, asked, given.batch_tokens, "on"),
            "bare generate, sorted": lambda: bare_seconds(folder, asked, given.batch_tokens),
        }
        measured: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(given.rounds):
            for way, timed in ways.items():
                measured[way].append(timed())
    limit = (
        f"The memory allows {steps:.0f} steps per second ({steps * size / 1e12:.2f} TB/s measured, "
        f"{size / 1e9:.1f} GB of weights per step): at most {steps:.0f} tokens per second for each "
        "row of a batch, before the cache of keys and values is read."
    )
    out = HERE / "results" / "gpu-generation.md"
    out.parent.mkdir(exist_ok=True)
    out.write_text(report(measured, given.rows, [limit]), encoding="utf-8")


if __name__ == "__main__":
    main()
