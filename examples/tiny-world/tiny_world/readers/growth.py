"""A larger model that begins with what a smaller one knows.

States, heads and layers' insides become wider. What is new reads what is there, by small random
weights, and writes nothing at first but into the new numbers of a state: the larger model answers
nearly as the smaller did, and all of it can learn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

#: size of the new numbers of words' vectors, beside 1 for a whole vector
_NEW_WORDS = 0.1
#: size of what is new, beside what a fresh model would have
_NEW_WEIGHTS = 0.3


def grow(small: Any, large: Any) -> None:
    """Set the weights of a fresh `large` model in place; both have as many layers and words.

    A norm divides by the mean over all numbers of a state: with more numbers, most of them near
    zero, it divides by less, which its weights make up for.
    """
    import torch

    narrow, wide = small.config.hidden_size, large.config.hidden_size
    old = small.state_dict()
    with torch.no_grad():
        for name, weights in large.state_dict().items():
            kept = tuple(slice(0, size) for size in old[name].shape)
            if "norm" in name:
                weights.fill_((narrow / wide) ** 0.5)
                weights[kept] = old[name] * (narrow / wide) ** 0.5
            elif "embed_tokens" in name or "lm_head" in name:
                _set_words(weights, old[name])
            elif weights.ndim == 1:
                weights.zero_()
                weights[kept] = old[name]
            else:
                weights.mul_(_NEW_WEIGHTS)
                if "o_proj" in name or "down_proj" in name:
                    weights[:narrow] = 0.0
                else:
                    weights[: kept[0].stop, narrow:] = 0.0
                weights[kept] = old[name]


def _set_words(weights: torch.Tensor, old: torch.Tensor) -> None:
    import torch

    narrow = old.shape[1]
    noise = torch.nn.functional.normalize(torch.randn(len(old), weights.shape[1] - narrow), dim=1)
    weights[:, :narrow] = old
    weights[:, narrow:] = noise * _NEW_WORDS
