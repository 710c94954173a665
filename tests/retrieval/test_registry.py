import subprocess
import sys

import pytest
from pydantic import TypeAdapter, ValidationError

from modellab.retrieval import RetrieverEntry


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
