"""Prices of tokens, from a table."""

import re
from functools import cache
from pathlib import Path

from pydantic import Field, ValidationError

from modellab.core.errors import InputError
from modellab.core.io.yaml_file import read_yaml
from modellab.core.options import Options, first_problem
from modellab.core.project import PROJECT

PRICE_TABLE = PROJECT / "resources" / "prices.yaml"

#: suffixes of a model's name that are still the model: a date, a version, `latest`
_VERSION = re.compile(r"([-@](\d{4}-\d{2}-\d{2}|\d{8}|\d{4}|\d{3}|v\d+|latest)|:\d+)+")


class Price(Options):
    """US dollars per million tokens."""

    input: float = Field(ge=0, description="of the prompt")
    output: float = Field(ge=0, description="of the answer")
    cached: float | None = Field(
        None, ge=0, description="of the part of the prompt that was cached; null: as `input`"
    )

    def cost(self, prompt_tokens: int, completion_tokens: int, cached_tokens: int = 0) -> float:
        """US dollars for these numbers of tokens; the cached ones are a part of the prompt's."""
        saved = 0.0 if self.cached is None else (self.input - self.cached) * cached_tokens
        whole = self.input * prompt_tokens + self.output * completion_tokens
        return (whole - saved) / 1_000_000


class Prices(Options):
    """A price table, as in its file."""

    as_of: str = Field(description="the day of the prices, as YYYY-MM-DD")
    prices: dict[str, Price] = Field(description="by model id, as LiteLLM writes it")

    def find(self, model: str) -> Price | None:
        """The price of exactly this id, else of the longest id that it is a version of.

        `gpt-4o-2024-08-06` is a version of `gpt-4o`; `gpt-4o-mini` is another model.
        """
        if model in self.prices:
            return self.prices[model]
        starts = [name for name in self.prices if model.startswith(name)]
        names = [name for name in starts if _VERSION.fullmatch(model[len(name) :])]
        return self.prices[max(names, key=len)] if names else None


def load_prices(path: Path | None = None) -> Prices:
    """Read a price table; default: the one that ships. Raises InputError where it is not one."""
    return _read(path) if path else _shipped()


@cache
def _shipped() -> Prices:
    return _read(PRICE_TABLE)


def _read(path: Path) -> Prices:
    try:
        return Prices.model_validate(read_yaml(path).data)
    except ValidationError as error:
        raise InputError(f"{path}: {first_problem(error)}") from None
