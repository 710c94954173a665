"""Models that speak OpenAI's protocol: httpx sends the requests, the official client the batches.

Importing the official client takes longer than all the rest of a small job.
"""

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from modellab.core.errors import Finding, InputError, failure, ok
from modellab.core.loopback import bypass_proxies, canonical_address, is_loopback
from modellab.core.records import Request
from modellab.core.secrets import request_key, variable
from modellab.models.asking.asker import AskingModel, Limits, asking_model
from modellab.models.asking.batches import BatchApi, BatchModel
from modellab.models.asking.failures import Failure, Reply
from modellab.models.asking.limits import Costs
from modellab.models.asking.options import ApiOptions, EndpointOptions
from modellab.models.generators.openai.batch import OpenAIBatches
from modellab.models.generators.openai.chat import ChatClient, Prepared
from modellab.models.generators.openai.local_server import (
    check_weights,
    known_weights,
    served_there,
)
from modellab.models.generators.openai.reply import parsed_body, read_reply
from modellab.models.prices import PRICE_TABLE, load_prices

#: sent where a server needs no key; else the client would take one that is meant for another server
NO_KEY = "none"
KEY_VARIABLE = "OPENAI_API_KEY"
OPENAI_URL = "https://api.openai.com/v1"
#: headers for OpenAI alone, and their variables
_ORGANISATION = {
    "OpenAI-Organization": "OPENAI_ORG_ID",
    "OpenAI-Project": "OPENAI_PROJECT_ID",
}
#: routers drop idle connections, and a model may think for minutes without sending anything
_KEEP_ALIVE = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)] + [
    (socket.IPPROTO_TCP, getattr(socket, name), 60)
    for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL")
    if hasattr(socket, name)
]
#: longest wait in seconds of a check before the run
CHECK_SECONDS = 10.0


@dataclass(frozen=True)
class Address:
    """Name, server and key of a model. `base_url` None is OpenAI's own."""

    name: str
    base_url: str | None
    key: str | None


@contextmanager
def open_model(
    options: ApiOptions, seed: int, answer_schema: Mapping[str, Any], name: str = ""
) -> Iterator[AskingModel | BatchModel]:
    """The model, by another `name` than that of the options where one is given.

    Raises InputError for a missing key or price, and for a model that a server does not have.
    """
    costs = model_costs(options)
    address = openai_address(options, name or options.model)
    client = OpenAIClient(address, options, answer_schema, reported_at(address, options))
    limits = Limits.of(options, seed, options.at_once())
    with asking_model(client, limits, costs, address.key) as model:
        if options.batch:
            api = OpenAIBatches(_official_client(address, options.timeout_seconds), client.body)
            yield batch_model(options, api, model, costs)
        else:
            yield model


def fingerprint(options: ApiOptions) -> Mapping[str, Any]:
    """All that decides an answer. Raises InputError."""
    return {**options.decides(), **server_identity(options, options.model)}


def server_identity(options: EndpointOptions, name: str) -> dict[str, Any]:
    """The weights of a server on this machine where it reports them, else its address.

    Empty for the provider's own. Raises InputError.
    """
    url = options.server()
    if url is None:
        return {}
    if is_loopback(url):
        # an unset variable is an error of `open`
        key = variable(options.api_key_env) if options.api_key_env else None
        weights = known_weights(url, name, key, options.wait_seconds)
        if weights:
            return {"weights": dict(weights)}
    return {"base_url": canonical_address(url)}


