"""Targets: thresholds from the config, and the status that they give to a dataset's results."""
