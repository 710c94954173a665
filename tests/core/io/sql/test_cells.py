import pytest
from cases import each

from modellab.core.errors import InputError
from modellab.core.io.sql.rows import texts, vector


@each(
    ("cell", "found"),
    [
        (None, ()),
        ("", ()),
        ("a, b", ("a, b",)),
        (7, ("7",)),
        ([1, 2], ("1", "2")),
        ('["a", 2]', ("a", "2")),
        ("[not json]", ("[not json]",)),
        ('{1,"b, \\"c",NULL,d e}', ("1", 'b, "c', "d e")),
        ("{}", ()),
    ],
)
def test_one_text_or_several(cell, found):
    assert texts(cell, "x") == found


@pytest.mark.parametrize("cell", [1.5, [True], {"a": 1}])
def test_cells_that_are_not_text(cell):
    with pytest.raises(InputError, match="row 3: expected text or a list of it, not"):
        texts(cell, "row 3")


@each(
    ("cell", "found"),
    [
        ("[1,-2.5,3e-2]", [1, -2.5, 0.03]),
        ("{0.5,1}", [0.5, 1]),
        ([1, 2], [1, 2]),
        (None, None),
        ("", None),
    ],
)
def test_vectors(cell, found):
    assert vector(cell, "x") == found


@pytest.mark.parametrize(
    ("cell", "message"),
    [("1,2", "not a vector such as"), ("[a]", "of numbers"), ("[]", "without"), (5, "int")],
)
def test_cells_that_are_not_vectors(cell, message):
    with pytest.raises(InputError, match=message):
        vector(cell, "x")
