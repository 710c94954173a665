"""The `litellm` provider: models behind an API, reached through LiteLLM."""
