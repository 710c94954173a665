import json

import pytest
from cases import each

from modellab.core.errors import InputError
from modellab.corpus.readers import table, text
from modellab.corpus.readers.reader import first_heading, heading_places

FRONT = """---
id: 007
title: "A title"
year: 2021
type: no
url: https://example.org/a
tags: [x, y]
---
# Heading
Body.
"""


def save(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content, newline="")
    return path


def one(found):
    (document,) = found.documents
    return document


def test_text(tmp_path):
    document = one(text.read_text(save(tmp_path, "a b.txt", "\n The title \r\nBody.\r\n")))
    assert (document.id, document.title, document.year) == ("a b", "The title", None)
    assert document.text == "\n The title \nBody.\n"
    assert document.source == str(tmp_path / "a b.txt")


def test_a_paragraph_is_no_title(tmp_path):
    assert one(text.read_text(save(tmp_path, "a.txt", "word " * 100))).title == "a"


def test_front_matter_is_taken_as_it_is_spelled(tmp_path):
    document = one(text.read_markdown(save(tmp_path, "a.md", FRONT)))
    assert (document.id, document.title, document.year) == ("007", "A title", 2021)
    assert (document.kind, document.url) == ("no", "https://example.org/a")
    assert document.text == "# Heading\nBody.\n"


@each(
    ("content", "title"),
    [
        ("intro\n## A head ##\n# Second", "A head"),
        ("no head", "a"),
        ("---\nyear:\nid: ~\n---\nno head", "a"),
        ("---\r\nyear: ''\r\n---\r\n# CRLF\r\n", "CRLF"),
        ("---\n---\n# Empty front", "Empty front"),
        ("---\n\n# A line across the page", "A line across the page"),
        ("---\nSome words.\n# Words after a line", "Words after a line"),
    ],
)
def test_markdown_defaults(tmp_path, content, title):
    document = one(text.read_markdown(save(tmp_path, "a.md", content)))
    assert (document.id, document.title, document.year) == ("a", title, None)


@each(
    ("content", "message"),
    [
        ("---\nyear: May\n---\nbody", r"a\.md: year 'May' is not an integer"),
        ("---\nid: a\n---\n \n", r"a\.md: 'text' is empty"),
    ],
)
def test_bad_markdown(tmp_path, content, message):
    with pytest.raises(InputError, match=message) as caught:
        text.read_markdown(save(tmp_path, "a.md", content))
    assert "\n" not in str(caught.value)


@each(
    ("content", "note"),
    [
        ("---\ntitle: a: b\n---\nbody", "front matter left out: line 2: not valid YAML"),
        ("---\n- a\n---\nbody", "line 2: expected lines of 'key: value'"),
        ("---\nid: x\nid: b\n---\nbody", "line 3: 'id' is a duplicate"),
        ("---\ntitle: [a]\n---\nbody", "line 2: 'title' must be text, not a list"),
        (f"---\nb: {'[' * 20_000}\n---\nbody", "line 2: nested too deeply"),
        ("---\nid: x\nbody", "without a closing '---'"),
    ],
)
def test_front_matter_that_is_wrong_costs_no_text(tmp_path, content, note):
    document = one(text.read_markdown(save(tmp_path, "a.md", content)))
    assert (document.id, document.title) == ("a", "a")
    assert document.text.endswith("body")
    assert note in document.notes[0]


def test_jsonl(tmp_path):
    rows = [
        {"id": "a", "text": "one\u2028two", "title": "T", "year": 1999, "type": "paper"},
        {"id": 7, "text": "x", "year": None, "url": "u", "more": [1]},
        {"id": "c", "text": "x", "year": ""},
        {"id": "d", "text": "x", "year": "2021-05-03"},
    ]
    lines = "\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    first, second, third, fourth = table.read(save(tmp_path, "a.jsonl", lines)).documents
    assert (first.text, first.title, first.year) == ("one\u2028two", "T", 1999)
    assert (first.kind, first.source) == ("paper", f"{tmp_path / 'a.jsonl'}:1")
    assert (second.id, second.title, second.year, second.url) == ("7", "7", None, "u")
    assert (third.year, third.source) == (None, f"{tmp_path / 'a.jsonl'}:5")
    assert fourth.year == 2021


