"""Parsing and comparing values as people write them: numbers, ranges, lists, booleans, names, ids.

`spelling` normalises text, `digits` parses digits with separators, `words` numbers in words,
`units` units of numbers, `ids` lists of ids; `reading` parses a value, `comparing` compares two.
"""
