"""The config: what a benchmark is, checked before anything runs.

`schema` has its models, `loading` reads and checks files.
"""

__all__ = ["loading", "schema"]
