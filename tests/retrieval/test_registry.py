import subprocess
import sys

import pytest
from pydantic import TypeAdapter, ValidationError

from modellab.retrieval import RetrieverEntry

ENTRIES = [
    {"kind": "bm25"},
    {"kind": "dense", "embedder": "lsa"},
    {"kind": "hybrid", "of": ["a", "b"]},
    {"kind": "oracle"},
    {"kind": "none"},
    {"kind": "shuffled", "of": "a"},
]


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_kind_is_known(entry):
    options = TypeAdapter(RetrieverEntry).validate_python(entry)
    assert options.kind == entry["kind"]


def test_an_unknown_kind():
    with pytest.raises(
        ValidationError,
        match="'bm25', 'dense', 'hybrid', 'query_decomposition', 'rerank', 'post_processing'",
    ):
        TypeAdapter(RetrieverEntry).validate_python({"kind": "colbert"})


def test_loading_the_options_imports_nothing_heavy():
    heavy = ("bm25s", "faiss", "sklearn", "scipy", "sentence_transformers", "torch", "numpy")
    code = f"import sys, modellab.retrieval.contexts, modellab.retrieval; print(set({heavy}) & {{*sys.modules}})"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
