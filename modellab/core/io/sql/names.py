"""Names of tables and columns, as SQL writes them and as people do."""

from __future__ import annotations

import re

#: a name, in quotes or not
NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
#: a table's, with its schema perhaps
TABLE = rf"{NAME}(?:\.{NAME})?"
#: names of columns, with commas between them
NAMES = rf"{NAME}(?:\s*,\s*{NAME})*"


def plain(name: str) -> str:
    """The name as people write it: without quotes, and without the schema `public`."""
    return ".".join(listed(name)).removeprefix("public.")


def listed(names: str) -> list[str]:
    """Several names without their quotes."""
    return [_unquoted(name) for name in re.findall(NAME, names)]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
