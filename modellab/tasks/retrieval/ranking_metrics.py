"""Retrieval metrics of rankings against what is known to be relevant, by ir_measures."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from modellab.core.records import Metric, Question

DEPTHS = (1, 3, 5, 10)
DEEPEST = max(DEPTHS)

#: by metric its name in ir_measures; `mrr` is of rankings cut at the deepest rank
_LIBRARY: Mapping[str, str] = {
    **{
        f"{name}@{k}": f"{measure}@{k}"
        for name, measure in (("hit_rate", "Success"), ("precision", "P"), ("recall", "R"))
        for k in DEPTHS
    },
    "mrr": "RR",
    **{f"ndcg@{k}": f"nDCG@{k}" for k in DEPTHS},
}
METRICS = tuple(_LIBRARY)
#: by metric the number of ranks that it needs
_DEPTHS = {name: int(name.partition("@")[2] or DEEPEST) for name in METRICS}


@dataclass(frozen=True)
class Ranked:
    """The ids found for one question, best first, and what is relevant to it.

    Ids may occur several times in `found`: the first one counts, since several chunks of a document
    are one document. Items with a grade of 1 or more are relevant. Without grades the question is
    unjudged. `complete` says that the list was not cut off.
    """

    question_id: str
    found: tuple[str, ...]
    grades: Mapping[str, int]
    complete: bool

    def items(self) -> tuple[str, ...]:
        """The ids found, each once."""
        return tuple(dict.fromkeys(self.found))

    def knows(self, depth: int) -> bool:
        """Whether every rank down to `depth` is known."""
        return self.complete or len(self.items()) >= depth


def by_chunk(question: Question, chunks: Sequence[str], complete: bool = True) -> Ranked:
    """Chunks found for a question, with its relevant chunks."""
    grades = {name: question.grades.get(name, 1) for name in question.relevant_chunks}
    return Ranked(question.id, tuple(chunks), grades, complete)


def by_document(question: Question, documents: Sequence[str], complete: bool = True) -> Ranked:
    """Documents found for a question, with its relevant documents.

    A question whose judged documents are all irrelevant is judged too, as in trec_eval: all of its
    metrics are 0.
    """
    irrelevant = {name: grade for name, grade in question.grades.items() if grade <= 0}
    grades = {name: question.grades.get(name, 1) for name in question.references}
    return Ranked(question.id, tuple(documents), irrelevant | grades, complete)


def judged(rankings: Sequence[Ranked]) -> list[Ranked]:
    return [ranking for ranking in rankings if ranking.grades]


def marks(rankings: Sequence[Ranked]) -> dict[str, dict[str, float | None]]:
    """By id of each judged question its metrics, each from 0 to 1.

    None stands for a metric that needs more ranks than a ranking that was cut off has.
    """
    import ir_measures
    from ir_measures import Qrel, ScoredDoc

    scored = judged(rankings)
    if not scored:
        return {}
    qrels = [
        Qrel(ranking.question_id, item, ranking.grades[item])
        for ranking in scored
        for item in sorted(ranking.grades)
    ]
    # ranks as scores: the retriever's own may tie, and the library would break ties by id
    run = [
        ScoredDoc(ranking.question_id, item, -rank)
        for ranking in scored
        for rank, item in enumerate(ranking.items()[:DEEPEST], start=1)
    ]
    measures = list(map(ir_measures.parse_measure, _LIBRARY.values()))
    values = {
        (result.query_id, str(result.measure)): float(result.value)
        for result in ir_measures.pytrec_eval.iter_calc(measures, qrels, run)
    }
    return {
        ranking.question_id: {
            name: values[ranking.question_id, measure] if ranking.knows(_DEPTHS[name]) else None
            for name, measure in _LIBRARY.items()
        }
        for ranking in scored
    }


def means(by_question: Collection[Mapping[str, float | None]]) -> dict[str, Metric]:
    """The mean of each metric over the judged questions, whatever their order.

    A metric that is unknown for one of them has no value, because the questions with long enough
    rankings are not like all; `n_failed` is then the number for which it is unknown.
    """
    found = {}
    for name in METRICS:
        known = [value for row in by_question if (value := row[name]) is not None]
        unknown = len(by_question) - len(known)
        complete = bool(known) and not unknown
        value = fsum(known) / len(known) if complete else None
        found[name] = Metric(value, len(known) if complete else 0, unknown)
    return found
