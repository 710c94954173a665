"""Of the readers that are trained here."""

from dataclasses import asdict

from modellab.tiny_readers.readers import RECIPES


def grown_from(wildcards):
    """The model that a reader grows from; the seedling grows from none."""
    parent = RECIPES[wildcards.reader].grows_from
    return [f"<results>/tiny-readers/{parent}"] if parent else []


def training_recipe(wildcards):
    return asdict(RECIPES[wildcards.reader])


def training_state(wildcards):
    """Where a training that was stopped goes on."""
    return f"{cfg.results}/tiny-readers/{wildcards.reader}.state"
