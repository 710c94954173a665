"""What becomes of a prompt, as a row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from modellab.core.records import Request, Response

if TYPE_CHECKING:
    from modellab.models.generators.transformers.generation import Generated
    from modellab.models.generators.transformers.reading import Prompt


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
