"""Small chunks, questions and searchers for the tests of retrieval."""

from collections.abc import Sequence
from pathlib import Path

from modellab.core.records import Chunk, Context, Passage, Question
from modellab.retrieval.protocol import Hit


def chunks_of(*texts, documents=None):
    """One chunk per text; each is a separate document unless `documents` names them."""
    names = documents or [f"d{row}" for row in range(len(texts))]
    return [
        Chunk(f"{name}#{row}", name, row, text, name.title())
        for row, (name, text) in enumerate(zip(names, texts, strict=True))
    ]


def ask(name, text="?", references=(), **truth):
    return Question(name, text, {}, truth, tuple(references))


def context_of(question, *documents, retriever="bm25"):
    found = tuple(
        Passage(f"{name}#0", name, rank, 1 / rank, f"about {name}", name)
        for rank, name in enumerate(documents, start=1)
    )
    return Context(question, retriever, found)


class Scripted:
    """A searcher that knows the rows for each query."""

    def __init__(self, rows: dict[str, Sequence[int]]):
        self.rows = rows
        self.asked: list[int] = []

    def search(self, queries, k):
        self.asked.append(k)
        return [[Hit(row, -float(row)) for row in self.rows[query]][:k] for query in queries]


def bytes_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
