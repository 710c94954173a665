"""Rows of published data sets whose questions come with passages, as rows with usual columns."""

from collections.abc import Iterator

from modellab.core.io.table_file import Row
from modellab.questions.data_sets import columns_as_rows, combined, once

_PASSAGES = ("positive_ctxs", "positive_passages")


def dpr(_place: str, row: Row) -> Iterator[Row]:
    """Training data of DPR (Karpukhin et al. 2020) and Tevatron, and MIRACL: relevant passages."""
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
    """KILT (Petroni et al. 2021): answers, and the Wikipedia pages that they are from.

    CLAPNQ (Rosenthal et al. 2024) has the passage and the selected sentences instead.
    """
    pages = [page for one in row["output"] for page in one.get("provenance") or ()]
    yield {
        "id": row.get("id"),
        "question": row["input"],
        "answer": once(None, [one.get("answer") for one in row["output"]]),
        "references": once(None, [page.get("title") for page in pages]),
        "reference_contexts": once(
            None, [text for one in row["output"] for text in one.get("selected_sentences") or ()]
        ),
    }


def is_kilt(row: Row) -> bool:
    return isinstance(row["output"], list) and all(isinstance(one, dict) for one in row["output"])


def rgb(_place: str, row: Row) -> Iterator[Row]:
    """RGB (Chen et al. 2024): answers, or for each part of the answer a list of its spellings."""
    answers, passages = row["answer"], row["positive"]
    if isinstance(answers, list) and any(isinstance(part, list) for part in answers):
        answers = combined(answers)
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
    """BRIGHT (Su et al. 2025): queries with the ids of relevant and of excluded passages."""
    yield {
        "id": row["id"],
        "question": row["query"],
        "references": row["gold_ids"],
        "excluded_ids": row["excluded_ids"],
    }


def ambiguous(_place: str, row: Row) -> Iterator[Row]:
    """ASQA (Stelmakh et al. 2022) and AmbigQA (Min et al. 2020): the ambiguous question itself.

    Its long answers, or else those to each of its meanings, are right.
    """
    answers = [text for one in columns_as_rows(row["annotations"]) for text in _of_meanings(one)]
    yield {
        "id": row.get("id", row.get("sample_id")),
        "question": row["ambiguous_question" if "ambiguous_question" in row else "question"],
        "answer": list(dict.fromkeys(answers)),
        "references": once(None, [page["title"] for page in row.get("wikipages") or ()]),
    }


def _of_meanings(annotation: Row) -> list[str]:
    if "long_answer" in annotation:
        return [annotation["long_answer"]]
    pairs = columns_as_rows(annotation.get("qaPairs") or [])
    lists = (annotation.get("answer") or [], *(pair["answer"] for pair in pairs))
    return [text for texts in lists for text in texts]


def is_ambiguous(row: Row) -> bool:
    """Whether annotations have long answers, or answers to each meaning of the question."""
    found = row["annotations"] or ()
    names = {*(found[0] if isinstance(found, list) else found)}
    asks = bool({"question", "ambiguous_question"} & set(row))
    return asks and (bool(names & {"qaPairs", "long_answer"}) or names == {"type", "answer"})


def qampari(_place: str, row: Row) -> Iterator[Row]:
    """QAMPARI (Amouyal et al. 2023): all answers together are one, in any of their spellings."""
    answers = row["answer_list"]
    proofs = [proof for one in answers for proof in one.get("proof") or ()]
    yield {
        "id": row.get("qid"),
        "question": row["question_text"],
        "answer": combined([once(one["answer_text"], one.get("aliases")) for one in answers]),
        "relevant_urls": once(None, [proof.get("found_in_url") for proof in proofs]),
        "reference_contexts": once(None, [proof.get("proof_text") for proof in proofs]),
    }


def legalbench_rag(_place: str, row: Row) -> Iterator[Row]:
    """LegalBench-RAG (Pipitone and Alami 2024): the files of its snippets, and their texts."""
    yield {
        "question": row["query"],
        "references": once(None, [one["file_path"] for one in row["snippets"]]),
        "reference_contexts": once(None, [one.get("answer") for one in row["snippets"]]),
        "groups": row.get("tags"),
    }


def is_legalbench_rag(row: Row) -> bool:
    found = row["snippets"]
    return isinstance(found, list) and all(
        isinstance(one, dict) and "file_path" in one for one in found
    )


def hagrid(_place: str, row: Row) -> Iterator[Row]:
    """HAGRID (Kamalloo et al. 2023): its answers that people judged informative and attributable.

    A row without one is left out.
    """
    judged = ("informative", "attributable")
    answers = [
        one["answer"]
        for one in columns_as_rows(row["answers"])
        if all(str(one.get(name, 1)).strip() != "0" for name in judged)
    ]
    quotes = columns_as_rows(row["quotes"])
    if answers:
        yield {
            "id": row.get("query_id"),
            "question": row["query"],
            "answer": answers,
            "references": once(None, [one.get("docid") for one in quotes]),
            "reference_contexts": [one["text"] for one in quotes],
        }


def cast(_place: str, row: Row) -> Iterator[Row]:
    """Topics of TREC CAsT (Dalton et al. 2020): each turn with the earlier ones."""
    history: list[str] = []
    for turn in row["turn"]:
        asked, passage = turn["raw_utterance"], turn.get("passage")
        yield {
            "id": f"{row['number']}_{turn['number']}",
            "question": asked,
            "history": "\n".join(history),
            "references": once(turn.get("canonical_result_id")),
            "reference_contexts": once(passage),
            "groups": row.get("title"),
        }
        history += [f"user: {asked}", *([f"assistant: {passage}"] if passage else [])]


def is_cast(row: Row) -> bool:
    turns = row["turn"]
    return isinstance(turns, list) and all(
        isinstance(one, dict) and "raw_utterance" in one for one in turns
    )


_ARES = frozenset({"query", "document", "answer", "context_relevance_label"})


def ares(_place: str, row: Row) -> Iterator[Row]:
    """Labelled pairs of ARES (Saad-Falcon et al. 2024) whose labels all say that they are right."""
    plain = {str(name).casefold(): value for name, value in row.items()}
    labels = [value for name, value in plain.items() if name.endswith("_label")]
    if all(str(label).strip() not in ("0", "0.0") for label in labels):
        yield {
            "id": plain.get("id"),
            "question": plain["query"],
            "answer": plain["answer"],
            "reference_contexts": plain["document"],
        }


def is_ares(row: Row) -> bool:
    return {str(name).casefold() for name in row} >= _ARES
