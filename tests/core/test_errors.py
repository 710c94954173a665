from modellab.core.errors import InputError


def test_a_message_cannot_move_the_cursor_of_a_terminal():
    assert str(InputError("a.yaml:3: \x1b[31mred: unknown key")) == (
        "a.yaml:3: \u27e8U+001B\u27e9[31mred: unknown key"
    )
