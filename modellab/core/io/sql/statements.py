r"""The statements of a plain dump, one at a time, with the rows that follow a COPY.

Only as much of SQL is read as tells where a statement ends: quotes, dollar quotes, comments, and
function bodies of the form BEGIN ATOMIC. What is read wrong is refused by the server. psql's own
commands (`\!`, `\copy`, `\connect`) are never run: there is no psql.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from modellab.core.errors import InputError

#: bytes; a dump's own lines and statements are far below
LONGEST = 256 * 2**20

_IDENTIFIER = rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*"
_OPENING = re.compile(
    rb"--|/\*|(?<![\w\x80-\xff])[eE]'|'|\"|(?<![\w\x80-\xff])\$(?:" + _IDENTIFIER + rb")?\$"
    rb"|;|\b(?:begin|case|end)\b",
    re.IGNORECASE,
)
_ESCAPED = re.compile(rb"\\.|''|'", re.DOTALL)
_COMMENT = re.compile(rb"/\*|\*/")
_ROUTINE = re.compile(rb"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\b", re.IGNORECASE)
_COPY = re.compile(rb"\s*COPY\b.*\bFROM\s+stdin\b", re.IGNORECASE | re.DOTALL)
_END_OF_ROWS = b"\\."
#: psql's own guard against injected commands, which newer versions of pg_dump write
_GUARDS = (b"\\restrict", b"\\unrestrict")


@dataclass(frozen=True)
class Statement:
    """`line` counts from 1; `rows` are the lines after a COPY, to be read before going on."""

    line: int
    text: bytes
    rows: Iterator[bytes] | None = None


def statements(dump: IO[bytes], where: str) -> Iterator[Statement]:
    """The statements in order. Raises InputError (line) for psql's commands and endless lines."""
    reader = _Reader(dump, where)
    splitter = _Splitter()
    for line in reader:
        if splitter.idle() and line.lstrip().startswith(b"\\"):
            _refuse_command(line, where, reader.number)
            continue
        if splitter.idle():
            splitter.line = reader.number
        for number, text in splitter.feed(line):
            if not _COPY.match(text):
                yield Statement(number, text)
                continue
            rows = reader.rows()
            yield Statement(number, text, rows)
            for _ in rows:  # what the caller left
                pass
        if splitter.size > LONGEST:
            raise InputError(f"{where}:{splitter.line}: a statement without an end; not a dump")
    if not splitter.idle():
        raise InputError(f"{where}:{splitter.line}: the dump ends within a statement")


class _Reader:
    """Lines with their numbers, each of a bounded length."""

    def __init__(self, dump: IO[bytes], where: str) -> None:
        self._dump, self._where = dump, where
        self.number = 0

    def __iter__(self) -> Iterator[bytes]:
        while line := self._dump.readline(LONGEST):
            self.number += 1
            if len(line) == LONGEST:
                raise InputError(f"{self._where}:{self.number}: an endless line; not a dump")
            yield line

    def rows(self) -> Iterator[bytes]:
        """The lines up to the one that ends them."""
        start = self.number
        for line in self:
            if line.rstrip(b"\r\n") == _END_OF_ROWS:
                return
            yield line
        raise InputError(f"{self._where}:{start}: the dump ends within the rows of this COPY")


class _Splitter:
    """Collects lines until a statement is whole."""

    def __init__(self) -> None:
        self.line = 0
        self.size = 0
        self._parts: list[bytes] = []
        #: what closes the quote or comment that a line ended in; empty: none
        self._closing = b""
        self._comments = 0
        self._blocks = 0
        #: whether what is being skipped is a comment, which is left out
        self._dropped = False

    def idle(self) -> bool:
        return not self._closing and not self._parts

    def feed(self, line: bytes) -> Iterator[tuple[int, bytes]]:
        start = at = 0
        while at < len(line):
            if self._closing:
                at = self._skip(line, at)
                if self._closing == b"" and self._dropped:
                    start, self._dropped = at, False
                elif self._closing == b"*/":
                    return
                continue
            found = _OPENING.search(line, at)
            if found is None:
                break
            token, at = found.group().lower(), found.end()
            if token == b"--":
                self._keep(line[start : found.start()] + b"\n")
                return
            if token == b"/*":
                self._keep(line[start : found.start()] + b" ")
                self._closing, self._comments, self._dropped = b"*/", 1, True
            elif token == b";":
                if self._blocks:
                    continue
                self._keep(line[start:at])
                start = at
                yield self._whole()
            elif token in (b"begin", b"case", b"end"):
                self._count(token, line[start : found.start()])
            else:
                self._closing = b"e'" if token == b"e'" else found.group()
        self._keep(line[start:])

    def _skip(self, line: bytes, at: int) -> int:
        """Where to go on behind the quote or comment, or at the line's end."""
        if self._closing == b"*/":
            return self._skip_comment(line, at)
        if self._closing == b"e'":
            for found in _ESCAPED.finditer(line, at):
                if found.group() == b"'":
                    self._closing = b""
                    return found.end()
            return len(line)
        end = line.find(self._closing, at)
        if end < 0:
            return len(line)
        end += len(self._closing)
        self._closing = b""
        return end

    def _skip_comment(self, line: bytes, at: int) -> int:
        for found in _COMMENT.finditer(line, at):
            self._comments += 1 if found.group() == b"/*" else -1
            if self._comments == 0:
                self._closing = b""
                return found.end()
        return len(line)

    def _count(self, word: bytes, before: bytes) -> None:
        """Blocks of a function's body: its semicolons end no statement."""
        if word == b"end":
            self._blocks = max(0, self._blocks - 1)
        elif self._blocks or (word == b"begin" and _ROUTINE.match(b"".join(self._parts) + before)):
            self._blocks += 1

    def _keep(self, text: bytes) -> None:
        if text.strip() or self._parts:
            self._parts.append(text)
            self.size += len(text)

    def _whole(self) -> tuple[int, bytes]:
        text = b"".join(self._parts)
        self._parts, self.size, self._blocks = [], 0, 0
        return self.line, text.strip()


def _refuse_command(line: bytes, where: str, number: int) -> None:
    word = line.split()[0]
    if word in _GUARDS:
        return
    name = word[:30].decode("ascii", "replace")
    advice = "dump one database, without --create" if word == b"\\connect" else "take it out"
    raise InputError(f"{where}:{number}: {name} is a command of psql, which is not run; {advice}")
