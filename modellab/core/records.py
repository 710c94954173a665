"""The plain records that flow from stage to stage.

Documents are cut into chunks; a retriever chooses chunks as the passages of a context; a model
is asked a question with a context and its answer becomes a prediction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True)
class Place:
    """Where a part of a document begins: the offset in its text, and the page or the headings."""

    start: int
    name: str


@dataclass(frozen=True)
class Document:
    """One document of a corpus. `source` is where it was read: file, or file and row.

    `places` are its pages or sections, in the order of the text. `part_of` names the document
    that it is a piece of, in a corpus that is cut already. `path` is the file, from the folder
    of the corpus, where a file is one document. `notes` say what of it was not read, or how.
    """

    id: str
    title: str
    text: str
    source: str
    year: int | None = None
    kind: str = ""
    url: str = ""
    places: tuple[Place, ...] = ()
    part_of: str = ""
    path: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chunk:
    """A piece of a document. `id` is `{document}#{hash of the text}`, or what it has in a corpus
    that is cut already; `position` counts from 0.

    `place` is the page or the headings that it begins under, such as `page 3` or `Water > Use`.
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
class Judgement:
    """How relevant a document or chunk is: `grade` 1 and more is relevant, 0 and less is not.

    `source` is where it was read: file and row.
    """

    name: str
    grade: int
    source: str = ""


@dataclass(frozen=True)
class Relevance:
    """What of a corpus answers a question, as a file of questions says it.

    `ids` name chunks or documents, `urls` the addresses of documents, `contexts` are texts of
    the corpus. Reading the questions turns them into `references` and `relevant_chunks`, and
    `judgements`, which also say what is not relevant, into `grades`.
    """

    ids: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    judgements: tuple[Judgement, ...] = ()


@dataclass(frozen=True)
class Question:
    """A question, what a model may see of it, and what it is scored against.

    `given` is shown to the model beside the text (such as the wanted unit), and so are the
    pictures at the paths `images`; `truth` never is. `references` are the ids of the documents
    that hold the answer, `relevant_chunks` those of the chunks where they are judged one by one:
    both are empty when the documents cannot answer it. `relevance` is what the file of questions
    says of them in its own words (see `Relevance`). `tags` name groups that scores are broken
    down by. `source` is where the question was read: file and row.

    `unanswerable`: the documents hold no answer, so that the right thing to do is to abstain.
    `other_answers` are further right answers, beside the one in `truth`. `aliases` give the ids of
    documents that the file of questions names otherwise: by a path, or by a twin that is left out.
    `grades` give how relevant documents and chunks are, by id; those of `references` and
    `relevant_chunks` that have none have 1, and one of 0 was judged and is not relevant.
    """

    id: str
    text: str
    given: Mapping[str, str]
    truth: Mapping[str, str]
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
    """A chunk as chosen for one question: `rank` from 1, `score` in the retriever's own scale."""

    chunk_id: str
    document_id: str
    rank: int
    score: float
    text: str
    title: str
    year: int | None = None
    place: str = ""


@dataclass(frozen=True)
class Context:
    """What one retriever found for one question, best first.

    A model is first shown the first `shown` passages (None: all); the others are in extra_k,
    for models that are asked again after a blank answer. `plan` says what became of the queries
    that a model was to make of the question (see `PlanStatus`), and is empty where none was.
    """

    question_id: str
    retriever: str
    passages: tuple[Passage, ...]
    shown: int | None = None
    plan: str = ""


class PlanStatus(StrEnum):
    """What became of a plan. Without one, the question is searched as it stands."""

    PLANNED = "planned"
    UNPARSED = "unparsed"  # a text came, but no queries could be read from it
    FAILED = "failed"  # the provider gave an error


