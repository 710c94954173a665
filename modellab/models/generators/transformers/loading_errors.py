"""What went wrong while a model was looked up or loaded, as one line that says what to do."""

from __future__ import annotations

from collections.abc import Iterator

from modellab.core.errors import InputError
from modellab.models.generators.transformers.options import TransformersOptions


def loading_error(options: TransformersOptions, error: Exception) -> InputError:
    """The user's error for what transformers or the hub raised."""
    return InputError(f"{options.model}: {_advice(options, error)}")


def _advice(options: TransformersOptions, error: Exception) -> str:
    text = " ".join(str(cause) for cause in _causes(error))
    names = {type(cause).__name__ for cause in _causes(error)}
    reason = first_line(error)
    if "GatedRepoError" in names or "gated repo" in text:
        return (
            "the hub gives this model only to those who accepted its terms: accept them at "
            f"https://huggingface.co/{options.model} and set HF_TOKEN"
        )
    if options.attn_implementation and ("attn" in text or "attention" in text):
        return f"attn_implementation {options.attn_implementation!r} cannot be used: {reason}"
    if not options.is_folder() and names & {"RepositoryNotFoundError", "RevisionNotFoundError"}:
        return f"neither a folder here nor a model that the hub gives: {reason}"
    if not options.is_folder() and ("connect" in text or "offline" in text or "cached" in text):
        return (
            "neither a folder here nor a model that the hub gives: it is not in the hub's cache "
            "and the hub cannot be reached; run `snakemake fetch_models` where there is a network, "
            "or name a folder"
        )
    if "SafetensorError" in names:
        return f"cannot be loaded: a file of weights is damaged or not complete ({reason})"
    return f"cannot be loaded: {reason}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def first_line(error: BaseException) -> str:
    """The first line of an error's text, or its kind where it has none."""
    lines = str(error).strip().splitlines()
    return lines[0].strip() if lines else type(error).__name__
