"""Contexts to predictions: asking models, journals, votes, query plans, synthesis."""

__all__ = ["asking_job", "driver", "ensembles", "predict", "requests", "synthesis", "voting"]
