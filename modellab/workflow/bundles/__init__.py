"""Bundles: results as one zip file that others can verify and merge."""
