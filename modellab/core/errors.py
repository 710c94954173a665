"""Exceptions for everything a user can put right."""

import re

#: what a terminal obeys
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class InputError(Exception):
    """Something the user gave (a config key, a file, a row) is wrong.

    The message is one line that says where (file, row, key), what is wrong and what
    would be right. Entry points print it without a traceback and exit with 1.
    """

    def __str__(self) -> str:
        """The message, in which a file's control characters cannot reach a terminal."""
        return _CONTROL.sub(lambda found: f"\u27e8U+{ord(found[0]):04X}\u27e9", super().__str__())


class BrokenFileError(InputError):
    """A file that cannot be read as what it is: it is left out of a folder, and told of."""
