"""A loaded model: prompts in, texts out, in left-padded batches."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from modellab.errors import InputError
from modellab.providers.transformers.batching import plan_batches
from modellab.records import Request, Response

if TYPE_CHECKING:
    from modellab.providers.transformers.options import TransformersOptions


def load_engine(options: TransformersOptions) -> Engine:
    """Load tokenizer and weights. Raises InputError where they cannot be loaded."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    source: dict[str, Any] = {
        "revision": options.revision,
        "trust_remote_code": options.trust_remote_code,
    }
    dtype = options.dtype if options.dtype == "auto" else getattr(torch, options.dtype)
    try:
        tokenizer = AutoTokenizer.from_pretrained(options.model, padding_side="left", **source)
        model: Any = AutoModelForCausalLM.from_pretrained(options.model, dtype=dtype, **source)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(f"{options.model}: cannot be loaded: {reason}") from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return Engine(options, tokenizer, model.to(_device(options.device)).eval())


def _device(wanted: str) -> str:
    import torch

    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        return next((name for name, there in present.items() if there), "cpu")
    if wanted != "cpu" and not present[wanted]:
        raise InputError(f"device {wanted!r} is not there; use `device: auto` or `device: cpu`")
    return wanted


class Engine:
    """Answers requests batch by batch, longest prompts first."""

    def __init__(self, options: TransformersOptions, tokenizer: Any, model: Any) -> None:
        self._options = options
        self._tokenizer = tokenizer
        self._model = model
        self._limit = getattr(model.config, "max_position_embeddings", None)

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        prompts = [self._tokens(request) for request in requests]
        fitting = [row for row, prompt in enumerate(prompts) if self._fits(prompt)]
        for row in sorted(set(range(len(requests))) - set(fitting)):
            yield self._too_long(requests[row], prompts[row])
        lengths = [len(prompts[row]) for row in fitting]
        batches = plan_batches(lengths, self._options.max_new_tokens, self._options.batch_tokens)
        for batch in batches:
            rows = [fitting[index] for index in batch]
            yield from self._batch([requests[row] for row in rows], [prompts[row] for row in rows])

    def report(self) -> Mapping[str, Any]:
        return {"device": str(self._model.device)}

    def _tokens(self, request: Request) -> list[int]:
        if self._tokenizer.chat_template is None:
            text = "\n\n".join(message.content for message in request.messages)
            return list(self._tokenizer(text)["input_ids"])
        messages = [asdict(message) for message in request.messages]
        text = self._tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True
        )
        # the template writes the special tokens itself
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _fits(self, prompt: Sequence[int]) -> bool:
        return self._limit is None or len(prompt) + self._options.max_new_tokens <= self._limit

    def _too_long(self, request: Request, prompt: Sequence[int]) -> Response:
        return Response(
            key=request.key,
            text=None,
            error_class="context_too_long",
            error=f"{len(prompt)} prompt tokens and {self._options.max_new_tokens} new ones do "
            f"not fit into the model's {self._limit}",
            prompt_tokens=len(prompt),
        )

    def _batch(
        self, requests: Sequence[Request], prompts: Sequence[list[int]]
    ) -> Iterator[Response]:
        start = time.perf_counter()
        generated = self._generate(requests, prompts)
        seconds = time.perf_counter() - start
        for request, prompt, tokens in zip(requests, prompts, generated, strict=True):
            ended = self._ends(tokens)
            yield Response(
                key=request.key,
                text=self._tokenizer.decode(tokens, skip_special_tokens=True).strip(),
                finish_reason="stop" if ended else "length",
                prompt_tokens=len(prompt),
                completion_tokens=len(tokens),
                latency_seconds=seconds,
                batch_size=len(requests),
            )

    def _generate(
        self, requests: Sequence[Request], prompts: Sequence[list[int]]
    ) -> list[list[int]]:
        """The new tokens of each row, up to and with its end token."""
        import torch

        inputs = self._tokenizer.pad({"input_ids": list(prompts)}, return_tensors="pt")
        inputs = inputs.to(self._model.device)
        with torch.inference_mode():
            output = self._model.generate(
                **inputs,
                max_new_tokens=self._options.max_new_tokens,
                do_sample=False,
                temperature=None,
                top_p=None,
                top_k=None,
                pad_token_id=self._tokenizer.pad_token_id,
                logits_processor=self._samplers(requests),
            )
        width = inputs["input_ids"].shape[1]
        return [self._upto_end(row) for row in output[:, width:].tolist()]

    def _samplers(self, requests: Sequence[Request]) -> list[Any]:
        if not self._options.samples():
            return []
        from modellab.providers.transformers.sampling import RowSampler

        seeds = [int(request.key[:15], 16) for request in requests]
        return [RowSampler(seeds, self._options.temperature, self._options.top_p)]

    def _end_tokens(self) -> set[int]:
        ends = self._model.generation_config.eos_token_id
        if ends is None:
            ends = self._tokenizer.eos_token_id
        return set(ends) if isinstance(ends, list) else {ends}

    def _ends(self, tokens: Sequence[int]) -> bool:
        return bool(tokens) and tokens[-1] in self._end_tokens()

    def _upto_end(self, tokens: Sequence[int]) -> list[int]:
        ends = self._end_tokens()
        for index, token in enumerate(tokens):
            if token in ends:
                return list(tokens[: index + 1])
        return list(tokens)
