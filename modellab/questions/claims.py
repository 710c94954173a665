"""Rows of published claims and pairs of sentences with a label as rows with usual columns."""

from collections.abc import Iterator

from modellab.core.io.table_file import Row
from modellab.questions.data_sets import once

#: labels of SNLI, MultiNLI, ANLI and XNLI on the hub, by number
_ENTAILMENT = ("entailment", "neutral", "contradiction")


def nli(_place: str, row: Row) -> Iterator[Row]:
    """Natural language inference (Bowman et al. 2015), and other pairs of sentences with a label.

    A row whose annotators did not agree (label -1 or `-`) is left out.
    """
    pairs = (("premise", "hypothesis"), ("sentence1", "sentence2"))
    first, second = next((pair for pair in pairs if set(pair) <= set(row)), pairs[0])
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


def is_nli(row: Row) -> bool:
    asks = {"premise", "hypothesis"} <= set(row) or {"sentence1", "sentence2"} <= set(row)
    return asks and bool({"label", "gold_label"} & set(row))


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
