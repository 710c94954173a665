"""The words after `modellab run`: a config file, targets, keys of the config, and what is
Snakemake's own, in any order."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.project import PROJECT

#: the config that ships, by name
DEMO = "demo"
_CONFIG = (".yaml", ".yml")
#: long options of Snakemake whose values are KEY=VALUE: a word without `=` is a target
_PAIRS = frozenset(
    {
        *("--config", "--resources", "--set-threads", "--set-resources", "--default-resources"),
        *("--set-scatter", "--set-resource-scopes", "--envvars"),
    }
)
_FILES = "--configfile"
_CORES = "--cores"


@dataclass(frozen=True)
class CommandLine:
    """What a run is about.

    Attributes:
        configfiles: Config files; later ones replace keys of earlier ones.
        targets: Files and rules to make; none: all.
        config: `KEY=VALUE` of the config.
        options: Options of Snakemake with their values, as they were given.
    """

    configfiles: tuple[Path, ...]
    targets: tuple[str, ...] = ()
    config: tuple[str, ...] = ()
    options: tuple[str, ...] = field(default=())

    def snakemake(self) -> list[str]:
        """The arguments of Snakemake, targets first: options with any number of values end them."""
        words = [*self.targets, "--snakefile", str(PROJECT / "Snakefile")]
        words += [_FILES, *map(str, self.configfiles)]
        words += ["--config", *self.config] if self.config else []
        words += [] if any(map(_names_cores, self.options)) else [_CORES, "all"]
        return [*words, *self.options]


def read_words(words: Sequence[str]) -> CommandLine:
    """Sort the words after `modellab run`. Raises InputError where no config file is found."""
    found: dict[str, list[str]] = {"files": [], "targets": [], "config": [], "options": []}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            found[_kind(word)].append(word)
            continue
        name, glued, value = word.partition("=")
        name = _long_names().get(name, name)
        values = [value] if glued else _values(name, rest)
        if name in (_FILES, "--configfiles"):
            found["files"] += values
        elif name == "--config":
            found["config"] += values
        else:
            found["options"] += [name, *values]
    return CommandLine(
        configfiles=_configfiles(found["files"], found["targets"]),
        targets=tuple(found["targets"]),
        config=tuple(_checked(pair) for pair in found["config"]),
        options=tuple(found["options"]),
    )


def _names_cores(word: str) -> bool:
    if word.startswith("--"):
        return word.split("=")[0] in (_CORES, "--jobs")
    return word.startswith(("-c", "-j"))


def _kind(word: str) -> str:
    if word.endswith(_CONFIG):
        return "files"
    key, sign, _ = word.partition("=")
    return "config" if sign and key.isidentifier() else "targets"


def _values(name: str, rest: list[str]) -> list[str]:
    """Take the values of an option off the words that follow it."""
    count = _counts().get(name, 0)
    found: list[str] = []
    if isinstance(count, int):
        found = rest[:count]
    elif count == "?":
        found = [word for word in rest[:1] if _may_be_value(name, word)]
    else:
        for word in rest:
            if word.startswith("-") or not _may_be_value(name, word):
                break
            found.append(word)
    del rest[: len(found)]
    return found


def _may_be_value(name: str, word: str) -> bool:
    if name in _PAIRS:
        return "=" in word or ":" in word
    if name in (_FILES, "--configfiles"):
        return word.endswith(_CONFIG)
    if name == "--quiet":
        return word in ("all", "host", "progress", "reason", "rules")
    if name in (_CORES, "--jobs", "--local-cores"):
        return word.isdigit() or word in ("all", "unlimited")
    return not word.startswith("-") and not word.endswith(_CONFIG)


def _configfiles(named: Sequence[str], targets: list[str]) -> tuple[Path, ...]:
    if named:
        return tuple(map(Path, named))
    if targets[:1] == [DEMO] and not Path(DEMO).exists():
        targets.pop(0)
        return (PROJECT / "config.yaml",)
    if targets and Path(targets[0]).is_dir() and (Path(targets[0]) / "config.yaml").is_file():
        return (Path(targets.pop(0)) / "config.yaml",)
    if not Path("config.yaml").is_file():
        raise InputError(
            "config.yaml: no such file here; name a config file, write one with `modellab init`, "
            "or see the demo with `modellab run demo`"
        )
    return (Path("config.yaml"),)


def _checked(pair: str) -> str:
    key, _, value = pair.partition("=")
    if not value:
        raise InputError(f"--config {pair}: {key} has no value; for the default say {key}=null")
    return pair


@cache
def _counts() -> Mapping[str, int | str]:
    """By long option of Snakemake the number of its values, as argparse writes it."""
    return {
        name: 1 if action.nargs is None else action.nargs
        for action in _actions()
        for name in action.option_strings
    }


@cache
def _long_names() -> Mapping[str, str]:
    """The long name of each short option that has one of those that are known here."""
    known = {_FILES, "--configfiles", "--config", "--quiet", _CORES, "--jobs", *_PAIRS}
    return {
        short: long
        for action in _actions()
        for long in action.option_strings
        if long in known
        for short in action.option_strings
        if short not in known
    }


def _actions() -> list[argparse.Action]:
    from snakemake.cli import get_argument_parser

    return [action for action in get_argument_parser()._actions if action.option_strings]
