import csv
import io
import json

import pandas as pd
import pytest
from cases import each
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from modellab.core.io.csv_file import read_csv, write_csv
from modellab.core.io.frames import read_frame, write_frame
from modellab.core.text.escape import (
    Markup,
    escape_formula,
    escape_invisible,
    markdown_table,
    markdown_text,
    storable,
)

#: all of Unicode, lone surrogates among it
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain \u00e9 \U0001f600\r\n\t", "plain \u00e9 \U0001f600\r\n\t"),
        ("cut \ud83d", "cut \ufffd"),
        ("\ud83d\ude00", "\U0001f600"),
        ("nul \x00 bell \x07 delete \x7f", "nul \u2400 bell \u2407 delete \u2421"),
    ],
)
def test_storable_by_hand(text, kept):
    assert storable(text) == kept


@given(ANY_TEXT)
def test_every_text_can_be_stored(text):
    kept = storable(text)
    kept.encode()
    assert storable(kept) == kept
    assert json.loads(json.dumps(kept, ensure_ascii=False)) == kept
    list(csv.reader(io.StringIO(kept, newline="")))


@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_every_text_survives_both_table_formats(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("tables") / "t.csv"
    rows = [{"question_id": storable(text), "n": str(number)} for number, text in enumerate(texts)]
    write_csv(path, ["question_id", "n"], rows)
    assert list(read_csv(path).rows) == rows
    write_frame(path, pd.DataFrame(rows))
    assert read_frame(path).to_dict("records") == rows


def test_a_carriage_return_in_a_cell_is_quoted_and_rows_end_in_line_feeds(tmp_path):
    write_csv(tmp_path / "t.csv", ["a", "b"], [{"a": "x\ry", "b": 1}, {"a": "x\r\ny", "b": 2}])
    assert (tmp_path / "t.csv").read_bytes() == b'a,b\n"x\ry",1\n"x\r\ny",2\n'


@each(
    "text",
    ["=1+1", "+cmd|'/c calc'!A1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "-1,000"],
)
def test_formulas_get_an_apostrophe(text):
    assert escape_formula(text) == f"'{text}"


@each("text", ["", "-5", "+1.5", "-1e3", "a=b", "[80,90]", "is_blank", "'=1"])
def test_other_text_is_unchanged(text):
    assert escape_formula(text) == text


def as_one_line(text):
    return " ".join(escape_invisible(text).split())


@given(st.text(max_size=40))
def test_markdown_of_any_text_is_that_text(text):
    tokens = MarkdownIt("commonmark").parse(f"x {markdown_text(text)} x")
    found = "".join(child.content for child in tokens[1].children)
    assert found == f"x {as_one_line(text)} x".replace("  ", " ") or not as_one_line(text)


@given(st.lists(st.text(max_size=12), min_size=3, max_size=3))
def test_a_row_has_a_cell_for_each_text(texts):
    table = "\n".join(markdown_table(["a", "b", "c"], [texts], right=[1]))
    tokens = MarkdownIt("commonmark").enable("table").parse(table)
    cells = [tokens[at + 1] for at, token in enumerate(tokens) if token.type == "td_open"]
    shown = ["".join(child.content for child in cell.children) for cell in cells]
    assert shown == list(map(as_one_line, texts))


def test_markup_is_kept_but_for_the_end_of_a_cell():
    [_, line, row] = markdown_table(["a", "b"], [[Markup("`x|y` \\| *z*"), "*z*"]], right=[1])
    assert line == "|---|---:|"
    assert row == "| `x\\|y` \\| *z* | \\*z\\* |"


def test_bare_urls_are_not_links():
    assert markdown_text("https://example.org") == r"https\://example.org"
    assert markdown_text("www.example.org") == r"www\.example.org"
