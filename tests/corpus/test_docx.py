import re
import zipfile

import docx as library
import pytest
from docx.oxml import parse_xml

from modellab.core.errors import BrokenFileError
from modellab.corpus.readers import packages


@pytest.fixture
def report(tmp_path):
    opened = library.Document()
    opened.core_properties.title = "Cooling"
    opened.add_heading("Water", level=1)
    opened.add_paragraph("Data  centres drink.")
    opened.add_paragraph("")
    opened.add_paragraph("one", style="List Bullet")
    opened.add_heading("By region", level=2)
    table = opened.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ["Region", "Litres", "A|B", "1,200"], strict=True):
        cell.text = text
    wide = table.add_row().cells
    wide[0].merge(wide[1]).text = "both"
    opened.save(tmp_path / "report.docx")
    return tmp_path / "report.docx"


def test_headings_lists_and_tables_keep_their_form(report):
    (found,) = packages.read(report, kind="docx").documents
    assert (found.id, found.title) == ("report", "Cooling")
    assert found.text == (
        "# Water\n\nData centres drink.\n\n- one\n\n## By region\n\n"
        "| Region | Litres |\n| A/B | 1,200 |\n| both |"
    )
    assert [place.name for place in found.places] == ["Water", "Water > By region"]


WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
BOX = "<w:txbxContent><w:p><w:r><w:t>in a box</w:t></w:r></w:p></w:txbxContent>"
INSIDE = {
    "<w:ins w:id='1'><w:r><w:t>inserted</w:t></w:r></w:ins>": "Before inserted after.",
    "<w:del w:id='1'><w:r><w:delText>deleted</w:delText></w:r></w:del>": "Before after.",
    "<w:moveFrom w:id='1'><w:r><w:t>moved</w:t></w:r></w:moveFrom>": "Before after.",
    "<w:sdt><w:sdtContent><w:r><w:t>chosen</w:t></w:r></w:sdtContent></w:sdt>": (
        "Before chosen after."
    ),
    "<w:fldSimple w:instr='DATE'><w:r><w:t>2021</w:t></w:r></w:fldSimple>": "Before 2021 after.",
    "<w:smartTag><w:r><w:t>Oslo</w:t></w:r></w:smartTag>": "Before Oslo after.",
    "<w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink>": "Before link after.",
    "<w:r><w:tab/><w:t>x</w:t><w:br/></w:r>": "Before x after.",
    f"<w:r><w:pict>{BOX}</w:pict></w:r>": "Before after.\n\nin a box",
}


@pytest.mark.parametrize("xml", INSIDE)
def test_all_text_of_a_paragraph_is_read(tmp_path, xml):
    opened = library.Document()
    paragraph = opened.add_paragraph("Before ")._p
    paragraph.append(wrapped(xml)[0])
    paragraph.append(parse_xml(f"<w:r {WORD}><w:t> after.</w:t></w:r>"))
    opened.save(tmp_path / "a.docx")
    (found,) = packages.read(tmp_path / "a.docx", kind="docx").documents
    assert found.text == INSIDE[xml]


def wrapped(xml):
    return parse_xml(f"<w:body {WORD}>{xml}</w:body>")


def test_text_in_controls_notes_and_tables_of_tables_is_read(tmp_path):
    opened = library.Document()
    block = (
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>controlled</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    opened.element.body.insert(0, wrapped(block)[0])
    outer = opened.add_table(1, 1).cell(0, 0)
    outer.text = "outer"
    outer.add_table(1, 1).cell(0, 0).text = "inner"
    opened.save(tmp_path / "a.docx")
    with zipfile.ZipFile(tmp_path / "a.docx", "a") as packed:
        note = "<w:footnote><w:p><w:r><w:t>a note</w:t></w:r></w:p></w:footnote>"
        packed.writestr("word/footnotes.xml", f"<w:footnotes {WORD}>{note}</w:footnotes>")
    (found,) = packages.read(tmp_path / "a.docx", kind="docx").documents
    assert found.text == "controlled\n\n| outer inner |\n\na note"


def test_no_text(tmp_path):
    library.Document().save(tmp_path / "a.docx")
    with pytest.raises(BrokenFileError, match=r"a\.docx: the document holds no text"):
        packages.read(tmp_path / "a.docx", kind="docx")


@pytest.mark.parametrize("content", [b"", b"PK no zip", b"\xd0\xcf\x11\xe0 an old .doc"])
def test_broken_docx_files(tmp_path, content):
    (tmp_path / "a.docx").write_bytes(content)
    with pytest.raises(BrokenFileError, match=r"a\.docx: not a DOCX \(.*must be saved again"):
        packages.read(tmp_path / "a.docx", kind="docx")


def test_a_zip_that_is_no_document(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as packed:
        packed.writestr("hello.txt", "hello")
    with pytest.raises(BrokenFileError, match=r"a\.docx: not a DOCX that can be read"):
        packages.read(tmp_path / "a.docx", kind="docx")


def test_a_zip_bomb_is_not_opened(report, monkeypatch):
    with zipfile.ZipFile(report, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/bomb.xml", "0" * 40 * 2**20)
    monkeypatch.setattr(library, "Document", lambda path: pytest.fail("was opened"))
    with pytest.raises(BrokenFileError, match=r"would unpack from [\d,]+ to 4[\d,]+ bytes"):
        packages.read(report, kind="docx")


def test_a_file_cut_short_never_raises_anything_else(report, tmp_path):
    whole = report.read_bytes()
    for length in range(0, len(whole), 4001):
        (tmp_path / "b.docx").write_bytes(whole[:length])
        with pytest.raises(BrokenFileError):
            packages.read(tmp_path / "b.docx", kind="docx")


def test_a_zip_that_lies_about_a_size(report):
    with zipfile.ZipFile(report, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/liar.xml", "0" * 40 * 2**20)
        packed.getinfo("word/liar.xml").file_size = 10
    with pytest.raises(BrokenFileError, match=r"not a DOCX that can be read \(.*liar"):
        packages.read(report, kind="docx")


def test_a_file_without_properties_has_the_title_of_its_text(tmp_path):
    opened = library.Document()
    opened.add_heading("Water", level=1)
    opened.save(tmp_path / "full.docx")
    with zipfile.ZipFile(tmp_path / "full.docx") as full:
        parts = {name: full.read(name) for name in full.namelist() if name != "docProps/core.xml"}
    parts["_rels/.rels"] = re.sub(
        rb"<Relationship [^>]*core-properties[^>]*/>", b"", parts["_rels/.rels"]
    )
    with zipfile.ZipFile(tmp_path / "google.docx", "w") as bare:
        for name, content in parts.items():
            bare.writestr(name, content)
    (found,) = packages.read(tmp_path / "google.docx", kind="docx").documents
    assert found.title == "Water"
