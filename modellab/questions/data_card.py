"""The data card of a set of questions: counts, lengths, kinds of answers, duplicates, gaps."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Any

from modellab.core.io.atomic import atomic_file
from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_rows, write_json
from modellab.core.records import Chunk, Question
from modellab.core.text.blank import is_blank
from modellab.core.text.escape import markdown_table, markdown_text
from modellab.core.text.languages import AUTO, languages_of, main_language
from modellab.core.text.words import WITHOUT_SPACES, length_in_words, terms

if TYPE_CHECKING:
    from scipy.sparse import csr_array

log = logging.getLogger(__name__)

#: the least cosine of the TF-IDF vectors of near duplicates
NEAR = 0.9
#: the most items of a list in the card
SHOWN = 20
#: questions compared at once, to bound memory
_BLOCK = 1000
_NUMBER = re.compile(r"[-+]?[\d.,]*\d(?:[eE][-+]?\d+)?")
#: fields of the true answer, the most specific first
_ANSWERS = ("answer_value", "label", "record", "answer")


@dataclass(frozen=True)
class Lengths:
    """Numbers of words: the least, the quartiles, the most."""

    least: int
    lower: float
    median: float
    upper: float
    most: int


@dataclass(frozen=True)
class NearDuplicate:
    """Two questions with nearly the same words; the similarity is a cosine, from 0 to 1."""

    first: str
    second: str
    similarity: float


@dataclass(frozen=True)
class Languages:
    """Numbers of texts by language, as far as detected (in a sample of many).

    `main` is the language in the config (`configured`), else that of most; empty if too few or
    too mixed.
    """

    main: str
    configured: bool
    texts: dict[str, int]


@dataclass(frozen=True)
class TruthRemark:
    """A true answer that its scorer marks wrong, or that can be read in several ways."""

    question_id: str
    remark: str
    truth: str
    note: str


@dataclass(frozen=True)
class DataCard:
    """A set of questions in numbers; `tags` and `answer_kinds` are counts of questions.

    `language` is that of questions with their answers, `corpus_language` that of the chunks.
    `several_answers` counts questions with several right answers, `without_relevance` those
    without a reference or relevant chunk.
    """

    questions: int
    words: Lengths
    answer_words: Lengths | None
    answer_kinds: dict[str, int]
    tags: dict[str, int]
    unanswerable: int
    several_answers: int
    without_relevance: int
    unknown_references: dict[str, tuple[str, ...]]
    near_duplicates: tuple[NearDuplicate, ...]
    language: Languages
    corpus_language: Languages | None = None
    truths: tuple[TruthRemark, ...] = ()
    documents: int | None = None
    chunks: int | None = None
    documents_referred_to: int | None = None
    task: str = ""
    read_as: tuple[str, ...] = ()


def write_data_card(
    dataset: str,
    questions: Path,
    read_as: Path,
    truths: Path,
    chunks: Path | None,
    card: Path,
    text: Path,
    task_name: str = "",
    language: str = AUTO,
    corpus_language: str = AUTO,
) -> None:
    """Write the card as JSON (`card`) and Markdown (`text`).

    `read_as` holds notes on how the file was read, a line each; `truths` remarks on true answers
    (`evaluation.truth_check`). Languages are codes from the config, or `auto`.
    """
    asked = read_rows(questions, Question)
    passages = read_rows(chunks, Chunk) if chunks else None
    remarks = [TruthRemark(**row) for row in read_csv(truths).rows]
    notes = read_as.read_text(encoding="utf-8").splitlines()
    made = replace(
        data_card(asked, passages, remarks, language, corpus_language),
        task=task_name,
        read_as=tuple(notes),
    )
    write_json(card, asdict(made))
    with atomic_file(text) as handle:
        handle.write("\n".join(_lines(dataset, made)) + "\n")


def data_card(
    questions: Sequence[Question],
    chunks: Sequence[Chunk] | None,
    truths: Sequence[TruthRemark] = (),
    language: str = AUTO,
    corpus_language: str = AUTO,
) -> DataCard:
    """The card of questions and the chunks of their corpus, if any."""
    known = None if chunks is None else {chunk.document_id for chunk in chunks}
    answers = [_answer(question) for question in questions]
    stated = [answer for answer in answers if answer and not is_blank(answer)]
    referred = {name for question in questions for name in question.references}
    return DataCard(
        questions=len(questions),
        words=_lengths([question.text for question in questions]),
        answer_words=_lengths(stated) if stated else None,
        answer_kinds=_counted(map(answer_kind, answers)),
        tags=_counted(tag for question in questions for tag in question.tags),
        unanswerable=sum(question.unanswerable for question in questions),
        several_answers=sum(bool(question.other_answers) for question in questions),
        without_relevance=sum(
            not (question.references or question.relevant_chunks) for question in questions
        ),
        unknown_references={
            question.id: missing
            for question in questions
            if known is not None
            and (missing := tuple(name for name in question.references if name not in known))
        },
        near_duplicates=tuple(near_duplicates(questions)),
        language=_languages(
            [f"{q.text} {a or ''}" for q, a in zip(questions, answers, strict=True)], language
        ),
        corpus_language=None
        if chunks is None
        else _languages([chunk.text for chunk in chunks], corpus_language),
        truths=tuple(truths),
        documents=None if known is None else len(known),
        chunks=None if chunks is None else len(chunks),
        documents_referred_to=None if known is None else len(referred & known),
    )


def _languages(texts: Sequence[str], configured: str) -> Languages:
    counts = _counted(languages_of(texts).elements())
    return Languages(main_language(texts, configured), configured != AUTO, counts)


def answer_kind(answer: str | None) -> str:
    """number, list, object, text, blank, or none without an answer."""
    if answer is None:
        return "none"
    text = answer.strip()
    if is_blank(text):
        return "blank"
    if text[0] in "[{":
        return "list" if text[0] == "[" else "object"
    return "number" if _NUMBER.fullmatch(text) else "text"


def near_duplicates(questions: Sequence[Question]) -> Iterator[NearDuplicate]:
    """Pairs with nearly the same words, in the order of the questions.

    Among them may be questions that differ only in a number or a name.
    """
    counts = [Counter(terms(question.text)) for question in questions]
    if not any(counts):
        return
    weights = _tf_idf(counts)
    for start in range(0, len(counts), _BLOCK):
        near = (weights[start : start + _BLOCK] @ weights.T).tocoo()
        found = [
            (start + row, column, value)
            for row, column, value in zip(near.row, near.col, near.data, strict=True)
            if value >= NEAR and column > start + row
        ]
        for row, column, value in sorted(found):
            yield NearDuplicate(
                questions[row].id, questions[column].id, round(min(1.0, float(value)), 3)
            )


def _tf_idf(counts: Sequence[Counter[str]]) -> csr_array:
    """Unit vectors (texts, terms) by logarithmic term frequency and smoothed idf.

    As scikit-learn's TfidfVectorizer, which takes a second to import.
    """
    import numpy as np
    from scipy.sparse import csr_array

    place = {term: number for number, term in enumerate(dict.fromkeys(chain(*counts)))}
    row = np.repeat(np.arange(len(counts)), list(map(len, counts)))
    column = np.array([place[term] for term in chain(*counts)])
    frequency = np.array([count for one in counts for count in one.values()])
    idf = np.log((1 + len(counts)) / (1 + np.bincount(column))) + 1
    values = (1 + np.log(frequency)) * idf[column]
    values /= np.sqrt(np.bincount(row, values**2))[row]
    return csr_array((values, (row, column)))


def _answer(question: Question) -> str | None:
    """The first true answer; blank for an unanswerable question, whatever its truth says."""
    if question.unanswerable:
        return ""
    return next((question.reference[name] for name in _ANSWERS if name in question.reference), None)


def _lengths(texts: Sequence[str]) -> Lengths:
    counts = [length_in_words(text) for text in texts]
    lower, median, upper = (
        quantiles(counts, n=4, method="inclusive") if len(counts) > 1 else counts * 3
    )
    return Lengths(min(counts), lower, median, upper, max(counts))


def _counted(names: Iterator[str] | map[str]) -> dict[str, int]:
    counts = Counter(names)
    return {name: counts[name] for name in sorted(counts, key=lambda name: (-counts[name], name))}


def _share(number: int, card: DataCard) -> str:
    return f"{number} ({number / card.questions:.0%})"


def _lines(name: str, card: DataCard) -> Iterator[str]:
    yield f"# {name}"
    yield ""
    yield from _table(_facts(card))
    for title, counts in (("Answers", card.answer_kinds), ("Tags", card.tags)):
        if counts:
            yield from ("", f"## {title}", "")
            yield from _table({key: _share(number, card) for key, number in counts.items()})
    unknown = [f"{key}: {', '.join(names)}" for key, names in card.unknown_references.items()]
    truths = [f"{t.question_id}: {t.truth}: {t.remark}, {t.note}" for t in card.truths]
    pairs = [f"{pair.first} and {pair.second}: {pair.similarity}" for pair in card.near_duplicates]
    for title, items in (
        ("References that are not in the corpus", unknown),
        ("True answers to check", truths),
        ("Near duplicates", pairs),
    ):
        if items:
            yield from ("", f"## {title}", "")
            yield from (f"- {markdown_text(item)}" for item in items[:SHOWN])
        if len(items) > SHOWN:
            yield f"- and {len(items) - SHOWN} more (all of them in data_card.json)"


def _facts(card: DataCard) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "task": card.task,
        "read as": "; ".join(card.read_as),
        "questions": card.questions,
        "language": _described(card.language),
        "words of a question": _range(card.words),
        "words of an answer": _range(card.answer_words) if card.answer_words else "no answers",
        "unanswerable": _share(card.unanswerable, card),
        "with several right answers": card.several_answers,
        "without a reference": card.without_relevance,
        "references not in the corpus": len(card.unknown_references),
        "pairs of near duplicates": len(card.near_duplicates),
        **{
            f"true answers that are {remark}": count
            for remark, count in _counted(truth.remark for truth in card.truths).items()
        },
    }
    without_spaces = WITHOUT_SPACES & {card.language.main, *card.language.texts}
    if without_spaces:
        codes = ", ".join(sorted(without_spaces))
        facts["texts are compared by"] = f"characters ({codes}); a word is two characters long"
    if card.corpus_language is not None:
        facts["language of the documents"] = _described(card.corpus_language)
    if card.documents is not None:
        facts["documents, chunks"] = f"{card.documents}, {card.chunks}"
        facts["documents referred to"] = card.documents_referred_to
    return facts


def _described(found: Languages) -> str:
    counts = ", ".join(f"{code} {count}" for code, count in found.texts.items())
    if found.configured:
        return f"{found.main} (as the config says; found: {counts})"
    return f"{found.main or 'not clear'} (found: {counts})"


def _range(lengths: Lengths) -> str:
    return (
        f"{lengths.least} to {lengths.most}, half of them {lengths.lower:g} to {lengths.upper:g}, "
        f"median {lengths.median:g}"
    )


def _table(facts: Mapping[str, Any]) -> Iterator[str]:
    yield from markdown_table(("", ""), ([key, str(value)] for key, value in facts.items()))
