"""The plain records that flow from stage to stage.

Documents are cut into chunks; a retriever selects chunks as the passages of a context; a model
answers a question with a context, and its answer becomes a prediction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

#: the retriever's name without retrieval, and of answers that were made outside
NO_RETRIEVER, EXTERNAL = "", "external"


@dataclass(frozen=True)
class Chunk:
    """A piece of a document; `position` counts from 0.

    `id` is `{document}#{hash of the text}`, or the given id where the corpus is already chunked.
    `place` is the page or the headings at its start, such as `page 3` or `Water > Use`.
    """

    id: str
    document_id: str
    position: int
    text: str
    title: str
    year: int | None = None
    place: str = ""
    url: str = ""


@dataclass(frozen=True)
class RelevanceJudgement:
    """How relevant a document or chunk is: relevant from grade 1 on. `source` is file and row."""

    name: str
    grade: int
    source: str = ""


@dataclass(frozen=True)
class Relevance:
    """Relevant parts of a corpus as a question file gives them, not yet resolved to ids.

    `ids` name chunks or documents, `judgements` also say what is not relevant. Rankings leave
    `excluded` out (ids of the corpus).
    """

    ids: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    judgements: tuple[RelevanceJudgement, ...] = ()
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A question, the inputs that a model sees, and the reference that it is scored against.

    The model sees `text`, `inputs` (such as the expected unit) and the pictures at the paths
    `images`, but never `reference`. `other_answers` are further right answers besides it.
    `references` are ids of the documents that hold the answer, `relevant_chunks` ids of chunks
    where those are judged one by one; both are empty where the documents hold no answer.
    `unanswerable`: they do not, so the right response is to abstain. `grades` is the relevance by
    id of documents and chunks (1 where none is given, 0: judged not relevant). `aliases` maps other
    names of documents in the question file (paths, ids of dropped duplicates) to ids. `tags` are
    the groups that scores are broken down by. `source` is file and row.
    """

    id: str
    text: str
    inputs: Mapping[str, str]
    reference: Mapping[str, str]
    references: tuple[str, ...]
    tags: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    relevant_chunks: tuple[str, ...] = ()
    relevance: Relevance = Relevance()
    source: str = ""
    unanswerable: bool = False
    other_answers: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    grades: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Passage:
    """A chunk retrieved for a question: `rank` from 1, `score` on the retriever's own scale."""

    chunk_id: str
    document_id: str
    rank: int
    score: float
    text: str
    title: str
    year: int | None = None
    place: str = ""


class PlanStatus(StrEnum):
    """Status of a query plan. Without a plan, the question itself is the query."""

    PLANNED = "planned"
    UNPARSED = "unparsed"  # no queries could be parsed from the reply
    FAILED = "failed"  # the provider returned an error


@dataclass(frozen=True)
class Context:
    """The passages of one retriever for one question, best first.

    A model first gets the first `shown` passages (None: all); the others (extra_k) are for models
    that retry after an abstention. `plan` is a `PlanStatus`, empty where queries are not planned.
    """

    question_id: str
    retriever: str
    passages: tuple[Passage, ...]
    shown: int | None = None
    plan: str = ""


@dataclass(frozen=True)
class Message:
    """One chat message; `role` is system, user or assistant, `images` are paths of pictures."""

    role: str
    content: str
    images: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """A request to a model. `key` is its key in the journal."""

    key: str
    question: Question
    retriever: str
    repeat: int
    passages: tuple[Passage, ...]
    messages: tuple[Message, ...]


@dataclass(frozen=True, kw_only=True)
class Call:
    """Outcome and usage of a model call by the run `run`; None: not known.

    `latency_seconds` is the generation time: of the whole batch, and of the last attempt.
    """

    error_class: str | None = None
    error: str | None = None
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    latency_seconds: float | None = None
    retries: int = 0
    cost_usd: float | None = None
    run: str | None = None


@dataclass(frozen=True, kw_only=True)
class Generation(Call):
    """A model call that generates an answer.

    `queue_seconds` is the wait time before the request: for a slot, a rate limit, a retry.
    `peak_memory_bytes` is the peak GPU memory of the batch; without a GPU, that of the process so
    far. `answered_as` is the model name in the server's reply. `method` says how the text was
    generated where there is a choice. `confidence` is the geometric mean of the token probabilities
    of the answer, from 0 to 1. `thought` is the reasoning before it; `thought_tokens` are part of
    the completion tokens, `cached_tokens` part of the prompt tokens.
    """

    queue_seconds: float | None = None
    batch_size: int | None = None
    peak_memory_bytes: int | None = None
    dtype: str | None = None
    quantization: str | None = None
    answered_as: str | None = None
    method: str | None = None
    confidence: float | None = None
    thought: str | None = None
    thought_tokens: int | None = None
    cached_tokens: int | None = None


@dataclass(frozen=True)
class Response(Generation):
    """A provider's response to one request: a text, or an error with its class.

    `raw` is the whole generated text where it differs from `text`. `finished_seconds` is when the
    answer was complete, on the clock of its run (see `wall_clock`).
    """

    key: str
    text: str | None
    raw: str | None = None
    finished_seconds: float | None = None


@dataclass(frozen=True)
class Plan(Call):
    """The search queries that a model wrote for a question, for one retriever.

    `cut` is the number of queries beyond the allowed maximum; `raw` is the whole reply;
    `seconds_per_answer` its share of the wall clock (see `wall_clock`).
    """

    question_id: str
    retriever: str
    status: PlanStatus
    queries: tuple[str, ...]
    cut: int
    raw: str | None
    key: str
    seconds_per_answer: float | None = None


