"""A model's states where answers are written, and no more: a third to a half of the work of all.

Of the last layer, only those places are computed; the model's own weights and parts are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiny_world.readers.encoding import IGNORED, Batch

if TYPE_CHECKING:
    import torch


def answer_states(model: Any, lessons: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """(targets, width): the last states at all places with a target, and those targets.

    Equal to the states that the whole model has there, but for rounding.
    """
    import torch

    inner, kept = model.model, lessons.targets != IGNORED
    states = inner.embed_tokens(lessons.tokens)
    turns = inner.rotary_emb(states, position_ids=lessons.places)
    unseen = torch.zeros(lessons.seen.shape).masked_fill(~lessons.seen, -1e9)
    *lower, last = inner.layers
    for layer in lower:
        states = _layer(layer, states, states, unseen, turns, turns)
    rows = _places_first(kept)
    there = rows[:, :, None]
    asked_turns = tuple(torch.take_along_dim(part, there, dim=1) for part in turns)
    asked_unseen = torch.take_along_dim(unseen, rows[:, None, :, None], dim=2)
    asked = torch.take_along_dim(states, there, dim=1)
    asked = _layer(last, asked, states, asked_unseen, asked_turns, turns)
    real = torch.take_along_dim(kept, rows, dim=1)
    targets = torch.take_along_dim(lessons.targets, rows, dim=1)
    return inner.norm(asked[real]), targets[real]


def _places_first(kept: torch.Tensor) -> torch.Tensor:
    """(lessons, most places of one lesson): places that are kept, and behind them others."""
    most = int(kept.sum(1).max())
    return (~kept).int().argsort(dim=1, stable=True)[:, :most]


def _layer(
    layer: Any,
    asking: torch.Tensor,
    states: torch.Tensor,
    unseen: torch.Tensor,
    asking_turns: Any,
    turns: Any,
) -> Any:
    """The states `asking` after a layer in which they look at `states`."""
    from torch.nn.functional import scaled_dot_product_attention
    from transformers.models.qwen2.modeling_qwen2 import rotate_half

    attention, norm = layer.self_attn, layer.input_layernorm
    read, wanted = norm(states), norm(asking)

    turn: Any = rotate_half  # it has no types

    def heads(projected: Any) -> Any:
        return projected.unflatten(-1, (-1, attention.head_dim)).transpose(1, 2)

    def turned(vectors: Any, by: Any) -> Any:
        cosines, sines = (part[:, None] for part in by)
        return vectors * cosines + turn(vectors) * sines

    queries = turned(heads(attention.q_proj(wanted)), asking_turns)
    keys = turned(heads(attention.k_proj(read)), turns)
    values = heads(attention.v_proj(read))
    found = scaled_dot_product_attention(queries, keys, values, attn_mask=unseen)
    asking = asking + attention.o_proj(found.transpose(1, 2).flatten(2))
    return asking + layer.mlp(layer.post_attention_layernorm(asking))
