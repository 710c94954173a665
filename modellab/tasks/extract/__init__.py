"""The task `extract`: records with named fields."""
