"""LiteLLM itself, imported quietly and asked with nothing of its own added."""

from __future__ import annotations

import logging
import os
from typing import Any

from modellab.errors import InputError

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
    import litellm

    litellm.suppress_debug_info = True
    litellm.drop_params = False
    litellm.modify_params = False
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


def skip_price_search(name: str) -> None:
    """Tell LiteLLM that a model it does not know costs nothing.

    It looks for a price in many ways after each answer, which takes longer than all else; ours
    come from the project's table.
    """
    litellm = import_litellm()
    free = dict.fromkeys(
        (
            "input_cost_per_token",
            "output_cost_per_token",
            "cache_creation_input_token_cost",
            "cache_read_input_token_cost",
        ),
        0.0,
    )
    if name not in litellm.model_cost:
        litellm.register_model(
            {f"openai/{name}": {**free, "litellm_provider": "openai", "mode": "chat"}}
        )
