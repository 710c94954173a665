"""Models that speak OpenAI's protocol, asked by the official client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from modellab.core.errors import InputError
from modellab.core.findings import Finding, failure, ok
from modellab.core.loopback import is_loopback, past_proxies
from modellab.core.records import Request
from modellab.core.secrets import load_env_file, variable
from modellab.models.asking.asker import Limits
from modellab.models.asking.background import AskingModel, asking_model
from modellab.models.asking.batches import BatchApi, BatchModel
from modellab.models.asking.costs import Costs
from modellab.models.asking.failures import Reply
from modellab.models.asking.options import ApiOptions
from modellab.models.generators.openai.batch import OpenAIBatches
from modellab.models.generators.openai.chat import ChatClient, Prepared
from modellab.models.generators.openai.hand_run import check_weights, known_weights, served_there
from modellab.models.generators.openai.reply import parsed_body, read_reply
from modellab.models.prices import Price, load_prices

#: sent where a server needs no key; else the client would take one that is meant for another server
NO_KEY = "none"
KEY_VARIABLE = "OPENAI_API_KEY"
OPENAI_URL = "https://api.openai.com/v1"
#: longest wait in seconds of a check before the run
CHECK_SECONDS = 10.0


@dataclass(frozen=True)
class Address:
    """Where a model is asked, and by what name. `base_url` None is OpenAI's own."""

    name: str
    base_url: str | None
    key: str | None


@contextmanager
def open_model(
    options: ApiOptions, seed: int, answer_schema: Mapping[str, Any]
) -> Iterator[AskingModel | BatchModel]:
    """Raises InputError for a missing key or price, and for a model that a server has not."""
    with opened_at(openai_address(options, options.model), options, seed, answer_schema) as model:
        yield model


@contextmanager
def opened_at(
    address: Address, options: ApiOptions, seed: int, answer_schema: Mapping[str, Any]
) -> Iterator[AskingModel | BatchModel]:
    """A model at an address, with decoding, limits and prices of the options.

    Args:
        address: overrides model, address and key of the options.
        options: any options of a model behind an API.
        seed: of the jitter between retries.
        answer_schema: the JSON schema of answers, for `answer_format: json_schema`.
    """
    price = model_price(options)
    reported = reported_at(address, options.wait_seconds)
    client = OpenAIClient(address, options, answer_schema, reported)
    costs = Costs(price, options.max_new_tokens)
    secrets = [address.key] if address.key else []
    with asking_model(client, limits(options, seed), costs, secrets) as model:
        if options.batch:
            api = OpenAIBatches(make_client(address, options.timeout_seconds), client.body)
            yield batch_model(options, api, model, costs)
        else:
            yield model


def batch_model(options: ApiOptions, api: BatchApi, rows: AskingModel, costs: Costs) -> BatchModel:
    pause, most = options.batch_pause_seconds, options.max_cost_usd
    return BatchModel(options.model, api, rows, costs, pause, most)


def reported_at(address: Address, wait_seconds: float) -> Mapping[str, Any]:
    """What a server on this machine says of the model, once it is ready; nothing elsewhere.

    Raises InputError where it has not the model, or other weights than were taken for its own.
    """
    if address.base_url is None:
        return {}
    reported = served_there(address.base_url, address.name, address.key, wait_seconds)
    check_weights(address.base_url, address.name, reported)
    return reported


def fingerprint(options: ApiOptions) -> Mapping[str, Any]:
    return identified(options, options.model)


def identified(options: ApiOptions, name: str) -> Mapping[str, Any]:
    """What decides an answer: of a server on this machine its weights where it names them, not its
    address."""
    decides, url = options.decides(), options.server()
    if url is None or not is_loopback(url):
        return decides
    # one that is not set is a matter of `open`
    key = variable(options.api_key_env) if options.api_key_env else None
    weights = known_weights(url, name, key, options.wait_seconds)
    if not weights:
        return decides
    return {**{k: v for k, v in decides.items() if k != "base_url"}, "weights": dict(weights)}


def preflight(options: ApiOptions, subject: str) -> Iterator[Finding]:
    """Names of variables, never values; no model is asked. Raises InputError for an unset one."""
    url = options.server()
    if options.key() is not None:
        yield ok(subject, f"{options.api_key_env} is set")
    elif url is None:
        load_env_file()
        yield key_finding(subject, [] if variable(KEY_VARIABLE) else [KEY_VARIABLE])
    if url is not None:
        yield server_finding(url, subject)


