from modellab.core.io.csv_file import read_csv
from modellab.corpus.build import chunk_corpus
from modellab.corpus.options import ChunkingOptions, CorpusOptions


def test_every_document_is_told_of(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.md").write_text("# Sea\nIt is blue.\n\n## Fish\nThey swim.")
    (corpus / "b.md").write_text("# Sea\nIt is  blue.\n\n## Fish\nThey swim.")
    (corpus / "c.txt").write_bytes(bytes(range(256)))
    options = CorpusOptions(path=corpus, chunking=ChunkingOptions(by="sections"))
    report = chunk_corpus(options, tmp_path / "chunks.jsonl", tmp_path / "documents.csv")
    assert (report.documents, report.chunks, report.skipped) == (2, 4, 1)
    rows = read_csv(tmp_path / "documents.csv").rows
    told = [(row["status"], row["id"], row["chunks"], row["places"]) for row in rows]
    assert told == [("read", "a", "2", "2"), ("duplicate", "b", "2", "2"), ("skipped", "", "", "")]
    assert [row["reason"] for row in rows] == [
        "",
        "the same text as 'a'",
        "neither UTF-8 nor another encoding of a text",
    ]
