"""How many tokens a model's tokenizer makes of a text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from modellab.core.errors import InputError


def token_counter(name: str) -> Callable[[str], int]:
    """Counts the tokens of a text, without those that a model puts around it.

    `name` is a folder with a tokenizer, or a hub model. Raises InputError where there is none.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(name, local_files_only=Path(name).is_dir())
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"chunking.tokenizer: {name!r} cannot be loaded; give a folder with a tokenizer or a "
            f"hub model that can be downloaded or is in the cache ({reason})"
        ) from None
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False))
