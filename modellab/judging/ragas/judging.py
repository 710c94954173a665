"""One RAGAS judge at work on one model's answers."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from modellab.core.io.jsonl import read_rows
from modellab.core.records import Chunk
from modellab.judging.materials import Ask, Materials
from modellab.judging.ragas.library import import_ragas, make_metric
from modellab.judging.ragas.llm import CallFailedError, Conversation, llm_of
from modellab.judging.ragas.metrics import METRICS, cannot_judge, fields_of
from modellab.judging.ragas.options import RagasOptions
from modellab.judging.ragas.waves import Waves
from modellab.judging.records import Item, Judgement, Reason, Verdict, judgement

log = logging.getLogger(__name__)


def judging(options: RagasOptions, materials: Materials) -> RagasJudging:
    """One judge, ready to ask about one model's answers."""
    return RagasJudging(options, materials)


class RagasJudging:
    """All items of one model, side by side."""

    def __init__(self, options: RagasOptions, materials: Materials) -> None:
        import_ragas()
        self._options = options
        self._materials = materials

    def judge(self, ask: Ask) -> list[Judgement]:
        waves = Waves(ask)
        with self._embeddings() as embeddings, warnings.catch_warnings():
            # zero vectors: the result is not a number, which is a row of its own
            warnings.simplefilter("ignore", RuntimeWarning)
            return waves.run([self._judged(item, waves, embeddings) for item in self._items()])

    def _items(self) -> Iterator[Item]:
        for sample in self._materials.samples:
            for metric in self._options.metrics:
                for number in range(1, self._options.repeats + 1):
                    yield Item(sample, metric, number)

    def _embeddings(self) -> AbstractContextManager[Any]:
        from modellab.judging.ragas.embedding import opened_embedder
        from modellab.models.embedders.protocol import EmbedderOptions

        if not self._options.reads_chunks():
            return nullcontext()
        assert isinstance(self._options.embedder, EmbedderOptions)
        return opened_embedder(self._options.embedder, self._known_texts(), self._materials.seed)

    def _known_texts(self) -> list[str]:
        """The corpus; without one questions and references, never what a model wrote."""
        if self._materials.chunks is not None:
            return [chunk.text for chunk in read_rows(self._materials.chunks, Chunk)]
        samples = self._materials.samples
        known = [text for s in samples for text in (s.question.text, s.reference or "") if text]
        return list(dict.fromkeys(known))

    async def _judged(self, item: Item, waves: Waves, embeddings: Any) -> Judgement:
        verdict = cannot_judge(METRICS[item.metric], item.sample)
        if verdict:
            return judgement(item, verdict, ())
        retries = self._options.asked_again(item.metric)
        conversation = Conversation(item, waves, retries)
        verdict = await self._verdict(conversation, embeddings)
        return judgement(item, conversation.failure or verdict, tuple(conversation.responses))

    async def _verdict(self, conversation: Conversation, embeddings: Any) -> Verdict:
        item = conversation.item
        spec = METRICS[item.metric]
        metric = make_metric(spec.name, self._parts(item.metric, conversation, embeddings))
        try:
            result = await metric.ascore(**fields_of(spec, item.sample))
        except CallFailedError:
            return Verdict(None, Reason.PARSE)
        except Exception as error:  # noqa: BLE001 - a metric's own code; the row says what it was
            log.warning("%s of %s: %r", item.metric, item.sample.question.id, error)
            return Verdict(None, Reason.UNDEFINED, f"{type(error).__name__}: {error}")
        if not math.isfinite(result.value):
            return Verdict(None, Reason.UNDEFINED, "the metric is not a number for these replies")
        return Verdict(float(result.value), comment=result.reason)

    def _parts(self, metric: str, conversation: Conversation, embeddings: Any) -> dict[str, Any]:
        parts: dict[str, Any] = {"llm": llm_of(conversation)}
        if METRICS[metric].embeddings:
            parts["embeddings"] = embeddings
        if metric == "answer_relevancy":
            parts["strictness"] = self._options.strictness
        return parts
