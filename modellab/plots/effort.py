"""What an answer takes: dollars, seconds and watt-hours, each from what the run recorded."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from modellab.compare.entries import Entry
from modellab.records import Status


def cost_per_thousand(entry: Entry) -> float | None:
    """US dollars per 1,000 rows that were asked for; None where no price is known."""
    cost, statuses = entry.summary.estimated_cost_usd, entry.summary.statuses
    asked = sum(count for name, count in statuses.items() if name != Status.MISSING)
    return 1000 * cost / asked if cost is not None and math.isfinite(cost) and asked else None


def energy_per_thousand(run: Mapping[str, Any]) -> float | None:
    """Watt-hours per 1,000 generated answers, over the runs that had a meter; None without one."""
    runs = run.get("runs") or [run]
    metered = [
        (float(record["energy"]["watt_hours"]), int(record["generated"]))
        for record in runs
        if (record.get("energy") or {}).get("watt_hours") is not None and record.get("generated")
    ]
    generated = sum(count for _, count in metered)
    return 1000 * sum(used for used, _ in metered) / generated if generated else None
