"""Rows of published data sets as rows with usual columns."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.table_file import Row
from modellab.questions.row_shapes import without_nothing


def hotpotqa(_place: str, row: Row) -> Iterator[Row]:
    """HotpotQA (Yang et al. 2018) and 2WikiMultihopQA: titles and sentences of supporting facts.

    A sentence that the paragraph lacks is left out, as in the authors' scorer.
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
    selected = [passage for passage in columns_as_rows(row["passages"]) if passage["is_selected"]]
    yield {
        "id": row.get("query_id"),
        "question": row["query"],
        "answer": [t for t in row["answers"] if t.strip().lower() != "no answer present."],
        "relevant_urls": [passage["url"] for passage in selected if passage.get("url")],
        "reference_contexts": [passage["passage_text"] for passage in selected],
        "groups": row.get("query_type"),
    }


def natural_questions(_place: str, row: Row) -> Iterator[Row]:
    """Natural Questions (Kwiatkowski et al. 2019), simplified: the short answers of all annotators.

    Rows of the open version (Lee et al. 2019) have a question and a list of answers already.
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
    """TriviaQA (Joshi et al. 2017), with its names as published or in lower case, as on the hub.

    The value is the first answer, then its aliases; the Wikipedia pages are the references.
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


def is_trivia_qa(row: Row) -> bool:
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


def gsm8k(_place: str, row: Row) -> Iterator[Row]:
    """GSM8K (Cobbe et al. 2021): the answer follows `####`, perhaps with thousands separators."""
    answer = row["answer"].rpartition("####")[2].strip()
    yield {**row, "answer": list(dict.fromkeys((answer, answer.replace(",", ""))))}


def is_gsm8k(row: Row) -> bool:
    return re.search(r"(?:^|\s)####\s*[^\s#]", str(row["answer"])) is not None


def math(place: str, row: Row) -> Iterator[Row]:
    """MATH (Hendrycks et al. 2021): the answer is in the last `\\boxed{}` of the solution."""
    start = row["solution"].rfind("\\boxed{") + len("\\boxed{")
    depth = 1
    for end, character in enumerate(row["solution"][start:], start=start):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0:
            others = {name: value for name, value in row.items() if name != "solution"}
            yield {**others, "answer": row["solution"][start:end]}
            return
    raise InputError(f"{place}: solution: no closing brace after \\boxed{{")


def is_math(row: Row) -> bool:
    return "answer" not in row and "\\boxed{" in str(row["solution"])


def qasper(_place: str, row: Row) -> Iterator[Row]:
    """QASPER (Dasigi et al. 2021), by paper, as published or from the hub."""
    for asked in columns_as_rows(row["qas"]):
        answers = [one["answer"] for one in columns_as_rows(asked["answers"])]
        evidence = [text for one in answers for text in one.get("evidence") or ()]
        yield {
            "id": asked.get("question_id"),
            "question": asked["question"],
            "answer": once(None, [_qasper_answer(one) for one in answers]),
            "references": row.get("id"),
            "reference_contexts": [t for t in dict.fromkeys(evidence) if not t.startswith("FLOAT")],
            "groups": row.get("title"),
        }


def _qasper_answer(answer: Mapping[str, Any]) -> str:
    if answer["unanswerable"]:
        return ""
    if answer["yes_no"] is not None:
        return "Yes" if answer["yes_no"] else "No"
    return ", ".join(answer["extractive_spans"]) or str(answer["free_form_answer"])


def narrative_qa(_place: str, row: Row) -> Iterator[Row]:
    """NarrativeQA (Kocisky et al. 2018) on the hub."""
    yield {
        "question": row["question"],
        "answer": row["answers"],
        "references": row["document"]["id"],
    }


def drop(_place: str, row: Row) -> Iterator[Row]:
    """DROP (Dua et al. 2019): numbers, dates and lists of spans; a list is one answer."""
    for asked in row["qa_pairs"]:
        answers = [asked["answer"], *asked.get("validated_answers", ())]
        yield {
            "id": asked.get("query_id"),
            "question": asked["question"],
            "answer": once(None, [_drop_answer(one) for one in answers]),
            "reference_contexts": row["passage"],
        }


