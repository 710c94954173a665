"""Options of the `served` provider."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, JsonValue, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from modellab.core.options import Options
from modellab.models.asking.options import ExtraParameters
from modellab.models.chat import WeightsOptions

Engine = Literal["vllm", "sglang", "llama.cpp", "transformers", "command"]

#: arguments of servers that the provider sets itself
OWN_ARGUMENTS = frozenset(
    {
        *("host", "port", "served-model-name", "alias", "api-key", "api-key-file"),
        *("model", "model-path", "revision"),
    }
)
#: arguments that affect speed and memory, but not answers
IDLE_ARGUMENTS = frozenset(
    {
        *("gpu-memory-utilization", "mem-fraction-static", "swap-space", "cpu-offload-gb"),
        *("max-num-seqs", "max-num-batched-tokens", "max-running-requests", "parallel"),
        *("tensor-parallel-size", "tp-size", "pipeline-parallel-size", "data-parallel-size"),
        *("n-gpu-layers", "threads", "threads-batch", "threads-http", "main-gpu", "mlock"),
        *("no-mmap", "enforce-eager", "log-level", "uvicorn-log-level", "log-verbosity", "verbose"),
        *("enable-log-requests", "disable-log-requests", "disable-log-stats"),
        *("disable-uvicorn-access-log", "download-dir", "cache-ram"),
    }
)
#: variables with these suffixes must not be in a config
SECRET_ENDINGS = ("KEY", "TOKEN", "SECRET", "PASSWORD")


class ServerOptions(Options):
    """A server that a job starts, and the time limits of its start and its answers."""

    engine: Engine = Field(description="the program that serves the model; see docs/servers.md")
    program: str | None = Field(
        None,
        description="the server's program, which may be in another environment: `vllm`, "
        "`llama-server`, `transformers`; for sglang its Python. Default: as it is found in PATH",
    )
    command: tuple[str, ...] = Field(
        (),
        description="for engine `command`: the program and its arguments; {host}, {port}, {name} "
        "and {model} are filled in, and the server lists {name} in /v1/models",
    )
    gpus: NonNegativeInt = Field(1, description="how many GPUs it takes; 0: it runs on the CPU")
    args: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="arguments of the server, without dashes in front, such as "
        "`{max-model-len: 8192}`; true is a flag, false leaves one out",
    )
    environment: dict[str, str] = Field(
        default_factory=dict,
        description="variables for the server, in addition to those of the job",
    )
    timeout_seconds: PositiveFloat = Field(
        600, description="the longest wait for one answer, the server's queue included"
    )
    start_timeout_seconds: PositiveFloat = Field(
        1200, description="the longest wait until the server has loaded the model"
    )


class ServedOptions(ServerOptions, WeightsOptions):
    """A model behind a server that its job starts, asks by OpenAI's protocol, and ends."""

    implementation: ClassVar[str] = "modellab.models.generators.served.provider"

    provider: Literal["served"]
    model: str = Field(
        min_length=1, description="a folder with weights and tokenizer, a .gguf file, or a hub id"
    )
    extra: ExtraParameters = Field(
        default_factory=dict, description="more parameters of a request, sent unchanged"
    )
    max_concurrent: PositiveInt = Field(64, description="the most requests under way at once")
    max_retries: NonNegativeInt = Field(
        5, description="how often a request is sent again after a transient error"
    )

    @model_validator(mode="after")
    def _check_consistent(self) -> Self:
        if (self.engine == "command") != bool(self.command):
            raise ValueError("command: needed by engine `command`, and by no other")
        if self.engine == "command" and (self.args or self.program):
            raise ValueError("engine `command`: its program and arguments are in `command`")
        own = next((name for name in self.args if name.lstrip("-") in OWN_ARGUMENTS), None)
        if own:
            raise ValueError(f"args: {own} is set by the provider")
        dashed = next((name for name in self.args if name.startswith("-")), None)
        if dashed:
            raise ValueError(f"args: {dashed} is written without dashes in front")
        secret = next((n for n in self.environment if n.upper().endswith(SECRET_ENDINGS)), None)
        if secret:
            raise ValueError(f"environment: set {secret} in the shell; a config holds no secrets")
        takes_all = self.engine in ("vllm", "sglang")
        bounds = {"gpu-memory-utilization", "mem-fraction-static"} & set(self.args)
        if self.slots_per_gpu > 1 and takes_all and not bounds:
            raise ValueError(
                f"slots_per_gpu: {self.engine} takes nearly all of a GPU unless args set "
                "gpu-memory-utilization (vllm) or mem-fraction-static (sglang)"
            )
        if self.engine == "transformers" and (self.constrained() or self.confidence):
            raise ValueError(
                "engine transformers: its server knows no answer_format: json_schema and no "
                "confidence; provider `transformers` does"
            )
        if self.engine == "llama.cpp" and not self.is_gguf():
            raise ValueError("engine llama.cpp: the model is a .gguf file")
        return self

    def gpu_need(self) -> int:
        return self.gpus

    def gpu_optional(self) -> bool:
        return False

    def is_gguf(self) -> bool:
        return self.model.endswith(".gguf")

    def decides(self) -> Mapping[str, Any]:
        """The part of the fingerprint that comes from the config: all but the weights."""
        args = {name: value for name, value in self.args.items() if name not in IDLE_ARGUMENTS}
        named: dict[str, Any] = {
            "args": args,
            "environment": self.environment,
            "extra": self.extra,
            "think": self.think,
            "confidence": self.confidence or None,
            "command": list(self.command),
        }
        given = {name: value for name, value in named.items() if value not in (None, {}, [])}
        return {"engine": self.engine, **self.decoding(), **given}
