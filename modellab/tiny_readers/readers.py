"""The tiny readers by name: shape and course of each. Another number here is another model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modellab.tiny_readers.shapes import Shape
from modellab.tiny_readers.training import Course


@dataclass(frozen=True)
class Recipe:
    """All that decides a reader's weights, on one kind of machine."""

    shape: Shape
    course: Course
    seed: int = 0


RECIPES: Mapping[str, Recipe] = {
    "tiny-reader-0.4m": Recipe(Shape(96, 4, 96), Course(1300, 1.5e-3)),
    "tiny-reader-1.3m": Recipe(Shape(160, 6, 320), Course(1000, 1.2e-3)),
    "tiny-reader-3m": Recipe(Shape(256, 8, 512), Course(1100, 1e-3, lessons=12)),
}


def train_reader(recipe: Recipe, kept: Path, folder: Path) -> None:
    """Train one reader and write its folder, whole or not at all.

    `kept` holds the state of a training that was stopped; the next call goes on from it.
    """
    import torch

    from modellab.storage.atomic import atomic_folder
    from modellab.tiny_readers.circuits import start_with_circuits
    from modellab.tiny_readers.encoding import Encoder
    from modellab.tiny_readers.shapes import new_model
    from modellab.tiny_readers.tokenizer import build_tokenizer
    from modellab.tiny_readers.training import train

    tokenizer = build_tokenizer()
    torch.manual_seed(recipe.seed)
    model = new_model(recipe.shape, tokenizer)
    start_with_circuits(model, tokenizer)
    train(model, Encoder(tokenizer), recipe.course, recipe.seed, kept)
    with atomic_folder(folder) as part:
        save_reader(model, tokenizer, part)
    kept.unlink(missing_ok=True)


def save_reader(model: Any, tokenizer: Any, folder: Path) -> None:
    """Weights of 16 bits, as any model's folder."""
    import torch

    model.to(torch.float16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
