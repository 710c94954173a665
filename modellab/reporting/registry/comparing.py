"""Two runs side by side: what each metric of each system was, and by how much it changed."""

from __future__ import annotations

from dataclasses import dataclass

from modellab.reporting.registry.records import RecordedMetric, RunRecord


@dataclass(frozen=True)
class Change:
    """One metric of one system in two runs; None where a run does not have it."""

    system: str
    metric: str
    before: RecordedMetric | None
    after: RecordedMetric | None

    @property
    def difference(self) -> float | None:
        """After less before; None unless both have a value."""
        one = self.before.value if self.before else None
        two = self.after.value if self.after else None
        return None if one is None or two is None else two - one

    @property
    def other_rows(self) -> bool:
        """Whether the two values rest on different numbers of rows."""
        if self.before is None or self.after is None:
            return False
        return self.before.n_scored != self.after.n_scored


def compare_runs(before: RunRecord, after: RunRecord) -> list[Change]:
    """All metrics of all systems of both runs, in the order of the second, then of the first."""
    one, two = _by_place(before), _by_place(after)
    places = dict.fromkeys([*two, *one])
    return [Change(*place, one.get(place), two.get(place)) for place in places]


def _by_place(record: RunRecord) -> dict[tuple[str, str], RecordedMetric]:
    return {(metric.system, metric.name): metric for metric in record.metrics}
