"""Contexts to predictions: asking models, journals, votes, query plans, synthesis."""

__all__ = ["predict", "requests", "session", "synthesis", "voting"]
