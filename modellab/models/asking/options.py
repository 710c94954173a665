"""Options of models behind an API: address and key, limits, budget, batches."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from modellab.core.errors import InputError
from modellab.core.io.jsonl import dump_json
from modellab.core.options import Options
from modellab.core.secrets import VariableName, request_key, secret, variable
from modellab.models.chat import ChatOptions

#: parameters that `extra` may not hold: the config has keys for them, or a run depends on them
OWN_PARAMETERS = frozenset(
    {
        *("model", "messages", "stream", "n", "max_tokens", "max_completion_tokens"),
        *("temperature", "top_p", "stop", "seed", "response_format", "logprobs"),
    }
)
#: the price of a batch, as a share of that of single requests
PRICE_SHARE = 0.5
#: default number of concurrent requests: to an API, to a server on this machine
AT_ONCE, AT_ONCE_LOCAL = 8, 64


def check_base_url(url: str) -> str:
    """Raises ValueError for an invalid base URL. It is shown in results, so it holds no key."""
    parts = urlsplit(url)
    if re.search(r"\s", url):
        raise ValueError("a base URL has no blanks")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("a base URL begins with http:// or https:// and a host")
    _ = parts.port  # raises ValueError for a number that is none
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError(
            "a base URL has no user, password, query or fragment; give the key by api_key_env"
        )
    if parts.path.rstrip("/").endswith(("/completions", "/embeddings")):
        raise ValueError("a base URL ends before the path of a request, usually in /v1")
    return url


def _check_extra(extra: dict[str, Any]) -> dict[str, Any]:
    own = next((name for name in extra if name in OWN_PARAMETERS), None)
    if own:
        raise ValueError(f"{own}: set by a key of the entry itself, or not at all")
    dump_json(extra)
    return extra


ExtraParameters = Annotated[dict[str, Any], AfterValidator(_check_extra)]


class EndpointOptions(Options):
    """A model behind an API: its name, address and key."""

    model: str = Field(min_length=1, description="the model's name")
    api_key_env: VariableName | None = Field(
        None,
        description="the environment variable (or line of .env) that holds the key; default: the "
        "provider's own, or no key where there is a base URL",
    )
    base_url: Annotated[str, AfterValidator(check_base_url)] | None = Field(
        None, description="address of the server; default: the provider's"
    )
    base_url_env: VariableName | None = Field(
        None, description="the environment variable that holds the base URL"
    )

    timeout_seconds: PositiveFloat = Field(120, description="the longest wait for one answer")
    max_retries: NonNegativeInt = Field(
        5, description="how often a request is sent again after a transient error"
    )
    max_retry_seconds: PositiveFloat = Field(
        600, description="no request is sent again later than this after its first time"
    )
    wait_seconds: NonNegativeFloat = Field(
        60,
        description="the longest wait for a server on this machine that does not run yet, or loads",
    )

    def provider_name(self) -> str:
        """The provider whose API it is, unless a base URL is given."""
        return "openai"

    def server(self) -> str | None:
        """The base URL; None for the provider's own. Raises InputError."""
        if self.base_url_env is None:
            return self.base_url
        if self.base_url is not None:
            raise InputError(f"{self.model}: give base_url or base_url_env, not both")
        try:
            return check_base_url(secret(self.base_url_env, self.model))
        except ValueError as error:
            raise InputError(f"{self.model}: {self.base_url_env}: {error}") from None

    def key(self) -> str | None:
        """The key's value, where the config names a variable for it. Raises InputError."""
        return None if self.api_key_env is None else request_key(self.api_key_env, self.model)

    def refuse_stray_server(self) -> None:
        """Raises InputError for a variable that would silently send requests elsewhere."""
        own = self.provider_name().upper()
        stray = next(filter(variable, (f"{own}_API_BASE", f"{own}_BASE_URL")), None)
        if stray:
            raise InputError(
                f"{self.model}: the environment variable {stray} would decide which server "
                f"answers; write `base_url_env: {stray}`, or unset it"
            )


