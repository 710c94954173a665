"""A first guess at the weights: heads that already find and copy, so that training need not.

Without them, small models stay for long where they write well-formed answers with any number in
them. The first layer's heads look back: at the token before, the one before that, and what the
last words mean. The second layer's heads look for places with the same words before them, and
write the token of the place. All of it is only where training starts: every weight is trained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tiny_world.readers.shapes import HEAD_SIZE, ROPE_THETA
from tiny_world.readers.word_vectors import value_starts, word_vectors

if TYPE_CHECKING:
    import torch

#: tokens over which a head of the first layer sums meanings up
WINDOW = 10
#: lowest score of a window, and distance up to which its fit holds
_FAR, _FITTED = -12.0, 400
_PLACE_SHARPNESS = 14.0
#: the pairs of a head, and how far each turns from token to token
_PAIRS = HEAD_SIZE // 2
_SPEEDS = ROPE_THETA ** (-np.arange(_PAIRS) / _PAIRS)
#: pairs that turn faster tell places apart; those from `_STILL` on hardly turn in a prompt
_SLOWEST, _STILL = 0.02, 5
#: so many numbers of a head can be compared wherever they stand
COMPARED = 2 * (_PAIRS - _STILL)
#: a state: what the word means, what the last words mean, which words stood before, whether a
#: value may start here, and what else tells the word from others
_AROUND, _BEFORE, _START, _OWN = COMPARED, 2 * COMPARED, 3 * COMPARED, 3 * COMPARED + 1
#: how sharply exact and meant matches count, how much a value's start, how much is copied
_EXACT, _MEANT, _VALUE, _COPIED = 3.0, 4.0, 8.0, 1.0


def start_with_circuits(model: Any, tokenizer: Any) -> None:
    """Change a random model in place. It needs four heads, two layers and 96 numbers of width."""
    import torch

    with torch.no_grad():
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.mul_(0.2)
            layer.mlp.down_proj.weight.mul_(0.2)
        _set_words(model.model.embed_tokens.weight, tokenizer)
        width = model.config.hidden_size
        first, second = (model.model.layers[at].self_attn for at in (0, 1))
        word, before = _word(width), _numbers(_BEFORE, width)
        earlier = torch.linalg.qr(torch.randn(HEAD_SIZE, HEAD_SIZE))[0][:, :COMPARED]
        earlier = earlier @ before[:COMPARED]
        _copy_back(first, 0, _place(1), word, before / HEAD_SIZE**0.5)
        _copy_back(first, 1, _place(2), word, earlier / HEAD_SIZE**0.5)
        _copy_back(first, 2, _window(WINDOW), _numbers(0, width), _numbers(_AROUND, width) * 0.4)
        # what is here was before there; what was before here was earlier there; what is meant
        _match(second, 0, word, before, _EXACT)
        _match(second, 1, before, earlier, _EXACT)
        for head in (2, 3):
            _match(second, head, _numbers(_AROUND, width), _numbers(_AROUND, width), _MEANT)
            _prefer_value_starts(second, head)
        for head, part in enumerate((*_halves(width), *_halves(width))):
            _set_head(second, head, part, part.T * _COPIED)


def _set_words(embeddings: torch.Tensor, tokenizer: Any) -> None:
    """Rows of length one; more than half of a word that means something is its meaning."""
    import torch

    meanings = word_vectors(tokenizer, COMPARED) * 0.8
    rest = torch.nn.functional.normalize(embeddings[:, _OWN:], dim=1)
    embeddings[:, :_OWN] = 0.0
    embeddings[:, :COMPARED] = meanings
    embeddings[:, _OWN:] = rest * torch.where(meanings.norm(dim=1) > 0, 0.6, 1.0)[:, None]
    embeddings[value_starts(tokenizer), _START] = 0.5


def _word(width: int, rows: int = HEAD_SIZE) -> torch.Tensor:
    """(rows, width), orthonormal: of what a state holds of its own word."""
    import torch

    own = [*range(COMPARED), *range(_OWN, width)]
    made = torch.zeros(rows, width)
    basis = torch.linalg.qr(torch.randn(len(own), min(rows, len(own))))[0].T
    made[: len(basis), own] = basis
    return made


def _halves(width: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Two heads that together read all of a word, or as much as they can."""
    both = _word(width, 2 * HEAD_SIZE)
    return both[:HEAD_SIZE], both[HEAD_SIZE:]


def _numbers(first: int, width: int) -> torch.Tensor:
    """(head, width): the `COMPARED` numbers of a state from `first` on."""
    import torch

    rows = torch.zeros(HEAD_SIZE, width)
    rows[range(COMPARED), range(first, first + COMPARED)] = 1.0
    return rows


def _copy_back(
    attention: Any, head: int, key: NDArray[np.float64], read: torch.Tensor, write: torch.Tensor
) -> None:
    """Scores that depend on the distance alone: biases that turn with places, and no weights."""
    import torch

    rows, size = slice(head * HEAD_SIZE, (head + 1) * HEAD_SIZE), max(1.0, np.abs(key).max() ** 0.5)
    for projection in (attention.q_proj, attention.k_proj):
        projection.weight[rows] = 0.0
    query = torch.tensor([size] * _PAIRS + [0.0] * _PAIRS)
    attention.q_proj.bias[rows] = query
    attention.k_proj.bias[rows] = torch.tensor(key / size, dtype=query.dtype)
    _set_head(attention, head, read, write.T)


def _set_head(attention: Any, head: int, value: torch.Tensor, out: torch.Tensor) -> None:
    rows = slice(head * HEAD_SIZE, (head + 1) * HEAD_SIZE)
    attention.v_proj.weight[rows] = value
    attention.o_proj.weight[:, rows] = out


def _match(
    attention: Any, head: int, query: torch.Tensor, key: torch.Tensor, sharpness: float
) -> None:
    """High scores where query and key read the same, wherever they stand."""
    still = [
        head * HEAD_SIZE + pair + half for half in (0, _PAIRS) for pair in range(_STILL, _PAIRS)
    ]
    for projection, weights in ((attention.q_proj, query), (attention.k_proj, key)):
        projection.weight[head * HEAD_SIZE : (head + 1) * HEAD_SIZE] = 0.0
        projection.weight[still] = weights[:COMPARED] * sharpness**0.5


def _prefer_value_starts(attention: Any, head: int) -> None:
    """Add to the scores of tokens with which a value may start; by the slowest pair."""
    slowest = head * HEAD_SIZE + _PAIRS - 1
    attention.q_proj.bias[slowest] = _VALUE
    attention.k_proj.weight[slowest, _START] += _VALUE / 2


def _place(back: int) -> NDArray[np.float64]:
    """The key that fits best `back` tokens back: its quick pairs are turned by so much."""
    angles = back * _SPEEDS
    key = np.concatenate([np.cos(angles), np.sin(angles)]) * np.tile(_SPEEDS > _SLOWEST, 2)
    return np.asarray(key * _PLACE_SHARPNESS * HEAD_SIZE**0.5)


def _window(length: int) -> NDArray[np.float64]:
    """The key whose scores fall slowly over a window and then fast (least squares)."""
    distances = np.arange(_FITTED)
    target = np.maximum(-((distances / length) ** 4), _FAR)
    angles = distances[:, None] * _SPEEDS
    basis = np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
    ridge = 0.01 * np.eye(HEAD_SIZE)
    return np.asarray(np.linalg.solve(basis.T @ basis + ridge, basis.T @ target) * HEAD_SIZE**0.5)
