"""Published data sets, and files of tools, whose rows are neither plain nor need options.

Each is a function from one of its rows to rows with usual columns, and a line in `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.io.table_file import Row
from modellab.questions.conversation import answered_last, asked_last, is_conversation
from modellab.questions.row_format import RowFormat, without_nothing


@dataclass(frozen=True)
class Published:
    """A format: whether a row is one of it, and the rows that it is made into."""

    fits: Callable[[Row], bool]
    rows: Callable[[str, Row], Iterator[Row]]


def _with(*keys: str) -> Callable[[Row], bool]:
    return lambda row: set(keys) <= set(row)


def hotpotqa(_place: str, row: Row) -> Iterator[Row]:
    """HotpotQA (Yang et al. 2018) and 2WikiMultihopQA, as published or from the hub.

    The titles of the supporting facts (title, sentence from 0) are the references, their sentences
    the contexts. A sentence that the paragraph lacks is left out, as in the authors' scorer.
    """
    sentences = dict(_pairs(row["context"], "title", "sentences"))
    facts = list(_pairs(row["supporting_facts"], "title", "sent_id"))
    contexts = [
        sentences[title][number].strip()
        for title, number in facts
        if number < len(sentences.get(title, ()))
    ]
    yield {
        **{name: row[name] for name in ("id", "_id", "type", "level") if name in row},
        "question": row["question"],
        "answer": row["answer"],
        "references": list(dict.fromkeys(title for title, _ in facts)),
        "reference_contexts": contexts,
    }


def musique(_place: str, row: Row) -> Iterator[Row]:
    """MuSiQue (Trivedi et al. 2022): `paragraphs` with `is_supporting`."""
    support = [one for one in row["paragraphs"] if one.get("is_supporting")]
    yield {
        "id": row.get("id"),
        "question": row["question"],
        "answer": [row["answer"], *row.get("answer_aliases", ())],
        "references": list(dict.fromkeys(one["title"] for one in support)),
        "reference_contexts": [one["paragraph_text"] for one in support],
        "unanswerable": row.get("answerable") is False,
    }


def ms_marco(_place: str, row: Row) -> Iterator[Row]:
    """MS MARCO 2.1 (Bajaj et al. 2016), as columns, as lines or from the hub.

    The selected passages are the contexts; "No Answer Present." says that there is none.
    """
    selected = [passage for passage in _rows(row["passages"]) if passage["is_selected"]]
    yield {
        "id": row.get("query_id"),
        "question": row["query"],
        "answer": [t for t in row["answers"] if t.strip().lower() != "no answer present."],
        "relevant_urls": [passage["url"] for passage in selected if passage.get("url")],
        "reference_contexts": [passage["passage_text"] for passage in selected],
        "groups": row.get("query_type"),
    }


def natural_questions(_place: str, row: Row) -> Iterator[Row]:
    """Natural Questions (Kwiatkowski et al. 2019), simplified; the open version (Lee et al. 2019).

    The short answers of all annotators, as words of the page; yes and no are answers too. The open
    version is a question and a list of answers.
    """
    if "question_text" not in row:
        yield dict(row)
        return
    words = row["document_text"].split(" ")
    found = [text for one in row["annotations"] for text in _short_answers(one, words)]
    yield {
        "id": row.get("example_id"),
        "question": row["question_text"],
        "answer": list(dict.fromkeys(found)),
        "relevant_urls": row.get("document_url"),
    }


def _short_answers(annotation: Mapping[str, Any], words: list[str]) -> Iterator[str]:
    if annotation.get("yes_no_answer", "NONE").upper() in ("YES", "NO"):
        yield annotation["yes_no_answer"].lower()
    if spans := annotation["short_answers"]:
        # several spans of one annotator are one answer, a list
        yield ", ".join(" ".join(words[one["start_token"] : one["end_token"]]) for one in spans)


def trivia_qa(_place: str, row: Row) -> Iterator[Row]:
    """TriviaQA (Joshi et al. 2017): `Question`, `Answer` (`Value`, `Aliases`), `EntityPages`.

    The hub has the same names in lower case. The value is the first answer, then its aliases; the
    Wikipedia pages are the references.
    """
    plain = _lower(row)
    answer, pages = _lower(plain["answer"]), plain.get("entitypages") or []
    if isinstance(pages, list):
        titles = [_lower(page)["title"] for page in pages]
    else:
        titles = _lower(pages).get("title", [])
    yield {
        "id": plain.get("questionid"),
        "question": plain["question"],
        "answer": [answer["value"], *answer["aliases"]],
        "references": titles,
    }


def _is_trivia_qa(row: Row) -> bool:
    plain = _lower(row)
    return "question" in plain and "aliases" in _lower(plain.get("answer"))


def finance_bench(_place: str, row: Row) -> Iterator[Row]:
    """FinanceBench (Islam et al. 2023): `financebench_open_source.jsonl`."""
    evidence = list(row["evidence"])
    names = [one.get("doc_name") or row.get("doc_name") for one in evidence]
    groups = ("question_type", "question_reasoning", "company")
    yield {
        "id": row["financebench_id"],
        "question": row["question"],
        "answer": row["answer"],
        "references": [name for name in dict.fromkeys(names or [row.get("doc_name")]) if name],
        "reference_contexts": [one["evidence_text"] for one in evidence],
        "groups": list(without_nothing({name: row.get(name) for name in groups}).values()),
    }


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
    """Lists of messages, as OpenAI and ShareGPT write them: the last question is asked.

    What was said before is its history; the answer is a column, or the last message.
    """
    name = _conversation(row)
    if name is None:
        raise KeyError("messages")
    question, history = asked_last(f"{place}: {name}", row[name])
    answer = answered_last(f"{place}: {name}", row[name])
    others = {key: value for key, value in row.items() if key != name}
    own = {"answer": answer} if answer is not None else {}
    yield {**own, **others, "question": question, "history": history}


def _conversation(row: Row) -> str | None:
    """The key of the list of messages, in a row that has no question otherwise."""
    if {"question", "query", "input"} & set(row):
        return None
    names = ("messages", "conversations", "conversation", "turns")
    return next((name for name in names if is_conversation(row.get(name))), None)


def gsm8k(_place: str, row: Row) -> Iterator[Row]:
    """GSM8K (Cobbe et al. 2021): the answer is behind `####`."""
    yield {**row, "answer": row["answer"].rpartition("####")[2].strip()}


def alpaca(_place: str, row: Row) -> Iterator[Row]:
    """Instructions as Alpaca has them (Taori et al. 2023): `input` is what they are about."""
    others = {name: value for name, value in row.items() if name not in ("instruction", "input")}
    asked = "\n\n".join(filter(None, (row["instruction"], row["input"])))
    yield {**others, "question": asked}


def model_lab(_place: str, row: Row) -> Iterator[Row]:
    """question, ground_truth_answer, and chunk_id, chunk_text (perhaps cut short) or URLs."""
    yield {
        "id": row.get("id"),
        "question": row["question"],
        "answer": row["ground_truth_answer" if "ground_truth_answer" in row else "ground_truth"],
        "relevant_chunks": _once(row.get("chunk_id"), row.get("relevant_chunk_ids")),
        "relevant_urls": _once(row.get("confluence_url"), row.get("relevant_urls")),
        **without_nothing(
            {
                "reference_contexts": _once(row.get("chunk_text")),
                "question_source": row.get("question_source"),
            }
        ),
    }


#: the formats that a table is recognised as first have the most telling keys
FORMATS: Mapping[str, Published] = {
    "hotpotqa": Published(_with("question", "supporting_facts", "context"), hotpotqa),
    "musique": Published(_with("question", "paragraphs", "answer"), musique),
    "ms_marco": Published(_with("query", "answers", "passages"), ms_marco),
    "trivia_qa": Published(_is_trivia_qa, trivia_qa),
    "finance_bench": Published(_with("financebench_id", "question", "evidence"), finance_bench),
    "natural_questions": Published(_with("question_text", "annotations"), natural_questions),
    "gsm8k": Published(lambda row: "\n#### " in str(row.get("answer", "")), gsm8k),
    "alpaca": Published(_with("instruction", "input"), alpaca),
    "deepeval": Published(_with("input", "expected_output"), deepeval),
    "messages": Published(lambda row: _conversation(row) is not None, messages),
    "model_lab": Published(lambda _row: False, model_lab),
}


class PublishedFormat(RowFormat):
    """Rows of a published data set or of a tool."""

    signature: ClassVar[frozenset[str]] = frozenset(
        {"query", "question_text", "input", "messages", "conversations", "supporting_facts"}
    )

    kind: Literal[
        "hotpotqa",
        "musique",
        "ms_marco",
        "trivia_qa",
        "finance_bench",
        "natural_questions",
        "gsm8k",
        "alpaca",
        "deepeval",
        "messages",
        "model_lab",
    ] = Field(
        description="As published, or on the hub: HotpotQA and 2WikiMultihopQA, MuSiQue, MS MARCO "
        "2.1, TriviaQA, FinanceBench, Natural Questions (open or simplified), GSM8K, instructions "
        "like Alpaca's; goldens of DeepEval; conversations (`messages`); question sets with a "
        "`ground_truth_answer` and its chunk."
    )

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        for one in FORMATS[self.kind].rows(place, row):
            yield place, one


def _pairs(value: Any, one: str, other: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from zip(value[one], value[other], strict=True)
    else:
        yield from ((title, more) for title, more in value)


def _rows(value: Any) -> list[dict[str, Any]]:
    """Objects, also where the hub has an object of columns."""
    if isinstance(value, dict):
        return [dict(zip(value, cells, strict=True)) for cells in zip(*value.values(), strict=True)]
    return list(value)


def _lower(row: Any) -> dict[str, Any]:
    """A row with its names in lower case and without underscores."""
    if not isinstance(row, Mapping):
        return {}
    return {str(name).lower().replace("_", ""): value for name, value in row.items()}


def _once(one: Any, more: Any = None) -> list[str]:
    """One that is named alone and those of a list, each once; empty ones are none."""
    names = [one, *(more if isinstance(more, list) else [more])]
    return list(dict.fromkeys(str(name) for name in names if name not in (None, "")))
