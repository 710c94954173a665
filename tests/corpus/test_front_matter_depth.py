"""Front matter that is nested more deeply than Python can follow."""

import pytest

from modellab.core.errors import InputError
from modellab.corpus.readers.markdown import read


def test_it_is_refused_with_its_file(tmp_path):
    path = tmp_path / "deep.md"
    path.write_text(f"---\na: {'[' * 20_000}\n---\nText.\n")
    with pytest.raises(InputError, match=r"deep.md:.*front matter"):
        read(path)
