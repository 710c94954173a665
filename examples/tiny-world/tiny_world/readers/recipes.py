"""The tiny readers by name: shape and course of each. Another number here is another model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tiny_world.readers.shapes import Shape
from tiny_world.readers.training import Course

#: the model that all grow from; the one that ships is `resources/tiny-seedling`
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


#: up to eleven notes, as many as a retriever finds
_MANY = Course(
    steps=1500,
    rate=1e-3,
    lessons=8,
    steady=0.3,
    shares=(0.05, 0.05, 0.2, 0.3, 0.4, 0.0, 0.0),
    loose=0.3,
    unanswerable=0.35,
    alike=0.3,
)
#: longer ones, more of them without a phrasing or an answer
_LONG = replace(
    _MANY,
    steps=600,
    rate=7e-4,
    lessons=6,
    shares=(0.03, 0.05, 0.12, 0.2, 0.2, 0.4, 0.0),
    loose=0.45,
    unanswerable=0.38,
)
#: the most of both, and questions that other things' facts seem to answer
_HARDEST = replace(
    _LONG,
    steps=900,
    rate=8e-4,
    steady=0.35,
    shares=(0.03, 0.05, 0.1, 0.17, 0.2, 0.45, 0.0),
    loose=0.5,
    unanswerable=0.4,
    near=0.8,
)
#: something of all
_MIXED = replace(
    _HARDEST,
    steps=700,
    rate=6e-4,
    shares=(0.03, 0.05, 0.12, 0.25, 0.3, 0.25, 0.0),
    loose=0.4,
    unanswerable=0.33,
)
#: mostly what the words of a question find
_FOUND = Course(
    steps=2500,
    rate=8e-4,
    lessons=6,
    steady=0.3,
    shares=(0.02, 0.03, 0.05, 0.1, 0.07, 0.13, 0.6),
    loose=0.4,
    unanswerable=0.33,
    alike=0.3,
    near=0.8,
)
_SMALL, _MEDIUM, _LARGE = Shape(96, 4, 96), Shape(160, 5, 320), Shape(256, 8, 512)

RECIPES: Mapping[str, Recipe] = {
    SEEDLING: Recipe(_SMALL, Course(400, 1.5e-3, steady=1.0), seed=0),
    "sapling-0.4m": Recipe(_SMALL, _MANY, seed=1, grows_from=SEEDLING),
    "young-0.4m": Recipe(_SMALL, _LONG, seed=2, grows_from="sapling-0.4m"),
    "tiny-reader-0.4m": Recipe(_SMALL, _FOUND, seed=7, grows_from="young-0.4m"),
    "sapling-1.2m": Recipe(_MEDIUM, _HARDEST, seed=3, grows_from="young-0.4m"),
    "young-1.2m": Recipe(_MEDIUM, _MIXED, seed=4, grows_from="sapling-1.2m"),
    "tiny-reader-1.2m": Recipe(
        _MEDIUM, replace(_FOUND, steps=1500, rate=6e-4, steady=0.2), seed=8, grows_from="young-1.2m"
    ),
    "young-3m": Recipe(
        _LARGE, replace(_MIXED, steps=1000, rate=4e-4, steady=0.25), seed=5, grows_from="young-1.2m"
    ),
    "grown-3m": Recipe(
        _LARGE, replace(_FOUND, steps=2000, rate=5e-4), seed=6, grows_from="young-3m"
    ),
    "tiny-reader-3m": Recipe(
        _LARGE,
        replace(_FOUND, steps=550, rate=3e-4, steady=0.1, unanswerable=0.37),
        seed=9,
        grows_from="grown-3m",
    ),
}
#: the others are on the way to one
READERS = tuple(name for name in RECIPES if name.startswith("tiny-reader"))


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

    from modellab.core.io.atomic import atomic_folder
    from tiny_world.readers.encoding import Encoder
    from tiny_world.readers.shapes import as_llama
    from tiny_world.readers.tokenizer import build_tokenizer
    from tiny_world.readers.training import train

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

    from tiny_world.readers.circuits import start_with_circuits
    from tiny_world.readers.growth import grow
    from tiny_world.readers.shapes import new_model

    model = new_model(shape, tokenizer)
    if parent:
        grow(AutoModelForCausalLM.from_pretrained(parent, dtype=torch.float32), model)
    else:
        start_with_circuits(model, tokenizer)
    return model
