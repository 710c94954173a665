"""Answers that are JSON under a schema: tokens that would break it get no probability."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping, Sequence
from typing import Any

from modellab.core.errors import InputError


class JsonGrammar:
    """A JSON schema compiled for a tokenizer, once; each batch takes a processor of its own.

    `vocabulary` is the width of the model's scores, which may be more than the tokenizer has;
    `ends` are the tokens that end an answer. Raises InputError when xgrammar is not installed or
    cannot use the schema.
    """

    def __init__(
        self, tokenizer: Any, vocabulary: int, ends: Sequence[int], schema: Mapping[str, Any]
    ) -> None:
        if importlib.util.find_spec("xgrammar") is None:
            raise InputError(
                "answer_format: json_schema needs the package xgrammar; "
                "run: pip install -c constraints.txt -e '.[constrained]'"
            )
        import xgrammar

        info = xgrammar.TokenizerInfo.from_huggingface(
            tokenizer, vocab_size=vocabulary, stop_token_ids=list(ends)
        )
        try:
            # a fixed layout: else a weak model may write spaces until its tokens run out
            self._grammar = xgrammar.GrammarCompiler(info).compile_json_schema(
                json.dumps(schema), any_whitespace=False
            )
        except RuntimeError as error:
            raise InputError(f"the task's JSON schema cannot constrain answers: {error}") from None

    def processor(self) -> Any:
        """A logits processor for one batch; it keeps each row's place in the grammar."""
        from xgrammar.contrib.hf import LogitsProcessor

        return LogitsProcessor(self._grammar)
