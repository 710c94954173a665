"""Predictions and judgements to scores, statistics, comparisons and findings."""
