"""One batch: prompts in, new tokens and texts out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modellab.providers.transformers.memory import MemoryWatch
from modellab.providers.transformers.sampling import RowSampler
from modellab.providers.transformers.stopping import StopTexts, cut_at

if TYPE_CHECKING:
    from modellab.providers.transformers.constrained import JsonGrammar
    from modellab.providers.transformers.loading import Loaded
    from modellab.providers.transformers.memory import DeviceMemory
    from modellab.providers.transformers.options import TransformersOptions
    from modellab.providers.transformers.reading import Prompt, Reader


@dataclass(frozen=True)
class Generated:
    """A row's answer: its text, cut at the stop text, and how many tokens were generated."""

    text: str
    tokens: int
    finish_reason: str


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
        self._judged: dict[int, bool] = {}

    def generate(self, prompts: Sequence[Prompt]) -> list[Generated]:
        """The answers in the order of the prompts. Raises what says that memory ran out."""
        import torch

        inputs = self._reader.batch(prompts).to(self._loaded.model.device)
        width = inputs["input_ids"].shape[1]
        stop = self._stop_texts(width)
        with torch.inference_mode():
            output = self._loaded.model.generate(
                **inputs,
                max_new_tokens=self._options.max_new_tokens,
                do_sample=False,
                eos_token_id=self._ends or None,
                logits_processor=self._processors(prompts),
                stopping_criteria=[stop] if stop else [],
            )
        lengths = stop.lengths if stop else {}
        rows = output[:, width:].tolist()
        return [self.read(tokens[: lengths.get(row)]) for row, tokens in enumerate(rows)]

    def read(self, tokens: Sequence[int]) -> Generated:
        end = next((i for i, token in enumerate(tokens) if token in self._ends), None)
        tokens = tokens if end is None else tokens[: end + 1]
        text = self._loaded.tokenizer.decode(tokens, skip_special_tokens=True)
        before = cut_at(text, self._stops)
        stopped = end is not None or before is not None
        text = text if before is None else before
        return Generated(text.strip(), len(tokens), "stop" if stopped else "length")

    def _stop_texts(self, width: int) -> StopTexts | None:
        if not self._stops:
            return None
        return StopTexts(self._loaded.tokenizer, self._stops, width, self._judged)

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
