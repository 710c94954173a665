"""Rows of published data sets that name the passages or documents of each question."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

from modellab.core.io.table_file import Row
from modellab.questions.data_sets import columns_as_rows, once

_PASSAGES = ("positive_ctxs", "positive_passages")
#: answers that are combined from the spellings of their parts
_MOST_COMBINATIONS = 64


def dpr(_place: str, row: Row) -> Iterator[Row]:
    """Training data of DPR (Karpukhin et al. 2020) and Tevatron, MIRACL on the hub.

    Passages that contain the answer, perhaps with answers.
    """
    name = next((name for name in _PASSAGES if name in row), _PASSAGES[0])
    passages = columns_as_rows(row[name])
    names = ("passage_id", "psg_id", "docid")
    ids = [next((one[name] for name in names if name in one), None) for one in passages]
    yield {
        "id": row.get("id", row.get("query_id")),
        "question": row["question"] if "question" in row else row["query"],
        "answer": row.get("answers"),
        "references": once(None, ids),
        "reference_contexts": [one["text"] for one in passages],
        "groups": row.get("dataset"),
    }


def is_dpr(row: Row) -> bool:
    return bool({"question", "query"} & set(row)) and any(name in row for name in _PASSAGES)


def kilt(_place: str, row: Row) -> Iterator[Row]:
    """KILT (Petroni et al. 2021): answers, and the Wikipedia pages that they are from."""
    pages = [page for one in row["output"] for page in one.get("provenance") or ()]
    yield {
        "id": row.get("id"),
        "question": row["input"],
        "answer": once(None, [one.get("answer") for one in row["output"]]),
        "references": once(None, [page.get("title") for page in pages]),
    }


def is_kilt(row: Row) -> bool:
    found = row["output"]
    return isinstance(found, list) and all(isinstance(one, dict) for one in found)


def fever(_place: str, row: Row) -> Iterator[Row]:
    """FEVER (Thorne et al. 2018): a claim, its label, and the Wikipedia pages of its evidence."""
    pages = [line[2] for lines in row["evidence"] for line in lines]
    yield {
        "id": row.get("id"),
        "question": row["claim"],
        "label": row.get("label"),
        "references": once(None, pages),
    }


def scifact(_place: str, row: Row) -> Iterator[Row]:
    """SciFact (Wadden et al. 2020): a claim, and the abstracts that support or contradict it."""
    labels = {one["label"] for found in row["evidence"].values() for one in found}
    yield {
        "id": row.get("id"),
        "question": row["claim"],
        "label": next(iter(sorted(labels)), "NOT_ENOUGH_INFO"),
        "references": list(row["evidence"]) or once(None, row["cited_doc_ids"]),
    }


def rgb(_place: str, row: Row) -> Iterator[Row]:
    """RGB (Chen et al. 2024): answers, or for each part of the answer a list of its spellings."""
    answers, passages = row["answer"], row["positive"]
    if isinstance(answers, list) and any(isinstance(part, list) for part in answers):
        parts = [part if isinstance(part, list) else [part] for part in answers]
        answers = [", ".join(one) for one in islice(product(*parts), _MOST_COMBINATIONS)]
    passages = [text for one in passages for text in (one if isinstance(one, list) else [one])]
    yield {
        "id": row.get("id"),
        "question": row["query"],
        "answer": answers,
        "reference_contexts": passages,
    }


def multihop_rag(_place: str, row: Row) -> Iterator[Row]:
    """MultiHop-RAG (Tang and Yang 2024): an answer, and the articles and facts that it needs."""
    evidence = columns_as_rows(row["evidence_list"])
    yield {
        "question": row["query"],
        "answer": row["answer"],
        "references": once(None, [one.get("title") for one in evidence]),
        "reference_contexts": [one["fact"] for one in evidence if one.get("fact")],
        "groups": row.get("question_type"),
    }


def bright(_place: str, row: Row) -> Iterator[Row]:
    """BRIGHT (Su et al. 2025): queries with the ids of relevant passages."""
    yield {"id": row["id"], "question": row["query"], "references": row["gold_ids"]}
