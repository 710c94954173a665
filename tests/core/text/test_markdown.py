from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from modellab.core.text.escape import Markup, markdown_table, markdown_text, visible


def as_one_line(text):
    return " ".join(visible(text).split())


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


def test_addresses_are_no_links_of_their_own():
    assert markdown_text("https://example.org") == r"https\://example.org"
    assert markdown_text("www.example.org") == r"www\.example.org"
