"""Adaptive evaluation: questions in rounds; what cannot be the best is asked no further."""
