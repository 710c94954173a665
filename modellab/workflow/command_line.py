"""The arguments of `modellab run`: config file, targets, config keys and Snakemake options, in any
order; and checks of the arguments of `snakemake`."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from itertools import chain, takewhile
from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.io.yaml_file import read_config_file
from modellab.core.project import PROJECT

#: the config that ships, by name
DEMO = "demo"
CONFIG_ENDINGS = (".yaml", ".yml")
_FILES = ("--configfile", "--configfiles")
_CONFIG_OPTIONS = ("--config", "-C")
_CORES = ("--cores", "--jobs", "--local-cores")
#: a name that YAML parses as a number
_NUMBER = re.compile(r"[\d_.]*\d[\d_.]*")
#: a rule in a file of rules
_RULE = re.compile(r"^\s*(?:use rule \w+ as|rule|checkpoint) (\w+)", re.MULTILINE)
#: options of Snakemake with KEY=VALUE pairs, where an argument without `=` is a target
_PAIRS = (
    *("--config", "--resources", "--set-threads", "--set-resources", "--default-resources"),
    *("--set-scatter", "--set-resource-scopes", "--envvars"),
)


def check_snakemake_arguments() -> None:
    """End `snakemake` with one line for arguments that would cause a traceback.

    Called by the profiles, which Snakemake reads before config files and the Snakefile.
    """
    program, *words = sys.argv
    if "snakemake" not in (Path(program).stem, Path(program).parent.name):
        return
    try:
        check_arguments(words)
    except InputError as error:
        sys.exit(f"error: {error}")
    # a Snakefile in another checkout imports its own package
    for name in [name for name in sys.modules if name.partition(".")[0] == "modellab"]:
        del sys.modules[name]


def check_arguments(words: Sequence[str]) -> None:
    """Check the arguments of `snakemake`: its config files, and the values of `--config`.

    Raises:
        InputError: For broken YAML (file, line), and for a target after these options, which
            take all following arguments.
    """
    for place, word in enumerate(words):
        option, glued, value = word.partition("=")
        after = takewhile(lambda one: not one.startswith("-"), words[place + 1 :])
        values = [value] if glued else list(after)
        if option in _FILES:
            _check_files(option, values)
        elif option in _CONFIG_OPTIONS:
            for pair in values:
                if "=" not in pair:
                    raise _misplaced(pair, option)
                _checked(pair)


def _check_files(option: str, values: Sequence[str]) -> None:
    for place, value in enumerate(values):
        if value.endswith(".json"):
            continue
        if place and not value.endswith(CONFIG_ENDINGS):
            raise _misplaced(value, option)
        read_config_file(Path(value))


def _misplaced(target: str, option: str) -> InputError:
    return InputError(
        f"{target}: {option} takes all arguments up to the next option; targets go first: "
        f"snakemake {target} {option} ..."
    )


@dataclass(frozen=True)
class CommandLine:
    """The arguments of a run.

    Attributes:
        configfiles: Config files; later ones replace keys of earlier ones.
        targets: Files and rules to make; empty: all.
        config: `KEY=VALUE` pairs.
        options: Options of Snakemake with their values.
    """

    configfiles: tuple[Path, ...]
    targets: tuple[str, ...] = ()
    config: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    def snakemake(self) -> list[str]:
        """The arguments of Snakemake; targets go first, as options may take all that follow.

        Raises:
            InputError: For a target that is neither a file nor a rule.
        """
        targets = map(_checked_target, self.targets)
        words = [*targets, "--snakefile", str(PROJECT / "Snakefile")]
        words += ["--configfile", *map(str, self.configfiles)]
        words += ["--config", *self.config] if self.config else []
        named = any(word.startswith(("-c", "-j", "--cores", "--jobs")) for word in self.options)
        words += [] if named else ["--cores", "all"]
        if {"-n", "--dry-run", "--dryrun"}.intersection(self.options) and not {
            *("-q", "--quiet", "-p", "--printshellcmds", "--verbose", "--summary")
        }.intersection(self.options):
            # the number of jobs of each rule instead of every job with all its files
            words += ["--quiet", "host", "reason", "rules"]
        return [*words, *self.options]


def parse_arguments(words: Sequence[str]) -> CommandLine:
    """Parse the arguments of `modellab run`. Raises InputError if no config file is found."""
    found: dict[str, list[str]] = {"files": [], "targets": [], "config": [], "options": []}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            found[_kind(word)].append(word)
            continue
        name, glued, value = word.partition("=")
        option, count = _options().get(name, (name, 0))
        values = [value] if glued else _values(option, count, rest)
        if option in _FILES:
            found["files"] += values
        elif option == "--config":
            found["config"] += values
        else:
            found["options"] += [name, *values]
    return CommandLine(
        configfiles=_configfiles(found["files"], found["targets"]),
        targets=tuple(found["targets"]),
        config=tuple(_checked(pair) for pair in found["config"]),
        options=tuple(found["options"]),
    )


def _kind(word: str) -> str:
    if word.endswith(CONFIG_ENDINGS):
        return "files"
    key, sign, _ = word.partition("=")
    return "config" if sign and key.isidentifier() else "targets"


def _values(option: str, count: int | str, rest: list[str]) -> list[str]:
    """Remove the values of an option from the following arguments."""
    found = rest[:count] if isinstance(count, int) else []
    if not isinstance(count, int):
        for word in rest[:1] if count == "?" else rest:
            if word.startswith("-") or not _may_be_value(option, word):
                break
            found.append(word)
    del rest[: len(found)]
    return found


def _may_be_value(option: str, word: str) -> bool:
    if option in _PAIRS:
        return "=" in word or ":" in word
    if option in _FILES:
        return word.endswith(CONFIG_ENDINGS)
    if option == "--quiet":
        return word in ("all", "host", "progress", "reason", "rules")
    if option in _CORES:
        return word.isdigit() or word in ("all", "unlimited")
    return not word.endswith(CONFIG_ENDINGS)


def _configfiles(named: Sequence[str], targets: list[str]) -> tuple[Path, ...]:
    if named:
        return tuple(map(Path, named))
    for target in targets:
        demo = target == DEMO and not Path(DEMO).exists()
        file = (PROJECT if demo else Path(target)) / "config.yaml"
        if file.is_file():
            targets.remove(target)
            return (file,)
    if not Path("config.yaml").is_file():
        raise InputError(
            "config.yaml: no such file here; name a config file, write one with `modellab init`, "
            "or see the demo with `modellab run demo`"
        )
    return (Path("config.yaml"),)


def _checked_target(target: str) -> str:
    """A target without a folder and an ending is the name of a rule."""
    files = [PROJECT / "Snakefile", *PROJECT.glob("rules/*.smk")]
    named = {path.name: _RULE.findall(path.read_text(encoding="utf-8")) for path in files}
    if target in chain.from_iterable(named.values()) or re.search(r"[/.]", target):
        return target
    known = ["all", "audit", "plan", *named["targets.smk"]]
    near = get_close_matches(target, known, n=3, cutoff=0.7)
    hint = f"did you mean {' or '.join(near)}?" if near else "a file, or one of docs/tiers.md"
    if Path(target).is_dir():
        hint = "a folder without a config.yaml"
    raise InputError(f"there is no target {target!r}: {hint}")


def _checked(pair: str) -> str:
    key, _, value = pair.partition("=")
    if not value:
        raise InputError(f"--config {pair}: {key} has no value; for the default say {key}=null")
    if not key.isidentifier():
        nested = "keys within a key are set in a config file"
        raise InputError(f"--config {pair}: {key!r} is no key; {nested}")
    if key == "results" and _NUMBER.fullmatch(value):
        raise InputError(f"--config {pair}: read as a number; quote it twice: {key}='\"{value}\"'")
    return pair


@cache
def _options() -> Mapping[str, tuple[str, int | str]]:
    """The long name and argparse's `nargs` of each option of Snakemake."""
    from snakemake.cli import get_argument_parser

    return {
        name: (
            next((one for one in action.option_strings if one.startswith("--")), name),
            1 if action.nargs is None else action.nargs,
        )
        for action in get_argument_parser()._actions
        for name in action.option_strings
    }
