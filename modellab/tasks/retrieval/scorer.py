"""Metrics of single rankings, and their means over questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from modellab.core.metric import MetricFamily, metric_families
from modellab.core.records import Metric, Prediction, Question, RowScore
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.retrieval.ranking_metrics import METRICS, by_chunk, by_document, marks
from modellab.tasks.retrieval.task import RetrievalOptions, ranked_ids
from modellab.tasks.scorer import (
    Additive,
    Material,
    Scorer,
    ScorerOptions,
    marked_row,
    mean_metric,
    means,
)

(FAMILY,) = metric_families("""
# rankings: Rankings
on `retrieval` tasks: what each retriever finds, of documents or chunks (`level`); questions without judgements have no marks
in scores/{model}.csv scores/{model}.json leaderboard.csv
hit_rate@{k} | share of questions with a relevant item among the first k | 0 to 1 | higher | unjudged questions are left out (`n_unjudged`); empty if a ranking ends before k | ir_measures (pytrec_eval)
precision@{k} | relevant items among the first k / k | 0 to 1 | higher | unjudged questions are left out (`n_unjudged`); empty if a ranking ends before k | ir_measures (pytrec_eval)
recall@{k} | relevant items among the first k / all relevant items | 0 to 1 | higher | unjudged questions are left out (`n_unjudged`); empty if a ranking ends before k | ir_measures (pytrec_eval)
mrr | mean of 1 / rank of the first relevant item; 0 if none is in the first 10 | 0 to 1 | higher | unjudged questions are left out (`n_unjudged`); empty if a ranking ends before k | ir_measures (pytrec_eval)
ndcg@{k} | sum of grade / log2(rank + 1) over the relevant items among the first k, divided by the greatest possible sum; without grades each is 1 | 0 to 1 | higher | unjudged questions are left out (`n_unjudged`); empty if a ranking ends before k | ir_measures (pytrec_eval)
overall | the metric that the scorer's `overall` names, by default `ndcg@10` | 0 to 1 | higher | the mean over judged questions
""")  # noqa: E501 - a metric is a line


#: those that most people look at come first
_MAIN = (
    "hit_rate@1",
    "hit_rate@5",
    "hit_rate@10",
    "mrr",
    "recall@5",
    "recall@10",
    "ndcg@5",
    "ndcg@10",
)
COMPONENTS = (*_MAIN, *(name for name in METRICS if name not in _MAIN))


# fmt: off
Overall = Literal[
    "ndcg@10", "ndcg@5", "ndcg@3", "ndcg@1", "mrr",
    "recall@1", "recall@3", "recall@5", "recall@10",
    "hit_rate@1", "hit_rate@3", "hit_rate@5", "hit_rate@10",
    "precision@1", "precision@3", "precision@5", "precision@10",
]
# fmt: on


class RankingScorerOptions(ScorerOptions):
    """Rankings compared with the relevant items."""

    task: ClassVar[str] = "retrieval"
    described: ClassVar[MetricFamily] = FAMILY

    kind: Literal["rankings"] = Field(description="Recall, nDCG and others of rankings.")
    overall: Overall = Field(
        "ndcg@10", description="the metric that is the overall score, by which retrievers rank"
    )

    def make(self, task: TaskOptions, material: Material) -> Scorer:
        assert isinstance(task, RetrievalOptions)
        return RankingScorer(self.overall, task.level == "chunk")

    def additive(self, task: TaskOptions, columns: Mapping[str, object]) -> Additive:
        return means({**{name: name for name in COMPONENTS}, "overall": self.overall}, self.overall)


@dataclass(frozen=True)
class RankingScorer:
    """An unjudged question has no marks."""

    overall: str
    of_chunks: bool
    name: str = "rankings"
    correct: None = None
    marks: tuple[str, ...] = METRICS
    components: tuple[str, ...] = (*COMPONENTS, "overall")

    def score(self, question: Question, prediction: Prediction) -> RowScore:
        ids = ranked_ids(prediction.answer)
        ranked = by_chunk(question, ids) if self.of_chunks else by_document(question, ids)
        found = marks([ranked]).get(question.id, dict.fromkeys(METRICS))
        return marked_row(prediction, found)

    def summarize(
        self, questions: Mapping[str, Question], rows: Sequence[RowScore]
    ) -> dict[str, Metric]:
        found = {name: mean_metric(rows, name) for name in COMPONENTS}
        return {**found, "overall": found[self.overall]}
