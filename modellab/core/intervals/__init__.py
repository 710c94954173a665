"""Confidence intervals from plain numbers: of bounded means, of anything over questions."""
