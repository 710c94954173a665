import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, NumberObject

from modellab.core.errors import BrokenFileError, InputError
from modellab.corpus.readers import pdf
from modellab.corpus.readers.reader import ReadOptions


def save(path, pages, title=None, password=None):
    writer = PdfWriter()
    for text in pages:
        page = writer.add_blank_page(300, 300)
        if text:
            draw(writer, page, text if isinstance(text, list) else [(20, 200, text)])
        if text is None:
            show_picture(writer, page)
    if title:
        writer.add_metadata({"/Title": title})
    if password is not None:
        writer.encrypt(password)
    writer.write(path)
    return path


def draw(writer, page, pieces):
    """Draws texts at places, in their order."""
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
    drawn = (f"BT /F1 6 Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET" for x, y, text in pieces)
    content.set_data("\n".join(drawn).encode("latin-1"))
    page[NameObject("/Contents")] = writer._add_object(content)


def show_picture(writer, page):
    """A page that is a picture, as a scanner makes it."""
    picture = DecodedStreamObject()
    picture.set_data(b"\x00")
    for name, value in (("Width", 1), ("Height", 1), ("BitsPerComponent", 8)):
        picture[NameObject(f"/{name}")] = NumberObject(value)
    picture[NameObject("/Type")] = NameObject("/XObject")
    picture[NameObject("/Subtype")] = NameObject("/Image")
    picture[NameObject("/ColorSpace")] = NameObject("/DeviceGray")
    pictures = DictionaryObject({NameObject("/I"): writer._add_object(picture)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): pictures})
    content = DecodedStreamObject()
    content.set_data(b"300 0 0 300 0 0 cm /I Do")
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


def test_scanned_pages_are_noted_and_empty_ones_are_not(tmp_path):
    pages = ["Water is used for cooling.", None, "", "The fourth page has some words."]
    [found] = pdf.read(save(tmp_path / "a.pdf", pages)).documents
    assert found.notes == (
        "page 2 of 4 without text (scanned?); run text recognition on the file, or set `ocr`",
    )


LEFT = [
    "The harbour of Nordholm has room for",
    "120 boats. It was dredged in 1987 and",
    "again in 2004. The harbour office opens",
    "at eight in the morning and controls",
    "the lock of the canal.",
]
RIGHT = [
    "The lighthouse of Hafenbach was built",
    "in 1874. It is 41 metres high and its",
    "light reaches 20 kilometres. A museum",
    "in the lighthouse is closed on Sundays",
    "and costs 12 euros.",
]


def across(left, right):
    heights = range(280, 0, -10)
    pairs = zip(heights, left, right, strict=False)
    return [piece for y, one, two in pairs for piece in ((10, y, one), (160, y, two))]


def test_columns_that_were_drawn_line_by_line(tmp_path):
    [found] = pdf.read(save(tmp_path / "a.pdf", [across(LEFT, RIGHT)])).documents
    assert found.text == "\n".join([*LEFT, *RIGHT])
    assert found.notes == ("page 1: read column by column",)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (["Pumps", "Boilers", "Tanks", "Lines", "Ships"], ["14", "3", "7", "2", "4"]),
        (
            ["Energy for one training of the model", "Water for one training of the model"] * 3,
            ["Between 12 and 14 megawatt hours", "Some 900 litres in the summer"] * 3,
        ),
    ],
)
def test_a_table_keeps_its_rows(tmp_path, left, right):
    [found] = pdf.read(save(tmp_path / "a.pdf", [across(left, right)])).documents
    assert found.text.split("\n") == [" ".join(row) for row in zip(left, right, strict=True)]
    assert found.notes == ()


def fake_tesseract(folder, monkeypatch, script):
    folder.mkdir()
    program = folder / "tesseract"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_scanned_pages_go_through_tesseract_where_that_is_wanted(tmp_path, monkeypatch):
    path = save(tmp_path / "a.pdf", ["A page with enough letters.", None])
    fake_tesseract(tmp_path / "bin", monkeypatch, 'echo "The scan says $4."')
    (found,) = pdf.read(path, ReadOptions(ocr="deu")).documents
    assert found.text.endswith("The scan says deu.")
    assert found.notes == ("page 2 of 2 read by tesseract: letters may be wrong",)


def test_a_tesseract_that_cannot_read(tmp_path, monkeypatch):
    path = save(tmp_path / "a.pdf", ["A page with enough letters.", None])
    fake_tesseract(tmp_path / "bin", monkeypatch, "echo 'no language xyz' >&2; exit 1")
    with pytest.raises(InputError, match=r"ocr: tesseract failed \(no language xyz\)"):
        pdf.read(path, ReadOptions(ocr="xyz"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="tesseract is not installed"):
        pdf.read(path, ReadOptions(ocr="eng"))
