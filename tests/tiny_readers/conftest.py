import pytest

from modellab.tiny_readers.encoding import Encoder
from modellab.tiny_readers.tokenizer import build_tokenizer


@pytest.fixture(scope="session")
def tokenizer():
    return build_tokenizer()


@pytest.fixture(scope="session")
def encoder(tokenizer):
    return Encoder(tokenizer)
