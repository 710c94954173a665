"""Contexts to predictions: asking models, journals, votes, query plans, synthesis."""

__all__ = ["driver", "ensembles", "predict", "session", "synthesis", "voting"]
