"""Numbers as people read them; the cells keep the full value for sorting."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from modellab.models.metering import EnergyUsed
from modellab.reporting.page.blocks import Cell

NOTHING = "\u2013"
_FLAGS = {"True": "yes", "False": "no", "None": ""}


def number(text: object) -> float | None:
    """The finite number in a cell of a table, if it is one."""
    try:
        value = float(str(text))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def plain(value: float | None) -> str:
    """Three decimals for shares and small numbers, separated thousands for counts."""
    if value is None:
        return NOTHING
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 100:
        return f"{value:,.1f}"
    return f"{value:.3f}" if abs(value) >= 0.001 else f"{value:.2g}"


def score(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.3f}"


def percent(share: float | None) -> str:
    return NOTHING if share is None else f"{100 * share:.1f} %"


def seconds(value: float | None) -> str:
    """Milliseconds, seconds, minutes or hours, whichever reads best."""
    if value is None:
        return NOTHING
    if value < 1:
        return f"{1000 * value:.3g} ms"
    if value < 120:
        return f"{value:.1f} s"
    return f"{value / 60:.1f} min" if value < 7200 else f"{value / 3600:.1f} h"


def dollars(value: float | None) -> str:
    return NOTHING if value is None else f"${value:,.4f}"


def energy_cell(used: EnergyUsed | None) -> Cell:
    """Watt-hours of all runs; a lower bound if a run has no meter."""
    if used is None:
        return Cell(NOTHING)
    least = "" if used.complete else "\u2265 "
    return Cell(f"{least}{used.watt_hours:,.2f} Wh", used.watt_hours)


def megabytes(value: float | None) -> str:
    return NOTHING if value is None else f"{value / 2**20:,.0f} MiB"


def amount(value: float | None, write: Callable[[float | None], str] = plain) -> Cell:
    """A number, written by one of the functions above."""
    return Cell(write(value), value)


def cell(value: object, link: str | None = None) -> Cell:
    """A cell of any table: a number if it is one."""
    found = number(value)
    if found is None:
        return Cell(_FLAGS.get(str(value), str(value)), link=link)
    return Cell(plain(found), found, link)


def share_cell(part: int, whole: int) -> Cell:
    return Cell(percent(part / whole), part / whole)


def counted(row: Mapping[str, str], value: str = "value") -> Cell:
    """A metric's value with its counts, if the table has them."""
    found, scored, failed = (number(row.get(key)) for key in (value, "n_scored", "n_failed"))
    lost = f", {plain(failed)} failed" if failed else ""
    counts = f" (n={plain(scored)}{lost})" if scored is not None else ""
    # 1.0 is a share among shares, 1 a count
    whole = "." not in row.get(value, "") or found is None or abs(found) >= 100
    return Cell(f"{plain(found) if whole else score(found)}{counts}", found)
