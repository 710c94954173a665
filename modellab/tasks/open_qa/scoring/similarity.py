"""How near texts are in meaning: the cosine of their embedding vectors."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from modellab.core.records import NO_ANSWER
from modellab.models.embedders.protocol import Embedder, EmbedderOptions
from modellab.tasks.open_qa.task import right_answers
from modellab.tasks.scorer import Material

Pair = tuple[str, str]


def cosines(embedder: EmbedderOptions, material: Material) -> Mapping[Pair, float]:
    """The cosine of each pair of reference and answer, from 0 to 1; opposite counts as 0.

    An embedder that has to be fitted learns from the corpus and the references, never from
    answers: a model's score does not depend on other models. A text that the embedder knows
    nothing of is near to its equal only.
    """
    pairs = sorted(_pairs(material))
    if not pairs:
        return {}
    loaded = _load(embedder.of_length_one(), material)
    references = loaded.embed_passages([reference for reference, _ in pairs])
    answers = loaded.embed_passages([answer for _, answer in pairs])
    products = (references * answers).sum(axis=1)
    return {
        pair: 1.0 if pair[0] == pair[1] else min(max(float(product), 0.0), 1.0)
        for pair, product in zip(pairs, products, strict=True)
    }


def _pairs(material: Material) -> set[Pair]:
    references = {question.id: right_answers(question) for question in material.questions}
    return {
        (reference, row.answer["answer"])
        for row in material.predictions
        if row.status not in NO_ANSWER
        for reference in references[row.question_id]
    }


def _load(options: EmbedderOptions, material: Material) -> Embedder:
    references = (text for question in material.questions for text in right_answers(question))
    texts = [*material.passages, *references]
    with tempfile.TemporaryDirectory() as folder:
        options.fit(texts, Path(folder), material.seed)
        return options.load(Path(folder))
