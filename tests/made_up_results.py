"""Made-up results of any number of models on any number of questions, always the same."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from made_up_tables import (
    agreement_of,
    attribution,
    comparison,
    label_tables,
    retrieval_table,
    row,
    statistic,
)

from modellab.core.records import Metric, ModelScores, Outcome, Question, Summary
from modellab.evaluation.compare.entries import entry_name

RETRIEVERS = ("bm25", "dense-minilm", "oracle", "hybrid-rrf", "none", "shuffled")
FAMILIES = (("qwen2.5", 7.0), ("llama-3.1", 8.0), ("gpt-4o-mini", None), ("mistral-small", 24.0))
SIZES = (0.5, 1.5, 3.0, 7.0, 7.0, 8.0, 14.0, 32.0, 70.0, 72.0, 110.0, 400.0)
TAGS = ("Quote", "Table", "Figure", "Math", "is_NA")
COMPONENTS = ("value_accuracy", "ref_overlap", "na_recall", "overall")
#: one question in this many has no answer
NA_EVERY = 15
DATASET = "wattbot-train"


@dataclass(frozen=True)
class Results:
    """The results of one dataset: `rows` and `predictions` by model, tables by name."""

    models: tuple[ModelScores, ...]
    questions: tuple[Question, ...]
    rows: Mapping[str, Iterable[dict]]
    predictions: Mapping[str, Iterable[dict]]
    runs: Mapping[str, dict]
    tables: Mapping[str, list[dict]]


@dataclass(frozen=True)
class System:
    """One model with one retriever: its marks by question."""

    model: str
    retriever: str
    value: np.ndarray
    ref: np.ndarray
    abstained: np.ndarray
    failed: np.ndarray
    latency: np.ndarray
    confidence: np.ndarray

    @property
    def name(self) -> str:
        return entry_name(self.model, self.retriever)


def size_of(number: int) -> float | None:
    family = FAMILIES[number % len(FAMILIES)]
    return None if family[1] is None else SIZES[number % len(SIZES)]


def model_name(number: int) -> str:
    return f"{FAMILIES[number % len(FAMILIES)][0]}-instruct-{number:02d}"


def is_local(number: int) -> bool:
    return number % 3 != 0


def systems(number: int, questions: int, retrievers: Sequence[str]) -> list[System]:
    """The systems of one model; its marks depend on nothing but the arguments."""
    source = np.random.default_rng([7, number, questions])
    size = size_of(number) or 20.0
    made = []
    for retriever in retrievers:
        ability = 0.35 + 0.05 * min(size, 80.0) ** 0.5 + source.uniform(-0.25, 0.1)
        right = source.random(questions) < ability
        failed = source.random(questions) < 0.01
        abstained = (source.random(questions) < 0.1) & ~failed
        sure = np.clip(0.6 * ability + 0.4 * right + source.normal(0, 0.2, questions), 0, 1)
        made.append(
            System(
                model_name(number),
                retriever,
                (right & ~failed).astype(float),
                np.where(failed, 0.0, np.round(source.random(questions) * ability + 0.2, 2)),
                abstained,
                failed,
                source.lognormal(np.log(0.05 * size + 0.3), 0.5, questions),
                sure,
            )
        )
    return made


def na_questions(questions: int) -> np.ndarray:
    return np.arange(questions) % NA_EVERY == NA_EVERY - 1


def question(number: int) -> Question:
    unanswerable = number % NA_EVERY == NA_EVERY - 1
    tags = ["is_NA"] if unanswerable else [TAGS[number % 3]]
    tags += ["Math"] if number % 11 == 0 else []
    references = () if unanswerable else ("doc",)
    return Question(
        *(f"q{number:05d}", f"Question {number}?", {}, {}, references, tuple(tags)),
        unanswerable=unanswerable,
    )


def outcome(system: System, place: int) -> Outcome:
    unanswerable = place % NA_EVERY == NA_EVERY - 1
    if system.failed[place]:
        return Outcome.FAILED
    if system.abstained[place]:
        return Outcome.RIGHT if unanswerable else Outcome.DECLINED
    if unanswerable:
        return Outcome.HALLUCINATED
    return Outcome.RIGHT if system.value[place] == 1.0 else Outcome.WRONG


def outcomes_of(system: System) -> dict[str, int]:
    counts = Counter(outcome(system, place) for place in range(len(system.value)))
    return {one.value: counts[one] for one in Outcome}


def summary(system: System, priced: bool) -> Summary:
    questions = len(system.value)
    na = system.abstained[na_questions(questions)]
    value, ref, recall = (
        float(numbers.mean()) for numbers in (system.value, system.ref, na.astype(float))
    )
    failed, abstained = int(system.failed.sum()), int(system.abstained.sum())
    latency = system.latency
    return Summary(
        retriever=system.retriever,
        num_questions=questions,
        repeats=1,
        coverage=1.0,
        statuses={
            "answered": questions - failed - abstained,
            "abstained": abstained,
            "unparsed": failed // 2,
            "failed": failed - failed // 2,
            "missing": 0,
        },
        metrics={
            "value_accuracy": Metric(value, questions, failed),
            "ref_overlap": Metric(ref, questions, failed),
            "na_recall": Metric(recall, len(na)),
            "overall": Metric(0.75 * value + 0.15 * ref + 0.1 * recall, questions, failed),
        },
        outcomes=outcomes_of(system),
        abstention_precision=Metric(float(na.sum() / abstained) if abstained else None, abstained),
        abstention_recall=Metric(recall, len(na)),
        avg_latency_seconds=float(latency.mean()),
        p50_latency_seconds=float(np.percentile(latency, 50)),
        p95_latency_seconds=float(np.percentile(latency, 95)),
        total_time_seconds=float(latency.sum() / 4),
        input_tokens=1000 * questions,
        output_tokens=100 * questions,
        estimated_cost_usd=float(latency.sum() / 500) if priced else None,
        total_retries=0,
        control=system.retriever in ("oracle", "none", "shuffled"),
        role=system.retriever
        if system.retriever in ("oracle", "none", "shuffled")
        else "retrieved",
        latency_n=questions,
        seconds_per_answer=float(latency.mean() / 4),
        items_per_second=float(4 / latency.mean()),
        mean_concurrency=4.0,
        measured_alone=priced,
    )


def model(number: int, questions: int, retrievers: Sequence[str]) -> ModelScores:
    name, local = model_name(number), is_local(number)
    return ModelScores(
        name=name,
        dataset=DATASET,
        task="wattbot",
        scorer="v3",
        missing="incorrect",
        llm_provider="transformers" if local else "litellm",
        model_id=f"org/{name}",
        local=local,
        size_b=size_of(number),
        correct="value_correct",
        example_scores=("value_correct", "ref_score", "na_correct", "weighted"),
        summaries=tuple(
            summary(system, not local) for system in systems(number, questions, retrievers)
        ),
    )


@dataclass(frozen=True)
class Rows:
    """The score rows or the predictions of one model, made when they are gone through."""

    number: int
    questions: int
    retrievers: Sequence[str]
    predictions: bool = False

    def __iter__(self) -> Iterator[dict]:
        make = self._prediction if self.predictions else self._score
        for system in systems(self.number, self.questions, self.retrievers):
            for place in range(self.questions):
                yield make(system, place)

    def _score(self, system: System, place: int) -> dict[str, str]:
        value, ref = float(system.value[place]), float(system.ref[place])
        na = float(system.abstained[place]) if place % NA_EVERY == NA_EVERY - 1 else 1.0
        return {
            "question_id": f"q{place:05d}",
            "retriever": system.retriever,
            "repeat": "1",
            "status": self._status(system, place),
            "outcome": outcome(system, place).value,
            "answer_value": "7",
            "value_correct": str(value),
            "ref_score": str(ref),
            "na_correct": str(na),
            "weighted": str(0.75 * value + 0.15 * ref + 0.1 * na),
        }

    def _prediction(self, system: System, place: int) -> dict[str, object]:
        return {
            "question_id": f"q{place:05d}",
            "retriever": system.retriever,
            "repeat": 1,
            "status": self._status(system, place),
            "finish_reason": "stop",
            "latency_seconds": float(system.latency[place]),
            "confidence": round(float(system.confidence[place]), 3),
            "peak_memory_bytes": int(4e9 + 1e6 * place),
        }

    def _status(self, system: System, place: int) -> str:
        if system.failed[place]:
            return "failed"
        return "abstained" if system.abstained[place] else "answered"


def run_record(number: int) -> dict:
    size = size_of(number) or 20.0
    held, local = 2000.0 * size, is_local(number)
    log = [("start", 0.0), ("loaded", held), ("warm", 1.1 * held), ("answered", 1.2 * held)]
    samples = [
        {"at": at, "allocated_mb": mb, "peak_mb": mb, "rss_mb": 900.0 + mb / 50} for at, mb in log
    ]
    left = 400.0 if number % 7 == 1 else 8.0
    samples.append({"at": "closed", "allocated_mb": left, "peak_mb": 1.2 * held, "rss_mb": 950.0})
    energy = {"watt_hours": 0.4 * size * 10 if local else None, "method": "nvml_counter"}
    resource_usage = {
        "energy": energy,
        "generated": 264,
        "load_seconds": 3.0,
        "generate_seconds": 90.0,
    }
    return {
        "name": model_name(number),
        "model_report": {"memory": samples} if local else {},
        "peak_memory_bytes": int(1.2e9),
        **resource_usage,
        "runs": [resource_usage],
    }


def made_up(count: int, questions: int = 88, retrievers: int = 3) -> Results:
    """Everything that any plot may ask for."""
    names = RETRIEVERS[:retrievers]
    numbers = range(count)
    return Results(
        models=tuple(model(number, questions, names) for number in numbers),
        questions=tuple(question(place) for place in range(questions)),
        rows={model_name(number): Rows(number, questions, names) for number in numbers},
        predictions={
            model_name(number): Rows(number, questions, names, predictions=True)
            for number in numbers
        },
        runs={model_name(number): run_record(number) for number in numbers},
        tables=tables(count, questions, names) if count else {},
    )


def tables(count: int, questions: int, retrievers: Sequence[str]) -> dict[str, list[dict]]:
    models = [model(number, questions, retrievers) for number in range(count)]
    every = [
        (one.name, s.retriever, entry_name(one.name, s.retriever), s)
        for one in models
        for s in one.summaries
    ]
    return {
        "statistics": [
            statistic(name, retriever, system, component, s.metrics[component])
            for name, retriever, system, s in every
            for component in COMPONENTS
        ],
        "comparisons": [comparison(one, two) for one, two in combinations(every, 2)],
        "noise_budget": [
            {"system": system, "component": "overall", "source": source}
            | {"variance": variance, "sd": str(float(variance) ** 0.5), "share": share}
            | {"levels": "102"}
            for _, _, system, _ in every
            for source, variance, share in (
                ("questions", "0.0009", "0.75"),
                ("repeats", "0.0003", "0.25"),
                ("retriever", "0.0001", ""),
            )
        ],
        "agreement": [
            agreement_of(one, two, kind)
            for one, two in combinations(every, 2)
            for kind in ("answers", "correctness")
        ],
        "retrieval": retrieval_table(retrievers),
        "judge_scores": [
            row(
                "judge model retriever metric marked value low high",
                *(judge, name, retriever, metric),
                "low_coverage" if name.endswith("01") else "",
                "" if judge == "mistral" and metric == "style" else value + shift,
                "" if metric == "style" else value + shift - 0.2,
                "" if metric == "style" else value + shift + 0.15,
            )
            for name, retriever, _, s in every
            for metric, value in (
                ("faithfulness", 3 * s.metrics["overall"].value + 1),
                ("style", 0.5),
            )
            for judge, shift in (("gpt-4o", 0.1), ("mistral", -0.1))
        ],
        "error_attribution": [attribution(one.name, r) for one in models for r in retrievers],
        **win_tables(
            [s for number in range(count) for s in systems(number, questions, retrievers)]
        ),
        **label_tables(every),
    }


def win_tables(found: Sequence[System]) -> dict[str, list[dict]]:
    """Who alone is right, and how many are, among contenders."""
    competing = [s for s in found if s.retriever not in ("oracle", "none", "shuffled")]
    questions = range(len(found[0].value))
    right = np.array([[outcome(s, q) is Outcome.RIGHT for q in questions] for s in competing])
    sums = right.sum(axis=0)
    wins = (right & (sums == 1)).sum(axis=1)
    patterns = {0: "unanimous_error", 1: "unique_win", len(competing): "all_right"}
    return {
        "unique_wins": [
            row("system unique_wins n", system.name, count, len(questions))
            for system, count in zip(competing, wins, strict=True)
        ],
        "questions_by_difficulty": [{"pattern": patterns.get(int(count), "")} for count in sums],
    }
