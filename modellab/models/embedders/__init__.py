"""Embedders: what turns texts into vectors. One file for each kind.

`modellab.models.registry` lists them.
"""
