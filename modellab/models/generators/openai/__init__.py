"""The `openai` provider: everything that speaks OpenAI's protocol."""
