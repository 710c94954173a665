"""Contexts to predictions: asking models, journals, votes, query plans, synthesis."""
