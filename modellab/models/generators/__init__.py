"""Generators: what answers questions. One file or folder for each provider.

`modellab.models.registry` lists them.
"""
