"""Marking extracted records field by field: which names were found, which values are right.

`numbers`, `units` and `text` read what stands in a field, `values` compares two fields,
`matching` and `comparing` two records, and `counting` sums up.
"""