class ApiOptions(EndpointOptions, ChatOptions):
    """Common base of chat models behind an API. Each provider is a subclass."""

    in_process: ClassVar[bool] = False

    local: bool = Field(False, description="true for a server on this machine")
    seed: bool = Field(
        True, description="send a seed when answers are sampled; false where none is accepted"
    )
    extra: ExtraParameters = Field(
        default_factory=dict,
        description="more parameters of a request, sent unchanged, such as "
        "`{top_k: 20, chat_template_kwargs: {enable_thinking: false}}`",
    )
    stream: bool = Field(False, description="true for servers that only stream their answers")
    confidence: bool = Field(
        False,
        description="ask for the tokens' probabilities, for `confidence` in rows",
    )
    max_concurrent: PositiveInt | None = Field(
        None,
        description=f"the most requests under way at once; default: {AT_ONCE}, with `local: true` "
        f"{AT_ONCE_LOCAL}",
    )
    requests_per_minute: PositiveInt | None = Field(
        None, description="the most requests in any 60 seconds; null: any number"
    )
    tokens_per_minute: PositiveInt | None = Field(
        None, description="the most tokens in any 60 seconds, answers included; null: any number"
    )
    max_cost_usd: PositiveFloat | None = Field(
        None, description="send nothing more before a run costs more than this; needs a price"
    )
    batch: bool = Field(
        False,
        description="send requests as batches: half the price, answers within a day. For servers "
        "that have OpenAI's /files and /batches, and for LiteLLM's `anthropic/`",
    )
    batch_pause_seconds: PositiveFloat = Field(
        60, description="the longest pause between two requests for the status of a batch"
    )
    prices: Path | None = Field(
        None, description="a price table of your own; default: resources/prices.yaml"
    )

    @model_validator(mode="before")
    @classmethod
    def _default_temperature(cls, data: Any) -> Any:
        """Reasoning models do not accept a temperature."""
        given = isinstance(data, dict) and "temperature" not in data
        if given and takes_no_temperature(str(data.get("model", ""))):
            return {**data, "temperature": None}
        return data

    @model_validator(mode="after")
    def _check_consistent(self) -> Self:
        if self.batch and self.stream:
            raise ValueError("batch: answers come in a file; leave stream out")
        return self

    def model_id(self) -> str:
        return self.model

    def price_name(self) -> str:
        """The model's name in a table of prices."""
        return self.model

    def price_share(self) -> float:
        """The price as a share of that of single requests."""
        return PRICE_SHARE if self.batch else 1.0

    def endpoint_slot(self) -> str:
        """The provider's name; with a base URL `server_` and its variable or address."""
        own = self.base_url_env or (urlsplit(self.base_url).netloc if self.base_url else None)
        name = f"server_{own}" if own else self.provider_name()
        return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")

    def at_once(self) -> int:
        """The maximum number of concurrent requests."""
        return self.max_concurrent or (AT_ONCE_LOCAL if self.local else AT_ONCE)

    def files(self) -> Mapping[str, Path]:
        return {} if self.prices is None else {"prices": self.prices}

    def decides(self) -> Mapping[str, Any]:
        """The fingerprint without the server: model and decoding."""
        sent = {"seed": self.seed} if self.samples() else {}
        extra = {"extra": self.extra} if self.extra else {}
        # same answers, but rows with more fields
        more = {"confidence": True} if self.confidence else {}
        return {"model": self.model, **self.decoding(), **sent, **extra, **more}

    def sent_temperature(self) -> float | None:
        """The temperature in requests; None if it is the only one that the model accepts."""
        usual = self.temperature == 1 and takes_no_temperature(self.model)
        return None if usual else self.temperature

    def sends_seed(self) -> bool:
        return self.samples() and self.seed and self.temperature is not None


class OpenAIOptions(ApiOptions):
    """A model that speaks OpenAI's protocol: OpenAI's own, vLLM, llama.cpp, LM Studio, gateways."""

    implementation: ClassVar[str] = "modellab.models.generators.openai.provider"

    provider: Literal["openai"]
    model: str = Field(min_length=1, description="the model's name, as the server lists it")

    def price_name(self) -> str:
        return f"openai/{self.model}"


def takes_no_temperature(model: str) -> bool:
    """Whether the model is known to refuse a temperature: OpenAI's o-series and GPT-5."""
    return re.match(r"(o\d+|gpt-5(?!-chat))(?![a-z0-9])", model.rsplit("/", 1)[-1]) is not None


_OPENAI = "openai"


class LitellmEndpoint(EndpointOptions):
    """A model behind an API that LiteLLM knows, by LiteLLM's id."""

    def provider_name(self) -> str:
        return self.model.split("/")[0] if "/" in self.model else _OPENAI

    def openai_name(self) -> str | None:
        """The model's name where it is asked by OpenAI's protocol; None for all other APIs."""
        own, _, name = self.model.rpartition(f"{_OPENAI}/")
        return name if not own and (name != self.model or "/" not in name) else None


class LitellmOptions(LitellmEndpoint, ApiOptions):
    """A model behind an API that LiteLLM knows: OpenRouter, Bedrock, Mistral and many others."""

    implementation: ClassVar[str] = "modellab.models.generators.litellm.provider"

    provider: Literal["litellm"]
    model: str = Field(
        min_length=1,
        description="provider and model as LiteLLM names them, such as `mistral/mistral-small`; "
        "`openai/NAME` is the same as `provider: openai` with the model NAME",
    )

    @model_validator(mode="after")
    def _check_batches(self) -> Self:
        if not self.batch or self.openai_name() is not None:
            return self
        if self.provider_name() != "anthropic":
            raise ValueError("batch: only for models of `openai/` and `anthropic/`")
        if self.constrained() or self.confidence:
            raise ValueError("batch: Anthropic's have no json_schema and no confidence")
        return self

    def price_name(self) -> str:
        name = self.openai_name()
        return self.model if name is None else f"{_OPENAI}/{name}"
