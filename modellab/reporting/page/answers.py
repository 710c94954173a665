"""One question with its contexts, prompts, answers and judgements, as plain data of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modellab.core.fingerprint import file_digest
from modellab.core.records import Passage, Question
from modellab.core.values.ids import read_ids
from modellab.evaluation.compare.entries import entry_name
from modellab.models.prompts import Prompt, load_prompt
from modellab.reporting.page.numbers import number
from modellab.tasks.protocol import TaskOptions

Row = Mapping[str, str]
JsonRow = Mapping[str, Any]
NO_PROMPT = "This model has no prompt: it reads question and passages itself, or is a submission."
#: the field of an answer that cites documents
CITING = "ref_id"
#: the main field of an answer, if the task has it
VALUE = "answer_value"
#: letters of an answer in a list
MOST_LETTERS = 160
_RESOURCES = (
    *("latency_seconds", "seconds_per_answer", "prompt_tokens", "completion_tokens", "cost_usd"),
    *("asked", "retries", "confidence", "finish_reason"),
)
_NO_SCORES = ("question_id", "retriever", "repeat", "status")


@dataclass(frozen=True)
class ShownPrompt:
    """The prompt of a model, or the `reason` why it cannot be shown."""

    task: TaskOptions
    prompt: Prompt | None
    reason: str = ""

    def text(self, question: Question, passages: Sequence[Passage]) -> str | None:
        """All messages as one text; None without a prompt."""
        if self.prompt is None:
            return None
        messages = self.prompt.messages(self.task.variables(question, passages))
        return "\n\n".join(f"[{message.role}]\n{message.content}" for message in messages)


def asking(task: TaskOptions, run: Mapping[str, Any]) -> ShownPrompt:
    """The prompt in the record of a run, unless its file has changed since."""
    used = run.get("prompt")
    if not used:
        return ShownPrompt(task, None, NO_PROMPT)
    path = Path(used["path"])
    if not path.is_file() or file_digest(path) != used["sha256"]:
        return ShownPrompt(task, None, f"The prompt file {path} is gone or has changed since.")
    return ShownPrompt(task, load_prompt(path))


@dataclass
class TextPool:
    """Distinct texts of a question: many models share prompts and passages."""

    texts: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def put(self, text: str | None) -> int | None:
        """The index of a text; None for None."""
        if text is None:
            return None
        if text not in self.places:
            self.places[text] = len(self.texts)
            self.texts.append(text)
        return self.places[text]


@dataclass(frozen=True)
class QuestionMaterial:
    """The contexts of one question, and by model its predictions, score rows and judgements."""

    question: Question
    contexts: Sequence[JsonRow]
    predictions: Mapping[str, Sequence[JsonRow]]
    marked: Mapping[str, Sequence[Row]]
    judged: Mapping[str, Iterable[tuple[str, JsonRow]]]
    asking: Mapping[str, ShownPrompt]


def question_page(material: QuestionMaterial) -> dict[str, Any]:
    """The data of the page of a question."""
    pool, question = TextPool(), material.question
    contexts = [_context(question, row, pool) for row in material.contexts]
    answers = [
        answer for model in material.predictions for answer in _answers(model, material, pool)
    ]
    return {
        "inputs": list(question.inputs.items()),
        "reference": [
            *question.reference.items(),
            *(("also right", answer) for answer in question.other_answers),
        ],
        "references": list(question.references),
        "relevant": list(question.relevant_chunks),
        "images": list(question.images),
        "source": question.source,
        "contexts": contexts,
        "answers": answers,
        "texts": pool.texts,
    }


def short_text(fields: Mapping[str, str]) -> str:
    """An answer in a narrow column: its value, or else its first field."""
    text = fields.get(VALUE) or next(filter(None, fields.values()), "")
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]} ..."


def _context(question: Question, row: JsonRow, pool: TextPool) -> dict[str, Any]:
    return {
        "retriever": row["retriever"],
        "shown": row.get("shown"),
        "passages": [
            {
                **{key: passage.get(key) for key in ("rank", "score", "title", "year", "place")},
                "chunk": passage["chunk_id"],
                "document": passage["document_id"],
                "text": pool.put(passage["text"]),
                "reference": _is_reference(question, passage),
            }
            for passage in row["passages"]
        ],
    }


def _is_reference(question: Question, passage: JsonRow) -> bool:
    if question.relevant_chunks:
        return passage["chunk_id"] in question.relevant_chunks
    return passage["document_id"] in question.references


def _answers(model: str, material: QuestionMaterial, pool: TextPool) -> Iterable[dict[str, Any]]:
    marked = {(row["retriever"], int(row["repeat"])): row for row in material.marked[model]}
    judged = list(material.judged[model])
    for row in material.predictions[model]:
        where = (row["retriever"], row["repeat"])
        answer = row.get("answer") or {}
        yield {
            "system": entry_name(model, row["retriever"]),
            "retriever": row["retriever"],
            "repeat": row["repeat"],
            "status": row["status"],
            "outcome": (marked.get(where) or {}).get("outcome", ""),
            "short": short_text(answer) or row.get("error") or "",
            "answer": list(answer.items()),
            "cited": list(read_ids(answer.get(CITING, ""))),
            "raw": pool.put(row.get("raw")),
            "prompt": pool.put(_prompt(model, row, material)),
            "why": material.asking[model].reason,
            "error": row.get("error"),
            "passages": list(row.get("passages") or ()),
            "resource_usage": [(key, row[key]) for key in _RESOURCES if row.get(key) is not None],
            "marks": _marks(marked.get(where), answer),
            "judged": [
                _judgement(judge, one)
                for judge, one in judged
                if (one["retriever"], one["repeat"]) == where
            ],
        }


def _prompt(model: str, row: JsonRow, material: QuestionMaterial) -> str | None:
    """The prompt of this answer; None if its passages are not in the contexts."""
    context = next((c for c in material.contexts if c["retriever"] == row["retriever"]), None)
    found = {p["chunk_id"]: p for p in context["passages"]} if context else {}
    shown = row.get("passages") or ()
    if any(name not in found for name in shown):
        return None
    passages = [_passage(found[name]) for name in shown]
    return material.asking[model].text(material.question, passages)


def _passage(row: JsonRow) -> Passage:
    return Passage(**{name: row[name] for name in Passage.__dataclass_fields__ if name in row})


def _marks(row: Row | None, answer: Mapping[str, str]) -> list[tuple[str, float]]:
    if row is None:
        return []
    names = [name for name in row if name not in _NO_SCORES and name not in answer]
    return [(name, found) for name in names if (found := number(row[name])) is not None]


def _judgement(judge: str, row: JsonRow) -> dict[str, Any]:
    keys = ("metric", "judge_repeat", "state", "value", "reason", "detail", "comment", "other")
    return {"judge": judge, **{key: row.get(key) for key in keys}}
