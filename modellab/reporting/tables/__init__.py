"""Tables of all models: the leaderboard as a file and in the terminal, outcomes of a run."""
