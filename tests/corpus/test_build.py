import json

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Chunk, Question, Relevance
from modellab.corpus.documents import read_document_rows
from modellab.corpus.options import ChunkingOptions, CorpusOptions
from modellab.corpus.reading import chunk_corpus
from modellab.questions.relevance import Corpus, resolve_relevance

LINES = """\
{"id": 7, "document": "b", "text": "One. Two. Three.", "url": "https://b"}
{"id": "x", "text": "Alone."}
{"id": 3, "document": "b", "text": "Four.", "title": "Bees"}
"""


def test_chunks_keep_ids_and_are_grouped_by_document(tmp_path):
    (tmp_path / "cut.jsonl").write_text(LINES)
    chunking = {"by": "rows", "max_words": 2}
    options = CorpusOptions(path=tmp_path / "cut.jsonl", chunking=chunking)
    chunk_corpus(options, tmp_path / "chunks.jsonl", tmp_path / "documents.csv")
    assert read_rows(tmp_path / "chunks.jsonl", Chunk) == [
        Chunk("7", "b", 0, "One. Two. Three.", "b", url="https://b"),
        Chunk("3", "b", 1, "Four.", "Bees"),
        Chunk("x", "x", 0, "Alone.", "x"),
    ]


def test_a_piece_that_is_dropped_is_the_piece_with_its_text(tmp_path):
    rows = (
        '{"id": "x1", "document": "a", "text": "One."}\n'
        '{"id": "x2", "document": "b", "text": "One."}\n'
        '{"id": "x3", "document": "c", "text": "Two."}\n'
        '{"id": "x4", "document": "c", "text": "One."}\n'
    )
    (tmp_path / "cut.jsonl").write_text(rows)
    options = CorpusOptions(path=tmp_path / "cut.jsonl", chunking={"by": "rows"}, duplicates="drop")
    chunk_corpus(options, tmp_path / "chunks.jsonl", tmp_path / "documents.csv")
    corpus = Corpus(
        read_rows(tmp_path / "chunks.jsonl", Chunk), read_document_rows(tmp_path / "documents.csv")
    )

    def found(*ids):
        asked = Question("q", "?", {}, {}, (), relevance=Relevance(ids=ids))
        one = resolve_relevance(asked, corpus).question
        return one.relevant_chunks, one.references

    assert found("x2") == found("x4") == (("x1",), ("a",))
    # the document without any piece left, and one with a piece left
    assert found("b") == ((), ("a",))
    assert found("c") == ((), ("c",))


def test_a_title_is_no_formula_of_a_spreadsheet(tmp_path):
    title = '=HYPERLINK("http://x")'
    (tmp_path / "cut.jsonl").write_text(json.dumps({"id": "1", "text": "One.", "title": title}))
    options = CorpusOptions(path=tmp_path / "cut.jsonl")
    chunk_corpus(options, tmp_path / "chunks.jsonl", tmp_path / "documents.csv")
    assert "'=HYPERLINK" in (tmp_path / "documents.csv").read_text()
    [row] = read_document_rows(tmp_path / "documents.csv")
    assert row.title == title


def test_every_document_has_a_row(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.md").write_text("# Sea\nIt is blue.\n\n## Fish\nThey swim.")
    (corpus / "b.md").write_text("# Sea\nIt is  blue.\n\n## Fish\nThey swim.")
    (corpus / "c.txt").write_bytes(bytes(range(256)))
    options = CorpusOptions(path=corpus, chunking=ChunkingOptions(by="sections"))
    chunk_corpus(options, tmp_path / "chunks.jsonl", tmp_path / "documents.csv")
    rows = read_csv(tmp_path / "documents.csv").rows
    found = [(row["status"], row["id"], row["chunks"], row["places"]) for row in rows]
    assert found == [("read", "a", "2", "2"), ("duplicate", "b", "2", "2"), ("skipped", "", "", "")]
    assert [row["reason"] for row in rows] == [
        "",
        "the same text as 'a'",
        "neither UTF-8 nor another encoding of a text",
    ]
