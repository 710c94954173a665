"""Engines: how each server is started, and what makes its sampling neutral.

Servers have their own sampling defaults: vLLM and SGLang those in the model's
`generation_config.json` (a repetition penalty changes greedy answers, too), llama.cpp top_k 40,
top_p 0.95 and min_p 0.05. All are turned off, so that an entry means the same behind each engine.
"""

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.jsonl import dump_json
from modellab.models.generators.served.options import ServedOptions
from modellab.models.weights import location

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Launch:
    """Parameters of a start: `model` is a path or a hub id, `revision` the commit of a hub id."""

    program: str
    model: str
    revision: str | None
    port: int
    name: str


@dataclass(frozen=True)
class Engine:
    """One program that serves models.

    Attributes:
        program: its usual name.
        command: the command line up to the arguments.
        arguments: further arguments by name, which `args` of the entry may override.
        parameters: parameters of each request.
        lists_name: whether /v1/models lists the name that it was started with.
        version: the path and key of its version.
    """

    program: str
    command: Callable[[ServedOptions, Launch], list[str]]
    arguments: Callable[[ServedOptions, Launch], Mapping[str, Any]]
    parameters: Callable[[ServedOptions], Mapping[str, Any]] = lambda _: {}
    lists_name: bool = True
    version: tuple[str, str] | None = None

    def start_command(self, options: ServedOptions, launch: Launch) -> list[str]:
        arguments = {**self.arguments(options, launch), **options.args}
        return [*self.command(options, launch), *flags(arguments)]


def flags(arguments: Mapping[str, Any]) -> list[str]:
    """Arguments as on a command line; those that are false or null are omitted."""
    line: list[str] = []
    for name, value in arguments.items():
        if value is None or value is False:
            continue
        line.append(f"--{name}")
        if isinstance(value, list):
            line += [str(one) for one in value]
        elif isinstance(value, dict):
            line.append(dump_json(value))
        elif value is not True:
            line.append(str(value))
    return line


def find_program(options: ServedOptions) -> str:
    """The path of the program. Raises InputError if there is no executable."""
    wanted = options.command[0] if options.command else options.program
    name = str(Path(wanted or ENGINES[options.engine].program).expanduser())
    beside = None if "/" in name else Path(sys.executable).with_name(name)
    found = shutil.which(name) or (beside and shutil.which(beside))
    if not found:
        key = "command" if options.command else "program"
        raise InputError(f"{key}: there is no program {name}; install it, or give its path")
    return str(found)


def _vllm(options: ServedOptions, launch: Launch) -> dict[str, Any]:
    # otherwise the model may pad its answer with spaces
    compact = (
        {"backend": "xgrammar", "disable_any_whitespace": True} if options.constrained() else None
    )
    return {
        "served-model-name": launch.name,
        "revision": launch.revision,
        "generation-config": "vllm",
        "tensor-parallel-size": options.gpus if options.gpus > 1 else None,
        "structured-outputs-config": compact,
    }


def _sglang(options: ServedOptions, launch: Launch) -> dict[str, Any]:
    return {
        "served-model-name": launch.name,
        "revision": launch.revision,
        "sampling-defaults": "openai",
        "tp-size": options.gpus if options.gpus > 1 else None,
        "constrained-json-disable-any-whitespace": options.constrained(),
    }


def _llama_cpp(options: ServedOptions, launch: Launch) -> dict[str, Any]:
    return {
        "alias": launch.name,
        "jinja": True,
        "top-k": 0,
        "top-p": 1,
        "min-p": 0,
        "repeat-penalty": 1,
        "threads": options.threads,
        "n-gpu-layers": 999 if options.gpus else None,
    }


def _thinking(options: ServedOptions) -> Mapping[str, Any]:
    if options.think is None:
        return {}
    return {"chat_template_kwargs": {"enable_thinking": options.think}}


def _replaced_generation_config(options: ServedOptions) -> Mapping[str, Any]:
    """`transformers serve` has no neutral settings, so each request sends a whole config."""
    from transformers import AutoConfig, GenerationConfig

    where, revision = location(options), options.revision or "main"
    try:
        own = GenerationConfig.from_pretrained(where, revision=revision)
    except OSError:
        config = AutoConfig.from_pretrained(where, revision=revision)
        own = GenerationConfig.from_model_config(config)
    ends = {key: getattr(own, key) for key in ("eos_token_id", "pad_token_id", "bos_token_id")}
    neutral = {"do_sample": options.samples(), "top_k": 0, "top_p": 1.0, "repetition_penalty": 1.0}
    return {**_thinking(options), "generation_config": dump_json({**ends, **neutral})}


def _endpoint(launch: Launch) -> list[str]:
    return ["--host", HOST, "--port", str(launch.port)]


def _own_command(options: ServedOptions, launch: Launch) -> list[str]:
    filled = {"host": HOST, "port": launch.port, "name": launch.name, "model": launch.model}
    words = list(options.command[1:])
    for key, value in filled.items():
        words = [word.replace(f"{{{key}}}", str(value)) for word in words]
    return [launch.program, *words]


ENGINES: Mapping[str, Engine] = {
    "vllm": Engine(
        "vllm",
        lambda _, at: [at.program, "serve", at.model, *_endpoint(at)],
        _vllm,
        _thinking,
        version=("/version", "version"),
    ),
    "sglang": Engine(
        "python",
        lambda _, at: [
            *(at.program, "-m", "sglang.launch_server"),
            *("--model-path", at.model, *_endpoint(at)),
        ],
        _sglang,
        _thinking,
        version=("/get_server_info", "version"),
    ),
    "llama.cpp": Engine(
        "llama-server",
        lambda _, at: [at.program, "--model", at.model, *_endpoint(at)],
        _llama_cpp,
        _thinking,
        version=("/props", "build_info"),
    ),
    "transformers": Engine(
        "transformers",
        lambda _, at: [at.program, "serve", at.model, *_endpoint(at)],
        lambda options, _: {"device": None if options.gpus else "cpu"},
        _replaced_generation_config,
        lists_name=False,
    ),
    "command": Engine("", _own_command, lambda *_: {}, _thinking),
}
