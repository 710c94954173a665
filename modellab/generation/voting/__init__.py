"""Ensembles: predictions made from other models' predictions, by a vote on each question."""
