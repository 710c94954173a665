"""Targets: what a metric should reach, and whether a benchmark as a whole is in good order."""
