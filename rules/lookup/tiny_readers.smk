"""Of the readers that are trained here."""

from dataclasses import asdict
from pathlib import Path

from modellab.tiny_readers.readers import RECIPES, SEEDLING, recipe_of


def grown_from(wildcards):
    """The model that a reader grows from: the seedling that ships, which itself grows from none."""
    parent = RECIPES[wildcards.reader].grows_from
    if parent == SEEDLING:
        return [str(Path(workflow.basedir) / "resources" / "tiny-seedling")]
    return [f"<results>/tiny-readers/{parent}"] if parent else []


def training_recipe(wildcards):
    return asdict(recipe_of(wildcards.reader, cfg.training_steps))


def training_state(wildcards):
    """Where a training that was stopped goes on."""
    return f"{cfg.results}/tiny-readers/{wildcards.reader}.state"
