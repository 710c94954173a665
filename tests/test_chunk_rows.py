"""Corpora that are cut already keep their pieces as they are."""

from modellab.chunk import chunk_corpus
from modellab.corpus.options import CorpusOptions
from modellab.records import Chunk
from modellab.storage.jsonl import read_rows

LINES = """\
{"id": 7, "document": "b", "text": "One. Two. Three.", "url": "https://b"}
{"id": "x", "text": "Alone."}
{"id": 3, "document": "b", "text": "Four.", "title": "Bees"}
"""


def test_pieces_keep_ids_and_stand_with_their_document(tmp_path):
    (tmp_path / "cut.jsonl").write_text(LINES)
    chunking = {"by": "rows", "max_words": 2}
    options = CorpusOptions(path=tmp_path / "cut.jsonl", chunking=chunking)
    chunk_corpus(options, tmp_path / "chunks.jsonl", tmp_path / "documents.csv")
    assert read_rows(tmp_path / "chunks.jsonl", Chunk) == [
        Chunk("7", "b", 0, "One. Two. Three.", "b", url="https://b"),
        Chunk("3", "b", 1, "Four.", "Bees"),
        Chunk("x", "x", 0, "Alone.", "x"),
    ]
