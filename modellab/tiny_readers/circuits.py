"""A first guess at the weights: heads that already copy, so that training need not find them.

Without them, small models stay for long where they write well-formed answers with any number in
them. In the first layer, some heads look a fixed way back and write what stands there. In the
second, others look for places with the same words before them, and write the token of the place.
All of it is only where training starts: every weight is then trained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from modellab.tiny_readers.shapes import HEAD_SIZE, ROPE_THETA

if TYPE_CHECKING:
    import torch

#: how far back the heads of the first layer look: a place, or all of the last so many tokens
PLACES = (1, 2)
WINDOWS = (9, 24)
#: lowest score of a window, and distance up to which the fit holds
_FAR, _FITTED = -12.0, 400
#: how sharply the heads of the second layer match
_SHARPNESS = 3.0
#: how much the second layer's heads add of what they see: exact matches, bags of words
_COPIED = (0.5, 0.5, 0.15, 0.15)
_PLACE_SHARPNESS = 14.0
#: the pairs of a head, and how far each turns from token to token
_PAIRS = HEAD_SIZE // 2
_SPEEDS = ROPE_THETA ** (-np.arange(_PAIRS) / _PAIRS)
#: pairs that turn faster tell places apart; those from `_STILL` on hardly turn in a prompt
_SLOWEST, _STILL = 0.02, 6


def start_with_circuits(model: Any) -> None:
    """Change a random model in place. It needs four heads and two layers."""
    import torch

    width = model.config.hidden_size
    with torch.no_grad():
        model.model.embed_tokens.weight.mul_(2.0)
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.mul_(0.2)
            layer.mlp.down_proj.weight.mul_(0.2)
        read = [_orthonormal(width) for _ in range(4)]
        written = [_orthonormal(width) for _ in range(4)]
        first, second = (model.model.layers[at].self_attn for at in (0, 1))
        for head, key in enumerate((*map(_place, PLACES), *map(_window, WINDOWS))):
            _look_back(first, head, key)
            size = 1.0 if head < len(PLACES) else 2.0
            _set_head(first, head, read[head], written[head].T * (size / HEAD_SIZE**0.5))
        # what is now here was before there; what was before here and there; words around both
        _match(second, 0, read[0], written[0])
        _match(second, 1, written[0], _through(written[1], read[1], read[0]))
        _match(second, 2, written[2], written[2])
        _match(second, 3, _through(written[3], read[3], read[2]), written[2])
        copied = _orthonormal(width, 4 * HEAD_SIZE)
        for head in range(4):
            part = copied[(head % (len(copied) // HEAD_SIZE)) * HEAD_SIZE :][:HEAD_SIZE]
            _set_head(second, head, part, part.T * _COPIED[head])


def _orthonormal(width: int, rows: int = HEAD_SIZE) -> torch.Tensor:
    """(rows, width) with orthonormal rows; as many as fit, in whole heads."""
    import torch

    rows = min(rows, width // HEAD_SIZE * HEAD_SIZE)
    return torch.linalg.qr(torch.randn(width, rows))[0].T.contiguous()


def _through(written: torch.Tensor, read: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """What a head wrote of a token by `read`, turned into what `wanted` would read of the token."""
    return wanted @ read.T @ written


def _set_head(attention: Any, head: int, value: torch.Tensor, out: torch.Tensor) -> None:
    rows = slice(head * HEAD_SIZE, (head + 1) * HEAD_SIZE)
    attention.v_proj.weight[rows] = value
    attention.o_proj.weight[:, rows] = out


def _match(attention: Any, head: int, query: torch.Tensor, key: torch.Tensor) -> None:
    """High scores where query and key read the same (only what does not turn with places)."""
    import torch

    still = torch.tensor([pair + half for half in (0, _PAIRS) for pair in range(_STILL, _PAIRS)])
    rows = head * HEAD_SIZE + still
    for projection, weights in ((attention.q_proj, query), (attention.k_proj, key)):
        projection.weight[head * HEAD_SIZE : (head + 1) * HEAD_SIZE] = 0.0
        projection.weight[rows] = weights[: len(still)] * _SHARPNESS


def _look_back(attention: Any, head: int, key: NDArray[np.float64]) -> None:
    """Scores that depend on the distance alone: biases that turn with places, and no weights."""
    import torch

    rows, size = slice(head * HEAD_SIZE, (head + 1) * HEAD_SIZE), max(1.0, np.abs(key).max() ** 0.5)
    for projection in (attention.q_proj, attention.k_proj):
        projection.weight[rows] = 0.0
    query = torch.tensor([size] * _PAIRS + [0.0] * _PAIRS)
    attention.q_proj.bias[rows] = query
    attention.k_proj.bias[rows] = torch.tensor(key / size, dtype=query.dtype)


def _place(back: int) -> NDArray[np.float64]:
    """The key that fits best `back` tokens back: its quick pairs are turned by so much."""
    angles = back * _SPEEDS
    key = np.concatenate([np.cos(angles), np.sin(angles)]) * np.tile(_SPEEDS > _SLOWEST, 2)
    return key * _PLACE_SHARPNESS * HEAD_SIZE**0.5


def _window(length: int) -> NDArray[np.float64]:
    """The key whose scores fall slowly over a window and then fast (least squares)."""
    distances = np.arange(_FITTED)
    target = np.maximum(-((distances / length) ** 2), _FAR)
    angles = distances[:, None] * _SPEEDS
    basis = np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
    ridge = 0.05 * np.eye(HEAD_SIZE)
    return np.linalg.solve(basis.T @ basis + ridge, basis.T @ target) * HEAD_SIZE**0.5
