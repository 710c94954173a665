"""The config: what a benchmark is, checked before anything runs."""
