import csv
import io
import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.io.csv_file import read_csv, write_csv
from modellab.core.io.frames import read_frame, write_frame
from modellab.core.text.escape import storable

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
def test_by_hand(text, kept):
    assert storable(text) == kept


@given(ANY_TEXT)
def test_every_text_can_be_stored_and_stays_so(text):
    kept = storable(text)
    kept.encode()
    assert storable(kept) == kept
    assert json.loads(json.dumps(kept, ensure_ascii=False)) == kept
    list(csv.reader(io.StringIO(kept, newline="")))


@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_every_text_comes_back_from_both_tables(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("tables") / "t.csv"
    rows = [{"question_id": storable(text), "n": str(number)} for number, text in enumerate(texts)]
    write_csv(path, ["question_id", "n"], rows)
    assert list(read_csv(path).rows) == rows
    write_frame(path, pd.DataFrame(rows))
    assert read_frame(path).to_dict("records") == rows


def test_a_carriage_return_in_a_cell_is_quoted_and_rows_end_in_line_feeds(tmp_path):
    write_csv(tmp_path / "t.csv", ["a", "b"], [{"a": "x\ry", "b": 1}, {"a": "x\r\ny", "b": 2}])
    assert (tmp_path / "t.csv").read_bytes() == b'a,b\n"x\ry",1\n"x\r\ny",2\n'
