"""Values as people write them: numbers, ranges, lists, truth values, names, ids.

`spelling` brings text into one form, `digits` reads digits with separators, `words` reads numbers
in words, `units` reads what stands beside a number, `reading` makes a value of a text,
`comparing` says when two values are the same, and `ids` reads lists of ids.
"""
