"""The results folder as pages on this machine: served, never changed."""
