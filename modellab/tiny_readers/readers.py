"""The tiny readers by name: shape and course of each. Another number here is another model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from modellab.tiny_readers.shapes import Shape
from modellab.tiny_readers.training import Course

#: the model that the readers grow from; the one that ships is `resources/tiny-seedling`
SEEDLING = "seedling"


@dataclass(frozen=True)
class Recipe:
    """All that decides a model's weights, on one kind of machine.

    A model grows from another, which is trained before it, or begins with circuits made by hand.
    """

    shape: Shape
    course: Course
    seed: int
    grows_from: str | None = None


#: lessons as prompts are: mostly of several notes; and as prompts of found passages are
_SMALLEST = Course(500, 1e-3, steady=0.3, shares=(0.05, 0.05, 0.2, 0.7), loose=0.3)
_LARGER = replace(_SMALLEST, rate=6e-4, lessons=8, steady=0.2, unanswerable=0.4, alike=0.5)

RECIPES: Mapping[str, Recipe] = {
    SEEDLING: Recipe(Shape(96, 4, 96), Course(400, 1.5e-3, steady=1.0), seed=0),
    "tiny-reader-0.4m": Recipe(
        Shape(96, 4, 96),
        _SMALLEST,
        seed=1,
        grows_from=SEEDLING,
    ),
    "tiny-reader-1.2m": Recipe(
        Shape(160, 5, 320),
        replace(_LARGER, steps=200),
        seed=2,
        grows_from="tiny-reader-0.4m",
    ),
    "tiny-reader-3m": Recipe(
        Shape(256, 8, 512),
        replace(_LARGER, steps=100),
        seed=4,
        grows_from="tiny-reader-1.2m",
    ),
}
READERS = tuple(name for name in RECIPES if name != SEEDLING)


def recipe_of(name: str, steps: int | None = None) -> Recipe:
    """A reader's recipe; with `steps`, that of a training which only tries things out."""
    recipe = RECIPES[name]
    return replace(recipe, course=replace(recipe.course, steps=steps)) if steps else recipe


def train_reader(recipe: Recipe, parent: Path | None, kept: Path, folder: Path) -> None:
    """Train a model and write its folder, whole or not at all.

    Without a parent it begins with circuits made by hand. `kept` holds the state of a training
    that was stopped; the next call goes on from it.
    """
    import torch

    from modellab.storage.atomic import atomic_folder
    from modellab.tiny_readers.encoding import Encoder
    from modellab.tiny_readers.shapes import as_llama
    from modellab.tiny_readers.tokenizer import build_tokenizer
    from modellab.tiny_readers.training import train

    tokenizer = build_tokenizer()
    torch.manual_seed(recipe.seed)
    model = _beginning(recipe.shape, tokenizer, parent)
    train(model, Encoder(tokenizer), recipe.course, recipe.seed, kept)
    with atomic_folder(folder) as part:
        as_llama(model).to(torch.float16).save_pretrained(part)
        tokenizer.save_pretrained(part)
    kept.unlink(missing_ok=True)


def _beginning(shape: Shape, tokenizer: Any, parent: Path | None) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    from modellab.tiny_readers.circuits import start_with_circuits
    from modellab.tiny_readers.growth import grow
    from modellab.tiny_readers.shapes import new_model

    model = new_model(shape, tokenizer)
    if parent:
        grow(AutoModelForCausalLM.from_pretrained(parent, dtype=torch.float32), model)
    else:
        start_with_circuits(model, tokenizer)
    return model