def preflight(options: ApiOptions, subject: str) -> Iterator[Finding]:
    """Names of variables, never values; no model is asked. Raises InputError for an unset one."""

    def missing() -> Sequence[str]:
        return [] if variable(KEY_VARIABLE) else [KEY_VARIABLE]

    yield from endpoint_findings(options, subject, missing)


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
        import httpx

        # the whole attempt has a time limit, and the asker a limit of requests at once
        limits = httpx.Limits()
        transport = None
        proxied = {"all", "http", "https"} & set(getproxies())
        if not proxied or is_loopback(self._address.base_url or OPENAI_URL):
            transport = httpx.AsyncHTTPTransport(limits=limits, socket_options=_KEEP_ALIVE)
        self._client = httpx.AsyncClient(
            **http_settings(self._address),
            timeout=httpx.Timeout(None),
            limits=limits,
            transport=transport,
        )

    async def stop(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def send(self, prepared: Prepared) -> Reply:
        """The answer. Raises any exception of httpx, or BadReplyError."""
        response = await self._client.post("/chat/completions", json=self._body(prepared))
        response.raise_for_status()
        reply = read_reply(parsed_body(response.content, response.charset_encoding))
        self.answered = True
        return reply

    def refined(self, failure: Failure, request: Request, prepared: Prepared) -> Failure:
        url = self._address.base_url
        if failure.error_class == "not_found" and url and not urlsplit(url).path.strip("/"):
            return replace(failure, text=f"{failure.text} (base_url usually ends in /v1)")
        return super().refined(failure, request, prepared)

    def body(self, request: Request) -> dict[str, Any]:
        return self._body(self.prepared(request))

    def _body(self, prepared: Prepared) -> dict[str, Any]:
        body = {"model": self._address.name, "messages": prepared.messages, **prepared.parameters}
        return {**body, **self._options.extra}


def http_settings(address: Address) -> dict[str, Any]:
    """The arguments of an httpx client that asks a model; it follows no redirect."""
    url = (address.base_url or OPENAI_URL).rstrip("/")
    bypass_proxies(url)
    key = f"Bearer {address.key or NO_KEY}"
    headers = {"Authorization": key.encode(), "User-Agent": b"modellab"}
    if address.base_url is None:
        organisation = {name: variable(_ORGANISATION[name]) for name in _ORGANISATION}
        headers |= {name: value.encode() for name, value in organisation.items() if value}
    return {"base_url": url, "headers": headers}


def _official_client(address: Address, timeout_seconds: float) -> Any:
    """OpenAI's own client, which retries nothing and follows no redirect."""
    import openai

    bypass_proxies(address.base_url or OPENAI_URL)
    # headers of an organisation are for OpenAI alone, whatever the environment says
    private: Any = {name: openai.Omit() for name in _ORGANISATION if address.base_url}
    return openai.OpenAI(
        api_key=address.key or NO_KEY,
        base_url=address.base_url or OPENAI_URL,
        max_retries=0,
        default_headers=private,
        timeout=timeout_seconds,
        http_client=openai.DefaultHttpxClient(follow_redirects=False),
    )


def batch_model(options: ApiOptions, api: BatchApi, rows: AskingModel, costs: Costs) -> BatchModel:
    pause, most = options.batch_pause_seconds, options.max_cost_usd
    return BatchModel(options.model, api, rows, costs, pause, most)


def model_costs(options: ApiOptions) -> Costs:
    """Raises InputError where a budget needs a price and there is none."""
    name = options.price_name()
    price = load_prices(options.prices).find(name)
    if price is None and options.max_cost_usd is not None:
        raise InputError(
            f"{name}: max_cost_usd needs a price, and {options.prices or PRICE_TABLE} has none; "
            "add the model there, or name a table of your own as `prices`"
        )
    return Costs(price, options.max_new_tokens)


def openai_address(options: EndpointOptions, name: str) -> Address:
    """The address in the options, or OpenAI's own. Raises InputError for a missing key."""
    url, key = options.server(), options.key()
    if url is None:
        options.refuse_stray_server()
        if key is None and variable(KEY_VARIABLE) is None:
            raise missing_key(options.model, KEY_VARIABLE)
        key = key or request_key(KEY_VARIABLE, options.model)
    return Address(name, url, key)


def reported_at(address: Address, options: EndpointOptions) -> Mapping[str, Any]:
    """The description of the model by a server on this machine, once it is ready; empty elsewhere.

    Raises InputError where it does not have the model, or has other weights than before.
    """
    if address.base_url is None:
        return {}
    reported = served_there(address.base_url, address.name, address.key, options.wait_seconds)
    check_weights(address.base_url, address.name, reported)
    return reported


def missing_key(model: str, name: str) -> InputError:
    return InputError(
        f"{model}: the environment variable {name} is not set; export it or put it "
        "into .env, or name another one as api_key_env"
    )


def endpoint_findings(
    options: EndpointOptions, subject: str, missing_keys: Callable[[], Sequence[str]]
) -> Iterator[Finding]:
    """Whether key and server are there. Raises InputError for an unset variable.

    `missing_keys` are the variables that the provider's own API needs and that are not set.
    """
    url = options.server()
    if options.key() is not None:
        yield ok(subject, f"{options.api_key_env} is set")
    elif url is None:
        if missing := missing_keys():
            unset = f"{', '.join(missing)} is not set"
            yield failure(subject, unset, "export it, put it into .env, or api_key_env")
        else:
            yield ok(subject, "the provider's own key is set (the API was not asked)")
    if url is not None:
        yield _server_finding(url, subject)


def _server_finding(url: str, subject: str) -> Finding:
    """Any reply of a server will do, also a refusal: only a run sends what may cost something.

    A web page will not: it comes from a proxy or a login.
    """
    import httpx

    bypass_proxies(url)
    try:
        reply = httpx.get(f"{url.rstrip('/')}/models", timeout=CHECK_SECONDS)
    except httpx.HTTPError as error:
        why = f"{type(error).__name__}: {error}"
        return failure(
            subject, f"{url} does not answer ({why})", "start the server, or correct base_url"
        )
    page = "html" in reply.headers.get("content-type", "")
    # a small server may have an HTML page for a missing list of models
    if page and reply.status_code not in (404, 405, 501):
        return failure(
            subject,
            f"{url} returned a web page (status {reply.status_code}): a proxy, or a login",
            "correct base_url, or have the proxy let it through (NO_PROXY)",
        )
    return ok(subject, f"{url} answers")
