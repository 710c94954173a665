"""LiteLLM itself, imported quietly and asked with nothing of its own added."""

from __future__ import annotations

import logging
import os
import warnings
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import uuid4

from modellab.core.errors import InputError
from modellab.core.loopback import past_proxies

SETTINGS = {
    # no downloads at import, no reading of .env, no links to report bugs in error texts
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_DISABLE_BUG_REPORT_LINK": "true",
    # `openai/` by the same HTTP client as all others, which takes half the time of OpenAI's own
    "EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER": "true",
}
#: LiteLLM reaches these by clients of their own, past our limits
UNSUPPORTED = ("azure", "azure_text", "sagemaker", "sagemaker_chat", "vertex_ai", "watsonx")


def import_litellm() -> Any:
    """The module `litellm`, set to send nothing but what it is told to, and to print nothing."""
    os.environ.update(SETTINGS)
    past_proxies()
    import litellm

    # it says so of calls that are cancelled
    warnings.filterwarnings("ignore", "coroutine 'BaseLLMHTTPHandler.* was never awaited")
    litellm.suppress_debug_info = True
    litellm.drop_params = False
    litellm.modify_params = False
    # embeddings take a 0 for "as many as usual"; retries are counted elsewhere
    litellm.DEFAULT_MAX_RETRIES = 0  # type: ignore[attr-defined, unused-ignore]
    for name in ("LiteLLM", "httpx", "openai"):
        # below that they log requests with all that is in them
        logging.getLogger(name).setLevel(logging.WARNING)
    return litellm


def provider_of(model: str) -> tuple[str, str]:
    """Name and provider in a LiteLLM id. Raises InputError where the provider is none it knows."""
    litellm = import_litellm()
    try:
        name, provider, *_ = litellm.get_llm_provider(model)
    except litellm.BadRequestError:
        raise InputError(
            f"{model}: LiteLLM knows no such provider; write `provider/model`, or "
            "`openai/NAME` with a base_url"
        ) from None
    if provider in UNSUPPORTED:
        raise InputError(
            f"{model}: {provider} is not supported; if it has an OpenAI-compatible address, use "
            "`openai/NAME` with a base_url"
        )
    return name, provider


@cache
def silent_log_class() -> Any:
    """A log of a call for LiteLLM that writes nothing and looks for no price.

    LiteLLM's own makes a record for callbacks after each call, though there are none, and looks
    for the price of the model in many ways: a third of all its time.
    """
    import_litellm()
    from litellm.litellm_core_utils.litellm_logging import Logging

    class SilentLog(Logging):  # type: ignore[misc, unused-ignore]
        def response_cost_calculator(self, *_: Any, **__: Any) -> float:
            return 0.0

        async def async_success_handler(self, *_: Any, **__: Any) -> None:
            """Nothing."""

        async def async_failure_handler(self, *_: Any, **__: Any) -> None:
            """Nothing."""

        def failure_handler(self, *_: Any, **__: Any) -> None:
            """Nothing."""

    return SilentLog


def silent_log(model: str, messages: list[dict[str, Any]]) -> Any:
    """The log of one call, to be given along with it."""
    return silent_log_class()(
        model=model,
        messages=messages,
        stream=False,
        call_type="acompletion",
        start_time=datetime.now(UTC),
        litellm_call_id=str(uuid4()),
        function_id="",
    )
