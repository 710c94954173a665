"""Parsing and comparing values as people write them: numbers, ranges, lists, booleans, names, ids.

`spelling` normalises text, `digits` parses digits with separators, `amounts` a number with its
context, `units` units, `ids` lists of ids; `reading` parses a value, `comparing` compares two.
"""
