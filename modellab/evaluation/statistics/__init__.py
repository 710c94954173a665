"""Uncertainty of scores: intervals, paired tests, ranks. Everything follows from one seed.

A component is worked out from sums over rows (see `additive`), so that thousands of resamples of
the questions are a matrix product.
"""
