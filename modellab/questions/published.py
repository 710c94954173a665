"""Published data sets and files of tools whose rows need no options to be read.

Each is a function from one of its rows to rows with usual columns, and an entry of `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from modellab.core.io.table_file import Row, TableFile
from modellab.questions.choices import CHOICE_KEYS, has_choices, letters_of, multiple_choice
from modellab.questions.conversation import answered_last, asked_last, is_conversation
from modellab.questions.protocol import QuestionsRead
from modellab.questions.row_format import RowFormat, without_nothing


def _has(*keys: str) -> Callable[[Row], bool]:
    return lambda row: set(keys) <= set(row)


@dataclass(frozen=True)
class Published:
    """A format of rows.

    Attributes:
        rows: What a row is turned into, from its place and itself.
        fits: Whether a row is one of this format.
        keys: Names that its rows have and other tables do not.
        task: The kind of task that it is for; None: what the truth holds decides.
        truths: What the truth of its questions may hold.
        labels: The labels to choose from, given the rows of a file.
    """

    rows: Callable[[str, Row], Iterator[Row]]
    fits: Callable[[Row], bool]
    keys: tuple[str, ...] = ()
    task: str | None = None
    truths: tuple[str, ...] = ("answer",)
    labels: Callable[[Sequence[Row]], tuple[str, ...]] | None = None


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

    The selected passages are the contexts; "No Answer Present." marks an unanswerable question.
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

    The answers are the short answers of all annotators, yes and no included. The open version is a
    question and a list of answers.
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
    """Lists of messages, as OpenAI and ShareGPT write them; the last question is asked.

    Earlier messages are its history; the answer is a column, or the last message.
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
    """The key of the list of messages, in a row without another question."""
    if {"question", "query", "input"} & set(row):
        return None
    names = ("messages", "conversations", "conversation", "turns")
    return next((name for name in names if is_conversation(row.get(name))), None)


def gsm8k(_place: str, row: Row) -> Iterator[Row]:
    """GSM8K (Cobbe et al. 2021): the answer follows `####`."""
    yield {**row, "answer": row["answer"].rpartition("####")[2].strip()}


def alpaca(_place: str, row: Row) -> Iterator[Row]:
    """Instructions of Alpaca (Taori et al. 2023) with their `input`."""
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


#: labels of SNLI, MultiNLI, ANLI and XNLI on the hub, by number
_ENTAILMENT = ("entailment", "neutral", "contradiction")


def nli(_place: str, row: Row) -> Iterator[Row]:
    """Natural language inference (Bowman et al. 2015): premise, hypothesis and a label.

    Also other pairs of sentences with a label. A row whose annotators did not agree (label -1 or
    `-`) is left out.
    """
    pairs = (("premise", "hypothesis"), ("sentence1", "sentence2"))
    first, second = next(pair for pair in pairs if set(pair) <= set(row))
    label = str(row["gold_label" if "gold_label" in row else "label"]).strip()
    if label in ("-1", "-"):
        return
    numbered = first == "premise" and label in ("0", "1", "2")
    inference = first == "premise" or "gold_label" in row
    titles = ("Premise", "Hypothesis") if inference else ("Sentence 1", "Sentence 2")
    yield {
        "id": next((row[n] for n in ("id", "uid", "pairID", "idx") if n in row), None),
        "question": f"{titles[0]}: {row[first]}\n{titles[1]}: {row[second]}",
        "label": _ENTAILMENT[int(label)] if numbered else label,
        "groups": row.get("genre"),
    }


def _is_nli(row: Row) -> bool:
    asks = {"premise", "hypothesis"} <= set(row) or {"sentence1", "sentence2"} <= set(row)
    return asks and bool({"label", "gold_label"} & set(row))


def llama_index(_place: str, row: Row) -> Iterator[Row]:
    """`EmbeddingQAFinetuneDataset` of LlamaIndex: `queries`, `corpus` and `relevant_docs` by id."""
    for name, query in row["queries"].items():
        yield {"id": name, "question": query, "references": row["relevant_docs"][name]}


def dpr(_place: str, row: Row) -> Iterator[Row]:
    """Training data of DPR (Karpukhin et al. 2020): answers, and passages that contain them."""
    passages = row["positive_ctxs"]
    ids = (one.get("passage_id", one.get("psg_id")) for one in passages)
    yield {
        "id": row.get("id"),
        "question": row["question"],
        "answer": row["answers"],
        "references": _once(None, list(ids)),
        "reference_contexts": [one["text"] for one in passages],
        "groups": row.get("dataset"),
    }


