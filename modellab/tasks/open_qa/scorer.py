"""The scorer of free-text answers: marks of rows, and their means."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import ClassVar, Literal, Self, get_args

from pydantic import Field, model_validator

from modellab.core.metric import MetricFamily, metric_families
from modellab.core.records import NO_ANSWER, Metric, Prediction, Question, RowScore, Status
from modellab.core.text.folding import DOTLESS, TURKIC
from modellab.core.text.languages import AUTO, LanguageOption, main_language
from modellab.core.text.words import language_of_script
from modellab.models.embedders.protocol import EmbedderOptions
from modellab.models.registry import EmbedderEntry
from modellab.tasks.open_qa.canonical import NORMALISATIONS
from modellab.tasks.open_qa.overlap import (
    LONGEST,
    bleu_tokenizer,
    corpus_bleu,
    corpus_chrf,
    exact_match,
    rouge,
    sentence_bleu,
    sentence_chrf,
    token_f1,
)
from modellab.tasks.open_qa.task import right_answers
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import (
    Additive,
    Material,
    Scorer,
    ScorerOptions,
    marked_row,
    mean_metric,
    means,
)

(FAMILY,) = metric_families("""
# texts: Free-text answers
on `open_qa` answers; the components are means of the marks of the same name; overlap metrics (all but `exact_match` and `semantic_similarity`) read the first 100,000 characters of a text, and scoring warns of each longer answer
in scores/{model}.csv scores/{model}.json leaderboard.csv
exact_match | 1 if answer and reference are the same words and signs in the same order, else 0 | 0 to 1 | higher | case, quotes, Unicode forms and punctuation between words do not count, signs do (-5 is not 5); or as `normalise: squad` does; the greatest over all right answers; 0 for abstained, failed, unparsed and missing rows
token_f1 | 2 shared tokens / (tokens of the answer + tokens of the reference) | 0 to 1 | higher | words of any script, case-folded, and signs, with repetition; in languages without spaces characters (docs/languages.md); with `normalise: squad` as SQuAD's script does; the greatest over all right answers; 0 for abstained, failed, unparsed and missing rows | Rajpurkar et al. 2016; as plain, the F measure of ROUGE-1 (Lin 2004)
rouge2 | F measure of shared pairs of words | 0 to 1 | higher | as in `token_f1`; equal texts of one word have 1; the greatest over all right answers; 0 for abstained, failed, unparsed and missing rows | Lin 2004
rougeL | F measure of the longest common sequence of words | 0 to 1 | higher | as in `token_f1`; the greatest over all right answers; 0 for abstained, failed, unparsed and missing rows | Lin 2004
bleu | sentence BLEU / 100, smoothed, up to the order that the answer has | 0 to 1 | higher | tokenizer `intl`, `zh` or `char` by the language, case counts; the greatest over all right answers; 0 for abstained, failed, unparsed and missing rows | Papineni et al. 2002 (sacrebleu)
chrf | sentence chrF2 / 100: runs of up to 6 letters | 0 to 1 | higher | case counts; the greatest over all right answers; 0 for abstained, failed, unparsed and missing rows | Popovic 2015 (sacrebleu)
semantic_similarity | cosine of the embedding vectors of answer and reference; below 0 counts as 0 | 0 to 1 | higher | left out without an `embedder`; the greatest over all right answers; 0 for abstained, failed, unparsed and missing rows
bleu_corpus | BLEU / 100 over all answers: counts are added up, then divided | 0 to 1 | higher | several right answers are several references; not the mean of `bleu`; rows without an answer are empty texts | Papineni et al. 2002 (sacrebleu)
chrf_corpus | chrF2 / 100 over all answers: counts are added up, then divided | 0 to 1 | higher | the nearest of several right answers; not the mean of `chrf`; rows without an answer are empty texts | Popovic 2015 (sacrebleu)
correct | 1 if the mark named `overall` is at least `correct_from`, else 0 | 0 to 1 | higher | left out without `correct_from`
accuracy | share of rows with `correct` | 0 to 1 | higher | left out without `correct_from`
overall | the component that the scorer's `overall` names | 0 to 1 | higher | 0 for abstained, failed, unparsed and missing rows
""")  # noqa: E501 - a metric is a line


log = logging.getLogger(__name__)

# fmt: off
Mark = Literal[
    "exact_match", "token_f1", "rouge2", "rougeL", "bleu", "chrf", "semantic_similarity",
]
# fmt: on
BleuTokenizer = Literal["auto", "13a", "char", "intl", "ja-mecab", "none", "zh"]
#: a reference and an answer
Pair = tuple[str, str]

SIMILARITY = "semantic_similarity"
_MARKS = tuple(mark for mark in get_args(Mark) if mark != SIMILARITY)


@dataclass(frozen=True)
class TextScorer:
    """Marks from 0 to 1. Of longer texts the first `LONGEST` characters are compared, except by
    `exact_match` and `semantic_similarity`.

    A row without an answer (unparsed, failed, missing) has 0 in all.

    An abstention has 1 in all marks if the question is unanswerable, else 0; any answer to an
    unanswerable question has 0 in all (as for SQuAD 2.0, Rajpurkar et al. 2018). A question without
    a true answer has no marks. With several right answers, each mark is the greatest over them.

    Attributes:
        cosines: The similarity of each pair of reference and answer; None leaves it out.
        language: The code of the language of all texts; if empty, the script of each question and
            its reference says whether it has spaces.
    """

    options: TextScorerOptions
    cosines: Mapping[Pair, float] | None
    language: str = ""
    name: str = "texts"

    @property
    def _compared(self) -> tuple[str, ...]:
        return (*_MARKS, *((SIMILARITY,) if self.cosines is not None else ()))

    @property
    def correct(self) -> str | None:
        return None if self.options.correct_from is None else "correct"

    @property
    def marks(self) -> tuple[str, ...]:
        return (*self._compared, *((self.correct,) if self.correct else ()))

    @property
    def components(self) -> tuple[str, ...]:
        """Means of marks, then the same measures over all answers at once, then the overall."""
        right = ("accuracy",) if self.correct else ()
        return (*self._compared, "bleu_corpus", "chrf_corpus", *right, "overall")

    def score(self, question: Question, prediction: Prediction) -> RowScore:
        if not _has_truth(question):
            return marked_row(prediction, dict.fromkeys(self.marks))
        abstained = prediction.status == Status.ABSTAINED
        if question.unanswerable or abstained or prediction.status in NO_ANSWER:
            mark = float(question.unanswerable and abstained)
            return marked_row(prediction, dict.fromkeys(self.marks, mark))
        answer = prediction.answer["answer"]
        if len(answer) > LONGEST:
            log.warning(
                "%r: an answer of %d characters; overlap metrics read the first %d",
                *(question.id, len(answer), LONGEST),
            )
        marks = self._best(question, answer)
        if self.options.correct_from is not None:
            marks["correct"] = float(marks[self.options.overall] >= self.options.correct_from)
        return marked_row(prediction, marks)

    def _best(self, question: Question, answer: str) -> dict[str, float]:
        found = [
            self._marks(
                reference,
                answer,
                self.language or language_of_script(f"{question.text} {reference}"),
            )
            for reference in right_answers(question)
        ]
        return {name: max(marks[name] for marks in found) for name in self._compared}

    def _tokenizer(self, references: Iterable[str], language: str) -> str:
        own = self.options.bleu_tokenizer
        return bleu_tokenizer(references, language) if own == AUTO else own

    def _marks(self, reference: str, answer: str, language: str) -> dict[str, float]:
        read = (reference[:LONGEST], answer[:LONGEST])
        normalise = NORMALISATIONS[self.options.normalise]
        same = exact_match(*read, normalise, language)
        if same and read != (reference, answer):
            same = exact_match(reference, answer, normalise, language)
        marks = {
            "exact_match": same,
            "token_f1": token_f1(*read, normalise, language),
            **rouge(*read, language),
            "bleu": sentence_bleu(*read, self._tokenizer([reference], language)),
            "chrf": sentence_chrf(*read),
        }
        if self.cosines is not None:
            marks[SIMILARITY] = self.cosines[reference, answer]
        return marks

    def summarize(
        self, questions: Mapping[str, Question], rows: Sequence[RowScore]
    ) -> dict[str, Metric]:
        rows = [row for row in rows if _has_truth(questions[row.question_id])]
        found = {mark: mean_metric(rows, mark) for mark in self.marks}
        if self.correct:
            found["accuracy"] = found[self.correct]
        found["overall"] = found[self.options.overall]
        found |= self._over_all(questions, rows)
        return {name: found[name] for name in self.components}

    def _over_all(
        self, questions: Mapping[str, Question], rows: Sequence[RowScore]
    ) -> dict[str, Metric]:
        """The metrics over all answers at once, of answerable questions."""
        asked = [row for row in rows if not questions[row.question_id].unanswerable]
        references = [
            [text[:LONGEST] for text in right_answers(questions[row.question_id])] for row in asked
        ]
        # a row without an answer is an empty text
        answers = [
            row.answer["answer"][:LONGEST] if row.status == Status.ANSWERED else "" for row in asked
        ]
        values: dict[str, float | None] = dict.fromkeys(("bleu_corpus", "chrf_corpus"))
        if asked:
            tokenizer = self._tokenizer(chain.from_iterable(references), self.language)
            values["bleu_corpus"] = corpus_bleu(references, answers, tokenizer)
            values["chrf_corpus"] = corpus_chrf(references, answers)
        failed = sum(row.status in NO_ANSWER for row in asked)
        return {name: Metric(value, len(asked), failed) for name, value in values.items()}


def _has_truth(question: Question) -> bool:
    return question.unanswerable or bool(right_answers(question))


class TextScorerOptions(ScorerOptions):
    """Free-text answers compared with a reference text."""

    task: ClassVar[str] = "open_qa"
    described: ClassVar[MetricFamily] = FAMILY

    kind: Literal["texts"] = Field(description="Overlap and similarity with a reference text.")
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
        "of the dataset, or by the script of each question and answer",
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
        description="the least overall mark of a right answer; null: no answer is called right or "
        "wrong",
    )

    @model_validator(mode="after")
    def _check_embedder(self) -> Self:
        if self.overall == SIMILARITY and self.embedder is None:
            raise ValueError(f"overall: {SIMILARITY} needs an `embedder`")
        return self

    @model_validator(mode="after")
    def _check_tokenizer(self) -> Self:
        if self.bleu_tokenizer == "ja-mecab" and find_spec("MeCab") is None:
            raise ValueError(
                "bleu_tokenizer: ja-mecab is not installed: pip install 'modellab[segmenters]'"
            )
        return self

    def make(self, task: TaskOptions, material: Material) -> Scorer:
        if isinstance(self.embedder, str):
            raise TypeError(f"embedder {self.embedder!r} is only a name: call with_embedder first")
        found = cosines(self.embedder, material) if self.embedder else None
        return TextScorer(self, found, self._code(material))

    def additive(self, task: TaskOptions, columns: Mapping[str, object]) -> Additive:
        """Metrics over all answers at once (`bleu_corpus`, `chrf_corpus`) are no sums of rows."""
        names = [mark for mark in get_args(Mark) if mark in columns]
        right = {"accuracy": "correct"} if "correct" in columns else {}
        of = {**{name: name for name in names}, **right, "overall": self.overall}
        # a cosine
        return means(of, self.overall, {SIMILARITY: -1.0})

    def _code(self, material: Material) -> str:
        """The language in the options; Turkic languages are also detected: their case differs."""
        if self.language != AUTO:
            return self.language
        texts = [f"{q.text} {' '.join(right_answers(q))}" for q in material.questions]
        # loading what detects languages takes longer than scoring a small dataset
        if not any(DOTLESS.intersection(text) for text in texts):
            return ""
        found = main_language(texts)
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


def cosines(embedder: EmbedderOptions, material: Material) -> Mapping[Pair, float]:
    """The cosine of each pair of reference and answer, from 0 to 1; negative ones count as 0.

    An embedder that is fitted learns from the corpus and the references, never from answers: a
    model's score does not depend on other models. A text unknown to the embedder is similar only to
    itself.
    """
    references_of = {question.id: right_answers(question) for question in material.questions}
    pairs = sorted(
        {
            (reference, row.answer["answer"])
            for row in material.predictions
            if row.status not in NO_ANSWER
            for reference in references_of[row.question_id]
        }
    )
    if not pairs:
        return {}
    unit_length = embedder.normalised()
    texts = [*material.passages, *chain.from_iterable(references_of.values())]
    with tempfile.TemporaryDirectory() as folder:
        unit_length.fit(texts, Path(folder), material.seed)
        loaded = unit_length.load(Path(folder))
    references = loaded.embed_passages([reference for reference, _ in pairs])
    answers = loaded.embed_passages([answer for _, answer in pairs])
    products = (references * answers).sum(axis=1)
    return {
        pair: 1.0 if pair[0] == pair[1] else min(max(float(product), 0.0), 1.0)
        for pair, product in zip(pairs, products, strict=True)
    }
