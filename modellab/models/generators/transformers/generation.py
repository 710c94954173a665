"""One batch: prompts in, responses out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from modellab.core.records import Request, Response
from modellab.core.text.thoughts import HARMONY, ThoughtMarks, all_marks, end_marks, split_thoughts
from modellab.models.generators.transformers.memory import MemoryWatch
from modellab.models.generators.transformers.processors import (
    RowSampler,
    StopTexts,
    TokenConfidence,
    cut_at,
    geometric_mean,
)

if TYPE_CHECKING:
    from modellab.models.generators.transformers.loading import Loaded
    from modellab.models.generators.transformers.memory import DeviceMemory
    from modellab.models.generators.transformers.options import TransformersOptions
    from modellab.models.generators.transformers.processors import JsonGrammar
    from modellab.models.generators.transformers.reading import PromptReader, TokenizedPrompt


class Generator:
    """Answers one batch at a time with the model's own `generate`."""

    def __init__(
        self,
        options: TransformersOptions,
        loaded: Loaded,
        reader: PromptReader,
        memory: DeviceMemory,
        grammar: JsonGrammar | None,
    ) -> None:
        self._options = options
        self._loaded = loaded
        self._reader = reader
        self._memory = memory
        self._grammar = grammar
        # special tokens are not in texts, so they end answers as tokens
        tokenizer = loaded.tokenizer
        special = set(tokenizer.all_special_tokens)
        self._stops = tuple(stop for stop in options.stop if stop not in special)
        ends = tokenizer.convert_tokens_to_ids([stop for stop in options.stop if stop in special])
        self._ends = [*loaded.ends, *ends]
        self._candidates: dict[int, bool] = {}
        self._kept = _special_marks(tokenizer, options.thought)
        known = tokenizer.get_vocab()
        self._thought_ends = {known[mark] for mark in end_marks(options.thought) if mark in known}

    def row(self, request: Request, text: str | None = None, **fields: Any) -> Response:
        """A response with the fields that all rows of this model share."""
        loaded = self._loaded
        return Response(
            request.key, text, dtype=loaded.dtype, quantization=loaded.quantization, **fields
        )

    def generate(
        self, prompts: Sequence[TokenizedPrompt], most: int | None = None
    ) -> list[Response]:
        """The answers in the order of the prompts, of at most `most` tokens.

        Raises what `is_out_of_memory` recognises.
        """
        import torch

        inputs = self._reader.batch(prompts).to(self._loaded.model.device)
        width = inputs["input_ids"].shape[1]
        tokenizer = self._loaded.tokenizer
        stop = StopTexts(tokenizer, self._stops, width, self._candidates) if self._stops else None
        sure = TokenConfidence() if self._options.confidence else None
        with torch.inference_mode():
            output = self._loaded.model.generate(
                **inputs,
                max_new_tokens=most or self._options.max_new_tokens,
                do_sample=False,
                eos_token_id=self._ends or None,
                logits_processor=[*([sure] if sure else []), *self._processors(prompts)],
                stopping_criteria=[stop] if stop else [],
            )
        lengths = stop.lengths if stop else {}
        rows = output[:, width:].tolist()
        found = [
            self.read(prompts[row], tokens[: lengths.get(row)]) for row, tokens in enumerate(rows)
        ]
        if sure is None:
            return found
        return [
            replace(one, confidence=geometric_mean(steps[: one.completion_tokens]))
            for one, steps in zip(found, sure.logarithms(output), strict=True)
        ]

    def read(self, prompt: TokenizedPrompt, tokens: Sequence[int]) -> Response:
        """The answer in new tokens, up to and with the first that ends it.

        Its text has no special tokens, except for marks of thoughts; `raw` has all of them, where
        there are any before the end. `thought_tokens` is None where there is no thought.
        """
        end = next((i for i, token in enumerate(tokens) if token in self._ends), None)
        tokens = tokens if end is None else tokens[: end + 1]
        whole = self._text(tokens)
        before = cut_at(whole, self._stops)
        stopped = end is not None or before is not None
        written = (whole if before is None else before).strip()
        raw = self._loaded.tokenizer.decode(tokens[:end], skip_special_tokens=False).strip()
        text = f"{prompt.opened}{written}"
        return self.row(
            prompt.request,
            text,
            finish_reason="stop" if stopped else "length",
            prompt_tokens=len(prompt.tokens),
            completion_tokens=len(tokens),
            raw=None if raw == written else raw,
            thought_tokens=self._thought_tokens(tokens, text),
        )

    def _text(self, tokens: Sequence[int]) -> str:
        """The tokens as text: without special ones, except for marks of thoughts."""
        decode = self._loaded.tokenizer.decode
        parts: list[str] = []
        run: list[int] = []
        for token in tokens:
            if token in self._kept:
                parts += [decode(run, skip_special_tokens=True), self._kept[token]]
                run = []
            else:
                run.append(token)
        return "".join([*parts, decode(run, skip_special_tokens=True)])

    def _thought_tokens(self, tokens: Sequence[int], text: str) -> int | None:
        apart = split_thoughts(text, self._options.thought)
        if apart.unfinished:
            return len(tokens)
        if not apart.thought:
            return None
        last = max((i for i, token in enumerate(tokens) if token in self._thought_ends), default=-1)
        if last >= 0:
            return last + 1
        return len(self._loaded.tokenizer(apart.thought, add_special_tokens=False)["input_ids"])

    def _processors(self, prompts: Sequence[TokenizedPrompt]) -> list[Any]:
        """Logits processors, in the order of use."""
        processors: list[Any] = [] if self._memory.device == "cuda" else [MemoryWatch(self._memory)]
        if self._grammar:
            processors.append(self._grammar.processor())
        if self._options.temperature:
            seeds = [int(prompt.request.key[:15], 16) for prompt in prompts]
            processors.append(RowSampler(seeds, self._options.temperature, self._options.top_p))
        return processors


def _special_marks(tokenizer: Any, marks: ThoughtMarks | None) -> dict[int, str]:
    """Special tokens that are marks of thoughts: without them a thought reads as the answer."""
    # the named special tokens are not all that decoding omits
    special = {
        token: added.content
        for token, added in tokenizer.added_tokens_decoder.items()
        if added.special
    }
    wanted = {mark.lower() for mark in all_marks(marks)}
    channels = HARMONY if "<|channel|>" in special.values() else ()
    return {
        token: text for token, text in special.items() if text.lower() in wanted or text in channels
    }