@each(
    ("line", "message"),
    [
        ("{", r"a\.jsonl:2: not valid JSON"),
        ("[1]", r"a\.jsonl:2: must be an object"),
        ('{"id": "b"}', r"a\.jsonl:2: key 'text' is missing \(found: id\)"),
        ('{"text": "b"}', r"a\.jsonl:2: 'id' is empty"),
        ('{"id": "", "text": "x"}', r"a\.jsonl:2: 'id' is empty"),
        ('{"id": "b", "text": 5}', r"a\.jsonl:2: 'text' must be text, not int"),
        ('{"id": true, "text": "x"}', r"a\.jsonl:2: 'id' must be text, not bool"),
        ('{"id": "b", "text": "x", "year": 19.5}', r"a\.jsonl:2: year '19\.5' is not an integer"),
        ('{"id": "b", "text": "x", "year": "MM"}', r"a\.jsonl:2: year 'MM' is not an integer"),
        (r'{"id": "b", "text": "\ud800"}', r"a\.jsonl:2: 'text' holds half of a surrogate pair"),
    ],
)
def test_bad_jsonl(tmp_path, line, message):
    with pytest.raises(InputError, match=message):
        table.read(save(tmp_path, "a.jsonl", '{"id": "a", "text": "x"}\n' + line))


def test_csv(tmp_path):
    content = 'id,year,text,extra\na,2020,"one\ntwo",x\nNA,,null,y\n'
    first, second = table.read(save(tmp_path, "a.csv", content)).documents
    assert (first.id, first.text, first.year, first.title) == ("a", "one\ntwo", 2020, "a")
    assert (second.id, second.text, second.year) == ("NA", "null", None)
    assert second.source == f"{tmp_path / 'a.csv'}:4"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "id,words\na,x\n",
            r"a\.csv: 'text' is missing \(found: id, words\); say what the texts are",
        ),
        ("id,text\n,x\nb,y\n", r"a\.csv:2: 'id' is empty"),
        ("id,text,year\na,x,2020.5\n", r"a\.csv:2: year '2020\.5' is not an integer such as 2024"),
        ("id,text\na,x,y\n", r"a\.csv:2: 3 cells"),
    ],
)
def test_bad_csv(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        table.read(save(tmp_path, "a.csv", content))


@pytest.mark.parametrize(
    "content",
    ['[{"id": "a", "text": "One."}]', '{"version": 2, "documents": [{"id": "a", "text": "One."}]}'],
)
def test_json(tmp_path, content):
    found = one(table.read(save(tmp_path, "a.json", content)))
    assert (found.id, found.text, found.source) == ("a", "One.", f"{tmp_path / 'a.json'}: row 1")


@each(
    "data",
    [
        {"docstore/metadata": {}, "docstore/data": {"a": {"__data__": {"id_": "a", "text": "One."}}}},
        [{"lc": 1, "type": "constructor", "kwargs": {"id": "a", "page_content": "One."}}],
        [{"id": "a", "markdown": "One.", "metadata": {}}],
    ],
)  # fmt: skip
def test_documents_of_other_programs(tmp_path, data):
    found = one(table.read(save(tmp_path, "a.json", json.dumps(data))))
    assert (found.id, found.text) == ("a", "One.")


@each(
    ("content", "message"),
    [
        ("{", r"a\.json:1: not valid JSON"),
        ("[" * 5000, r"a\.json:1: not valid JSON"),
        ('"text"', r"must be an object"),
        ("[1]", r"a\.json: row 1: must be an object"),
        ('[{"id": "a"}]', r"a\.json: 'text' is missing \(found: id\)"),
        (
            '[{"id": "a", "text": "x"}, {"id": "b"}]',
            r"row 2: key 'text' is missing \(found: id\)",
        ),
    ],
)
def test_bad_json(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        table.read(save(tmp_path, "a.json", content))


HEADINGS = """Intro
# Water ##
text
### Use
more
## Air
```
# a comment, no heading
```
# Soil
"""


def test_places_are_named_with_the_headings_above():
    found = heading_places(HEADINGS)
    assert [place.name for place in found] == ["Water", "Water > Use", "Water > Air", "Soil"]
    assert all(HEADINGS[place.start :].startswith("#") for place in found)


def test_the_first_heading():
    assert first_heading(HEADINGS) == "Water"
    assert first_heading("#no space") is None
