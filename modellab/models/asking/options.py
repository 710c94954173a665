"""Keys of every model that is asked by the chat protocol: limits, budget, key, address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    field_validator,
    model_validator,
)

from modellab.core.errors import InputError
from modellab.core.io.jsonl import dump_json
from modellab.core.loopback import one_name
from modellab.core.secrets import VariableName, key_of, secret, variable
from modellab.models.chat import ChatOptions

#: what `extra` may not hold: keys of the config say it, or a run depends on it
OWN_PARAMETERS = frozenset(
    {
        *("model", "messages", "stream", "n", "max_tokens", "max_completion_tokens"),
        *("temperature", "top_p", "stop", "seed", "response_format", "logprobs"),
    }
)
#: what a batch costs, as a share of the price of single requests
PRICE_SHARE = 0.5
#: requests under way at once, where the config does not say: at an API, at a server of one's own
AT_ONCE, AT_ONCE_LOCAL = 8, 64


class ApiOptions(ChatOptions):
    """What models behind an API have in common. Each provider is a subclass."""

    in_process: ClassVar[bool] = False

    local: bool = Field(False, description="true for a server on this machine")
    model: str = Field(min_length=1, description="the model's name")
    api_key_env: VariableName | None = Field(
        None,
        description="the environment variable (or line of .env) that holds the key; default: the "
        "provider's own, or no key where there is a base URL",
    )
    base_url: str | None = Field(None, description="where the server is; default: the provider's")
    base_url_env: VariableName | None = Field(
        None, description="the environment variable that holds the base URL"
    )
    seed: bool = Field(
        True, description="send a seed when answers are sampled; false where none is accepted"
    )
    extra: dict[str, Any] = Field(
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
    timeout_seconds: PositiveFloat = Field(120, description="the longest wait for one answer")
    max_retries: NonNegativeInt = Field(
        5, description="how often a request is sent again after a passing error"
    )
    max_retry_seconds: PositiveFloat = Field(
        600, description="no request is sent again later than this after its first time"
    )
    wait_seconds: NonNegativeFloat = Field(
        60,
        description="the longest wait for a server on this machine that does not run yet, or loads",
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
        60, description="the longest pause between two looks at a batch"
    )
    prices: Path | None = Field(
        None, description="a price table of your own; default: resources/prices.yaml"
    )

    @field_validator("base_url")
    @classmethod
    def _plain_url(cls, url: str | None) -> str | None:
        if url is not None:
            check_base_url(url)
        return url

    @field_validator("extra")
    @classmethod
    def _leaves_ours(cls, extra: dict[str, Any]) -> dict[str, Any]:
        own = next((name for name in extra if name in OWN_PARAMETERS), None)
        if own:
            raise ValueError(f"{own}: a key of its own, or none that can be set")
        dump_json(extra)
        return extra

    @model_validator(mode="before")
    @classmethod
    def _leave_temperature(cls, data: Any) -> Any:
        """Models that reason take no temperature but their own."""
        given = isinstance(data, dict) and "temperature" not in data
        if given and takes_no_temperature(str(data.get("model", ""))):
            return {**data, "temperature": None}
        return data

    @model_validator(mode="after")
    def _batches_do_not_stream(self) -> Self:
        if self.batch and self.stream:
            raise ValueError("batch: answers come in a file; leave stream out")
        return self

    def model_id(self) -> str:
        return self.model

    def price_name(self) -> str:
        """The model's name in a table of prices."""
        return self.model

    def price_share(self) -> float:
        """What is paid, as a share of the price of single requests."""
        return PRICE_SHARE if self.batch else 1.0

    def provider_name(self) -> str:
        """Whose API it is, where there is no address of one's own."""
        return "openai"

    def token(self) -> str:
        """The provider's name; for a server of its own `server_` and its variable or address."""
        own = self.base_url_env or (urlsplit(self.base_url).netloc if self.base_url else None)
        name = f"server_{own}" if own else self.provider_name()
        return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")

    def at_once(self) -> int:
        """The most requests under way at once."""
        return self.max_concurrent or (AT_ONCE_LOCAL if self.local else AT_ONCE)

    def files(self) -> Mapping[str, Path]:
        return {} if self.prices is None else {"prices": self.prices}

    def decides(self) -> Mapping[str, Any]:
        """The fingerprint: model, server if it is not the provider's own, decoding.

        Raises InputError where `base_url_env` names a variable that is not set.
        """
        url = self.server()
        where = {} if url is None else {"base_url": one_name(url)}
        sent = {"seed": self.seed} if self.samples() else {}
        extra = {"extra": self.extra} if self.extra else {}
        # no other answer, but a row that says more
        more = {"confidence": True} if self.confidence else {}
        return {"model": self.model, **where, **self.decoding(), **sent, **extra, **more}

    def sent_temperature(self) -> float | None:
        """The temperature that requests name; None where the model takes its own anyway."""
        usual = self.temperature == 1 and takes_no_temperature(self.model)
        return None if usual else self.temperature

    def sends_seed(self) -> bool:
        return self.samples() and self.seed and self.temperature is not None

    def server(self) -> str | None:
        """The base URL; None for the provider's own. Raises InputError."""
        if self.base_url_env is None:
            return self.base_url
        if self.base_url is not None:
            raise InputError(f"{self.model}: give base_url or base_url_env, not both")
        url = secret(self.base_url_env, self.model)
        try:
            check_base_url(url)
        except ValueError as error:
            raise InputError(f"{self.model}: {self.base_url_env}: {error}") from None
        return url

    def key(self) -> str | None:
        """The key's value, where the config names a variable for it. Raises InputError."""
        return None if self.api_key_env is None else key_of(self.api_key_env, self.model)

    def stray_server(self) -> str | None:
        """A variable that would quietly send requests elsewhere than the config says."""
        own = self.provider_name().upper()
        names = [f"{own}_{ending}" for ending in ("API_BASE", "BASE_URL")]
        return next((name for name in names if variable(name)), None)


def takes_no_temperature(model: str) -> bool:
    """Whether the model is known to refuse a temperature: OpenAI's o-series and GPT-5."""
    return re.match(r"(o\d+|gpt-5(?!-chat))(?![a-z0-9])", model.rsplit("/", 1)[-1]) is not None


def check_base_url(url: str) -> None:
    """Raises ValueError where it is no base URL. It ends up in results, so it may hold no key."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("a base URL begins with http:// or https:// and a host")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError(
            "a base URL has no user, password, query or fragment; give the key by api_key_env"
        )
