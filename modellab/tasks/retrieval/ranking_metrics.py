"""Retrieval metrics of rankings against what is known to be relevant, by ir_measures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

from modellab.core.records import Metric, Question

DEPTHS = (1, 3, 5, 10)
DEEPEST = max(DEPTHS)

#: the least number of ranked items that each metric has to see
DEPTH_OF: Mapping[str, int] = {
    **{f"hit_rate@{k}": k for k in DEPTHS},
    **{f"precision@{k}": k for k in DEPTHS},
    **{f"recall@{k}": k for k in DEPTHS},
    "mrr": DEEPEST,
    **{f"ndcg@{k}": k for k in DEPTHS},
}
METRICS = tuple(DEPTH_OF)


@dataclass(frozen=True)
class Ranked:
    """What was found for one question, best first, and what is relevant to it.

    Ids may occur several times in `found`: the first one counts, since several chunks of a document
    are one document. `grades` say how relevant items are: from 1 on they are, those of 0 are
    not. Empty grades mean that nobody judged.
    """

    question_id: str
    found: tuple[str, ...]
    grades: Mapping[str, int]
    complete: bool

    def items(self) -> tuple[str, ...]:
        """The ids found, each once."""
        return tuple(dict.fromkeys(self.found))

    def knows(self, depth: int) -> bool:
        """Whether it is known what stands at every rank down to `depth`."""
        return self.complete or len(self.items()) >= depth


def by_chunk(question: Question, chunks: Sequence[str], complete: bool = True) -> Ranked:
    """Chunks found for a question, beside those that are relevant to it."""
    grades = {name: question.grades.get(name, 1) for name in question.relevant_chunks}
    return Ranked(question.id, tuple(chunks), grades, complete)


def by_document(question: Question, documents: Sequence[str], complete: bool = True) -> Ranked:
    """Documents found for a question, beside those that are relevant to it.

    A question of which all judged documents are not relevant is judged too, as in trec_eval: all
    of its metrics are 0.
    """
    refused = {name: grade for name, grade in question.grades.items() if grade <= 0}
    grades = {name: question.grades.get(name, 1) for name in question.references}
    return Ranked(question.id, tuple(documents), refused | grades, complete)


def judged(rankings: Sequence[Ranked]) -> list[Ranked]:
    return [ranking for ranking in rankings if ranking.grades]


def marks(rankings: Sequence[Ranked]) -> dict[str, dict[str, float | None]]:
    """By id of each judged question its metrics, each from 0 to 1.

    None stands for a metric that looks deeper than a ranking that was cut off.
    """
    scored = judged(rankings)
    found = _calculated(scored) if scored else {}
    return {
        ranking.question_id: {
            name: found[ranking.question_id][name] if ranking.knows(depth) else None
            for name, depth in DEPTH_OF.items()
        }
        for ranking in scored
    }


def means(by_question: Collection[Mapping[str, float | None]]) -> dict[str, Metric]:
    """The mean of each metric over the judged questions, whatever their order.

    A metric that is unknown for one of them has no value: the questions with long enough
    rankings are not like all. `n_failed` then says for how many it is unknown.
    """
    return {name: _mean([row[name] for row in by_question]) for name in METRICS}


def _mean(values: Sequence[float | None]) -> Metric:
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return Metric(None, 0, len(values) - len(known))
    return Metric(fsum(known) / len(known), len(known))


def _calculated(rankings: Sequence[Ranked]) -> dict[str, dict[str, float]]:
    import ir_measures

    measures = _measures()
    names = {str(measure): name for name, measure in measures.items()}
    found: dict[str, dict[str, float]] = {ranking.question_id: {} for ranking in rankings}
    results = ir_measures.pytrec_eval.iter_calc(
        list(measures.values()), _judgements(rankings), _run(rankings)
    )
    for result in results:
        found[result.query_id][names[str(result.measure)]] = float(result.value)
    return found


def _measures() -> dict[str, Any]:
    from ir_measures import RR, P, R, Success, nDCG

    return {
        **{f"hit_rate@{k}": Success @ k for k in DEPTHS},
        **{f"precision@{k}": P @ k for k in DEPTHS},
        **{f"recall@{k}": R @ k for k in DEPTHS},
        "mrr": RR,  # of runs that end at the deepest rank
        **{f"ndcg@{k}": nDCG @ k for k in DEPTHS},
    }


def _judgements(rankings: Sequence[Ranked]) -> list[Any]:
    from ir_measures import Qrel

    return [
        Qrel(ranking.question_id, item, ranking.grades[item])
        for ranking in rankings
        for item in sorted(ranking.grades)
    ]


def _run(rankings: Sequence[Ranked]) -> list[Any]:
    """Ranks as scores: the retriever's own may tie, and the library would break ties by id."""
    from ir_measures import ScoredDoc

    return [
        ScoredDoc(ranking.question_id, item, -rank)
        for ranking in rankings
        for rank, item in enumerate(ranking.items()[:DEEPEST], start=1)
    ]
