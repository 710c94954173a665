import json
import unicodedata

import pytest
from cases import each

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Chunk, Question
from modellab.corpus.documents import DROPPED, READ, SKIPPED, DocumentRow
from modellab.corpus.options import CorpusOptions
from modellab.corpus.reading import chunk_corpus
from modellab.questions import parse_format
from modellab.questions.names import DocumentNames, Known
from modellab.questions.selection import select_questions
from modellab.tasks import parse_task


def names_of(*rows, url=""):
    """Names of a corpus with a chunk for each row that was read."""
    kept = [row for row in rows if row.status in (READ, "duplicate")]
    chunks = [
        Chunk(f"{row.id}#1", row.id, 0, "Text.", row.title or row.id, url=row.url) for row in kept
    ]
    return DocumentNames(chunks, rows)


def file(path, name, status=READ, **more):
    return DocumentRow(f"docs/{path}", status, name, path=path, **more)


CORPUS = names_of(
    file("2023/report.txt", "2023/report.txt"),
    file("2024/report.txt", "2024/report.txt"),
    file("sea/water.pdf", "water", title="On Water", url="https://x/Water/"),
    file("guide.v2.md", "guide.v2"),
    DocumentRow("docs/rows.csv:2", READ, "q/2", title="Moody's 10-K, 2022"),
    DocumentRow("docs/l.jsonl:1", READ, "/data/plant.md"),
)


@each(
    ("written", "name"),
    [
        ("water", "water"),
        ("water.pdf", "water"),
        ("sea/water.pdf", "water"),
        ("sea/water", "water"),
        ("docs/sea/water.pdf", "water"),
        ("./sea/water.pdf", "water"),
        ("sea\\water.pdf", "water"),
        (" water ", "water"),
        # made of the file that the text came from
        ("water.docx", "water"),
        ("https://X/water", "water"),
        ("on  water", "water"),
        ("2023/report.txt", "2023/report.txt"),
        ("2023/report", "2023/report.txt"),
        ("guide.v2", "guide.v2"),
        ("guide.v2.md", "guide.v2"),
        ("q/2", "q/2"),
        ("Moody's 10-K, 2022", "q/2"),
        ("plant", "/data/plant.md"),
        ("plant.md", "/data/plant.md"),
        # pages and sections
        ("water.pdf#page=3", "water"),
        ("sea/water.pdf, page 3", "water"),
        ("water.pdf (pp. 3-5)", "water"),
        ("water p. 3", "water"),
        ("guide.v2.md#use-of-water", "guide.v2"),
        ("http://x/water#use", "water"),
        # files of another machine, or of Windows
        ("/home/me/papers/sea/water.pdf", "water"),
        ("file:///home/me/sea/water.pdf", "water"),
        ("C:\\papers\\guide.v2.md", "guide.v2"),
        ("~/guide.v2.md", "guide.v2"),
        ("WATER.PDF", "water"),
        ("sea%2Fwater.pdf", "water"),
        ("Sea/Water", "water"),
        ("http://www.X/water/", "water"),
    ],
)
def test_a_document_has_many_names(written, name):
    assert CORPUS.find(written) == Known((name,))


@pytest.mark.parametrize("written", ["report", "report.txt", "report.pdf"])
def test_an_ambiguous_name_refers_to_no_document(written):
    found = CORPUS.find(written)
    assert found == Known(("2023/report.txt", "2024/report.txt"), ambiguous=True)
    assert found.sure == ()


@each(
    "written",
    [
        *("2022/report.txt", "lake/water.pdf", "guide", "", "wat", "/home/me/lake/water.pdf"),
        # the id of a chunk
        *(
            "water#12",
            "water#12345678",
            "water#12345678-2",
            "page 3",
            "#",
            "water#/",
            "/",
            "ftp://x/water",
        ),
    ],
)
def test_what_nothing_is_called(written):
    assert CORPUS.find(written) == Known()


