import pytest
from httpx import Request, Response
from huggingface_hub.errors import GatedRepoError

from modellab.models.weights import loading_error


def raised(cause, text="You are trying to access a repo."):
    try:
        raise OSError(text + "\nmore lines") from cause
    except OSError as error:
        return error


def test_a_gated_model_without_a_token(options):
    answer = Response(403, request=Request("GET", "https://huggingface.co/org/closed"))
    error = raised(GatedRepoError("403", response=answer))
    message = str(loading_error(options("org/closed"), error))
    assert message == (
        "org/closed: the hub gives this model only to those who accepted its terms: accept them "
        "at https://huggingface.co/org/closed and set HF_TOKEN"
    )


def test_a_hub_that_cannot_be_reached(options):
    error = raised(None, "We couldn't connect to 'https://huggingface.co' to load the files")
    message = str(loading_error(options("org/model"), error))
    assert "`snakemake fetch_models`" in message and "\n" not in message


@pytest.mark.parametrize("text", ["", "one\ntwo"])
def test_anything_else_is_one_line(options, text):
    message = str(loading_error(options("./folder"), ValueError(text)))
    assert message in ("./folder: cannot be loaded: ValueError", "./folder: cannot be loaded: one")
