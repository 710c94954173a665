import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv
from modellab.core.io.frames import CATEGORY, FLOAT, INT, frame_of, read_frame, write_frame
from modellab.core.text.escape import escape_formula

TYPES = {"n": INT, "score": FLOAT, "kind": CATEGORY}


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('n,score,kind,text\n1,0.1,a,NA\n2,,b,"two\nlines"\n3,1e-05,a,\n')
    return path


def test_nothing_is_guessed(table):
    frame = read_frame(table, TYPES)
    assert frame["text"].tolist() == ["NA", "two\nlines", ""]
    assert frame["n"].tolist() == [1, 2, 3]
    assert frame["score"].fillna(-1).tolist() == [0.1, -1, 1e-05]
    assert frame["kind"].cat.categories.tolist() == ["a", "b"]
    assert read_frame(table)["n"].tolist() == ["1", "2", "3"]


def test_only_the_columns_that_are_wanted(table):
    assert list(read_frame(table, TYPES, ["text", "n"], only=True)) == ["text", "n"]


def test_a_table_comes_back_byte_by_byte(table, tmp_path):
    write_frame(tmp_path / "again.csv", read_frame(table, TYPES))
    assert (tmp_path / "again.csv").read_bytes() == table.read_bytes()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "column 'n' is missing"),
        ("n,n\n1,2\n", "duplicate column 'n'"),
        ("n,text\n1\n", "not valid CSV"),
        ("n,text\nx,1\n", "not valid CSV"),
    ],
)
def test_a_broken_table_is_one_line(tmp_path, text, message):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_frame(tmp_path / "t.csv", TYPES, ["n"])


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(InputError, match=r"t\.csv: no such file"):
        read_frame(tmp_path / "t.csv")


def test_what_a_spreadsheet_would_run_is_text(tmp_path):
    cells = ["=1+1", "-5", "+x", "plain", "", "@a"]
    safe = ["'=1+1", "-5", "'+x", "plain", "", "'@a"]
    frame = pd.DataFrame(
        {
            "question_id": cells,
            "text": cells,
            "category": pd.Categorical(cells),
            "object": pd.Series(cells, dtype=object),
        }
    )
    write_frame(tmp_path / "t.csv", frame)
    rows = read_csv(tmp_path / "t.csv").rows
    assert [row["question_id"] for row in rows] == cells
    for name in ("text", "category", "object"):
        assert [row[name] for row in rows] == safe


def test_missing_cells_are_empty_and_whole_numbers_stay_whole(tmp_path):
    rows = [{"n": 1, "score": None, "right": True}, {"n": None, "score": 0.5, "right": None}]
    write_frame(tmp_path / "t.csv", frame_of(rows, ["n", "score", "right"]))
    assert (tmp_path / "t.csv").read_text() == "n,score,right\n1,,True\n,0.5,\n"


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_keep_all_their_digits(tmp_path_factory, numbers):
    path = tmp_path_factory.mktemp("t") / "t.csv"
    write_frame(path, pd.DataFrame({"x": numbers}))
    assert np.array_equal(read_frame(path, {"x": FLOAT})["x"], numbers)


def test_a_row_may_be_longer_than_a_block_of_the_reader(tmp_path):
    frame = pd.DataFrame({"question_id": ["q1", "q2", "q3"], "text": ["a", "b" * 3_000_000, "c"]})
    write_frame(tmp_path / "t.csv", frame)
    assert read_frame(tmp_path / "t.csv").to_dict("list") == frame.to_dict("list")


def test_texts_of_several_frames_in_one(tmp_path):
    parts = [pd.DataFrame({"a": [text, "x"]}, dtype="str") for text in ("one, two", "=1")]
    write_frame(tmp_path / "a.csv", pd.concat(parts))
    assert (tmp_path / "a.csv").read_text() == 'a\n"one, two"\nx\n\'=1\nx\n'


_TEXTS = st.text(st.sampled_from("ab,\"\n' \ufeff\u2028é"), max_size=6)


@given(st.data(), st.booleans())
def test_the_lines_are_those_of_pandas(tmp_path_factory, data, one_column):
    size = data.draw(st.integers(0, 5))

    def column(values):
        return data.draw(st.lists(values, min_size=size, max_size=size))

    numbers = column(st.one_of(st.floats(), st.none()))
    frame = pd.DataFrame({"a": pd.array(column(_TEXTS), dtype="str")})
    if not one_column:
        frame['b "1", c'] = np.array(numbers, dtype="float64")
        frame["d"] = pd.Categorical(column(st.sampled_from(["x", "y,z"])))
        frame["e"] = pd.Series(column(st.one_of(st.none(), st.integers(), _TEXTS)), dtype=object)
        frame["f"] = column(st.booleans())
    path = tmp_path_factory.mktemp("t") / "t.csv"
    write_frame(path, frame)
    safe = frame.assign(
        **{
            name: pd.Series(
                [escape_formula(cell) if isinstance(cell, str) else cell for cell in frame[name]],
                dtype=object,
            )
            for name in {"a", "e"} & {*frame}
        }
    )
    assert path.read_bytes().decode() == safe.to_csv(index=False, lineterminator="\n")
