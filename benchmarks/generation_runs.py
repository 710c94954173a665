"""One timed run of the generation benchmark, in a process of its own.

    python benchmarks/generation_runs.py MODEL PROMPTS OUT ours|bare|vllm|llama.cpp
        [--program PROGRAM] [--weights FILE.gguf]

writes `{"texts": {id: text}}` to OUT.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from generation_workload import NEW_TOKENS, read_prompts  # noqa: E402

if TYPE_CHECKING:
    from modellab.models.protocol import ModelOptions

PROMPT = "{% block user %}{{ question }}{% endblock %}"


def options(way: str, model: Path, given: argparse.Namespace) -> ModelOptions:
    """An entry of a config: with defaults, but for what a server on a CPU needs."""
    from modellab.models.registry import parse_model

    if way == "ours":
        entry: dict[str, Any] = {"provider": "transformers", "model": str(model), "device": "cpu"}
    else:
        entry = {"provider": "served", "engine": way, "gpus": 0, "threads": 1}
        entry["program"] = given.program
    if way == "vllm":
        entry |= {
            "model": str(model),
            "args": {"max-model-len": 2048, "dtype": "float32", "enforce-eager": True},
            "environment": {"VLLM_CPU_KVCACHE_SPACE": "1"},
        }
    if way == "llama.cpp":
        entry |= {"model": str(given.weights), "args": {"parallel": 8, "ctx-size": 8 * 1024}}
    return parse_model({**entry, "max_new_tokens": NEW_TOKENS})


def ours(options: ModelOptions, prompts: Path) -> dict[str, str]:
    """The library's whole way from questions to predictions, with its default settings."""
    from modellab.core.io.jsonl import read_rows, write_rows
    from modellab.core.records import Context, Prediction, Question
    from modellab.generation.predict import PredictionJob, predict
    from modellab.tasks import parse_task

    folder = prompts.parent / f"ours-{time.time_ns()}"
    folder.mkdir()
    asked = read_prompts(prompts)
    write_rows(folder / "questions.jsonl", [Question(k, v, {}, {}, ()) for k, v in asked.items()])
    write_rows(folder / "none.jsonl", [Context(key, "none", ()) for key in asked])
    (folder / "prompt.jinja").write_text(PROMPT, encoding="utf-8")
    job = PredictionJob(
        model="ours", dataset="benchmark", options=options, task=parse_task("wattbot"),
        prompt=folder / "prompt.jinja", questions=folder / "questions.jsonl",
        contexts={"none": folder / "none.jsonl"}, journal=folder / "journal.jsonl", seed=0,
    )  # fmt: skip
    predict(job, folder / "predictions.jsonl", folder / "run.json")
    rows = read_rows(folder / "predictions.jsonl", Prediction)
    return {row.question_id: (row.raw or "").strip() for row in rows}


def bare(model: Path, prompts: Path, batch: int = 32) -> dict[str, str]:
    """`generate` over sorted batches, and nothing else."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model, padding_side="left")
    network = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
    asked = read_prompts(prompts)
    tokens = {key: tokenizer(text)["input_ids"] for key, text in asked.items()}
    order = sorted(tokens, key=lambda key: -len(tokens[key]))
    texts: dict[str, str] = {}
    for first in range(0, len(order), batch):
        keys = order[first : first + batch]
        inputs = tokenizer.pad({"input_ids": [tokens[key] for key in keys]}, return_tensors="pt")
        with torch.inference_mode():
            output = network.generate(**inputs, max_new_tokens=NEW_TOKENS, do_sample=False)
        new = output[:, inputs["input_ids"].shape[1] :]
        decoded = tokenizer.batch_decode(new, skip_special_tokens=True)
        texts |= {key: text.strip() for key, text in zip(keys, decoded, strict=True)}
    return texts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("prompts", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("way", choices=["ours", "bare", "vllm", "llama.cpp"])
    parser.add_argument("--program")
    parser.add_argument("--weights", type=Path)
    given = parser.parse_args()
    if given.way == "bare":
        texts = bare(given.model, given.prompts)
    else:
        texts = ours(options(given.way, given.model, given), given.prompts)
    given.out.write_text(json.dumps({"texts": texts}), encoding="utf-8")


if __name__ == "__main__":
    main()
