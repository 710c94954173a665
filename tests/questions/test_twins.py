"""From documents with one text to questions that refer to either of them."""

import json

import pytest

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Chunk, Question
from modellab.corpus.build import chunk_corpus
from modellab.corpus.options import CorpusOptions
from modellab.questions import parse_format
from modellab.questions.selection import select_questions
from modellab.tasks import parse_task

PUMP = "The pump lifts 40 cubic metres of water an hour. It was made in Ostrau."


@pytest.fixture
def asked(tmp_path):
    """The questions of some rows about three documents, of which two have one text."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "archive.txt").write_text(PUMP)
    (docs / "manual.txt").write_text(PUMP + "\n")
    (docs / "boiler.txt").write_text("The boiler holds 900 litres.")
    chunks, table = tmp_path / "chunks.jsonl", tmp_path / "documents.csv"

    def run(*rows, task="open_qa", duplicates="drop", written_as="jsonl"):
        chunk_corpus(CorpusOptions(path=docs, duplicates=duplicates), chunks, table)
        (tmp_path / "q").write_text(
            rows[0] if written_as == "wattbot" else "\n".join(map(json.dumps, rows))
        )
        out = tmp_path / "out.jsonl"
        select_questions(
            *(parse_format(written_as), parse_task(task), tmp_path / "q", chunks, None, None, out),
            table,
        )
        return read_rows(out, Question), [chunk.id for chunk in read_rows(chunks, Chunk)]

    return run


def row(**relevance):
    return {"question": "How much?", "answer": "40", **relevance}


def test_references_are_to_the_one_that_stays(asked):
    [one], chunks = asked(row(references=["manual"]))
    assert one.references == ("archive",)
    assert one.relevant_chunks == ()
    assert one.aliases == {"manual": "archive"}
    assert [name.split("#")[0] for name in chunks] == ["archive", "boiler"]


def test_texts_and_chunks_of_the_one_that_is_dropped(asked):
    [_], [archive, _, manual] = asked(row(), duplicates="keep")
    found, _ = asked(
        row(reference_contexts=["made in Ostrau"]),
        row(relevant_chunks=[manual]),
        row(relevant_chunks=["manual#00000000"]),
    )
    assert [(one.references, one.relevant_chunks) for one in found] == [
        (("archive",), (archive,)),
        (("archive",), (archive,)),
        # cut otherwise: the whole document counts
        (("archive",), ()),
    ]
    with pytest.raises(InputError, match="the corpus has no chunk 'archive#00000000'"):
        asked(row(relevant_chunks=["archive#00000000"]))


def test_a_text_in_documents_with_one_text_is_in_one_text(asked):
    [one], _ = asked(row(reference_contexts=["made in Ostrau"]), duplicates="keep")
    assert one.references == ("archive", "manual")


def test_the_true_references_are_ids_that_models_see(asked):
    csv = "id,question,answer_value,answer_unit,ref_id\nq1,How?,40,m3,manual.txt\nq2,How?,9,l,boiler\n"
    [one, two], _ = asked(csv, task="wattbot", written_as="wattbot")
    assert (one.truth["ref_id"], one.references) == ("archive", ("archive",))
    assert (two.truth["ref_id"], two.aliases) == ("boiler", {})
    csv = "id,question,answer_value,answer_unit,ref_id\nq1,How?,40,m3,\"['manual','gone','boiler']\"\n"
    [one], _ = asked(csv, task="wattbot", written_as="wattbot")
    assert json.loads(one.truth["ref_id"]) == ["archive", "gone", "boiler"]
