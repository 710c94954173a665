"""The leaderboard for a paper as plain texts, not yet escaped for any markup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from modellab.core.records import EXTERNAL, ModelScores
from modellab.evaluation.compare.entries import Entry, components_of, places_of, standings
from modellab.evaluation.compare.verdict import ROLES, Verdict

#: a row of `statistics.csv` or `ranks.csv` by system and component
Found = Mapping[tuple[str, str], Mapping[str, str]]
NOTHING = "-"


@dataclass(frozen=True)
class PaperCell:
    """A score. `n` is empty if the column's head has it.

    `best`: the value is the best and significantly better than every other.
    """

    value: str
    interval: str = ""
    n: str = ""
    best: bool = False


@dataclass(frozen=True)
class PaperRow:
    """One system. `rank` is empty for a control; `tied` are the ranks of the contenders that it is
    statistically tied with.
    """

    rank: str
    model: str
    retriever: str
    cells: tuple[PaperCell, ...]
    tied: str


@dataclass(frozen=True)
class PaperTable:
    """The leaderboard: contenders in `rows`, best first, and controls apart.

    `counts` are the n of each column, empty if rows differ.
    """

    dataset: str
    verdict: str
    bounds: str
    components: tuple[str, ...]
    counts: tuple[str, ...]
    rows: tuple[PaperRow, ...]
    controls: tuple[PaperRow, ...]
    notes: tuple[str, ...]


def paper_table(
    models: Sequence[ModelScores],
    statistics: Sequence[Mapping[str, str]],
    ranks: Sequence[Mapping[str, str]],
    verdict: Verdict,
    missing: Sequence[str] = (),
) -> PaperTable:
    """The systems, best first, with the intervals of `statistics` and the ties of `ranks`.

    Raises InputError for models that must not be compared.
    """
    (contenders, controls), components = standings(models), components_of(models)
    entries = [*contenders, *controls]
    estimates, found = _by_system(statistics), _by_system(ranks)
    shared = {name: _shared_count(entries, name) for name in components}
    places = places_of(entries, components[-1])

    def row(entry: Entry) -> PaperRow:
        return PaperRow(
            str(places[entry.name] or ""),
            entry.model.name,
            "" if entry.summary.retriever == EXTERNAL else entry.summary.retriever,
            tuple(
                _cell(entry, name, estimates, found, bool(shared[name]), len(contenders))
                for name in components
            ),
            _tied(entry.name, found.get((entry.name, components[-1]), {}), places),
        )

    return PaperTable(
        dataset=models[0].dataset,
        verdict=verdict.text,
        bounds=verdict.bounds,
        components=components,
        counts=tuple(shared.values()),
        rows=tuple(map(row, contenders)),
        controls=tuple(map(row, controls)),
        notes=tuple(_notes(entries, components, statistics, models[0], missing)),
    )


def _by_system(rows: Sequence[Mapping[str, str]]) -> Found:
    return {(row["system"], row["component"]): row for row in rows}


def _shared_count(entries: Sequence[Entry], component: str) -> str:
    counts = {entry.summary.metrics[component].n_scored for entry in entries}
    return str(counts.pop()) if len(counts) == 1 else ""


def _cell(
    entry: Entry, name: str, estimates: Found, places: Found, counted: bool, systems: int
) -> PaperCell:
    value, key = entry.score(name), (entry.name, name)
    row = estimates.get(key, {})
    low, high = row.get("low", ""), row.get("high", "")
    place = places.get(key, {})
    # significantly better than all: a pair without a shared question is not tested
    alone = place.get("rank") == place.get("rank_high") == "1"
    return PaperCell(
        NOTHING if value is None else f"{value:.3f}",
        f"[{float(low):.2f}, {float(high):.2f}]" if low and high else "",
        "" if counted else str(entry.summary.metrics[name].n_scored),
        best=value is not None and alone and systems > 1,
    )


def _tied(system: str, found: Mapping[str, str], places: Mapping[str, int | None]) -> str:
    """Ranks, with runs of three and more joined: `2-4, 7`.

    A system is named if its rank is shared by a system that is not tied.
    """
    names = found.get("not_distinguishable_from", "").split(";")
    # a system may be of a model that is not shown
    equals = {name for name in names if name in places}
    holders: dict[int | None, set[str]] = {}
    for name, place in places.items():
        holders.setdefault(place, set()).add(name)
    order = sorted(place for place in holders if place is not None)
    whole = [
        place
        for place in order
        if holders[place] - {system} and holders[place] - {system} <= equals
    ]
    named = sorted(equals - {name for place in whole for name in holders[place]})
    runs = groupby(enumerate(whole), key=lambda pair: order.index(pair[1]) - pair[0])
    return ", ".join([*(_run([place for _, place in run]) for _, run in runs), *named])


def _run(numbers: Sequence[int]) -> str:
    if len(numbers) < 3:
        return ", ".join(map(str, numbers))
    return f"{numbers[0]}-{numbers[-1]}"


def _notes(
    entries: Sequence[Entry],
    components: Sequence[str],
    statistics: Sequence[Mapping[str, str]],
    rules: ModelScores,
    missing: Sequence[str],
) -> Iterator[str]:
    wrong = "counts as wrong" if rules.missing == "incorrect" else "is left out"
    yield (
        f"{entries[0].summary.num_questions} questions, scorer {rules.scorer}; a missing answer "
        f"{wrong}. n: rows behind a score."
    )
    if early := [entry for entry in entries if entry.beaten]:
        named = ", ".join(f"{entry.name} ({entry.summary.asked})" for entry in early)
        yield f"Without a rank, since they were beaten early and asked fewer questions: {named}."
    levels = sorted({row["confidence"] for row in statistics if row["low"] and row["high"]})
    if levels:
        yield f"In brackets: {' and '.join(f'{float(x):.0%}' for x in levels)} intervals."
    yield (
        "Tied with: the ranks of the systems whose overall score does not differ significantly "
        "from this one's (paired tests, corrected for all pairs of contenders). Bold: the best "
        "value of a column, where it is significantly better than every other contender's."
    )
    roles = {entry.summary.role: entry.summary.retriever for entry in entries if entry.control}
    parts = [f"{roles[role]}: answers {words}" for role, words in ROLES.items() if role in roles]
    if any(entry.control for entry in entries):
        yield f"Controls have no rank and are in no comparison.{_sentences(parts)}"
    failed = "; ".join(_failures(entries, components))
    if failed:
        yield f"Rows without a score: {failed}."
    if missing:
        yield f"Partial: without {', '.join(missing)}."


def _sentences(parts: Sequence[str]) -> str:
    return f" {'; '.join(parts)}." if parts else ""


def _failures(entries: Sequence[Entry], components: Sequence[str]) -> Iterator[str]:
    for entry in entries:
        lost = [(name, entry.summary.metrics[name].n_failed) for name in components]
        parts = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in lost if count)
        if parts:
            yield f"{entry.name}: {parts}"
