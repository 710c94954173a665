"""Judging by the metrics of the RAGAS library, with any provider's model as the judge."""
