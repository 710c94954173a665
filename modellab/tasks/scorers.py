"""Scorers: how answers are marked, as named versions of each task's rules.

A new scorer is a file with options and a class as in `modellab.tasks.scorer`, and a name in
`ScorerEntry` below.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, Field, TypeAdapter

from modellab.core.options import by_name
from modellab.tasks.extract.scoring.scorer import FieldScorerOptions
from modellab.tasks.label.scoring.options import LabelScorerOptions
from modellab.tasks.open_qa.scoring.options import TextScorerOptions
from modellab.tasks.scorer import Scorer, ScorerOptions
from modellab.tasks.wattbot.scoring.options import (
    VERSIONS,
    NormalisedScorerOptions,
    WattBotScorerOptions,
)

_Entry = Annotated[
    NormalisedScorerOptions
    | WattBotScorerOptions
    | TextScorerOptions
    | LabelScorerOptions
    | FieldScorerOptions,
    Field(discriminator="kind"),
]
_OPTIONS: tuple[type[ScorerOptions], ...] = get_args(get_args(_Entry)[0])
#: by task: the kinds of its scorers
KINDS: dict[str, tuple[str, ...]] = {
    task: tuple(
        kind
        for options in _OPTIONS
        if options.task == task
        for kind in get_args(options.model_fields["kind"].annotation)
    )
    for task in dict.fromkeys(options.task for options in _OPTIONS)
}
#: scorers without options, by task and name
SCORERS: dict[str, Mapping[str, Scorer]] = {"wattbot": VERSIONS}
DEFAULT_SCORER = {"wattbot": "v4", "open_qa": "texts", "label": "labels", "extract": "fields"}

_NAMES = [name for kinds in KINDS.values() for name in kinds]
#: a scorer in a config: its name, or a map with its `kind` and options
ScorerEntry = Annotated[
    _Entry, BeforeValidator(by_name("scorer", _NAMES), json_schema_input_type=str | _Entry)
]


def parse_scorer(data: Any) -> ScorerEntry:
    """A scorer's options from its name or plain data. Raises pydantic.ValidationError."""
    entry: ScorerEntry = TypeAdapter(ScorerEntry).validate_python(data)
    return entry


def default_scorer(task: str) -> ScorerOptions:
    """The scorer of a kind of task where the config names none."""
    return parse_scorer(DEFAULT_SCORER[task])