def _drop_answer(answer: Mapping[str, Any]) -> str:
    date = " ".join(filter(None, (answer["date"].get(part) for part in ("day", "month", "year"))))
    return str(answer["number"]) or ", ".join(answer["spans"]) or date


def tat_qa(_place: str, row: Row) -> Iterator[Row]:
    """TAT-QA (Zhu et al. 2021): answers with their scale; several spans are one answer, a list."""
    texts = {str(one["order"]): one["text"] for one in row["paragraphs"]}
    for asked in row["questions"]:
        answer, scale = asked["answer"], asked.get("scale")
        spans = [str(span) for span in answer] if isinstance(answer, list) else [str(answer)]
        yield {
            "id": asked["uid"],
            "question": asked["question"],
            "answer": [" ".join(filter(None, (", ".join(spans), scale)))],
            "reference_contexts": [
                texts[n] for n in asked.get("rel_paragraphs") or () if n in texts
            ],
            "groups": once(None, [asked.get("answer_type"), asked.get("answer_from")]),
        }


def newsqa(_place: str, row: Row) -> Iterator[Row]:
    """`combined-newsqa-data-v1.json` (Trischler et al. 2017) without its bad questions."""
    for asked in row["questions"]:
        found = asked["consensus"]
        if found.get("badQuestion"):
            continue
        yield {
            "question": asked["q"],
            "answer": [row["text"][found["s"] : found["e"]].strip()] if "s" in found else [],
            "references": row["storyId"],
            "reference_contexts": row["text"] if "s" in found else None,
        }


def eli5(_place: str, row: Row) -> Iterator[Row]:
    """ELI5 (Fan et al. 2019): the title and text of a post; its answers, the best first."""
    answers = sorted(columns_as_rows(row["answers"]), key=lambda one: -one["score"])
    yield {
        "id": row["q_id"],
        "question": "\n\n".join(filter(None, (row["title"], row.get("selftext")))),
        "answer": [one["text"] for one in answers],
    }


def _pairs(value: Any, one: str, other: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from zip(value[one], value[other if other in value else "content"], strict=True)
    else:
        yield from ((title, more) for title, more in value)


def columns_as_rows(value: Any) -> list[dict[str, Any]]:
    """A list of objects; the hub has an object of columns instead."""
    if isinstance(value, dict):
        return [dict(zip(value, cells, strict=True)) for cells in zip(*value.values(), strict=True)]
    return list(value)


def _lower(row: Any) -> dict[str, Any]:
    """A row with its names in lower case and without underscores."""
    if not isinstance(row, Mapping):
        return {}
    return {str(name).lower().replace("_", ""): value for name, value in row.items()}


def once(one: Any, more: Any = None) -> list[str]:
    """A single name and those of a list, each once, without empty ones."""
    names = [one, *(more if isinstance(more, list) else [more])]
    return list(dict.fromkeys(str(name) for name in names if name not in (None, "")))


#: answers that are combined from the spellings of their parts
_MOST_COMBINATIONS = 64


def bioasq(_place: str, row: Row) -> Iterator[Row]:
    """BioASQ (Tsatsaronis et al. 2015): exact answers with synonyms, else the ideal ones.

    A list is one answer, in each combination of the spellings of its parts.
    """
    exact = row.get("exact_answer")
    parts = exact if isinstance(exact, list) else [exact] if exact else []
    if row["type"] == "list":
        answers = combined(parts)
    else:
        answers = [text for one in parts for text in (one if isinstance(one, list) else [one])]
    yield {
        "id": row["id"],
        "question": row["body"],
        "answer": answers or row.get("ideal_answer"),
        "relevant_urls": row.get("documents"),
        "reference_contexts": [one["text"] for one in row.get("snippets") or ()],
        "groups": row["type"],
    }


def combined(parts: list[Any]) -> list[str]:
    """One answer from parts, each with several spellings."""
    spelled = [part if isinstance(part, list) else [part] for part in parts]
    return [", ".join(one) for one in islice(product(*spelled), _MOST_COMBINATIONS) if one]
