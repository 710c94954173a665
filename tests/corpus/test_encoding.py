"""Short files, in which no language can be found, in other encodings than UTF-8."""

import pytest

from modellab.corpus.readers.encoding import read_decoded


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("id;question\n1;Wie kühl?\n", "cp1252"),
        ("id,question\n1,Où est la forêt ?\n", "cp1252"),
        ("id;question\n1;这座桥什么时候建成?\n", "gbk"),
        ("id;question\n1;Wie kühl?\n", "utf-16"),
    ],
)
def test_few_words(tmp_path, text, encoding):
    (tmp_path / "t.txt").write_bytes(text.encode(encoding))
    found = read_decoded(tmp_path / "t.txt")
    assert found.text == text
    assert len(found.notes) == 1
