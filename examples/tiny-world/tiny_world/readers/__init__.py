"""Tiny readers: language models of a million parameters that read the tiny world, and no other."""
