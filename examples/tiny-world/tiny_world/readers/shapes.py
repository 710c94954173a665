"""The shapes of the tiny readers, and how long each is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

HEAD_SIZE = 32
#: turns per token of the slowest pair of a head are about 1 / this
ROPE_THETA = 1e8


@dataclass(frozen=True)
class Shape:
    """A model's width, heads, layers and width of the layers between (all of one kind)."""

    hidden: int
    heads: int
    between: int
    layers: int = 4


def new_model(shape: Shape, tokenizer: Any) -> Any:
    """A model of this shape with random weights (from torch's own generator)."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    from tiny_world.readers.tokenizer import CONTEXT_LENGTH

    made: Any = Qwen2Config  # its types do not know head_dim
    config = made(
        vocab_size=len(tokenizer),
        hidden_size=shape.hidden,
        intermediate_size=shape.between,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads,
        head_dim=HEAD_SIZE,
        max_position_embeddings=CONTEXT_LENGTH,
        rope_parameters={"rope_type": "default", "rope_theta": ROPE_THETA},
        tie_word_embeddings=True,
        initializer_range=0.5 / shape.hidden**0.5,
        attention_dropout=0.0,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        use_cache=True,
    )
    return Qwen2ForCausalLM(config)


def as_llama(model: Any) -> Any:
    """The same model as one of Llama's kind, whose output biases are nil.

    Whoever loads a folder of Qwen2's kind gets Qwen2's way to cut texts, whatever the folder says.
    """
    from transformers import LlamaConfig, LlamaForCausalLM

    ours = model.config.to_dict()
    kept = {name: ours[name] for name in LlamaConfig().to_dict() if name in ours}
    for name in ("model_type", "architectures", "transformers_version"):
        kept.pop(name, None)
    made: Any = LlamaConfig
    llama: Any = LlamaForCausalLM(made(**{**kept, "attention_bias": True, "mlp_bias": False}))
    weights = model.state_dict()
    for name, values in llama.state_dict().items():
        if name.endswith("o_proj.bias"):
            values.zero_()
        else:
            values.copy_(weights[name])
    return llama.eval()
