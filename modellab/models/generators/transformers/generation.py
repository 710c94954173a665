"""One batch: prompts in, new tokens and texts out, and the rows that they become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from modellab.core.records import Request, Response
from modellab.core.text.thoughts import HARMONY, ThoughtMarks, all_marks, end_marks, told_apart
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
    from modellab.models.generators.transformers.reading import Prompt, Reader


@dataclass(frozen=True)
class Generated:
    """A row's answer: its text, cut at the stop text, and how many tokens were generated.

    Special tokens are left out of the text, except for marks of thoughts; `raw` holds all of them,
    where there are any before the end. `thought_tokens` is None where there is no thought.
    `confidence` is the geometric mean of the tokens' probabilities; None where not asked for.
    """

    text: str
    tokens: int
    finish_reason: str
    raw: str | None = None
    thought_tokens: int | None = None
    confidence: float | None = None


class Generator:
    """Answers one batch at a time with the model's own `generate`."""

    def __init__(
        self,
        options: TransformersOptions,
        loaded: Loaded,
        reader: Reader,
        memory: DeviceMemory,
        grammar: JsonGrammar | None,
    ) -> None:
        self._options = options
        self._loaded = loaded
        self._reader = reader
        self._memory = memory
        self._grammar = grammar
        self._stops, self._ends = _split_stops(options.stop, loaded)
        self._candidates: dict[int, bool] = {}
        self._kept = _special_marks(loaded.tokenizer, options.thought)
        self._thought_ends = _end_tokens(loaded.tokenizer, options.thought)

    def generate(self, prompts: Sequence[Prompt], most: int | None = None) -> list[Generated]:
        """The answers in the order of the prompts, of at most `most` tokens.

        Raises what `is_out_of_memory` recognises.
        """
        import torch

        inputs = self._reader.batch(prompts).to(self._loaded.model.device)
        width = inputs["input_ids"].shape[1]
        stop = self._stop_texts(width)
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
            self.read(tokens[: lengths.get(row)], prompts[row].opened)
            for row, tokens in enumerate(rows)
        ]
        if sure is None:
            return found
        return [
            replace(one, confidence=geometric_mean(steps[: one.tokens]))
            for one, steps in zip(found, sure.logarithms(output), strict=True)
        ]

    def read(self, tokens: Sequence[int], opened: str = "") -> Generated:
        """The answer in new tokens; `opened` is the mark of a thought that it begins within."""
        end = next((i for i, token in enumerate(tokens) if token in self._ends), None)
        tokens = tokens if end is None else tokens[: end + 1]
        text = self._text(tokens)
        before = cut_at(text, self._stops)
        stopped = end is not None or before is not None
        text = (text if before is None else before).strip()
        raw = self._loaded.tokenizer.decode(tokens[:end], skip_special_tokens=False).strip()
        return Generated(
            f"{opened}{text}",
            len(tokens),
            "stop" if stopped else "length",
            None if raw == text else raw,
            self._thought_tokens(tokens, f"{opened}{text}"),
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
        apart = told_apart(text, self._options.thought)
        if apart.unfinished:
            return len(tokens)
        if not apart.thought:
            return None
        last = max((i for i, token in enumerate(tokens) if token in self._thought_ends), default=-1)
        if last >= 0:
            return last + 1
        return len(self._loaded.tokenizer(apart.thought, add_special_tokens=False)["input_ids"])

    def _stop_texts(self, width: int) -> StopTexts | None:
        if not self._stops:
            return None
        return StopTexts(self._loaded.tokenizer, self._stops, width, self._candidates)

    def _processors(self, prompts: Sequence[Prompt]) -> list[Any]:
        """What changes or watches the scores, in the order of use."""
        processors: list[Any] = [] if self._memory.device == "cuda" else [MemoryWatch(self._memory)]
        if self._grammar:
            processors.append(self._grammar.processor())
        if self._options.temperature:
            seeds = [int(prompt.request.key[:15], 16) for prompt in prompts]
            processors.append(RowSampler(seeds, self._options.temperature, self._options.top_p))
        return processors


def _split_stops(stops: Sequence[str], loaded: Loaded) -> tuple[tuple[str, ...], list[int]]:
    """Stop texts, and the tokens that end an answer: a special token never shows as text."""
    special = set(loaded.tokenizer.all_special_tokens)
    texts = tuple(stop for stop in stops if stop not in special)
    tokens = loaded.tokenizer.convert_tokens_to_ids([stop for stop in stops if stop in special])
    return texts, [*loaded.ends, *tokens]


def _special_marks(tokenizer: Any, marks: ThoughtMarks | None) -> dict[int, str]:
    """Special tokens that are marks of thoughts: without them a thought reads as the answer."""
    # not all that is left out of a text is listed among the tokenizer's named special tokens
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


def _end_tokens(tokenizer: Any, marks: ThoughtMarks | None) -> frozenset[int]:
    """The tokens that end a thought, of those that are one token."""
    known = tokenizer.get_vocab()
    return frozenset(known[mark] for mark in end_marks(marks) if mark in known)


@dataclass(frozen=True)
class RowMaker:
    """Makes the rows of one loaded model, which all name its dtype and quantization."""

    dtype: str
    quantization: str

    def failed(
        self, request: Request, error_class: str, error: str, prompt_tokens: int | None = None
    ) -> Response:
        row = self._row(request.key, None)
        return replace(row, error_class=error_class, error=error, prompt_tokens=prompt_tokens)

    def answered(
        self,
        prompt: Prompt,
        generated: Generated,
        method: str,
        seconds: float,
        waited: float,
        batch_size: int | None,
    ) -> Response:
        """`seconds` of generation after `waited` seconds from the call until its turn came."""
        return replace(
            self._row(prompt.request.key, generated.text),
            finish_reason=generated.finish_reason,
            prompt_tokens=len(prompt.tokens),
            completion_tokens=generated.tokens,
            confidence=generated.confidence,
            latency_seconds=seconds,
            queue_seconds=waited,
            batch_size=batch_size,
            method=method,
            raw=generated.raw,
            thought_tokens=generated.thought_tokens,
        )

    def _row(self, key: str, text: str | None) -> Response:
        return Response(key=key, text=text, dtype=self.dtype, quantization=self.quantization)
