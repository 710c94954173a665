import pytest

from modellab.core.errors import InputError
from modellab.core.records import Message, Passage
from modellab.models.prompts import load_prompt

PASSAGE = Passage("d#1", "d", 1, 1.0, "A <b>text</b> & more.", "Title", 2021)


def prompt(tmp_path, text):
    path = tmp_path / "p.jinja"
    path.write_text(text)
    return load_prompt(path)


def test_blocks_become_messages(tmp_path):
    loaded = prompt(
        tmp_path, "{% block system %}Be {{ how }}.{% endblock %}{% block user %}Q{% endblock %}"
    )
    assert loaded.messages({"how": "short"}) == (
        Message("system", "Be short."),
        Message("user", "Q"),
    )


def test_text_reaches_the_model_unchanged(tmp_path):
    loaded = prompt(tmp_path, "{% block user %}{{ passages[0].text }}{% endblock %}")
    assert loaded.messages({"passages": [PASSAGE]})[0].content == "A <b>text</b> & more."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no blocks", "no user block"),
        ("{% block user %}", "p.jinja:1:"),
    ],
)
def test_bad_files(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        prompt(tmp_path, text)


def test_unknown_variable(tmp_path):
    loaded = prompt(tmp_path, "{% block user %}{{ truth }}{% endblock %}")
    with pytest.raises(InputError, match=r"p.jinja:1: 'truth' is undefined \(known: question\)"):
        loaded.messages({"question": "x"})


def test_a_prompt_cannot_reach_into_python(tmp_path):
    loaded = prompt(
        tmp_path,
        "{% block user %}{{ question.__class__.__mro__[1].__subclasses__() }}{% endblock %}",
    )
    with pytest.raises(InputError):
        loaded.messages({"question": "x"})


@pytest.mark.parametrize("expression", ["1 / 0", "question + 1", "question()", "question.a.b"])
def test_a_wrong_expression_is_named_with_its_line(tmp_path, expression):
    loaded = prompt(tmp_path, "{% block user %}\n{{ " + expression + " }}{% endblock %}")
    with pytest.raises(InputError, match=r"p.jinja:2: "):
        loaded.messages({"question": "x"})


@pytest.mark.parametrize("tag", ["include 'x'", "extends 'x'", "import 'x' as y"])
def test_a_prompt_is_one_file(tmp_path, tag):
    with pytest.raises(InputError, match=r"p.jinja:2: a prompt is one file"):
        prompt(tmp_path, "{% block user %}{% endblock %}\n{% " + tag + " %}")
