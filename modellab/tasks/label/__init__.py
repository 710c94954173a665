"""The task `label`: one of several labels."""
