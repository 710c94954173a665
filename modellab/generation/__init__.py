"""Contexts to predictions: asking models, journals, votes, query plans, synthesis."""

__all__ = ["ensembles", "predict", "requests", "session", "synthesis", "voting"]
