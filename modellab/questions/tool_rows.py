"""Rows of tools and of conversations as rows with usual columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.table_file import Row
from modellab.questions.conversation import answered_last, asked_last, is_conversation
from modellab.questions.data_sets import once
from modellab.questions.row_format import without_nothing

#: keys of lists of messages
MESSAGES = ("messages", "conversations", "conversation", "turns", "body")


def deepeval(_place: str, row: Row) -> Iterator[Row]:
    """Goldens of DeepEval, as `EvaluationDataset.save_as` writes them.

    `actual_output` and `retrieval_context` are a system's. Contexts of a CSV file have a bar
    between them.
    """
    context = row.get("context")
    if isinstance(context, str) and not context.lstrip().startswith("["):
        context = [text for text in context.split("|") if text.strip()]
    kept = ("id", "name", "references", "category", "comments")
    yield {
        "question": row["input"],
        "answer": row["expected_output"],
        **without_nothing(
            {
                **{name: row.get(name) for name in kept},
                "reference_contexts": context,
                "references": row.get("references") or row.get("source_file"),
            }
        ),
    }


def messages(place: str, row: Row) -> Iterator[Row]:
    """Lists of messages, as OpenAI and ShareGPT write them; the last question is asked.

    Earlier messages are its history; the answer is a column, or the last message.
    """
    name = conversation(row)
    if name is None:
        raise KeyError("messages")
    said = row[name]["messages"] if isinstance(row[name], Mapping) else row[name]
    question, history = asked_last(f"{place}: {name}", said)
    answer = answered_last(f"{place}: {name}", said)
    # a request of OpenAI's batch API has its address beside the body
    left_out = {name, "url", "method"} if name == "body" else {name}
    others = {key: value for key, value in row.items() if key not in left_out}
    own = {"answer": answer} if answer is not None else {}
    yield {**own, **others, "question": question, "history": history}


def conversation(row: Row) -> str | None:
    """The key of the list of messages, in a row without another question."""
    if {"question", "query", "input"} & set(row):
        return None
    for name in MESSAGES:
        value = row.get(name)
        if is_conversation(value.get("messages") if isinstance(value, Mapping) else value):
            return name
    return None


def turns(place: str, row: Row) -> Iterator[Row]:
    """Prompts of MT-Bench and Arena-Hard with a single turn, perhaps with a reference answer."""
    said, references = row["turns"], row.get("reference")
    if len(said) > 1:
        raise InputError(
            f"{place}: {len(said)} turns, each about the model's answer to the one before; keep "
            "the first one"
        )
    question = said[0]["content"] if isinstance(said[0], Mapping) else said[0]
    answer = {"answer": references} if references else {}
    others = {name: v for name, v in row.items() if name not in ("turns", "reference", "cluster")}
    yield {**others, "question": question, **answer}


def bedrock(place: str, row: Row) -> Iterator[Row]:
    """Amazon Bedrock's evaluation of knowledge bases: each turn with the earlier ones."""
    history: list[str] = []
    for number, turn in enumerate(row["conversationTurns"], start=1):
        question = _content(turn["prompt"])
        answers = [_content(one) for one in turn.get("referenceResponses") or ()]
        contexts = [_content(one) for one in turn.get("referenceContexts") or ()]
        yield {
            "id": f"{place.rpartition(':')[2].strip()}_{number}",
            "question": question,
            **without_nothing(
                {
                    "answer": answers,
                    "reference_contexts": contexts,
                    "history": "\n".join(history),
                }
            ),
        }
        history += [f"user: {question}", *(f"assistant: {text}" for text in answers[:1])]


def _content(message: Mapping[str, Any]) -> str:
    return "".join(part["text"] for part in message["content"])


def prodigy(place: str, row: Row) -> Iterator[Row]:
    """Prodigy, without ignored rows: chosen options, or a label that was accepted or rejected."""
    decision, options = row.get("answer", "accept"), row.get("options")
    if decision == "ignore" or (options is not None and decision == "reject"):
        return
    if options is not None:
        chosen = list(row.get("accept") or ())
        reference: dict[str, Any] = {"label": chosen[0]} if len(chosen) == 1 else {"tags": chosen}
    elif "label" in row:
        reference = {"label": row["label"] if decision == "accept" else f"not {row['label']}"}
    else:
        raise InputError(
            f"{place}: neither `options` nor a `label`; no task has spans or relations"
        )
    yield {"text": row["text"], "groups": (row.get("meta") or {}).get("source"), **reference}


def is_prodigy(row: Row) -> bool:
    decided = row["answer"] in ("accept", "reject", "ignore")
    return decided and bool({"_input_hash", "options", "label"} & set(row))


def alpaca(_place: str, row: Row) -> Iterator[Row]:
    """Instructions of Alpaca (Taori et al. 2023) and Vertex AI with their `input` or `prompt`."""
    name = _instructed(row)
    if name is None:
        raise KeyError("input")
    others = {key: value for key, value in row.items() if key not in ("instruction", name)}
    asked = "\n\n".join(filter(None, (row["instruction"], row[name])))
    yield {**others, "question": asked}


def is_alpaca(row: Row) -> bool:
    return _instructed(row) is not None


def _instructed(row: Row) -> str | None:
    return next((name for name in ("input", "prompt") if name in row), None)


def model_lab(_place: str, row: Row) -> Iterator[Row]:
    """question, ground_truth_answer, and chunk_id, chunk_text (perhaps cut short) or URLs."""
    yield {
        "id": row.get("id"),
        "question": row["question"],
        "answer": row["ground_truth_answer" if "ground_truth_answer" in row else "ground_truth"],
        "relevant_chunks": once(row.get("chunk_id"), row.get("relevant_chunk_ids")),
        "relevant_urls": once(row.get("confluence_url"), row.get("relevant_urls")),
        **without_nothing(
            {
                "reference_contexts": once(row.get("chunk_text")),
                "question_source": row.get("question_source"),
            }
        ),
    }


def llama_index(_place: str, row: Row) -> Iterator[Row]:
    """`EmbeddingQAFinetuneDataset` of LlamaIndex: `queries`, `corpus` and `relevant_docs` by id."""
    for name, query in row["queries"].items():
        yield {"id": name, "question": query, "references": row["relevant_docs"][name]}
