"""Comparisons of systems: who is in them, where they agree, where they fail."""
