"""A closed world: invented things with invented numbers, told in few words, and asked about."""
