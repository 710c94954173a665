"""Which statements of a dump are run, which are passed over, and which stop the loading."""

from __future__ import annotations

import re

from modellab.core.errors import InputError
from modellab.core.io.sql.statements import Statement

#: of owners, rights and remarks nothing is kept: all belongs to the one role that loads
_PASSED_OVER = re.compile(
    rb"(?:GRANT|REVOKE|COMMENT\s+ON|SECURITY\s+LABEL|ALTER\s+DEFAULT\s+PRIVILEGES)\s"
    rb"|ALTER\s.*\sOWNER\s+TO\s"
    rb"|(?:CREATE|ALTER|DROP)\s+(?:PUBLICATION|SUBSCRIPTION|EVENT\s+TRIGGER)\s"
    # new in version 17, and at its default
    rb"|SET\s+transaction_timeout\s*=\s*0"
    # the schema that is there in every database
    rb"|CREATE\s+SCHEMA\s+public\s*;",
    re.IGNORECASE | re.DOTALL,
)
#: what reaches out of the one database and the one transaction; the role could not do most of it
_REFUSED = re.compile(
    rb"(?:BEGIN|COMMIT|END|ABORT|ROLLBACK|START\s+TRANSACTION|PREPARE\s+TRANSACTION)\b"
    rb"|(?:SET|RESET)\s+(?:(?:LOCAL|SESSION)\s+)?(?:ROLE|SESSION\s+AUTHORIZATION)\b"
    rb"|(?:CREATE|ALTER|DROP)\s+(?:DATABASE|ROLE|USER|GROUP|TABLESPACE|SYSTEM)\b"
    rb"|(?:LOAD|LISTEN|NOTIFY)\b"
    rb"|COPY\b.*\b(?:FROM|TO)\s+PROGRAM\b",
    re.IGNORECASE | re.DOTALL,
)
_SHOWN = 60


def is_run(statement: Statement, where: str) -> bool:
    """Whether a statement is run. Raises InputError (line) for one that no dump of data holds."""
    if _PASSED_OVER.match(statement.text):
        return False
    if _REFUSED.match(statement.text):
        raise InputError(
            f"{where}:{statement.line}: {beginning(statement)!r} is not loaded: a dump may only "
            "fill its own database; dump one database with pg_dump, without --create"
        )
    return True


def beginning(statement: Statement) -> str:
    """The first words of a statement, for messages."""
    text = " ".join(statement.text[:200].decode("utf-8", "replace").split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
