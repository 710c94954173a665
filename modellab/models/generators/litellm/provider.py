"""Models behind all other APIs, asked by LiteLLM."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from modellab.core.errors import Finding, InputError
from modellab.core.loopback import bypass_proxies, canonical_address
from modellab.core.secrets import load_env_file, variable
from modellab.models.asking.asker import AskingModel, Limits, asking_model
from modellab.models.asking.batches import BatchModel
from modellab.models.asking.failures import Reply
from modellab.models.asking.options import LitellmOptions
from modellab.models.generators.litellm.anthropic_batch import KEY_VARIABLE, AnthropicBatches
from modellab.models.generators.openai import provider as openai
from modellab.models.generators.openai.chat import ChatClient, Prepared, decoding_parameters
from modellab.models.generators.openai.reply import read_reply

#: no downloads at import, no reading of .env, no links to report bugs in error texts
SETTINGS = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_DISABLE_BUG_REPORT_LINK": "true",
}


@contextmanager
def open_model(
    options: LitellmOptions, seed: int, answer_schema: Mapping[str, Any]
) -> Iterator[AskingModel | BatchModel]:
    """Raises InputError for a missing key or price, and parameters that the provider refuses."""
    name = options.openai_name()
    if name is not None:
        with openai.open_model(options, seed, answer_schema, name) as model:
            yield model
        return
    costs = openai.model_costs(options)
    key, url = options.key(), options.server()
    if url is None:
        options.refuse_stray_server()
    _check_provider(options, key, url, answer_schema)
    client = LitellmClient(options, key, url, answer_schema)
    limits = Limits.of(options, seed, options.at_once())
    with asking_model(client, limits, costs, key) as model:
        if options.batch:
            own = key or variable(KEY_VARIABLE) or openai.NO_KEY
            short = options.model.partition("/")[2]
            api = AnthropicBatches(short, own, url, client.prepared, options.extra)
            yield openai.batch_model(options, api, model, costs)
        else:
            yield model


def fingerprint(options: LitellmOptions) -> Mapping[str, Any]:
    """All that decides an answer. Raises InputError."""
    name, url = options.openai_name(), options.server()
    if name is not None:
        return {**options.decides(), **openai.server_identity(options, name)}
    return {**options.decides(), **({"base_url": canonical_address(url)} if url else {})}


def preflight(options: LitellmOptions, subject: str) -> Iterator[Finding]:
    """Names of variables, never values; no model is asked. Raises InputError for an unset one."""
    if options.openai_name() is not None:
        yield from openai.preflight(options, subject)
    else:
        yield from openai.endpoint_findings(options, subject, lambda: _missing_keys(options))


class LitellmClient(ChatClient):
    """Sends requests to one model."""

    #: models that are open in this process
    _open = 0

    def __init__(
        self,
        options: LitellmOptions,
        key: str | None,
        base_url: str | None,
        answer_schema: Mapping[str, Any],
    ) -> None:
        super().__init__(options, answer_schema)
        self._litellm = import_litellm()
        self._fixed = {
            "model": options.model,
            "timeout": options.timeout_seconds,
            "max_retries": 0,
            "num_retries": 0,
        }
        if options.extra:
            self._fixed["extra_body"] = options.extra
        if base_url:
            self._fixed["api_base"] = base_url
        # requests to Bedrock are signed, so no server receives a secret
        if key or (base_url and not options.model.startswith("bedrock/")):
            # without one LiteLLM would send a key for another server
            self._fixed["api_key"] = key or openai.NO_KEY

    async def start(self) -> None:
        """LiteLLM makes its clients when they are needed."""
        LitellmClient._open += 1

    async def stop(self) -> None:
        """Close all connections, where no other model may be using them."""
        LitellmClient._open -= 1
        if LitellmClient._open:
            return
        await self._litellm.close_litellm_async_clients()
        # they belong to a loop that ends
        self._litellm.in_memory_llm_clients_cache.flush_cache()

    async def send(self, prepared: Prepared) -> Reply:
        """Raises any exception of LiteLLM, or BadReplyError."""
        response = await self._litellm.acompletion(
            messages=prepared.messages, **prepared.parameters, **self._fixed
        )
        if prepared.parameters.get("stream"):
            chunks = [chunk async for chunk in response]
            response = self._litellm.stream_chunk_builder(chunks, messages=prepared.messages)
        reply = read_reply(response.model_dump())
        self.answered = True
        return reply


def import_litellm() -> Any:
    """The module `litellm`, set to send no telemetry, and to print nothing."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    bypass_proxies()
    import litellm

    litellm.suppress_debug_info = True
    litellm.drop_params = False
    litellm.modify_params = False
    for name in ("LiteLLM", "httpx", "openai"):
        # at lower levels they log whole requests
        logging.getLogger(name).setLevel(logging.WARNING)
    return litellm


def provider_of(model: str) -> tuple[str, str]:
    """Name and provider in a LiteLLM id. Raises InputError for a provider that it does not know."""
    litellm = import_litellm()
    try:
        name, provider, *_ = litellm.get_llm_provider(model)
    except litellm.BadRequestError:
        raise InputError(
            f"{model}: LiteLLM knows no such provider; write `provider/model`, or "
            "`provider: openai` with a base_url"
        ) from None
    return name, provider


def _missing_keys(options: LitellmOptions) -> Sequence[str]:
    load_env_file()
    missing: Sequence[str] = import_litellm().validate_environment(options.model)["missing_keys"]
    return missing


def _check_provider(
    options: LitellmOptions, key: str | None, url: str | None, answer_schema: Mapping[str, Any]
) -> None:
    name, provider = provider_of(options.model)
    known = import_litellm().get_supported_openai_params(model=name, custom_llm_provider=provider)
    wanted = set(decoding_parameters(options, answer_schema))
    if options.sends_seed():
        wanted.add("seed")
    refused = sorted(wanted - {*(known or ()), "max_tokens"})
    if refused:
        raise InputError(f"{options.model}: {provider} does not take: {', '.join(refused)}")
    if key is None and url is None:
        # other credentials (AWS, Google) may come from files or the machine's role
        names = [name for name in _missing_keys(options) if name.endswith("_API_KEY")]
        if names:
            raise openai.missing_key(options.model, names[0])
