"""What a judge is asked, and the key that names all that decides its reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from modellab.core.fingerprint import digest
from modellab.core.records import Request
from modellab.judging.materials import Call
from modellab.models.protocol import ModelOptions


@dataclass(frozen=True)
class JudgeRequests:
    """Makes the requests of one judge; `version` is that of its kind's prompts and reading."""

    kind: str
    version: int
    options: ModelOptions
    fingerprint: Mapping[str, Any]
    schema: Mapping[str, Any]
    seed: int | None

    def make(self, call: Call) -> Request:
        """The request of a call: of its question, repeated as often as the judge repeats."""
        sample = call.item.sample
        return Request(
            key=self._key(call),
            question=sample.question,
            retriever=sample.retriever,
            repeat=call.item.judge_repeat,
            passages=(),
            messages=call.messages,
        )

    def _key(self, call: Call) -> str:
        return digest(
            {
                "judge": self.kind,
                "judge_version": self.version,
                "provider": type(self.options).__name__,
                "version": self.options.version,
                "fingerprint": self.fingerprint,
                "seed": self.seed if self.options.samples() else None,
                "schema": self.schema if self.options.constrained() else None,
                "metric": call.item.metric,
                "repeat": call.item.judge_repeat,
                "draw": call.draw,
                "attempt": call.attempt,
                "input": [asdict(message) for message in call.messages],
            }
        )
