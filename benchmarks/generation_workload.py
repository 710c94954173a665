"""The work of the generation benchmark: a random Llama and prompts of 40 to 500 tokens."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

NEW_TOKENS = 32
SIZES: dict[str, dict[str, Any]] = {
    "5m": {"hidden_size": 256, "intermediate_size": 768, "num_hidden_layers": 4},
    "60m": {"hidden_size": 640, "intermediate_size": 1792, "num_hidden_layers": 10},
}


def build(folder: Path, size: str, count: int) -> tuple[Path, Path]:
    """Write the model's folder and `prompts.jsonl` (id, prompt); returns both paths."""
    tokenizer, words = tokenizer_and_words()
    rng = random.Random(1)  # noqa: S311
    _write_model(folder / "model", size, tokenizer)
    prompts = folder / "prompts.jsonl"
    with prompts.open("w", encoding="utf-8") as handle:
        for number in range(count):
            text = _prompt(rng, words, tokenizer, rng.randint(40, 500))
            handle.write(json.dumps({"id": f"q{number}", "prompt": text}) + "\n")
    return folder / "model", prompts


def read_prompts(path: Path) -> dict[str, str]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {row["id"]: row["prompt"] for row in rows}


def tokenizer_and_words() -> tuple[Any, list[str]]:
    """A tokenizer of 4,000 tokens, trained on made-up words, and the words."""
    rng = random.Random(0)  # noqa: S311
    letters = "aeioubcdlmnrst"
    words = ["".join(rng.choices(letters, k=rng.randint(2, 8))) for _ in range(3000)]
    return _tokenizer(rng, words), words


def _tokenizer(rng: random.Random, words: list[str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=4000,
        special_tokens=["<|end|>", "<|pad|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator((" ".join(rng.choices(words, k=200)) for _ in range(200)), trainer)
    ends = {"eos_token": "<|end|>", "pad_token": "<|pad|>"}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, **ends)
    # a server needs one: the text alone, as the other ways read it
    tokenizer.chat_template = "{% for message in messages %}{{ message.content }}{% endfor %}"
    return tokenizer


def _write_model(folder: Path, size: str, tokenizer: Any) -> None:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        num_attention_heads=8,
        num_key_value_heads=8,
        max_position_embeddings=2048,
        initializer_range=0.1,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        **SIZES[size],
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _prompt(rng: random.Random, words: list[str], tokenizer: Any, length: int) -> str:
    """Words up to about `length` tokens."""
    tokens = tokenizer(" ".join(rng.choices(words, k=length)))["input_ids"][:length]
    return str(tokenizer.decode(tokens)).strip()