@dataclass(frozen=True)
class Plan:
    """The queries that a model made of a question, for one retriever.

    `cut` counts queries beyond the most that are allowed; `raw` is the model's whole reply;
    `seconds_per_answer` is its share of the wall clock (see `wall_clock`). The other fields
    are those of the response.
    """

    question_id: str
    retriever: str
    status: PlanStatus
    queries: tuple[str, ...]
    cut: int
    raw: str | None
    key: str
    error_class: str | None = None
    error: str | None = None
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    latency_seconds: float | None = None
    retries: int = 0
    cost_usd: float | None = None
    run: str | None = None
    seconds_per_answer: float | None = None


@dataclass(frozen=True)
class Message:
    """One chat message; `role` is system, user or assistant, `images` are paths of pictures."""

    role: str
    content: str
    images: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """One answer that is wanted of a model. `key` names it in the journal."""

    key: str
    question: Question
    retriever: str
    repeat: int
    passages: tuple[Passage, ...]
    messages: tuple[Message, ...]


@dataclass(frozen=True)
class Response:
    """What a provider gave for one request: a text, or an error with its class.

    `latency_seconds` is the time of the generation itself (of the whole batch, where there is
    one, and of the last attempt, where there were several); `queue_seconds` is what was waited
    before: for a place, a rate limit, a retry. `peak_memory_bytes` is the most that was held on
    the GPU while its batch ran; without a GPU, the most that the process had held by then.
    Tokens, cost, dtype and quantization are None where they are not known. `method` says how it
    was generated, where there is a choice. `run` names the run that made it, whose machine and
    versions are kept beside the journal; `finished_seconds` is when the answer was there by that
    run's clock (see `wall_clock`). `confidence` is the geometric mean of the probabilities
    that the model gave to the tokens of its answer, from 0 to 1; None where it is not measured.
    `thought` is what the model thought before it answered, `thought_tokens` how many of the
    completion tokens that took, where it is known; `cached_tokens` how many of the prompt's the
    server had in its cache. `raw` is the whole text as it was generated,
    where that is not `text`.
    """

    key: str
    text: str | None
    error_class: str | None = None
    error: str | None = None
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    latency_seconds: float | None = None
    queue_seconds: float | None = None
    batch_size: int | None = None
    peak_memory_bytes: int | None = None
    retries: int = 0
    cost_usd: float | None = None
    dtype: str | None = None
    quantization: str | None = None
    method: str | None = None
    run: str | None = None
    thought: str | None = None
    thought_tokens: int | None = None
    cached_tokens: int | None = None
    raw: str | None = None
    finished_seconds: float | None = None
    confidence: float | None = None


class Status(StrEnum):
    """What became of a request. Four ways to have no answer stay four different things."""

    ANSWERED = "answered"
    ABSTAINED = "abstained"  # the model said that it cannot answer
    UNPARSED = "unparsed"  # a text came, but no answer could be read from it
    FAILED = "failed"  # the provider gave an error
    MISSING = "missing"  # a submission has no row for the question


#: no answer was given, which is not the same as saying that there is none
NO_ANSWER = frozenset({Status.UNPARSED, Status.FAILED, Status.MISSING})


class Outcome(StrEnum):
    """What an answer was worth: the one meaning of right and wrong, in every task."""

    RIGHT = "right"  # the right answer, or an abstention where the documents hold none
    WRONG = "wrong"  # an answer, but not the right one
    DECLINED = "declined"  # an abstention though there is an answer
    HALLUCINATED = "hallucinated"  # an answer though there is none
    FAILED = "failed"  # no answer came, or none could be read
    MISSING = "missing"  # a submission has no row for the question


