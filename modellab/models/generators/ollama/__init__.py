"""The `ollama` provider: models that an Ollama server holds, one at a time in its memory."""
