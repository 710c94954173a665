"""Judging answers by the metrics of RAGAS, with its telemetry switched off."""

import logging
import math
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Chunk
from modellab.judging.conversation import CallBatches, CallFailedError, Conversation
from modellab.judging.ragas.llm import llm_of
from modellab.judging.ragas.options import (
    ANSWER,
    CONTEXTS,
    METRICS,
    QUESTION,
    REFERENCE,
    RagasMetric,
    RagasOptions,
)
from modellab.judging.records import (
    Ask,
    Item,
    JudgedValue,
    Judgement,
    Materials,
    Reason,
    Sample,
    judgement,
    not_judged,
)
from modellab.models.embedders.protocol import Embedder, EmbedderOptions

log = logging.getLogger(__name__)

_INSTALL = "run: pip install -c constraints.txt -e '.[ragas]'"


class RagasJudging:
    """Judges all items of all models concurrently."""

    def __init__(self, options: RagasOptions, materials: Materials) -> None:
        import_ragas()
        self._options = options
        self._materials = materials

    def judge(self, ask: Ask) -> list[Judgement]:
        batches = CallBatches(ask)
        with self._embeddings() as embeddings, warnings.catch_warnings():
            # zero vectors give NaN, which becomes a row without a value
            warnings.simplefilter("ignore", RuntimeWarning)
            return batches.run(self._judged(item, batches, embeddings) for item in self._items())

    def _items(self) -> Iterator[Item]:
        for sample in self._materials.samples:
            for metric in self._options.metrics:
                for number in range(1, self._options.repeats + 1):
                    yield Item(sample, metric, number)

    @contextmanager
    def _embeddings(self) -> Iterator[Any]:
        """The embedder in the class that RAGAS expects; None if no metric needs it."""
        if not self._options.reads_chunks():
            yield None
            return
        options = self._options.embedder
        assert isinstance(options, EmbedderOptions)
        with TemporaryDirectory(prefix="modellab-embedder-") as name:
            options.fit(self._known_texts(), Path(name), self._materials.seed)
            yield _embedding_class()(options.load(Path(name)))

    def _known_texts(self) -> list[str]:
        """The corpus; without one, questions and references, but no text of a model."""
        if self._materials.chunks is not None:
            return [chunk.text for chunk in read_rows(self._materials.chunks, Chunk)]
        samples = self._materials.samples
        known = [text for s in samples for text in (s.question.text, s.reference or "") if text]
        return list(dict.fromkeys(known))

    async def _judged(self, item: Item, batches: CallBatches, embeddings: Any) -> Judgement:
        takes = METRICS[item.metric].takes
        verdict = not_judged(
            item.sample,
            contexts=CONTEXTS in takes,
            reference=REFERENCE in takes,
            answer=ANSWER in takes,
            abstentions=False,
        )
        if verdict:
            return judgement(item, verdict)
        conversation = Conversation(item, batches, self._options.max_retries(item.metric))
        verdict = await self._verdict(conversation, embeddings)
        verdict = conversation.failure or verdict
        return judgement(item, verdict, conversation.responses, conversation.shared)

    async def _verdict(self, conversation: Conversation, embeddings: Any) -> JudgedValue:
        item = conversation.item
        spec = METRICS[item.metric]
        parts: dict[str, Any] = {"llm": llm_of(conversation)}
        if spec.embeddings:
            parts["embeddings"] = embeddings
        if item.metric == "answer_relevancy":
            parts["strictness"] = self._options.strictness
        metric = getattr(import_ragas(), spec.name)(**parts)
        try:
            result = await metric.ascore(**_arguments(spec, item.sample))
        except CallFailedError:
            return JudgedValue(None, Reason.PARSE)
        except Exception as error:  # noqa: BLE001 - RAGAS's own code; the row keeps the error
            log.warning("%s of %s: %r", item.metric, item.sample.question.id, error)
            return JudgedValue(None, Reason.UNDEFINED, f"{type(error).__name__}: {error}")
        if not math.isfinite(result.value):
            return JudgedValue(
                None, Reason.UNDEFINED, "the metric is not a number for these replies"
            )
        return JudgedValue(float(result.value), comment=result.reason)


def _arguments(metric: RagasMetric, sample: Sample) -> dict[str, Any]:
    known = {
        QUESTION: sample.question.text,
        ANSWER: sample.answer,
        REFERENCE: sample.reference,
        CONTEXTS: list(sample.contexts),
    }
    return {name: known[name] for name in metric.takes}


def import_ragas() -> Any:
    """The module `ragas.metrics.collections`.

    RAGAS imports a module that langchain-community dropped in 0.4.2: the newest versions of the
    two do not work together, though pip finds no conflict.

    Raises:
        InputError: It cannot be imported.
    """
    os.environ["RAGAS_DO_NOT_TRACK"] = "true"
    try:
        from ragas.metrics import collections
    except ModuleNotFoundError as error:
        missing = str(error.name)
        if missing.startswith("langchain_community."):
            problem = (
                f"the library cannot be imported, because {missing} is missing; it needs "
                "langchain-community below 0.4.2"
            )
        else:
            problem = f"the package {missing} is missing"
        raise InputError(f"judges of kind ragas: {problem}; {_INSTALL}") from None
    return collections


@cache
def _embedding_class() -> Any:
    from ragas.embeddings.base import BaseRagasEmbedding

    class EmbedderEmbedding(BaseRagasEmbedding):  # type: ignore[misc, unused-ignore]
        def __init__(self, embedder: Embedder) -> None:
            super().__init__()
            self._embedder = embedder
            self._known: dict[str, list[float]] = {}

        def embed_text(self, text: str, **_: Any) -> list[float]:
            return self.embed_texts([text])[0]

        async def aembed_text(self, text: str, **_: Any) -> list[float]:
            return self.embed_text(text)

        def embed_texts(self, texts: Sequence[str], **_: Any) -> list[list[float]]:
            # questions are compared with questions, answers with answers: one side is enough
            new = [text for text in dict.fromkeys(texts) if text not in self._known]
            if new:
                vectors = self._embedder.embed_queries(new).astype(float).tolist()
                self._known.update(zip(new, vectors, strict=True))
            return [self._known[text] for text in texts]

        async def aembed_texts(self, texts: Sequence[str], **_: Any) -> list[list[float]]:
            return self.embed_texts(texts)

    return EmbedderEmbedding
