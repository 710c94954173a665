"""One timed run of the generation benchmark, in a process of its own.

    python benchmarks/generation_runs.py ours|bare|one MODEL PROMPTS OUT [--batch N]

writes `{"texts": {id: text}, "seconds": of the generation alone}` to OUT.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from generation_workload import NEW_TOKENS, read_prompts  # noqa: E402

PROMPT = "{% block user %}{{ question }}{% endblock %}"


def ours(model: Path, prompts: Path) -> tuple[dict[str, str], float]:
    """The library's whole way from questions to predictions, with its default settings."""
    from modellab.core.io.jsonl import read_json, read_rows, write_rows
    from modellab.core.records import Context, Prediction, Question
    from modellab.generation.predict import PredictionJob, predict
    from modellab.models.generators.transformers.options import TransformersOptions
    from modellab.tasks import parse_task

    folder = prompts.parent / f"ours-{time.time_ns()}"
    folder.mkdir()
    asked = read_prompts(prompts)
    write_rows(folder / "questions.jsonl", [Question(k, v, {}, {}, ()) for k, v in asked.items()])
    write_rows(folder / "none.jsonl", [Context(key, "none", ()) for key in asked])
    (folder / "prompt.jinja").write_text(PROMPT, encoding="utf-8")
    options = TransformersOptions(
        provider="transformers", model=str(model), device="cpu", max_new_tokens=NEW_TOKENS
    )
    job = PredictionJob(
        name="ours", dataset="benchmark", options=options, task=parse_task("wattbot").make(),
        prompt=folder / "prompt.jinja", questions=folder / "questions.jsonl",
        contexts={"none": folder / "none.jsonl"}, journal=folder / "journal.jsonl", seed=0,
    )  # fmt: skip
    predict(job, folder / "predictions.jsonl", folder / "run.json")
    rows = read_rows(folder / "predictions.jsonl", Prediction)
    seconds = float(read_json(folder / "run.json")["generate_seconds"])
    return {row.question_id: row.raw or "" for row in rows}, seconds


def bare(model: Path, prompts: Path, batch: int) -> tuple[dict[str, str], float]:
    """`generate` over sorted batches, and nothing else."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model, padding_side="left")
    network = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
    asked = read_prompts(prompts)
    start = time.perf_counter()
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
    return texts, time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", choices=["ours", "bare", "one"])
    parser.add_argument("model", type=Path)
    parser.add_argument("prompts", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--batch", type=int, default=32)
    given = parser.parse_args()
    if given.way == "ours":
        texts, seconds = ours(given.model, given.prompts)
    else:
        batch = 1 if given.way == "one" else given.batch
        texts, seconds = bare(given.model, given.prompts, batch)
    given.out.write_text(json.dumps({"texts": texts, "seconds": seconds}), encoding="utf-8")


if __name__ == "__main__":
    main()
