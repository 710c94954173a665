"""The versions of the WattBot rules. Each has a name and never changes: published numbers use all.

`v1`, `v2` and `v3` are the competition's rules as they grew; `validator` is the stricter measure
that the library behind the first entries reports under the same weights.
"""
