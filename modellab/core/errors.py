"""Exceptions for everything a user can put right."""


class InputError(Exception):
    """Something the user gave (a config key, a file, a row) is wrong.

    The message is one line that says where (file, row, key), what is wrong and what
    would be right. Entry points print it without a traceback and exit with 1.
    """


class BrokenFileError(InputError):
    """A file that cannot be read as what it is: it is left out of a folder, and told of."""
