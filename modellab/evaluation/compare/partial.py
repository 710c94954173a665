"""The mark of a table that goes without models that should be there."""

from __future__ import annotations

from collections.abc import Sequence


def missing_cells(missing: Sequence[str]) -> dict[str, str]:
    """The cell that every row of a partial table ends with; none for a whole one."""
    return {"models_missing": " ".join(missing)} if missing else {}
