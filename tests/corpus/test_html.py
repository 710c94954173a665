import pytest

from modellab.core.errors import BrokenFileError
from modellab.corpus.readers import html

PAGE = """<!doctype html><html><head><title> Water use </title><style>p {color: red}</style></head>
<body><nav><a href="/">Home</a></nav>
<h1>Water</h1><p>Data   centres <b>drink</b>.<br>A lot.</p>
<ul><li>one</li><li>two</li></ul>
<h2>By <em>region</em></h2>
<table><tr><th>Region</th><th>Litres</th></tr><tr><td>A|B</td><td>1,200</td></tr></table>
<script>alert("no")</script><p>End &amp; out.</p></body></html>"""


def read(tmp_path, content):
    path = tmp_path / "page.html"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (found,) = html.read_page(path).documents
    return found


def test_a_page_keeps_its_sections_lists_and_tables(tmp_path):
    page = read(tmp_path, PAGE)
    assert (page.id, page.title) == ("page", "Water use")
    assert page.text == (
        "# Water\n\nData centres drink.\nA lot.\n\n- one\n- two\n\n## By region\n\n"
        "| Region | Litres |\n| A/B | 1,200 |\n\nEnd & out."
    )
    assert [place.name for place in page.places] == ["Water", "Water > By region"]


def test_the_encoding_is_that_of_the_page(tmp_path):
    assert read(tmp_path, '<meta charset="cp1251"><p>Вода</p>'.encode("cp1251")).text == "Вода"
    assert read(tmp_path, "<p>Вода</p>").text == "Вода"


def test_titles_fall_back(tmp_path):
    assert read(tmp_path, "<h3>Use</h3>x").title == "Use"
    assert read(tmp_path, "plain words").title == "page"


@pytest.mark.parametrize("content", ["", "<html><script>x()</script></html>", b"\x00\x01"])
def test_a_page_without_text(tmp_path, content):
    with pytest.raises(BrokenFileError, match=r"page\.html: the page holds no text"):
        read(tmp_path, content)


def test_deep_nesting_and_thousands_of_paragraphs_are_read_whole(tmp_path):
    """In time that grows with the length: by its square, this would take minutes."""
    paragraphs = read(tmp_path, "<p>some text</p>" * 20_000)
    assert paragraphs.text.split() == ["some", "text"] * 20_000
    assert read(tmp_path, "<div>" * 20_000 + "inside").text == "inside"


def test_words_of_two_blocks_stay_apart(tmp_path):
    (tmp_path / "a.html").write_text(
        "<header>Acme</header><details><summary>More</summary>Text</details><aside>Note</aside><p>End"
    )
    (found,) = html.read_page(tmp_path / "a.html").documents
    assert found.text.split() == ["Acme", "More", "Text", "Note", "End"]
