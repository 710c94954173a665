"""The audit: what is wrong with a run, or missing from it, before anybody believes its numbers."""
