"""The tiny readers by name: shape and course of each. Another number here is another model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modellab.tiny_readers.shapes import Shape
from modellab.tiny_readers.training import Course

#: the model that all readers grow from
SEEDLING = "seedling"


@dataclass(frozen=True)
class Recipe:
    """All that decides a model's weights, on one kind of machine."""

    shape: Shape
    course: Course
    seed: int


RECIPES: Mapping[str, Recipe] = {
    SEEDLING: Recipe(Shape(96, 4, 96), Course(400, 1.5e-3, steady=1.0), seed=0),
    "tiny-reader-0.4m": Recipe(Shape(96, 4, 96), Course(600, 1.5e-3, steady=0.25), seed=1),
    "tiny-reader-1.3m": Recipe(
        Shape(160, 6, 320), Course(400, 1.2e-3, lessons=12, steady=0.2), seed=2
    ),
    "tiny-reader-3m": Recipe(Shape(256, 8, 512), Course(450, 8e-4, lessons=12, steady=0.2), seed=3),
}
READERS = tuple(name for name in RECIPES if name != SEEDLING)


def train_reader(recipe: Recipe, seedling: Path | None, kept: Path, folder: Path) -> None:
    """Train a model and write its folder, whole or not at all.

    Without a seedling it begins with hand-made circuits and is written as a seedling, in 32 bits;
    a reader has 16. `kept` holds the state of a training that was stopped; the next call goes on
    from it.
    """
    import torch

    from modellab.storage.atomic import atomic_folder
    from modellab.tiny_readers.encoding import Encoder
    from modellab.tiny_readers.tokenizer import build_tokenizer
    from modellab.tiny_readers.training import train

    tokenizer = build_tokenizer()
    torch.manual_seed(recipe.seed)
    model = _beginning(recipe.shape, tokenizer, seedling)
    train(model, Encoder(tokenizer), recipe.course, recipe.seed, kept)
    if seedling:
        model.to(torch.float16)
    with atomic_folder(folder) as part:
        model.save_pretrained(part)
        tokenizer.save_pretrained(part)
    kept.unlink(missing_ok=True)


def _beginning(shape: Shape, tokenizer: Any, seedling: Path | None) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    from modellab.tiny_readers.circuits import start_with_circuits
    from modellab.tiny_readers.growth import grow
    from modellab.tiny_readers.shapes import new_model

    model = new_model(shape, tokenizer)
    if seedling:
        grow(AutoModelForCausalLM.from_pretrained(seedling, dtype=torch.float32), model)
    else:
        start_with_circuits(model, tokenizer)
    return model
