"""Presentations, OpenDocument, e-books, e-mail, XML of articles, subtitles, RTF and notebooks."""

import json
import zipfile
from email.message import EmailMessage

import pytest
from cases import each

from modellab.core.errors import InputError
from modellab.corpus.reading import read_documents

DRAW = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
SLIDE = f"""<p:sld xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" {DRAW}>
<a:p><a:r><a:t>Ti</a:t></a:r><a:r><a:t>tle</a:t></a:r></a:p><a:p><a:r><a:t>14 pumps</a:t></a:r></a:p>
<a:tbl><a:tr><a:tc><a:txBody><a:p><a:r><a:t>a</a:t></a:r></a:p></a:txBody></a:tc>
<a:tc><a:txBody><a:p><a:r><a:t>b</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl></p:sld>"""
ODT = """<office:document-content xmlns:office="urn:o" xmlns:text="urn:t" xmlns:table="urn:b"><office:body>
<text:h text:outline-level="2">Pumps</text:h><text:p>There are 14.</text:p>
<text:list><text:list-item><text:p>one</text:p></text:list-item></text:list>
<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>
<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table></office:body></office:document-content>"""
CONTAINER = '<container><rootfiles><rootfile full-path="OEBPS/c.opf"/></rootfiles></container>'
OPF = """<package><metadata><title>The Book</title></metadata><manifest>
<item id="b" href="b.xhtml"/><item id="a" href="a%20b.xhtml"/></manifest>
<spine><itemref idref="a"/><itemref idref="b"/></spine></package>"""
PAGE = "<html><body><h1>{}</h1><p>Text.</p></body></html>"
JATS = """<article><front><journal-meta><p>Journal</p></journal-meta><article-meta><title-group>
<article-title>Pumps</article-title></title-group><abstract><p>Short.</p></abstract></article-meta></front>
<body><sec><title>Results</title><p>There are 14 <xref>[1]</xref>.</p></sec></body>
<back><ref-list><ref>Someone</ref></ref-list></back></article>"""
TEI = """<TEI><teiHeader><fileDesc><titleStmt><title>Pumps</title></titleStmt></fileDesc>
<profileDesc><abstract><p>Short.</p></abstract></profileDesc></teiHeader>
<text><body><div><head>Results</head><p>There are 14 .</p></div></body></text></TEI>"""
#: as in the README of TREC's disks: one file, several documents
TREC = """<DOC>
<DOCNO> FT911-3 </DOCNO>
<HEADLINE>FT  14 MAY 91 / Pumps &amp; pipes</HEADLINE>
<TEXT>
<P>There are 14.</P>
</TEXT>
</DOC>
<DOC>
<DOCNO> FT911-4 </DOCNO>
<TEXT></TEXT>
</DOC>
"""
SRT = "1\n00:00:01,000 --> 00:00:02,000\n<i>There are</i>\n\n2\n00:00:02,000 --> 00:00:03,000\n14 pumps.\n"
VTT = "WEBVTT\n\nNOTE draft\n\nintro\n00:01.000 --> 00:02.000 align:start\n<v Ada>There are\n\n00:02.000 --> 00:03.000\nThere are\n14 pumps.\n"
NOTEBOOK = {"nbformat": 4, "cells": [
    {"cell_type": "markdown", "source": ["# Pumps\n", "There are 14."]},
    {"cell_type": "code", "source": "print(14)", "outputs": [{"text": "14"}]}]}  # fmt: skip


def package(path, **files):
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "/"), content)


def only(path):
    (found,) = read_documents(path).documents
    return found


def test_slides(tmp_path):
    slides = {"ppt__slides__slide10.xml": SLIDE, "ppt__slides__slide2.xml": f"<a {DRAW}/>"}
    package(tmp_path / "talk.pptx", **slides, **{"ppt__slides__slide1.xml": SLIDE})
    found = only(tmp_path / "talk.pptx")
    slide = "Title\n14 pumps\n| a | b |"
    assert (found.id, found.title, found.text) == ("talk", "Title", f"{slide}\n\n{slide}")
    assert [(p.start, p.name) for p in found.places] == [
        (0, "slide 1"),
        (len(slide) + 2, "slide 3"),
    ]


OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LINK = f'<Relationship Id="{{}}" Type="{OFFICE}/{{}}" Target="{{}}"/>'
NOTES = (
    f'<p:notes {DRAW} xmlns:p="p"><p:sp><p:nvPr><p:ph type="body"/></p:nvPr><a:p>Said.</a:p></p:sp>'
    '<p:sp><p:nvPr><p:ph type="sldNum"/></p:nvPr><a:p>1</a:p></p:sp></p:notes>'
)


def test_slides_are_in_the_order_shown_with_their_notes(tmp_path):
    ids = "".join(f'<p:sldId r:id="r{n}"/>' for n in (3, 2, 1))
    links = "".join(LINK.format(f"r{n}", "slide", f"slides/slide{n}.xml") for n in (1, 2))
    links += LINK.format("r3", "slide", "/ppt/slides/slide10.xml")
    package(tmp_path / "talk.pptx", **{
        "ppt__presentation.xml": f'<p:presentation xmlns:p="p" xmlns:r="{OFFICE}">{ids}</p:presentation>',
        "ppt___rels__presentation.xml.rels": f"<Relationships>{links}</Relationships>",
        **{f"ppt__slides__slide{n}.xml": f"<a:x {DRAW}><a:p>Slide {n}</a:p></a:x>" for n in (1, 2, 10)},
        "ppt__slides___rels__slide2.xml.rels": "<Relationships>"
        + LINK.format("r1", "notesSlide", "../notesSlides/notesSlide1.xml") + "</Relationships>",
        "ppt__notesSlides__notesSlide1.xml": NOTES,
    })  # fmt: skip
    found = only(tmp_path / "talk.pptx")
    assert found.text == "Slide 10\n\nSlide 2\nSaid.\n\nSlide 1"
    assert [one.name for one in found.places] == ["slide 1", "slide 2", "slide 3"]


def test_a_text_of_libre_office(tmp_path):
    package(tmp_path / "a.odt", **{"content.xml": ODT})
    found = only(tmp_path / "a.odt")
    assert found.text == "## Pumps\n\nThere are 14.\n\n- one\n\n| a | b |"
    assert (found.title, [p.name for p in found.places]) == ("Pumps", ["Pumps"])


def test_a_book_in_reading_order(tmp_path):
    pages = {"OEBPS__b.xhtml": PAGE.format("Two"), "OEBPS__a b.xhtml": PAGE.format("One")}
    package(
        tmp_path / "b.epub", **{"META-INF__container.xml": CONTAINER, "OEBPS__c.opf": OPF}, **pages
    )
    found = only(tmp_path / "b.epub")
    assert (found.title, found.text) == ("The Book", "# One\n\nText.\n\n# Two\n\nText.")


