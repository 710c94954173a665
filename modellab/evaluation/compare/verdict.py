"""The verdict on a dataset in one sentence: which system is the best, and how sure that is.

The terminal, the tables, the page, the dashboard and the registry all repeat it. `Certainty` holds
what the statistics say about the systems.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_record, write_json
from modellab.core.records import ModelScores
from modellab.evaluation.compare.entries import Entry, components_of, standings

#: descriptions of controls, by `Summary.role`
ROLES: Mapping[str, str] = {
    "oracle": "with the reference passages",
    "shuffled": "with another question's passages",
    "none": "without passages",
}
#: number of names in a list; the others are counted
MOST_NAMES = 5
#: the same set where only questions about different documents are independent
BY_DOCUMENT = "may_be_best_by_document"


@dataclass(frozen=True)
class Certainty:
    """Of one metric, by system: its interval (cells as in the table), its row of `ranks.csv`."""

    intervals: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    ranks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def cells(self, system: str) -> dict[str, object]:
        low, high = self.intervals.get(system, ("", ""))
        return {
            "overall_low": float(low) if low else None,
            "overall_high": float(high) if high else None,
            "may_be_best": self.may_be_best(system),
            "not_distinguishable_from": ";".join(self.tied_with(system)),
        }

    def may_be_best(self, system: str, column: str = "may_be_best") -> bool | None:
        """Whether it is in the model confidence set; None where it is in no contest."""
        cell = self.ranks.get(system, {}).get(column, "")
        return cell == "True" if cell else None

    def tied_with(self, system: str) -> list[str]:
        """The systems that one is statistically tied with; none where it was not tested."""
        cell = self.ranks.get(system, {}).get("not_distinguishable_from", "")
        return [name for name in cell.split(";") if name]


def read_certainty(statistics: Path, ranks: Path, component: str) -> Certainty:
    """From `statistics.csv` and `ranks.csv`."""
    estimates = read_csv(statistics, ("system", "component", "low", "high")).rows
    places = read_csv(
        ranks, ("system", "component", "may_be_best", "not_distinguishable_from")
    ).rows
    return Certainty(
        {r["system"]: (r["low"], r["high"]) for r in estimates if r["component"] == component},
        {r["system"]: r for r in places if r["component"] == component},
    )


class VerdictKind(StrEnum):
    """Kinds of verdict."""

    WINNER = "winner"  # no other may be the best
    TIED = "tied"  # others may be the best as well
    ONLY = "only"  # there is no other with a score
    UNTESTED = "untested"  # there are no statistics of the overall score
    NO_SCORE = "no_score"
    NO_CONTENDER = "no_contender"


@dataclass(frozen=True)
class Verdict:
    """The sentence, one on the bounds that controls set (or nothing), and what they rest on.

    `best` are the contenders with the highest `score` in `component`, `may_be_best` those that
    may be the best by the tests, in order of score; none where nothing was tested. `contenders`
    and `controls` are numbers of systems.
    """

    kind: VerdictKind
    text: str
    bounds: str
    component: str
    score: float | None
    best: tuple[str, ...]
    may_be_best: tuple[str, ...]
    contenders: int
    controls: int


def verdict_on(models: Sequence[ModelScores], sure: Certainty | None = None) -> Verdict:
    """The verdict over contenders; `sure` is of the overall score, None without statistics.

    Raises InputError for models that must not be compared.
    """
    component, (contenders, controls) = components_of(models)[-1], standings(models)
    scored = [e for e in contenders if e.score(component) is not None and not e.beaten]
    score = scored[0].score(component) if scored else None
    best = [entry for entry in scored if entry.score(component) == score]
    tied = may_be_best(scored, sure) if scored else None
    kind = _kind(contenders, scored, tied)
    return Verdict(
        kind=kind,
        text=_sentence(kind, component, contenders, best, tied or [])
        + _early(contenders)
        + _left_out(contenders, best, sure)
        + _answer_keys(best)
        + _by_document(scored, tied or [], sure),
        bounds=_bounds(component, best, controls),
        component=component,
        score=score,
        best=_names(best),
        may_be_best=_names(tied or []),
        contenders=len(contenders),
        controls=len(controls),
    )


def may_be_best(scored: Sequence[Entry], sure: Certainty | None) -> list[Entry] | None:
    """Of contenders in order of score, those that may be the best; None without statistics.

    They are the model confidence set (Hansen, Lunde and Nason 2011), as `ranks.csv` has it.
    """
    if sure is None or sure.may_be_best(scored[0].name) is None:
        return None
    return [entry for entry in scored if sure.may_be_best(entry.name)]


def write_verdict(path: Path, verdict: Verdict) -> None:
    write_json(path, asdict(verdict))


def read_verdict(path: Path) -> Verdict:
    """Raises InputError for a file that is not there or not a verdict."""
    return read_record(path, Verdict)


def _kind(
    contenders: Sequence[Entry], scored: Sequence[Entry], tied: Sequence[Entry] | None
) -> VerdictKind:
    if not contenders:
        return VerdictKind.NO_CONTENDER
    if len(scored) < 2 and not any(entry.beaten for entry in contenders):
        return VerdictKind.ONLY if scored else VerdictKind.NO_SCORE
    if tied is None:
        return VerdictKind.UNTESTED
    return VerdictKind.TIED if len(tied) > 1 else VerdictKind.WINNER


def _sentence(
    kind: VerdictKind,
    component: str,
    contenders: Sequence[Entry],
    best: Sequence[Entry],
    tied: Sequence[Entry],
) -> str:
    what, count = _words(component), len(contenders)
    if kind is VerdictKind.NO_CONTENDER:
        return "All systems are controls: there is nothing to rank."
    if kind is VerdictKind.NO_SCORE:
        return f"No system has a score ({what})."
    first, score = best[0].name, f"{best[0].score(component):.3f}"
    names = f"{_listed([entry.name for entry in best])}, {score}"
    if kind is VerdictKind.ONLY:
        of = "the only system" if count == 1 else f"the only one of {count} systems with a score"
        return f"{first} is {of} ({what} {score}): there is nothing to compare it with."
    if best[0].score(component) == 0:
        return f"No system scores above 0 ({what}): there is nothing to choose among {count}."
    beaten = tied and not any(entry in best for entry in tied)
    if kind is VerdictKind.WINNER and beaten:
        return (
            f"By the tests, {tied[0].name} is the best of {count} systems on the questions that "
            f"all of them answered. Highest {what}: {names}, by other questions."
        )
    if kind is VerdictKind.WINNER:
        return (
            f"{first} is the best of {count} systems: {what} {score}; by the tests no other may "
            "be the best."
        )
    if kind is VerdictKind.UNTESTED:
        return (
            f"Highest {what} of {count} systems: {names}; no test says whether that is more than "
            "chance."
        )
    worse = ", but significantly worse on the questions that all answered" if beaten else ""
    return (
        f"No single winner: {len(tied)} of {count} systems may be the best. Highest {what}: "
        f"{names}{worse}{_cheapest(tied)}."
    )


def _early(contenders: Sequence[Entry]) -> str:
    """The number of questions, where not every system was asked all."""
    stopped = [entry for entry in contenders if entry.summary.stopped]
    if not stopped:
        return ""
    total = contenders[0].summary.num_questions
    asked = max(entry.summary.asked or 0 for entry in contenders)
    why = {entry.summary.stopped for entry in contenders if not entry.beaten}
    share = f"{asked:,} of {total:,} questions"
    said = f"decided after {share}" if "decided" in why else f"asked {share}"
    budget = ", where the budget ended" if "budget" in why else ""
    count = sum(entry.beaten for entry in contenders)
    early = f"; {count} beaten early, after fewer" if count else ""
    return f" {said[0].upper()}{said[1:]}{budget}{early}."


def _left_out(contenders: Sequence[Entry], best: Sequence[Entry], sure: Certainty | None) -> str:
    """What is scored and tested on a part of the questions, as missing rows are ignored."""
    part = [e for e in contenders if e.model.missing == "ignore" and e.summary.coverage < 1]
    scored = [
        f"{entry.name} on {round(entry.summary.coverage * total):,} of {total:,} questions"
        for entry in part
        if entry in best
        for total in [entry.summary.num_questions]
    ]
    said = f" Scored: {_listed(scored)} only (missing: ignore)." if scored else ""
    shared = sure.ranks.get(best[0].name, {}).get("shared_questions") if part and sure else None
    return f"{said} Tested on the {shared} questions that all answered." if shared else said


def _answer_keys(best: Sequence[Entry]) -> str:
    keys = [entry.name for entry in best if entry.like_answer_key]
    if not keys:
        return ""
    return (
        f" Every answer of {_listed(keys)} is the reference answer, letter by letter: if this is "
        "the answer key, it is no contender (control: true)."
    )


def _by_document(scored: Sequence[Entry], tied: Sequence[Entry], sure: Certainty | None) -> str:
    """Where more may be the best if questions about the same document depend on each other."""
    more = [e for e in scored if sure and sure.may_be_best(e.name, BY_DOCUMENT)] if tied else []
    if len(more) <= len(tied):
        return ""
    return (
        f" If only questions about different documents are independent, {len(more)} systems may be "
        "the best (statistics: {cluster: document})."
    )


def _cheapest(tied: Sequence[Entry]) -> str:
    """The cheapest of them, where all costs are known and differ."""
    costs = [entry.summary.estimated_cost_usd for entry in tied]
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(tied) or known.count(min(known)) > 1:
        return ""
    return f"; the cheapest of all that may be the best is {tied[known.index(min(known))].name}"


def _bounds(component: str, best: Sequence[Entry], controls: Sequence[Entry]) -> str:
    """The scores of the best system's model with the passages of controls, and of controls that
    score no less than the best without being given the passages."""
    if not best:
        return ""
    own = [
        f"{score:.3f} {ROLES[entry.summary.role]}"
        for role in ROLES
        for entry in controls
        if entry.model.name == best[0].model.name and entry.summary.role == role
        if (score := entry.score(component)) is not None
    ]
    least = best[0].score(component)
    higher = [
        f"{entry.name} ({score:.3f})"
        for entry in controls
        if entry.summary.role != "oracle" and least is not None
        if (score := entry.score(component)) is not None and score >= least
    ]
    bounds = f"Bounds of {best[0].model.name} (controls, not ranked): {', '.join(own)}."
    beating = f"Controls that score no less than the best: {_listed(higher)}." if higher else ""
    return " ".join(filter(None, (bounds if own else "", beating)))


def _listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`, or the first few and how many more."""
    shown = list(names[:MOST_NAMES])
    if len(names) > MOST_NAMES:
        shown.append(f"{len(names) - MOST_NAMES} more")
    *first, last = shown
    return f"{', '.join(first)} and {last}" if first else last


def _names(entries: Sequence[Entry]) -> tuple[str, ...]:
    return tuple(entry.name for entry in entries)


def _words(component: str) -> str:
    return component.replace("_", " ")