class OpenAIClient(ChatClient):
    """Sends requests to one model."""

    def __init__(
        self,
        address: Address,
        options: ApiOptions,
        answer_schema: Mapping[str, Any],
        reported: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(options, answer_schema)
        self._address = address
        self._reported = reported

    def report(self) -> dict[str, Any]:
        return {**super().report(), **({"server": dict(self._reported)} if self._reported else {})}

    async def start(self) -> None:
        """Make the client, in the loop that will use it."""
        import openai

        self._client = openai.AsyncOpenAI(
            **_client_settings(self._address),
            # the whole attempt has a time limit
            timeout=None,
            http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False),
        )

    async def stop(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def send(self, prepared: Prepared) -> Reply:
        """The answer, read as it came: the client's own types drop what they do not know.

        Raises any exception of the client, or BadReplyError.
        """
        import httpx

        response = await self._client.post(
            "/chat/completions", body=self._body(prepared), cast_to=httpx.Response
        )
        return read_reply(parsed_body(response.content))

    def body(self, request: Request) -> dict[str, Any]:
        """What is sent for a request."""
        return self._body(self.prepared(request))

    def _body(self, prepared: Prepared) -> dict[str, Any]:
        body = {"model": self._address.name, "messages": prepared.messages, **prepared.parameters}
        return {**body, **self._options.extra}


def make_client(address: Address, timeout_seconds: float) -> Any:
    """OpenAI's client, which retries nothing and follows no redirect."""
    import openai

    return openai.OpenAI(
        **_client_settings(address),
        timeout=timeout_seconds,
        http_client=openai.DefaultHttpxClient(follow_redirects=False),
    )


def _client_settings(address: Address) -> dict[str, Any]:
    import openai

    past_proxies()
    # headers of an organisation are for OpenAI alone, whatever the environment says
    private = ("OpenAI-Organization", "OpenAI-Project") if address.base_url else ()
    return {
        "api_key": address.key or NO_KEY,
        "base_url": address.base_url or OPENAI_URL,
        "max_retries": 0,
        "default_headers": {name: openai.Omit() for name in private},
    }


def limits(options: ApiOptions, seed: int) -> Limits:
    return Limits.of(
        options.model,
        seed,
        max_concurrent=options.at_once(),
        timeout_seconds=options.timeout_seconds,
        max_retries=options.max_retries,
        max_retry_seconds=options.max_retry_seconds,
        requests_per_minute=options.requests_per_minute,
        tokens_per_minute=options.tokens_per_minute,
        max_cost_usd=options.max_cost_usd,
    )


def model_price(options: ApiOptions) -> Price | None:
    """The price of a model. Raises InputError where a budget needs one and there is none."""
    prices, name = load_prices(options.prices), options.price_name()
    price = prices.find(name)
    if price is None and options.max_cost_usd is not None:
        raise InputError(
            f"{name}: max_cost_usd needs a price, and {prices.path} has none; "
            "add the model there, or name a table of your own as `prices`"
        )
    return price


def openai_address(options: ApiOptions, name: str) -> Address:
    """Where the options say that a model is. Raises InputError for a missing key."""
    url = options.server()
    key = options.key()
    if url is None:
        refuse_stray_server(options)
        load_env_file()
        key = key or variable(KEY_VARIABLE)
        if key is None:
            raise missing_key(options.model, KEY_VARIABLE)
    return Address(name, url, key)


def refuse_stray_server(options: ApiOptions) -> None:
    stray = options.stray_server()
    if stray:
        raise InputError(
            f"{options.model}: the environment variable {stray} would decide which server "
            f"answers; write `base_url_env: {stray}`, or unset it"
        )


def missing_key(model: str, name: str) -> InputError:
    return InputError(
        f"{model}: the environment variable {name} is not set; export it or put it "
        "into .env, or name another one as api_key_env"
    )


def key_finding(subject: str, missing: list[str]) -> Finding:
    if missing:
        unset = f"{', '.join(missing)} is not set"
        return failure(subject, unset, "export it, put it into .env, or api_key_env")
    return ok(subject, "the provider's own key is set (the API was not asked)")


def server_finding(url: str, subject: str) -> Finding:
    """Any answer of a server will do, also a refusal: only a run sends what may cost something.

    A web page is none: it comes from a proxy or a login.
    """
    import httpx

    past_proxies()
    try:
        reply = httpx.get(f"{url.rstrip('/')}/models", timeout=CHECK_SECONDS)
    except httpx.HTTPError as error:
        why = f"{type(error).__name__}: {error}"
        return failure(
            subject, f"{url} does not answer ({why})", "start the server, or correct base_url"
        )
    page = "html" in reply.headers.get("content-type", "")
    # a small server says in HTML too that it has no list of models
    if page and reply.status_code not in (404, 405, 501):
        return failure(
            subject,
            f"{url} gives a web page (status {reply.status_code}): a proxy, or a login",
            "correct base_url, or have the proxy let it through (NO_PROXY)",
        )
    return ok(subject, f"{url} answers")