def test_the_nearest_id():
    assert CORPUS.nearest("wather") == "water"
    assert CORPUS.nearest("2023/reprot.txt") == "2023/report.txt"
    assert CORPUS.nearest("zzz") is None


def test_an_id_takes_precedence_over_any_other_name():
    corpus = names_of(
        file("a.txt", "a", title="b"), file("b.txt", "b"), DocumentRow("r:1", READ, "a.txt")
    )
    assert corpus.find("a.txt") == Known(("a.txt",))
    assert corpus.find("b") == Known(("b",))


def test_signs_in_two_characters_are_the_same_name():
    """As macOS writes names of files."""
    apart = unicodedata.normalize("NFD", "Kühlung")
    corpus = names_of(file(f"{apart}.txt", apart))
    assert corpus.find("Kühlung") == corpus.find("Kühlung.txt") == Known((apart,))


def test_dropped_documents_are_their_twins_by_all_their_names():
    corpus = names_of(
        file("a.txt", "a", title="First"),
        file("old/b.txt", "b", DROPPED, same_as="a", title="Second", url="https://x/b"),
        file("c.txt", "c", DROPPED, same_as="a"),
    )
    for written in ("b", "b.txt", "old/b", "docs/old/b.txt", "https://x/b", "second", "c", "c.txt"):
        assert corpus.find(written) == Known(("a",)), written
    assert corpus.twin("c") == "a"


def test_a_document_in_pieces_refers_to_all_of_them():
    corpus = names_of(
        DocumentRow("l:1", READ, "p1", part_of="plant"),
        DocumentRow("l:2", READ, "p2", part_of="plant"),
        DocumentRow("l:3", READ, "l1", part_of="line"),
    )
    assert corpus.find("plant") == Known(("p1", "p2"))
    assert corpus.find("plant").sure == ("p1", "p2")


def test_why_a_document_is_not_there():
    corpus = names_of(
        file("a.txt", "a"),
        DocumentRow("docs/scan.pdf", SKIPPED, reason="3 pages without text"),
        DocumentRow("docs/l.jsonl:2", SKIPPED, "l", reason="'text' is empty"),
    )
    assert corpus.left_out("scan") == corpus.left_out("scan.pdf") == "3 pages without text"
    assert corpus.left_out("l") == "'text' is empty"
    assert corpus.left_out("a") is None


# from documents with one text to questions that refer to either of them.

PUMP = "The pump lifts 40 cubic metres of water an hour. It was made in Ostrau."


@pytest.fixture
def asked(tmp_path):
    """The questions of some rows about three documents; two of them have the same text."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "archive.txt").write_text(PUMP)
    (docs / "manual.txt").write_text(PUMP + "\n")
    (docs / "boiler.txt").write_text("The boiler holds 900 litres.")
    chunks, table = tmp_path / "chunks.jsonl", tmp_path / "documents.csv"

    def run(*rows, task="open_qa", duplicates="drop", question_format="jsonl"):
        chunk_corpus(CorpusOptions(path=docs, duplicates=duplicates), chunks, table)
        (tmp_path / "q").write_text(
            rows[0] if question_format == "wattbot" else "\n".join(map(json.dumps, rows))
        )
        out = tmp_path / "out.jsonl"
        select_questions(
            *(
                parse_format(question_format),
                parse_task(task),
                tmp_path / "q",
                chunks,
                None,
                None,
                out,
            ),
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
    [one, two], _ = asked(csv, task="wattbot", question_format="wattbot")
    assert (one.reference["ref_id"], one.references) == ("archive", ("archive",))
    assert (two.reference["ref_id"], two.aliases) == ("boiler", {})
    csv = "id,question,answer_value,answer_unit,ref_id\nq1,How?,40,m3,\"['manual','gone','boiler']\"\n"
    [one], _ = asked(csv, task="wattbot", question_format="wattbot")
    assert json.loads(one.reference["ref_id"]) == ["archive", "gone", "boiler"]
