"""The vote on one question: members' answers in, the winning answer out. Nothing is read here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from modellab.core.records import NO_ANSWER, Status
from modellab.models.generators.ensemble import EnsembleOptions
from modellab.tasks.canonical import Answer, CanonicalAnswer

#: what is voted for: whether it is an abstention, and the text
Paper = tuple[bool, str]


@dataclass(frozen=True)
class Vote:
    """What one member said to one question. A row without an answer does not vote.

    `weight` is from 0 on; `key` is that of the member's row, `model` the digest of its fingerprint,
    `passages` the chunks that it was shown, `reason` why it has no answer.
    """

    member: str
    status: Status
    answer: Answer
    weight: float = 1.0
    key: str = ""
    model: str = ""
    passages: tuple[str, ...] = ()
    reason: str = ""

    @property
    def has_answer(self) -> bool:
        return self.status not in NO_ANSWER


@dataclass(frozen=True)
class Decision:
    """The answer of an ensemble; `winners` are the places of the votes for it."""

    status: Status
    answer: Answer
    winners: tuple[int, ...] = ()


def decide(votes: Sequence[Vote], canonical: CanonicalAnswer, rules: EnsembleOptions) -> Decision:
    """The answer that wins. `votes` are one per member, in the order of the config.

    Where no member has an answer the row is missing (if it is for all) or failed. Empty texts
    never vote; where nothing else is left the answer is blank.
    """
    there = [place for place, vote in enumerate(votes) if vote.has_answer]
    if not there:
        missing = all(vote.status == Status.MISSING for vote in votes)
        return Decision(Status.MISSING if missing else Status.FAILED, {})
    winners = _winners(votes, there, canonical, rules)
    status = votes[winners[0]].status if winners else Status.ABSTAINED
    answer = votes[winners[0]].answer if winners else _blanked(votes[there[0]].answer, canonical)
    cited = _references(votes, there, winners, canonical, rules.reference_mode())
    text = f"Ensemble ({rules.strategy}) of {len(votes)} runs: {', '.join(rules.members)}"
    explained = canonical.explained(canonical.with_references(answer, sorted(cited)), text)
    return Decision(status, explained, winners)


def _blanked(answer: Answer, canonical: CanonicalAnswer) -> Answer:
    """The first member's answer without its value: published ensembles keep its unit."""
    return {**answer, canonical.field: canonical.blank()[canonical.field]}


def _winners(
    votes: Sequence[Vote], there: Sequence[int], canonical: CanonicalAnswer, rules: EnsembleOptions
) -> tuple[int, ...]:
    papers = {place: _paper(votes[place], canonical, rules) for place in there}
    voting = [place for place in there if votes[place].answer.get(canonical.field, "").strip()]
    if not_blank := [place for place in voting if not papers[place][0]]:
        voting = not_blank if rules.ignore_blank else voting
    if rules.strategy == "first_non_blank":
        chosen = papers[not_blank[0]] if not_blank else None
    else:
        chosen = _heaviest(votes, voting, papers)
    return tuple(place for place in voting if papers[place] == chosen)


def _paper(vote: Vote, canonical: CanonicalAnswer, rules: EnsembleOptions) -> Paper:
    """Abstentions are alike where votes are normalised, whatever words they were made in."""
    blank, exact = vote.status == Status.ABSTAINED, rules.vote_on == "exact"
    if exact:
        return blank, vote.answer.get(canonical.field, "")
    return blank, "" if blank else canonical.of(vote.answer)


def _heaviest(
    votes: Sequence[Vote], voting: Sequence[int], papers: Mapping[int, Paper]
) -> Paper | None:
    """The paper with the most weight; of equal ones that of the first member."""
    weights: dict[Paper, list[float]] = {}
    for place in voting:
        weights.setdefault(papers[place], []).append(votes[place].weight)
    # exact sums: the order of members must not decide which of two equal sums is greater
    return max(weights, key=lambda paper: fsum(weights[paper]), default=None)


def _references(
    votes: Sequence[Vote],
    there: Sequence[int],
    winners: Sequence[int],
    canonical: CanonicalAnswer,
    mode: str,
) -> frozenset[str]:
    asked = there if mode == "union" else winners
    found = [canonical.references(votes[place].answer) for place in asked]
    if mode == "intersection" and found:
        return frozenset.intersection(*found)
    return frozenset().union(*found)