@dataclass(frozen=True)
class Prediction:
    """A model's answer to one question with one retriever's context, in one repeat.

    `answer` holds the task's fields as text; it is empty when there is no answer. `model` is the
    digest of the model's fingerprint, `asked` how often it was asked (more than once only after
    blank answers), `passages` the ids of the chunks that it was shown the last time. `raw` is the
    whole text, thoughts included; `error` also says why a text is unparsed. The other fields are
    those of the response, the last one where there were several; but tokens, dollars, seconds and
    retries are those of all askings together, over the askings that tell them.

    `latency_seconds` goes from request to answer. `seconds_per_answer` is the row's share of the
    wall clock of generation (`modellab.core.wall_clock`), which is less where answers overlap.
    """

    question_id: str
    retriever: str
    repeat: int
    status: Status
    answer: Mapping[str, str]
    raw: str | None
    key: str
    error_class: str | None = None
    error: str | None = None
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    latency_seconds: float | None = None
    queue_seconds: float | None = None
    batch_size: int | None = None
    peak_memory_bytes: int | None = None
    retries: int = 0
    cost_usd: float | None = None
    dtype: str | None = None
    quantization: str | None = None
    method: str | None = None
    run: str | None = None
    confidence: float | None = None
    seconds_per_answer: float | None = None
    model: str = ""
    asked: int = 1
    passages: tuple[str, ...] = ()
    thought: str | None = None
    thought_tokens: int | None = None
    cached_tokens: int | None = None


@dataclass(frozen=True)
class Metric:
    """A number with what stands behind it.

    `n_scored` rows make up the mean; `value` is None when there are none. `n_failed` counts the
    rows that have no answer (unparsed, failed, missing), whether the scorer's rules count them
    as wrong or leave them out.
    """

    value: float | None
    n_scored: int
    n_failed: int = 0


@dataclass(frozen=True)
class RowScore:
    """The marks of one prediction, each from 0 to 1; None where a mark does not apply.

    `outcome` is None where nothing says whether the answer is right: the scorer does not say from
    when on an answer is, or there is no true answer to compare with.
    """

    question_id: str
    retriever: str
    repeat: int
    status: Status
    answer: Mapping[str, str]
    marks: Mapping[str, float | None]
    outcome: Outcome | None = None


@dataclass(frozen=True)
class RepeatNoise:
    """How much a metric changes between repeats: standard deviation (n - 1), greatest - least.

    `repeats` counts those that have a value; fewer than two have no noise.
    """

    sd: float | None
    range: float | None
    repeats: int


@dataclass(frozen=True)
class ResourceUsage:
    """What a part of a system took over all its questions; None where it is not known.

    `seconds` are those of the wall clock, however much ran at once.
    """

    seconds: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None


@dataclass(frozen=True)
class Summary:
    """A model's scores with one retriever, over all repeats.

    `metrics` holds the scorer's components in order; the last is the overall score.
    `coverage` is the share of questions that have a row. Seconds, tokens and dollars are None
    where no row reports them. `repeat_noise` holds the same names as `metrics`.

    `outcomes` counts the scored rows by outcome. `abstention_precision` is the share of abstentions
    that are right, `abstention_recall` the share of rows of unanswerable questions that abstain;
    their counts are those rows. `control` says that the system is a reference point (such as the
    right passages, or none), not a contender; `role` what its passages stand for: `retrieved`,
    `oracle`, `shuffled`, `none`, or empty where nobody chose them.

    Latencies are those of the `latency_n` rows with a text. `generation` is what the model took,
    `retrieval` what finding the passages took: search, reranking, planning of queries. Total
    time, tokens and cost are those of both. `seconds_per_answer`, `items_per_second` and
    `output_tokens_per_second` are about generation by the wall clock; `mean_concurrency` is how
    many answers were under way at a time. `measured_alone` is False where other work ran on the
    machine meanwhile, None where that is not known. `expected_calibration_error` is None where no
    answer has a confidence.

    `asked` counts the questions that were put to the system: fewer than all where a dataset is
    asked in rounds. `stopped` then says why there are no more; `beaten_by` names the system by
    which it is known not to be the best.
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


@dataclass(frozen=True)
class ModelScores:
    """All scores of one model on one dataset, and what the model is.

    `correct` names the mark of a row that says whether its answer is right (1.0) or wrong; None
    where the scorer does not say. `local` says whether the model runs on this machine; None for
    answers that were made elsewhere, and votes on others' answers. `example_scores` names the
    columns of its score rows that hold a number for each answer. `bundle` names the bundle that its
    answers come from, where several were merged.
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
