"""Retrieval alone: rankings of passages, compared with what is relevant."""