#: the formats that a table is recognised as; first those with the most telling keys
FORMATS: Mapping[str, Published] = {
    "multiple_choice": Published(
        multiple_choice,
        has_choices,
        CHOICE_KEYS,
        "label",
        ("answer", "label"),
        letters_of,
    ),
    "llama_index": Published(
        llama_index, _has("queries", "corpus", "relevant_docs"), ("relevant_docs",), "retrieval", ()
    ),
    "dpr": Published(dpr, _has("question", "answers", "positive_ctxs")),
    "hotpotqa": Published(
        hotpotqa, _has("question", "supporting_facts", "context"), ("supporting_facts",)
    ),
    "musique": Published(musique, _has("question", "paragraphs", "answer")),
    "ms_marco": Published(ms_marco, _has("query", "answers", "passages"), ("query",)),
    "trivia_qa": Published(trivia_qa, _is_trivia_qa),
    "finance_bench": Published(finance_bench, _has("financebench_id", "question", "evidence")),
    "natural_questions": Published(
        natural_questions, _has("question_text", "annotations"), ("question_text",)
    ),
    "nli": Published(
        nli, _is_nli, ("premise", "hypothesis", "sentence1", "sentence2"), "label", ("label",)
    ),
    "gsm8k": Published(gsm8k, lambda row: "\n#### " in str(row.get("answer", ""))),
    "alpaca": Published(alpaca, _has("instruction", "input"), ("input",)),
    "deepeval": Published(deepeval, _has("input", "expected_output"), ("input",)),
    "messages": Published(
        messages, lambda row: _conversation(row) is not None, ("messages", "conversations")
    ),
    "model_lab": Published(model_lab, lambda _row: False),
}

if TYPE_CHECKING:
    Kind = str
else:
    Kind = Literal[tuple(FORMATS)]


class PublishedFormat(RowFormat):
    """Rows of a published data set or of a tool."""

    kind: Kind = Field(
        description="As published, or on the hub: HotpotQA and 2WikiMultihopQA, MuSiQue, MS MARCO "
        "2.1, TriviaQA, FinanceBench, Natural Questions (open or simplified), GSM8K, instructions "
        "like Alpaca's; questions with choices (MMLU, ARC, MedQA, TruthfulQA, ...: `choices`, "
        "`options` or columns A, B, C, D); pairs of premise and hypothesis (SNLI, MultiNLI, ...); "
        "goldens of DeepEval; conversations (`messages`); training data of DPR; retrieval sets of "
        "LlamaIndex; question sets with a `ground_truth_answer` and its chunk."
    )

    @property
    def _format(self) -> Published:
        return FORMATS[self.kind]

    def truths(self) -> frozenset[str]:
        return frozenset(self._format.truths)

    def signature(self) -> frozenset[str]:
        return frozenset(self._format.keys)

    def adapted(self, place: str, row: Row) -> Iterator[tuple[str, Row]]:
        for one in self._format.rows(place, row):
            yield place, one

    def questions(self, path: Path, file: TableFile) -> QuestionsRead:
        labels = self._format.labels
        found = labels([row for _, row in file.rows]) if labels else ()
        return replace(super().questions(path, file), task=self._format.task, labels=found)


def _pairs(value: Any, one: str, other: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from zip(value[one], value[other], strict=True)
    else:
        yield from ((title, more) for title, more in value)


def _rows(value: Any) -> list[dict[str, Any]]:
    """A list of objects; the hub has an object of columns instead."""
    if isinstance(value, dict):
        return [dict(zip(value, cells, strict=True)) for cells in zip(*value.values(), strict=True)]
    return list(value)


def _lower(row: Any) -> dict[str, Any]:
    """A row with its names in lower case and without underscores."""
    if not isinstance(row, Mapping):
        return {}
    return {str(name).lower().replace("_", ""): value for name, value in row.items()}


def _once(one: Any, more: Any = None) -> list[str]:
    """A single name and those of a list, each once, without empty ones."""
    names = [one, *(more if isinstance(more, list) else [more])]
    return list(dict.fromkeys(str(name) for name in names if name not in (None, "")))
