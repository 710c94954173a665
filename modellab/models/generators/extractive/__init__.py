"""The `extractive` provider: a baseline that copies its answer out of the passages.

It has no weights and no randomness. It is the floor that a language model should clear.
"""
