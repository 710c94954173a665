"""Text that tries to break out of the page, to hide in it, or to run in a spreadsheet."""

import json

from hypothesis import given
from hypothesis import strategies as st

from modellab.core.text.escape import escape_invisible
from modellab.reporting.page.untrusted import cleaned, cleaner, json_in_page, json_script

ANY_JSON = st.recursive(
    st.text() | st.integers() | st.none() | st.booleans(),
    lambda part: st.lists(part) | st.dictionaries(st.text(), part),
    max_leaves=8,
)


def test_bidi_and_control_characters_are_shown_as_their_codes():
    assert escape_invisible("a\u202eb") == "a⟨U+202E⟩b"
    assert (
        escape_invisible("\u2066x\u2069\x00\x1b[31m\x85")
        == "⟨U+2066⟩x⟨U+2069⟩⟨U+0000⟩⟨U+001B⟩[31m⟨U+0085⟩"
    )
    assert escape_invisible("\u200b\ufeff\u2028\U000e0041") == "⟨U+200B⟩⟨U+FEFF⟩⟨U+2028⟩⟨U+E0041⟩"


def test_half_a_character_can_be_written():
    assert escape_invisible("\ud800").encode() == "⟨U+D800⟩".encode()


def test_ordinary_text_of_any_script_stays():
    text = "line\n\ttab é Ж 漢字 العربية क्‍ष 👩\u200d🔬 — “x”"
    assert escape_invisible(text) == text
    assert escape_invisible("two\r\nlines") == "two\nlines"


@given(st.text())
def test_nothing_hidden_is_left_and_twice_is_once(text):
    once = escape_invisible(text)
    assert escape_invisible(once) == once
    once.encode()


def test_a_script_end_tag_cannot_end_the_data():
    text = json_in_page({"a": "</script><!--<script>", "b": "&lt;\u2028"})
    assert not set("<>&\u2028'") & set(text)
    assert json.loads(text) == {"a": "</script><!--<script>", "b": "&lt;\u2028"}


@given(ANY_JSON)
def test_data_come_back_as_they_were(value):
    text = json_in_page(value)
    assert not set("<>&\u2028\u2029'") & set(text)
    assert json.loads(text) == value


def test_data_files_hold_a_text_and_no_literal():
    data = json_in_page({"__proto__": {"x": 1}, "a": "');alert(1)//"})
    script = json_script("part", data)
    assert script.startswith('modellab("part","')
    name, text = json.loads("[" + script.removeprefix("modellab(").removesuffix(");\n") + "]")
    assert (name, json.loads(text)) == ("part", {"__proto__": {"x": 1}, "a": "');alert(1)//"})


def test_secrets_do_not_pass():
    clean = cleaner(lambda text: text.replace("hunter2-hunter2", "[secret]"))
    data = {"key hunter2-hunter2": ["x hunter2-hunter2", 1, None, ("\u202e",)]}
    assert cleaned(data, clean) == {"key [secret]": ["x [secret]", 1, None, ["⟨U+202E⟩"]]}
