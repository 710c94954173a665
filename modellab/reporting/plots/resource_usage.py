"""What an answer takes: dollars, seconds and watt-hours, each from what the run recorded."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from math import fsum
from typing import Any

from modellab.core.records import Status
from modellab.evaluation.compare.entries import Entry
from modellab.models.energy import energy_used
from modellab.reporting.plots.labels import names_line, short, system_names


def cost_per_thousand(entry: Entry) -> float | None:
    """US dollars per 1,000 rows that were asked for; None where no price is known."""
    cost, statuses = entry.summary.estimated_cost_usd, entry.summary.statuses
    asked = sum(count for name, count in statuses.items() if name != Status.MISSING)
    return 1000 * cost / asked if cost is not None and math.isfinite(cost) and asked else None


def energy_per_thousand(run: Mapping[str, Any]) -> float | None:
    """Watt-hours per 1,000 generated answers, over the runs that had a meter; None without one."""
    used = energy_used(run)
    return 1000 * used.watt_hours / used.generated if used and used.generated else None


def concurrency_lines(entries: Sequence[Entry]) -> list[str]:
    """The caption's word on the answers under way at a time, by model where they differ."""
    found: dict[str, list[float]] = {}
    for entry in entries:
        if entry.summary.mean_concurrency is not None:
            found.setdefault(entry.model.name, []).append(entry.summary.mean_concurrency)
    if not found:
        return []
    means = {name: f"{fsum(values) / len(values):.2g}" for name, values in found.items()}
    if len(set(means.values())) == 1:
        return [f"Answers under way at a time, on average: {next(iter(means.values()))}."]
    told = [f"{short(name)} {mean}" for name, mean in means.items()]
    return [f"Answers under way at a time, on average: {', '.join(told)}."]


def load_lines(some: Sequence[Entry], every: Sequence[Entry]) -> list[str]:
    """The systems whose times were taken while other work ran on the machine."""
    beside = [entry for entry in some if entry.summary.measured_alone is False]
    return names_line("Timed while other work ran on the machine", system_names(beside, every))
