"""The leaderboard as a table for a paper."""
