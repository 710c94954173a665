"""Names that try to break out of a table in Markdown or LaTeX."""

import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from modellab.core.text.escape import escape_invisible
from modellab.reporting.papers.markup import latex_table, latex_text, markdown_page
from modellab.reporting.papers.table import PaperCell, PaperRow, PaperTable

HOSTILE = (
    r"\input{/etc/passwd}",
    r"\write18{id} ^^5cinput",
    "a|b || c",
    "`code` ``",
    "100% $x^2$ #1 & ~ {}",
    "<script>alert(1)</script> <!-- &lt;",
    "[a](javascript:alert(1)) ![i](http://127.0.0.1/x)",
    "https://example.org www.example.org",
    "**bold** _i_ ~~s~~ # h",
    "two\nlines\r\n\\end{tabular} % x",
    "Größe–naïve é",
    "\u202etxt.exe\u202c \x07",
    "--- '' ,, ``quoted'' ?` !` \"",
    "$$\\href{x}{y}$$",
)
#: all that a table may tell LaTeX to do
COMMANDS = {
    *("begin", "end", "caption", "label", "footnotesize", "scriptsize", "setlength", "begingroup"),
    *(
        "tabcolsep",
        "LTleft",
        "toprule",
        "midrule",
        "bottomrule",
        "textbf",
        "linewidth",
        "arraybackslash",
    ),
    *(
        "raggedright",
        "textbackslash",
        "textasciicircum",
        "textasciitilde",
        "textless",
        "allowbreak",
    ),
    *("textgreater", "textbar", "textasciigrave", "char", "usepackage", "multicolumn", "emph"),
    *("endfirsthead", "endhead", "endfoot", "endgroup"),
}


def table(names, components=("value_accuracy",)):
    rows = [
        PaperRow(
            str(n),
            name,
            name,
            (PaperCell("0.500", "[0.40, 0.60]", "", n == 1),) * len(components),
            "2-4, 7",
        )
        for n, name in enumerate(names, start=1)
    ]
    control = PaperRow("", HOSTILE[0], "", (PaperCell("-"),) * len(components), "")
    said = ("set | `x` %", " ".join(HOSTILE), HOSTILE[1])
    counts = ("117",) * len(components)
    return PaperTable(*said, components, counts, tuple(rows), (control,), tuple(names[:14]))


def as_one_line(text):
    return " ".join(escape_invisible(text).split())


def read_markdown(text):
    """The texts of the cells of each row, and the kinds of everything inside of a line."""
    tokens = MarkdownIt("commonmark", {"linkify": False}).enable("table").parse(text)
    kinds = {child.type for token in tokens for child in token.children or ()}
    rows, inside = [], False
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        inside = {"td_open": True, "td_close": False}.get(token.type, inside)
        if inside and token.type == "inline":
            rows[-1].append("".join(child.content for child in token.children))
    return rows[1:], kinds | {token.type for token in tokens}


def test_markdown_shows_names_as_they_are():
    rows, kinds = read_markdown(markdown_page(table(HOSTILE)))
    *ranked, head, control = rows
    assert [row[1] for row in ranked] == [as_one_line(name) for name in HOSTILE]
    assert all(len(row) == 5 for row in ranked)
    assert (head, control[:2]) == ([], ["-", as_one_line(HOSTILE[0])])
    assert rows[0][3] == "0.500 [0.40, 0.60]"
    assert not kinds & {"html_inline", "html_block", "link_open", "image", "code_inline", "em_open"}


def commands(latex):
    return set(re.findall(r"\\([A-Za-z]+)", latex))


def balanced(latex):
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", latex.replace(r"\\", "")):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    return depth == 0


def test_latex_holds_no_command_of_a_name():
    text = latex_table(table(HOSTILE))
    assert commands(text) <= COMMANDS
    assert balanced(text)
    lines = [
        line
        for line in text.splitlines()
        if line.endswith((r"\\", r"\\*", r"\\[2pt]"))
        and not line.startswith((r"\multicolumn", r"\caption"))
    ]
    assert {len(re.findall(r"(?<!\\)&", line)) for line in lines} == {3}
    # one comment, which is ours, and no mark that TeX reads as another sign
    assert len(re.findall(r"(?<!\\)%", text)) == 1
    assert "^^" not in text
    assert "`" not in text


@given(st.text(max_size=40))
def test_latex_of_any_text_is_only_text(text):
    latex = latex_text(text)
    assert commands(latex) <= COMMANDS
    assert balanced(latex)
    assert not re.search(r"(?<!\\)[%#$&_]|\^|~|`|\n|--|''", latex)


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="needs pdflatex, to see LaTeX take it")
def test_latex_takes_it_and_nothing_leaves_the_page(tmp_path):
    """Forty names of 57 letters go on to the next page, and no line is wider than the text."""
    names = [f"organisation/{'long-' * 8}{n:04}" for n in range(40)]
    parts = ("value_accuracy", "ref_overlap", "na_recall", "overall")
    (tmp_path / "table.tex").write_text(latex_table(table(names, parts)))
    (tmp_path / "hostile.tex").write_text(latex_table(table(HOSTILE)))
    (tmp_path / "paper.tex").write_text(
        r"\documentclass{article}\usepackage{array,booktabs,longtable}"
        r"\begin{document}\input{table}\typeout{seen}\input{hostile}\end{document}"
    )
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout.partition("seen")[0]
