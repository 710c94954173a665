from dataclasses import replace

from retrieval_samples import chunks_of

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import write_rows
from modellab.retrieval.dense import DenseOptions
from modellab.retrieval.embedding_coverage import write_coverage

CHUNKS = chunks_of("cats drink milk", "dogs chase cats", "birds sing", "...")


def covered(tmp_path, now):
    folder = tmp_path / "index"
    if not folder.exists():
        folder.mkdir()
        DenseOptions(kind="dense", embedder={"kind": "tfidf-svd"}).build(CHUNKS, folder, seed=0)
    write_rows(tmp_path / "chunks.jsonl", now)
    (row,) = write_coverage(tmp_path / "chunks.jsonl", {"lsa": folder}, tmp_path / "out.csv")
    return row


def test_a_chunk_without_a_word(tmp_path, caplog):
    row = covered(tmp_path, CHUNKS)
    assert (row.chunks, row.without_vector, row.missing, row.stale) == (4, 1, 0, 0)
    assert (row.covered, row.recall, row.index) == (0.75, 1.0, "flat")
    assert "lsa: 1 of 4 chunks without a valid vector" in caplog.text
    assert read_csv(tmp_path / "out.csv").rows[0]["covered"] == "0.75"


def test_chunks_that_came_went_or_changed(tmp_path):
    now = [replace(CHUNKS[0], text="cats sleep"), *CHUNKS[2:], *chunks_of("new", documents=["n"])]
    row = covered(tmp_path, now)
    assert (row.chunks, row.missing, row.stale, row.left_over) == (4, 1, 1, 1)
    assert row.covered == 0.25
