"""The registry of runs: what every state of the results was, when, and from which code."""
