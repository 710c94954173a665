"""Cells of ids: lists however they are quoted, and ids that hold what lists are made of."""

from cases import each

from modellab.core.values.ids import read_ids


@each(
    ("cell", "ids"),
    [
        ("d1", ("d1",)),
        ("['a', 'b']", ("a", "b")),
        ('["a", null, "b "]', ("a", "b")),
        ("[a, b]", ("a", "b")),
        ("['Moody's 10-K, 2022', 'x']", ("Moody's 10-K, 2022", "x")),
        ('["Moody\'s 10-K, 2022"]', ("Moody's 10-K, 2022",)),
        ("('a', 'b')", ("a", "b")),
        ("{'a'}", ("a",)),
        ("'a'", ("a",)),
        ('"a, b"', ("a, b",)),
        ("a, b; c", ("a, b; c",)),
        ("(draft) a", ("(draft) a",)),
        ("(draft)", ("(draft)",)),
        ("{a}", ("{a}",)),
        ("'tis", ("'tis",)),
        ("(1, 2)", ("(1, 2)",)),
        ("[]", ()),
        (" ", ()),
    ],
)
def test_ids_of_a_cell(cell, ids):
    assert read_ids(cell) == ids
