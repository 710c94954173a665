"""The model that the rest of the program sees: ordinary calls, answered from a background loop."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from modellab.core.errors import InputError
from modellab.core.records import Request, Response
from modellab.models.generators.litellm.asking import Asker, Limits
from modellab.models.generators.litellm.background import Background
from modellab.models.generators.litellm.backoff import Backoff
from modellab.models.generators.litellm.budget import Budget
from modellab.models.generators.litellm.client import Client, decoding_parameters
from modellab.models.generators.litellm.costs import Costs
from modellab.models.generators.litellm.library import import_litellm, provider_of
from modellab.models.generators.litellm.limiter import Limiter
from modellab.models.generators.litellm.rates import RateLimit
from modellab.models.generators.litellm.waits import Waits
from modellab.models.prices import Price, load_prices
from modellab.models.protocol import Stopped

if TYPE_CHECKING:
    from modellab.models.generators.litellm.options import LitellmOptions

log = logging.getLogger(__name__)


@contextmanager
def open_model(
    options: LitellmOptions, seed: int, answer_schema: Mapping[str, Any]
) -> Iterator[LitellmModel]:
    """See `LitellmOptions.open`."""
    price = _price(options)
    url = options.server()
    key = options.key()
    _check_server(options, url)
    _check_provider(options, key, url, answer_schema)
    client = Client(options, key, url, answer_schema)
    costs = Costs(price, options.max_new_tokens)
    with Background() as background:
        background.run(client.start())
        try:
            asker = Asker(client, _limits(options, seed), costs, [key] if key else [])
            yield LitellmModel(asker, background)
        finally:
            background.run(client.stop())


class LitellmModel:
    """Answers in the order in which the server gives them."""

    def __init__(self, asker: Asker, background: Background) -> None:
        self._asker = asker
        self._background = background

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        return self._background.iterate(self._asker.answers(requests))

    def report(self) -> Mapping[str, Any]:
        return self._asker.report()

    def stopped(self) -> Stopped | None:
        return self._asker.stopped()


def _limits(options: LitellmOptions, seed: int) -> Limits:
    # jitter is no secret, and the same seed should wait the same
    jitter = random.Random(seed)  # noqa: S311
    waits = Waits(options.model)
    return Limits(
        places=Limiter(options.max_concurrent, waits=waits),
        requests=RateLimit(options.requests_per_minute, name="requests_per_minute", waits=waits),
        tokens=RateLimit(options.tokens_per_minute, name="tokens_per_minute", waits=waits),
        budget=Budget(options.max_cost_usd),
        backoff=Backoff(options.max_retries, options.max_retry_seconds, jitter),
        timeout_seconds=options.timeout_seconds,
        waits=waits,
    )


def _price(options: LitellmOptions) -> Price | None:
    prices = load_prices(options.prices)
    price = prices.find(options.model)
    if price is None and options.max_cost_usd is not None:
        raise InputError(
            f"{options.model}: max_cost_usd needs a price, and {prices.path} has none; "
            "add the model there, or name a table of your own as `prices`"
        )
    return price


def _check_server(options: LitellmOptions, url: str | None) -> None:
    stray = options.stray_server() if url is None else None
    if stray:
        raise InputError(
            f"{options.model}: the environment variable {stray} would decide which server "
            f"answers; say so by `base_url_env: {stray}`, or unset it"
        )


def _check_provider(
    options: LitellmOptions, key: str | None, url: str | None, answer_schema: Mapping[str, Any]
) -> None:
    litellm = import_litellm()
    name, provider = provider_of(options.model)
    known = litellm.get_supported_openai_params(model=name, custom_llm_provider=provider) or []
    wanted = set(decoding_parameters(options, answer_schema))
    if options.sends_seed():
        wanted.add("seed")
    refused = sorted(wanted - {*known, "max_tokens"})
    if refused:
        raise InputError(f"{options.model}: {provider} does not take: {', '.join(refused)}")
    if key is None and url is None:
        _check_own_key(options.model, litellm)


def _check_own_key(model: str, litellm: Any) -> None:
    missing = litellm.validate_environment(model)["missing_keys"]
    # other credentials (AWS, Google) may come from files or the machine's role
    names = [name for name in missing if name.endswith("_API_KEY")]
    if names:
        raise InputError(
            f"{model}: the environment variable {names[0]} is not set; export it or put it "
            "into .env, or name another one as api_key_env"
        )
