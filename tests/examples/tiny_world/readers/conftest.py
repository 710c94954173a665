import pytest
from tiny_world.readers.encoding import Encoder
from tiny_world.readers.tokenizer import build_tokenizer


@pytest.fixture(scope="session")
def tokenizer():
    return build_tokenizer()


@pytest.fixture(scope="session")
def encoder(tokenizer):
    return Encoder(tokenizer)
