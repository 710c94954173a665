"""One question with all that was found, asked, answered and judged, as plain data of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from modellab.core.records import Passage, Question
from modellab.core.values.ids import read_ids
from modellab.evaluation.compare.entries import entry_name
from modellab.reporting.page.asked import Asking
from modellab.reporting.page.numbers import number
from modellab.reporting.page.streams import JsonRow

Row = Mapping[str, str]
#: the field of an answer that names the documents it rests on
CITING = "ref_id"
#: the field that says most of an answer, where a task has it
VALUE = "answer_value"
#: letters of an answer in a list
MOST_LETTERS = 160
_EFFORT = (
    *("latency_seconds", "seconds_per_answer", "prompt_tokens", "completion_tokens", "cost_usd"),
    *("asked", "retries", "confidence", "finish_reason"),
)
_NOT_MARKS = ("question_id", "retriever", "repeat", "status")


@dataclass
class TextPool:
    """Texts of a question, each once: prompts and passages are the same for many models."""

    texts: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def put(self, text: str | None) -> int | None:
        """The place of a text; None for none."""
        if text is None:
            return None
        if text not in self.places:
            self.places[text] = len(self.texts)
            self.texts.append(text)
        return self.places[text]


@dataclass(frozen=True)
class Material:
    """What there is on one question: contexts, and by model predictions, score rows, judgements."""

    question: Question
    contexts: Sequence[JsonRow]
    predictions: Mapping[str, Sequence[JsonRow]]
    marked: Mapping[str, Sequence[Row]]
    judged: Mapping[str, Iterable[tuple[str, JsonRow]]]
    asking: Mapping[str, Asking]


def question_page(material: Material) -> dict[str, Any]:
    """All that the page of a question shows."""
    pool, question = TextPool(), material.question
    contexts = [_context(question, row, pool) for row in material.contexts]
    answers = [
        answer for model in material.predictions for answer in _answers(model, material, pool)
    ]
    return {
        "given": list(question.given.items()),
        "truth": [
            *question.truth.items(),
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
    """What an answer is called in a narrow column: its value, or else its first field."""
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


def _answers(model: str, material: Material, pool: TextPool) -> Iterable[dict[str, Any]]:
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
            "cited": cited(answer.get(CITING, "")),
            "raw": pool.put(row.get("raw")),
            "prompt": pool.put(_prompt(model, row, material)),
            "why": material.asking[model].reason,
            "error": row.get("error"),
            "passages": list(row.get("passages") or ()),
            "resource_usage": [(key, row[key]) for key in _EFFORT if row.get(key) is not None],
            "marks": _marks(marked.get(where), answer),
            "judged": [
                _judgement(judge, one)
                for judge, one in judged
                if (one["retriever"], one["repeat"]) == where
            ],
        }


def cited(cell: str) -> list[str]:
    """The documents that an answer names, from a list as models write it: `["a", "b"]`."""
    return list(read_ids(cell))


def _prompt(model: str, row: JsonRow, material: Material) -> str | None:
    """The prompt that this answer was made from; None where it cannot be made anew."""
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
    names = [name for name in row if name not in _NOT_MARKS and name not in answer]
    return [(name, found) for name in names if (found := number(row[name])) is not None]


def _judgement(judge: str, row: JsonRow) -> dict[str, Any]:
    keys = ("metric", "judge_repeat", "state", "value", "reason", "detail", "comment", "other")
    return {"judge": judge, **{key: row.get(key) for key in keys}}
