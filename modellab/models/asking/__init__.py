"""Asking a model behind a server: limits, budget, retries, failures. One loop for all providers."""
