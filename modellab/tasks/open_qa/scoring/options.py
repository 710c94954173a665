"""Options of the scorer of free texts."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import ClassVar, Literal, Self, get_args

from pydantic import Field, model_validator

from modellab.core.metric import MetricFamily
from modellab.core.text.folding import TURKIC
from modellab.core.text.languages import AUTO, LanguageOption, main_language
from modellab.models.embedders.protocol import EmbedderOptions
from modellab.models.registry import EmbedderEntry
from modellab.tasks.additive import Additive, means
from modellab.tasks.open_qa.canonical import NORMALISATIONS
from modellab.tasks.open_qa.metrics import FAMILY
from modellab.tasks.open_qa.scoring.scorer import SIMILARITY, TextScorer
from modellab.tasks.open_qa.scoring.similarity import cosines
from modellab.tasks.open_qa.task import right_answers
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Material, Scorer, ScorerOptions

Mark = Literal[
    "exact_match",
    "token_f1",
    "rouge2",
    "rougeL",
    "bleu",
    "chrf",
    "semantic_similarity",
]

BleuTokenizer = Literal["auto", "13a", "char", "intl", "ja-mecab", "none", "zh"]


class TextScorerOptions(ScorerOptions):
    """Free-text answers compared with a reference text."""

    task: ClassVar[str] = "open_qa"
    described: ClassVar[MetricFamily] = FAMILY

    kind: Literal["texts"] = Field(description="Overlap and likeness with a reference text.")
    embedder: str | EmbedderEntry | None = Field(
        None,
        description="an entry of `embedders`, or such an entry itself, for `semantic_similarity`; "
        "null: it is left out",
    )
    normalise: Literal["plain", "squad"] = Field(
        "plain",
        description="what `exact_match` and `token_f1` compare. plain: words and signs of any "
        "script (-5 is not 5); squad: as the SQuAD script does, without punctuation and a, an, the",
    )
    language: LanguageOption = Field(
        AUTO,
        description="the language of questions and answers, a code such as zh or tr; auto: that "
        "of the dataset, or as the script of each question and answer tells",
    )
    bleu_tokenizer: BleuTokenizer = Field(
        "auto",
        description="the tokenizer of sacrebleu that BLEU counts words by; auto: zh for Chinese, "
        "char for Japanese, Thai and others without spaces, else intl; ja-mecab needs the extra "
        "`segmenters`",
    )
    overall: Mark = Field("token_f1", description="the mark that is the overall score")
    correct_from: float | None = Field(
        None,
        gt=0,
        le=1,
        description="an answer counts as right from this overall mark on; null: no answer is "
        "called right or wrong",
    )

    @model_validator(mode="after")
    def _likeness_needs_an_embedder(self) -> Self:
        if self.overall == SIMILARITY and self.embedder is None:
            raise ValueError(f"overall: {SIMILARITY} needs an `embedder`")
        return self

    @model_validator(mode="after")
    def _tokenizer_is_there(self) -> Self:
        if self.bleu_tokenizer == "ja-mecab" and find_spec("MeCab") is None:
            raise ValueError(
                "bleu_tokenizer: ja-mecab is not installed: pip install 'modellab[segmenters]'"
            )
        return self

    def make(self, task: TaskOptions, material: Material) -> Scorer:
        if isinstance(self.embedder, str):
            raise TypeError(f"embedder {self.embedder!r} is only a name: call with_embedder first")
        found = cosines(self.embedder, material) if self.embedder else None
        return TextScorer(
            self.overall,
            self.correct_from,
            found,
            NORMALISATIONS[self.normalise],
            self._code(material),
            "" if self.bleu_tokenizer == AUTO else self.bleu_tokenizer,
        )

    def additive(self, task: TaskOptions, columns: Mapping[str, object]) -> Additive:
        """Metrics over all answers at once (`bleu_corpus`, `chrf_corpus`) are no sums of rows."""
        names = [mark for mark in get_args(Mark) if mark in columns]
        right = {"accuracy": "correct"} if "correct" in columns else {}
        of = {**{name: name for name in names}, **right, "overall": self.overall}
        # how alike texts are is a cosine
        return means(of, self.overall, {SIMILARITY: -1.0})

    def _code(self, material: Material) -> str:
        """The language that is told; Turkish and its like also where found: their case differs."""
        if self.language != AUTO:
            return self.language
        answers = [" ".join(right_answers(question)) for question in material.questions]
        found = main_language(
            [f"{q.text} {a}" for q, a in zip(material.questions, answers, strict=True)]
        )
        return found if found in TURKIC else ""

    def in_language(self, code: str) -> Self:
        return self.model_copy(update={"language": code}) if self.language == AUTO else self

    def embedder_name(self) -> str | None:
        return self.embedder if isinstance(self.embedder, str) else None

    def with_embedder(self, embedder: EmbedderOptions) -> Self:
        return self.model_copy(update={"embedder": embedder})

    def without_embedder(self) -> Self:
        overall = "token_f1" if self.overall == SIMILARITY else self.overall
        return self.model_copy(update={"embedder": None, "overall": overall})