@pytest.mark.parametrize(("name", "content"), [("a.xml", JATS), ("a.nxml", JATS), ("a.tei", TEI)])
def test_articles_in_xml(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    found = only(tmp_path / name)
    assert found.title == "Pumps"
    assert found.text.startswith("# Pumps\n\n")
    assert "## Results\n\nThere are 14 ." in found.text
    assert "Someone" not in found.text
    assert "Journal" not in found.text


def message(text, html=None):
    found = EmailMessage()
    found["Subject"], found["From"], found["Date"] = (
        "Pumps",
        "ada@a.example",
        "Fri, 1 Mar 2024 10:00:00 +0100",
    )
    found.set_content(text or "")
    if html:
        found = EmailMessage()
        found["Subject"] = "Pumps"
        found.set_content(html, subtype="html")
    return found


def test_a_message(tmp_path):
    (tmp_path / "m.eml").write_bytes(message("There are 14 für dich.").as_bytes())
    found = only(tmp_path / "m.eml")
    assert (found.id, found.title, found.year) == ("m", "Pumps", 2024)
    assert found.text.startswith("Subject: Pumps\nFrom: ada@a.example\nDate: ")
    assert found.text.endswith("There are 14 für dich.")


def test_a_mailbox(tmp_path):
    lines = [b"From ada Fri Mar  1 10:00:00 2024\n" + one.as_bytes() + b"\n" for one in (
        message("One."), message("", "<p>Two <b>pumps</b>.</p>"), message(" "))]  # fmt: skip
    (tmp_path / "box.mbox").write_bytes(b"".join(lines))
    found = read_documents(tmp_path / "box.mbox")
    assert [(d.id, d.text.rpartition("\n")[2]) for d in found.documents] == [
        ("box:1", "One."),
        ("box:2", "Two pumps."),
    ]
    assert [s.reason for s in found.skipped] == ["the message holds no text"]


@pytest.mark.parametrize(("name", "content"), [("a.srt", SRT), ("a.vtt", VTT)])
def test_subtitles(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    assert only(tmp_path / name).text == "There are\n14 pumps."


def test_rtf(tmp_path):
    (tmp_path / "a.rtf").write_text(r"{\rtf1\ansi There are {\b 14} pumps f\'fcr dich.\par}")
    assert only(tmp_path / "a.rtf").text == "There are 14 pumps für dich."


def test_a_notebook_without_its_outputs(tmp_path):
    (tmp_path / "a.ipynb").write_text(json.dumps(NOTEBOOK))
    found = only(tmp_path / "a.ipynb")
    assert (found.title, found.text) == ("Pumps", "# Pumps\nThere are 14.\n\n```\nprint(14)\n```")


def test_a_message_of_an_unknown_charset(tmp_path):
    text = "Subject: x\nDate: never\nContent-Type: text/plain; charset=bogus\n\nhi\n"
    (tmp_path / "m.eml").write_text(text)
    assert (only(tmp_path / "m.eml").text.rpartition("\n")[2], only(tmp_path / "m.eml").year) == (
        "hi",
        None,
    )


@pytest.mark.parametrize(("row", "text"), [
    ({"doc_id": 1, "title": "T", "abstract": ["One. ", "Two."]}, "One. Two."),
    ({"id": "1", "title": "T", "full_text": [{"section_name": "I", "paragraphs": ["a", "b"]}]}, "## I\n\na\n\nb"),
])  # fmt: skip
def test_texts_in_parts(tmp_path, row, text):
    (tmp_path / "d.jsonl").write_text(json.dumps(row))
    assert (only(tmp_path / "d.jsonl").id, only(tmp_path / "d.jsonl").text) == ("1", text)


@each(("name", "content", "reason"), [
    ("a.pptx", "no", "not a PPTX"),
    ("a.epub", None, "not a EPUB that can be read"),
    ("a.odt", None, "not a ODT that can be read"),
    ("a.pptx", None, "holds no text"),
    ("a.xml", "<mediawiki><page/></mediawiki>", "XML of another kind than JATS or TEI (<mediawiki>)"),
    ("a.xml", "not xml", "XML of another kind"),
    ("a.eml", "", "holds no text"),
    ("a.srt", "Only text.", "no subtitles"),
    ("a.rtf", "Only text.", "not an RTF file"),
    ("a.ipynb", "{}", "not a Jupyter notebook"),
    ("a.ipynb", "[1", "not a Jupyter notebook"),
])  # fmt: skip
def test_files_that_cannot_be_read(tmp_path, name, content, reason):
    if content is None:
        package(tmp_path / name, mimetype="x")
    else:
        (tmp_path / name).write_text(content)
    with pytest.raises(InputError) as error:
        read_documents(tmp_path / name)
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


def test_a_collection_of_trec(tmp_path):
    (tmp_path / "ft911").write_text(TREC)
    found = read_documents(tmp_path / "ft911", "trec")
    assert [(one.id, one.title, one.text) for one in found.documents] == [
        ("FT911-3", "FT 14 MAY 91 / Pumps & pipes", "There are 14.")
    ]
    assert [one.id for one in found.skipped] == ["FT911-4"]
    (tmp_path / "no.trec").write_text("text")
    with pytest.raises(InputError, match=r"no\.trec: no <DOC>"):
        read_documents(tmp_path / "no.trec")
