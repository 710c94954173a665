import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from modellab.corpus.readers import pdf
from modellab.corpus.readers.reader import BrokenFileError


def save(path, pages, title=None, password=None):
    writer = PdfWriter()
    for text in pages:
        page = writer.add_blank_page(300, 300)
        if text:
            write_on(writer, page, text)
    if title:
        writer.add_metadata({"/Title": title})
    if password is not None:
        writer.encrypt(password)
    writer.write(path)
    return path


def write_on(writer, page, text):
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    content = DecodedStreamObject()
    content.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode("latin-1"))
    page[NameObject("/Contents")] = writer._add_object(content)


def test_pages_are_places(tmp_path):
    pages = ["Water is used for cooling.", "", "The third page."]
    (found,) = pdf.read(save(tmp_path / "report.pdf", pages, title="Cooling")).documents
    assert (found.id, found.title) == ("report", "Cooling")
    assert found.text == "Water is used for cooling.\n\nThe third page."
    assert [(place.start, place.name) for place in found.places] == [(0, "page 1"), (28, "page 3")]


def test_the_title_falls_back_to_the_name(tmp_path):
    (found,) = pdf.read(save(tmp_path / "report.pdf", ["Enough words to read."])).documents
    assert found.title == "report"


def test_an_empty_password_is_tried(tmp_path):
    (found,) = pdf.read(save(tmp_path / "a.pdf", ["Enough words to read."], password="")).documents
    assert found.text == "Enough words to read."


def test_a_password(tmp_path):
    with pytest.raises(BrokenFileError, match=r"a\.pdf: encrypted; save it without a password"):
        pdf.read(save(tmp_path / "a.pdf", ["Enough words to read."], password="secret"))


def test_a_scan_has_no_text(tmp_path):
    with pytest.raises(BrokenFileError, match=r"a\.pdf: 2 pages without text \(scanned\?\)"):
        pdf.read(save(tmp_path / "a.pdf", ["", "7"]))


@pytest.mark.parametrize("content", [b"", b"no pdf at all", b"%PDF-1.7\n1 0 obj\n<</Type"])
def test_a_corrupt_file(tmp_path, content):
    (tmp_path / "a.pdf").write_bytes(content)
    with pytest.raises(BrokenFileError, match=r"a\.pdf: not a PDF that can be read \("):
        pdf.read(tmp_path / "a.pdf")


def test_a_file_cut_short_never_raises_anything_else(tmp_path):
    whole = save(tmp_path / "a.pdf", ["Enough words to read."] * 3).read_bytes()
    for length in range(0, len(whole), 97):
        (tmp_path / "b.pdf").write_bytes(whole[:length])
        try:
            pdf.read(tmp_path / "b.pdf")
        except BrokenFileError as error:
            assert "\n" not in str(error)
