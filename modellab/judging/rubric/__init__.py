"""Judging by rubrics: our own prompts, a score from 1 to 5 or the better of two answers."""