class Status(StrEnum):
    """Status of a response. The reasons for having no answer are kept apart."""

    ANSWERED = "answered"
    ABSTAINED = "abstained"  # the model said that it cannot answer
    UNPARSED = "unparsed"  # no answer could be parsed from the text
    FAILED = "failed"  # the provider returned an error
    MISSING = "missing"  # a submission has no row for the question


#: there is no answer, which is not an abstention
NO_ANSWER = frozenset({Status.UNPARSED, Status.FAILED, Status.MISSING})


class Outcome(StrEnum):
    """Whether an answer is right, defined in the same way for every task."""

    RIGHT = "right"  # the right answer, or an abstention where the documents hold none
    WRONG = "wrong"  # an answer, but not the right one
    DECLINED = "declined"  # an abstention though there is an answer
    HALLUCINATED = "hallucinated"  # an answer though there is none
    FAILED = "failed"  # no answer, or none that could be parsed
    MISSING = "missing"  # a submission has no row for the question


@dataclass(frozen=True)
class AnswerRow:
    """A parsed answer to one question, with one retriever's context, in one repeat.

    `answer` holds the task's fields as text; it is empty where there is no answer.
    """

    question_id: str
    retriever: str
    repeat: int
    status: Status
    answer: Mapping[str, str]


@dataclass(frozen=True)
class Prediction(Generation, AnswerRow):
    """A model's answer to one question.

    `raw` is the whole text, thoughts included; `error` also says why a text is unparsed. `model` is
    the digest of the model's fingerprint, `asked` the number of times it was asked (more than once
    only after abstentions), `passages` the ids of the chunks it was last given. The other fields
    are those of the last response, but tokens, dollars, seconds and retries are sums over all
    responses that report them. `latency_seconds` is the time from request to answer,
    `seconds_per_answer` the row's share of the wall clock (see `wall_clock`), which is less where
    requests overlap.
    """

    raw: str | None
    key: str
    seconds_per_answer: float | None = None
    model: str = ""
    asked: int = 1
    passages: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowScore(AnswerRow):
    """The marks of one prediction, each from 0 to 1; None where a mark does not apply.

    `outcome` is None where it is not known whether the answer is right: the scorer has no threshold
    for it, or there is no reference.
    """

    marks: Mapping[str, float | None]
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Metric:
    """A metric's value: the mean over `n_scored` rows, None where there are none.

    `n_failed` is the number of rows without an answer (unparsed, failed, missing), whether they
    count as wrong or are left out.
    """

    value: float | None
    n_scored: int
    n_failed: int = 0


@dataclass(frozen=True)
class RepeatNoise:
    """Standard deviation (n - 1) and range of a metric over its `repeats` with a value."""

    sd: float | None
    range: float | None
    repeats: int


@dataclass(frozen=True)
class ResourceUsage:
    """Usage of a part of a system over all questions (wall-clock seconds); None: not known."""

    seconds: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None


@dataclass(frozen=True)
class Summary:
    """A model's scores with one retriever, over all repeats.

    `metrics` are the scorer's metrics in order, the overall score last; `repeat_noise` has the same
    keys. `coverage` is the share of questions with a row. `outcomes` counts scored rows, `verbatim`
    those equal to the reference answer. `abstention_precision` is the share of abstentions that are
    right, `abstention_recall` the share of rows of unanswerable questions that abstain.
    `control`: a reference point (such as the oracle), not a contender. `role` is where its passages
    come from: `retrieved`, `oracle`, `shuffled`, `none`, or empty where nothing is chosen.
    Latencies are over the `latency_n` rows with a text. Total time, tokens and cost are the sums of
    `generation` and `retrieval` (search, reranking, query planning), None where no row reports
    them. `seconds_per_answer`, `items_per_second`, `output_tokens_per_second` and
    `mean_concurrency` are of generation, by the wall clock. `measured_alone`: no other work ran on
    the machine, None where that is not known. `expected_calibration_error` is None without
    confidences. `asked` is the number of questions put to the system, fewer than all under adaptive
    evaluation; `stopped` then says why no more were asked, `beaten_by` names the leader then.
    """

    retriever: str
    num_questions: int
    repeats: int
    coverage: float
    statuses: Mapping[str, int]
    metrics: Mapping[str, Metric]
    outcomes: Mapping[str, int]
    abstention_precision: Metric
    abstention_recall: Metric
    avg_latency_seconds: float | None
    p50_latency_seconds: float | None
    p95_latency_seconds: float | None
    total_time_seconds: float | None
    input_tokens: int | None
    output_tokens: int | None
    estimated_cost_usd: float | None
    total_retries: int
    repeat_noise: Mapping[str, RepeatNoise] = field(default_factory=dict)
    control: bool = False
    role: str = ""
    latency_n: int = 0
    seconds_per_answer: float | None = None
    items_per_second: float | None = None
    output_tokens_per_second: float | None = None
    mean_concurrency: float | None = None
    measured_alone: bool | None = None
    generation: ResourceUsage = ResourceUsage()
    retrieval: ResourceUsage = ResourceUsage()
    expected_calibration_error: float | None = None
    asked: int | None = None
    stopped: str = ""
    beaten_by: str = ""
    verbatim: int = 0


@dataclass(frozen=True)
class ModelScores:
    """All scores of one model on one dataset, and the model's description.

    `correct` names the mark that is 1.0 for a right answer, None where the scorer has none.
    `local`: the model runs on this machine; None for external answers and ensembles. `bundle` is
    that which the answers come from, where several were merged. `example_scores` are the columns of
    the score table with a number per answer.
    """

    name: str
    dataset: str
    task: str
    scorer: str
    missing: str
    llm_provider: str
    model_id: str
    local: bool | None
    size_b: float | None
    summaries: tuple[Summary, ...]
    correct: str | None = None
    example_scores: tuple[str, ...] = ()
    bundle: str = ""
