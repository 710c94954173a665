"""Results as one file that others can check: written, and verified again."""
