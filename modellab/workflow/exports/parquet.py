"""Parquet: questions, and a file of answers with their scores for each system.

The files of answers have the same columns, so that `pandas.read_parquet("answers")` reads all; each
alone is a submission.
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from modellab.core.records import Prediction, Question
from modellab.workflow.exports.protocol import Exported, ScoredAnswer, SystemResults


def write(exported: Exported, folder: Path) -> Sequence[str]:
    """Write `questions.parquet` and `answers/{system}.parquet`."""
    import pyarrow as pa
    from pyarrow import parquet

    questions = pa.Table.from_pylist([_question(one) for one in exported.questions])
    parquet.write_table(questions, folder / "questions.parquet")
    (folder / "answers").mkdir()
    fields = exported.task.fields
    for system in exported.systems():
        rows = [_row(system, answer, fields) for answer in system.answers]
        table = pa.Table.from_pylist(rows, _schema(fields, system.model.example_scores))
        parquet.write_table(table, folder / "answers" / f"{system.name}.parquet")
    return ()


def _question(question: Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "question": question.text,
        **question.reference,
        "other_answers": list(question.other_answers),
        "references": list(question.references),
        "relevant_chunks": list(question.relevant_chunks),
        "tags": list(question.tags),
        "unanswerable": question.unanswerable,
    }


#: fields of a prediction that other columns hold
_ELSEWHERE = frozenset({"question_id", "answer", "model", "key"})
_TEXT = frozenset(
    {
        *("retriever", "status", "raw", "error_class", "error", "finish_reason", "dtype"),
        *("quantization", "answered_as", "method", "run", "thought"),
    }
)
_FLOAT = frozenset(
    ("latency_seconds", "queue_seconds", "cost_usd", "confidence", "seconds_per_answer")
)


def _schema(fields: Sequence[str], scores: Sequence[str]) -> Any:
    import pyarrow as pa

    kept = [name for name in Prediction.__dataclass_fields__ if name not in _ELSEWHERE]
    types = {name: pa.int64() for name in kept}
    types |= {name: pa.string() for name in kept if name in _TEXT}
    types |= {name: pa.float64() for name in kept if name in _FLOAT}
    types["passages"] = pa.list_(pa.string())
    return pa.schema(
        {
            **dict.fromkeys(("id", "question", "system", "model", *fields), pa.string()),
            "outcome": pa.string(),
            **{f"score_{name}": pa.float64() for name in scores},
            **types,
        }
    )


def _row(system: SystemResults, answer: ScoredAnswer, fields: Sequence[str]) -> dict[str, Any]:
    prediction = asdict(answer.prediction)
    return {
        "id": answer.question.id,
        "question": answer.question.text,
        "system": system.name,
        "model": system.model.name,
        **{name: answer.prediction.answer.get(name) for name in fields},
        "outcome": answer.outcome or None,
        **{f"score_{name}": value for name, value in answer.scores.items()},
        **{name: value for name, value in prediction.items() if name not in _ELSEWHERE},
    }
