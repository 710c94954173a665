"""How sure the scores are: intervals, paired tests, ranks. All of it from one seed.

A component is worked out from sums over rows (see `additive`), so that thousands of resamples of
the questions are a matrix product.
"""
