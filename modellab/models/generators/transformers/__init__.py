"""The `transformers` provider: local weights, from a folder or from the hub's cache."""
