"""Rows of published conversations as rows with usual columns."""

from collections.abc import Iterator

from modellab.core.io.table_file import Row
from modellab.questions.data_sets import columns_as_rows

#: the answer of QuAC to what its text does not say
NO_ANSWER = "CANNOTANSWER"


def coqa(place: str, row: Row) -> Iterator[Row]:
    """CoQA (Reddy et al. 2019): each question with the earlier ones and their answers."""
    asked = [one if isinstance(one, str) else one["input_text"] for one in row["questions"]]
    answers = columns_as_rows(row["answers"])
    others = [columns_as_rows(more) for more in (row.get("additional_answers") or {}).values()]
    history: list[str] = []
    for number, (question, answer) in enumerate(zip(asked, answers, strict=True)):
        texts = [answer["input_text"], *(more[number]["input_text"] for more in others)]
        yield {
            "id": f"{row.get('id') or place.rpartition(':')[2].strip()}_{number + 1}",
            "question": question,
            "answer": [text for text in texts if text.strip().casefold() != "unknown"],
            "history": "\n".join(history),
            "reference_contexts": answer.get("span_text") or row["story"],
            "groups": row.get("source"),
        }
        history += [f"user: {question}", f"assistant: {answer['input_text']}"]


def quac(_place: str, row: Row) -> Iterator[Row]:
    """QuAC (Choi et al. 2018) on the hub: each question with the earlier ones and their answers."""
    history: list[str] = []
    columns = (row["turn_ids"], row["questions"], row["answers"]["texts"])
    replies = row["orig_answers"]["texts"]
    for name, question, texts, reply in zip(*columns, replies, strict=True):
        yield {
            "id": name,
            "question": question,
            "answer": [text for text in dict.fromkeys(texts) if text != NO_ANSWER],
            "history": "\n".join(history),
            "reference_contexts": row["context"],
            "groups": row.get("section_title"),
        }
        history += [f"user: {question}", f"assistant: {reply}"]
