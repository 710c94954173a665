"""Files of tools: RAGAS, DeepEval, Label Studio, Prodigy, conversations and others."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.io.table_file import Row, TableFile
from modellab.questions.data_sets import once
from modellab.questions.messages import is_conversation, last_question, last_reply
from modellab.questions.protocol import QuestionsRead, RowFormat
from modellab.questions.row_shapes import without_nothing
from modellab.questions.table_columns import question_names

#: keys of lists of messages
MESSAGES = ("messages", "conversations", "conversation", "turns", "body", "contents", "request")


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


def databricks(_place: str, row: Row) -> Iterator[Row]:
    """Evaluation sets of Databricks agents: the documents and texts that are to be retrieved."""
    asked, found = row["request"], row["expected_retrieved_context"]
    others = {name: value for name, value in row.items() if value not in (asked, found)}
    yield {
        **others,
        "question": _listed(asked),
        "references": once(None, [one.get("doc_uri") for one in found or ()]),
        "reference_contexts": once(None, [one.get("content") for one in found or ()]),
    }


def is_deepeval(row: Row) -> bool:
    """Whether the input is a text, and no object written as one."""
    return isinstance(row["input"], str) and not row["input"].startswith("{")


def messages(place: str, row: Row) -> Iterator[Row]:
    """Lists of messages; the last question is asked, the answer is a column, its reply or apart."""
    name = conversation(row)
    if name is None:
        raise KeyError("messages")
    listed = _listed(row[name])
    question, history = last_question(f"{place}: {name}", listed)
    reply = name == "inputs" and dict(row.get("outputs") or {}).get("messages")
    answer = last_reply(f"{place}: {name}", reply or listed)
    # a request of OpenAI's batch API has its address beside the body
    left_out = {name, "url", "method"} if name == "body" else {name}
    others = {key: value for key, value in row.items() if key not in left_out}
    own = without_nothing({"answer": answer})
    yield {**own, **others, "question": question, "history": history}


def conversation(row: Row) -> str | None:
    """The key of the list of messages, in a row without another question."""
    if {"question", "query", "input"} & set(row):
        return None
    for name in (*MESSAGES, "inputs"):
        value = row.get(name)
        if is_conversation(_listed(value)):
            return name
    return None


def _listed(value: Any) -> Any:
    """The messages of a value, as OpenAI or Google (`contents`) write them."""
    if not isinstance(value, Mapping):
        return value
    return value.get("messages", value.get("contents"))


def turns(place: str, row: Row) -> Iterator[Row]:
    """Prompts of MT-Bench and Arena-Hard with a single turn, perhaps with a reference answer."""
    asked, references = row["turns"], row.get("reference")
    if len(asked) > 1:
        raise InputError(
            f"{place}: {len(asked)} turns, each about the model's answer to the one before; keep "
            "the first one"
        )
    question = asked[0]["content"] if isinstance(asked[0], Mapping) else asked[0]
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
    decision, options = row.get("answer", "accept"), row.get("options", row.get("accept"))
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
    return decided and bool({"_input_hash", "options", "accept", "label"} & set(row))


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


log = logging.getLogger(__name__)

_TRUTHS = ("reference", "ground_truth", "ground_truths")
#: a system's output and its scores; `answer` and `contexts` only beside a ground truth
_OF_A_SYSTEM = frozenset({"response", "retrieved_contexts", "answer", "rubrics"})


class RagasFormat(RowFormat):
    """user_input (a text or messages), reference, reference_contexts; or question, ground_truth.

    Source: the library's `SingleTurnSample` and `MultiTurnSample`, and the data sets before its
    version 0.2 (question, ground_truth or ground_truths, contexts, answer). A system's output
    (response, answer, contexts, retrieved_contexts) is no reference: the same file is a submission.
    """

    keys: ClassVar[frozenset[str]] = frozenset({"user_input"})

    kind: Literal["ragas"] = Field(description="A test set or results of RAGAS, old or new.")

    @classmethod
    def fits(cls, row: Row) -> bool:
        return "user_input" in row

    def questions(self, path: Path, file: TableFile) -> QuestionsRead:
        """The rows with a reference: RAGAS also judges answers without one.

        Rows with an empty reference are left out with a warning. An empty list is no empty
        reference: it says that the question is unanswerable.
        """
        names = [name for name in _TRUTHS if name in file.columns]
        without = [
            place
            for place, row in file.rows
            if names and all(row.get(n) is None or not str(row[n]).strip() for n in names)
        ]
        if without and len(without) < len(file.rows):
            log.warning(
                "%s: %d of %d rows without a reference left out, the first is %s",
                *(path, len(without), len(file.rows), without[0]),
            )
            left_out = {*without}
            file = replace(file, rows=tuple(one for one in file.rows if one[0] not in left_out))
        return super().questions(path, file)

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        left_out = _OF_A_SYSTEM if any(name in row for name in _TRUTHS) else frozenset()
        yield place, {name: value for name, value in row.items() if name not in left_out}


class ModelLabJudgeFormat(RowFormat):
    """question, answer, context, ground_truth_show: is the answer fit to be shown?"""

    task: ClassVar[str | None] = "label"
    keys: ClassVar[frozenset[str]] = frozenset({"ground_truth_show"})
    fields: ClassVar[frozenset[str] | None] = frozenset({"label", "rationale"})

    kind: Literal["model_lab_judge"] = Field(description="Items for a production judge.")
    show: str = Field("show", description="the label of an answer that is to be shown")
    hide: str = Field("hide", description="the label of one that is not")

    @classmethod
    def fits(cls, row: Row) -> bool:
        return {"question", "answer", "ground_truth_show"} <= set(row)

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        shown = str(row["ground_truth_show"]).strip().lower()
        if shown not in ("true", "false", "1", "0"):
            raise InputError(f"{place}: ground_truth_show is {shown!r}; write true or false")
        yield (
            place,
            {
                "id": row.get("id"),
                "question": row["question"],
                "inputs": {"answer": row["answer"], "context": row.get("context") or ""},
                "label": self.show if shown in ("true", "1") else self.hide,
                "truth": {"rationale": row.get("rationale") or ""},
            },
        )


#: names of the text in Label Studio's `data`, if nothing in it is called a question
_TEXTS = ("text", "content", "body")


class LabelStudioFormat(RowFormat):
    """data, and annotations with choices (labels) or texts (answers).

    Source: its documentation, "Label Studio JSON format of annotated tasks": `data` is what was
    shown, `annotations` have a `result` with a value per control (choices, textarea, ...).
    """

    keys: ClassVar[frozenset[str]] = frozenset({"data", "annotations"})
    fields: ClassVar[frozenset[str] | None] = frozenset({"answer", "label", "tags"})

    kind: Literal["label_studio"] = Field(description="A JSON export of Label Studio.")
    control: str | None = Field(
        None,
        description="the control (`from_name`) whose choices or texts are the reference; null: the "
        "only one",
    )

    @classmethod
    def fits(cls, row: Row) -> bool:
        return {"data", "annotations"} <= set(row)

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        """One question, with the answer or the label of its annotators.

        Skipped annotations are ignored; a task without another one is left out. Raises InputError
        (place) for annotators who chose different labels, and for several controls.
        """
        data = row["data"]
        results = [
            result
            for annotation in row["annotations"]
            if not annotation.get("was_cancelled")
            for result in annotation["result"]
            if result["type"] in ("choices", "textarea")
        ]
        controls = sorted({result["from_name"] for result in results})
        if self.control is None and len(controls) > 1:
            raise InputError(
                f"{place}: controls {', '.join(map(repr, controls))}; say which is the reference: "
                f"`format: {{kind: label_studio, control: {controls[0]}}}`"
            )
        chosen = [one for one in results if self.control in (None, one["from_name"])]
        if not chosen:
            return
        if chosen[0]["type"] == "choices":
            reference = _choices_as_reference(place, chosen)
        else:
            reference = {"answer": [text for result in chosen for text in result["value"]["text"]]}
        names = ("question", *sorted(question_names({})), *_TEXTS)
        name = next((name for name in names if name in data), None)
        if name is None:
            raise InputError(
                f"{place}: no text in `data` (found: {', '.join(data)}); call it question or text"
            )
        yield place, {"id": row.get("id"), **data, "question": data[name], **reference}


def _choices_as_reference(place: str, results: list[Mapping[str, Any]]) -> dict[str, Any]:
    """One choice each is a label; several choices are tags."""
    choices = [tuple(result["value"]["choices"]) for result in results]
    if len(set(choices)) > 1:
        shown = " and ".join(", ".join(one) for one in dict.fromkeys(choices))
        raise InputError(f"{place}: annotators disagree ({shown}); settle it in Label Studio")
    return {"label": choices[0][0]} if len(choices[0]) == 1 else {"tags": list(choices[0])}
