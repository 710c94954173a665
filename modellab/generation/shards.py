"""Shards: jobs of one model that each ask a part of the questions, and their merged results."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json, read_rows, write_json, write_rows
from modellab.core.records import Prediction, Question

Row = TypeVar("Row")

#: fields of records that add up
_SUMS = (
    *("rows", "left_open", "generated", "reused", "generated_tokens"),
    *("load_seconds", "warm_up_seconds", "generate_seconds", "wall_seconds"),
)


@dataclass(frozen=True)
class Shard:
    """The `number`th of `of` parts, whose sizes differ by at most one question."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """A shard such as `2-of-4`."""
        number, of = text.split("-of-")
        return cls(int(number), int(of))

    def suffix(self) -> str:
        """The suffix of its model's name; empty for a single part."""
        return f"/{self.number}-of-{self.of}" if self.of > 1 else ""

    def part(self, questions: Sequence[Row]) -> Sequence[Row]:
        """Every `of`th question, since neighbours often take equally long."""
        return questions[self.number - 1 :: self.of]


WHOLE = Shard(1, 1)


def gather(
    questions: Path, predictions: Sequence[Path], runs: Sequence[Path], out: Path, run: Path
) -> None:
    """Merge the rows and records of a model's parts, as if one job had made them.

    Args:
        questions: All questions of the dataset, in the order of the rows.
        predictions: The rows of each part; no question is in two of them.
        runs: The record of each part.
        out: The merged rows.
        run: The merged record: usage adds up, and each run is listed once.

    Raises:
        InputError: The parts were answered by different weights or settings.
    """
    records = [read_json(path) for path in runs]
    if any(record["fingerprint"] != records[0]["fingerprint"] for record in records):
        raise InputError(
            f"{runs[0].parent}: the parts were not answered by the same weights and settings; "
            f"remove {predictions[0].parent} and run the same command again"
        )
    place = {question.id: n for n, question in enumerate(read_rows(questions, Question))}
    rows = [row for path in predictions for row in read_rows(path, Prediction)]
    rows.sort(key=lambda row: place[row.question_id])
    write_rows(out, rows)
    write_json(run, _merged_record(records))


def _merged_record(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The record of the part that asked last, with the sums of all."""
    last = max(records, key=lambda record: (bool(record["model_report"]), record["timestamp"]))
    found = {**last, **{key: sum(record[key] for record in records) for key in _SUMS}}
    seconds = found["generate_seconds"]
    statuses: Counter[str] = Counter()
    for record in records:
        statuses.update(record["statuses"])
    return {
        **found,
        "retrievers": list(dict.fromkeys(n for one in records for n in one["retrievers"])),
        "statuses": dict(statuses),
        "answers_per_second": found["generated"] / seconds if seconds else None,
        "tokens_per_second": found["generated_tokens"] / seconds if seconds else None,
        "peak_memory_bytes": max(record["peak_memory_bytes"] for record in records),
        "runs": _runs(one for record in records for one in record["runs"]),
    }


def _runs(named: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each run once: several parts may have taken over answers of the same run."""
    found: dict[str, dict[str, Any]] = {}
    for one in named:
        known = found.get(one["run"])
        found[one["run"]] = {**one, "rows": one["rows"] + (known["rows"] if known else 0)}
    return [found[name] for name in sorted(found)]
