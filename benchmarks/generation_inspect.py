"""The generation benchmark's run of inspect_ai; runs in inspect_ai's own environment.

python benchmarks/generation_inspect.py MODEL PROMPTS OUT BATCH NEW_TOKENS
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from inspect_ai import Task, eval  # noqa: A004
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.solver import generate

#: without a raw template inspect_ai puts `user: ` before each prompt
RAW = "{% for message in messages %}{{ message.content }}{% endfor %}"


def main(model: str, prompts: Path, out: Path, batch: int, new_tokens: int) -> None:
    rows = [json.loads(line) for line in prompts.read_text(encoding="utf-8").splitlines()]
    samples = [Sample(input=row["prompt"], id=row["id"]) for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        [log] = eval(
            Task(dataset=MemoryDataset(samples), solver=generate()),
            model="hf/benchmark",
            model_args={
                "model_path": model,
                "device": "cpu",
                "do_sample": False,
                "chat_template": RAW,
                "batch_size": batch,
            },
            max_connections=batch,
            max_samples=len(samples),
            max_tokens=new_tokens,
            log_dir=folder,
            display="none",
        )
        # the samples are read from the folder when they are asked for
        assert log.status == "success" and log.samples
        texts = {str(sample.id): sample.output.completion.strip() for sample in log.samples}
    out.write_text(json.dumps({"texts": texts}), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
