"""Which question each row of a submission answers."""

import logging
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from modellab.core.errors import InputError
from modellab.core.records import Question
from modellab.models.submission_files import NAMES, Submission, SubmissionRow, listed, plain_text

log = logging.getLogger(__name__)

#: the choices below a question
_CHOICES = re.compile(r"\n\(?A[.)] .*\Z", re.DOTALL)


@dataclass(frozen=True)
class Matched:
    """A submission compared with the questions.

    `rows` holds each question's rows, in the order of the questions; `missing` the questions
    without a row, `extra` the ids that no question has, `duplicates` the places of each id that
    several rows have.
    """

    rows: Mapping[str, tuple[SubmissionRow, ...]]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    duplicates: Mapping[str, tuple[str, ...]]

    @property
    def coverage(self) -> float:
        """The share of questions that have a row, from 0 to 1."""
        return sum(map(bool, self.rows.values())) / len(self.rows)


def match(questions: Sequence[Question], submission: Submission) -> Matched:
    """Find each question's rows; ids are equal only letter by letter, texts but for spaces.

    Rows are matched by texts if they have texts of questions, and no id is a question's or an id is
    that of another question, as when each program numbers rows in its own way. Raises InputError
    for ids that count from 0 beside questions that count from 1.
    """
    texts = _texts(questions)
    if not submission.by_text:
        submission = _by_text(questions, texts, _with_known_ids(texts, submission))
    by_id: dict[str, list[SubmissionRow]] = {}
    for row in submission.rows:
        by_id.setdefault(plain_text(row.id) if submission.by_text else row.id, []).append(row)
    of = texts if submission.by_text else {question.id: (question.id,) for question in questions}
    keys = {name: next((key for key in own if key in by_id), own[0]) for name, own in of.items()}
    found = {name: tuple(by_id.get(key, ())) for name, key in keys.items()}
    asked = set(keys.values())
    return Matched(
        rows=found,
        missing=tuple(name for name, some in found.items() if not some),
        extra=tuple(name for name in by_id if name not in asked),
        duplicates={
            name: tuple(row.place for row in several)
            for name, several in by_id.items()
            if len(several) > 1
        },
    )


def require_some(questions: Sequence[Question], submission: Submission) -> None:
    """Raises InputError as `match`, and for a submission with no row of these questions."""
    matched = match(questions, submission)
    if questions and not any(matched.rows.values()):
        what = "texts" if submission.by_text else "ids"
        raise InputError(
            f"{submission.path}: no row is of one of the {len(questions)} questions; {what} of "
            f"rows: {listed(matched.extra, 3)}; ids of questions: {listed(matched.missing, 3)}"
        )


def _texts(questions: Sequence[Question]) -> dict[str, tuple[str, ...]]:
    """By id the text of a question, and the text above its choices if no other has the same."""
    above = {question.id: plain_text(_CHOICES.sub("", question.text)) for question in questions}
    counts = Counter(above.values())
    return {
        question.id: (
            plain_text(question.text),
            *(text for text in (above[question.id],) if counts[text] == 1),
        )
        for question in questions
    }


def _with_known_ids(known: Collection[str], submission: Submission) -> Submission:
    """The rows with the ids of questions for ids as programs change them.

    These differ in outer spaces, leading zeros, or a final `.0` (of pandas), each is like that of
    one question only, which has no row, and they are at least half of the ids of no question.
    """
    ids = dict.fromkeys(row.id for row in submission.rows)
    alike: dict[str, list[str]] = {}
    for name in known:
        alike.setdefault(_plain_id(name), []).append(name)
    plain = {name: alike.get(_plain_id(name), ()) for name in ids if name not in known}
    meant = {name: some[0] for name, some in plain.items() if len(some) == 1 and some[0] not in ids}
    counts = Counter(meant.values())
    meant = {name: one for name, one in meant.items() if counts[one] == 1}
    if not meant or 2 * len(meant) < len(plain):
        return submission
    name, one = next(iter(meant.items()))
    log.warning("%s: %d ids such as %r read as %r", submission.path, len(meant), name, one)
    rows = tuple(replace(row, id=meant.get(row.id, row.id)) for row in submission.rows)
    return replace(submission, rows=rows)


def _plain_id(name: str) -> str:
    return re.sub(r"\.0+$", "", name.strip()).lstrip("0")


def _by_text(
    questions: Sequence[Question], texts: Mapping[str, Sequence[str]], submission: Submission
) -> Submission:
    """The rows named by the texts of their questions, if their ids are not the questions'."""
    named: dict[str, set[str]] = {}
    for name, own in texts.items():
        for text in filter(None, own):
            named.setdefault(text, set()).add(name)
    ids = {row.id for row in submission.rows}
    meant = [(row, named.get(plain_text(_asked(row)), set())) for row in submission.rows]
    others = any(row.id in texts and names and row.id not in names for row, names in meant)
    if (others or ids.isdisjoint(texts)) and any(names for _, names in meant):
        log.info("%s: ids are not the questions'; matched by texts", submission.path)
        rows = tuple(replace(row, id=_asked(row)) for row in submission.rows)
        return Submission(submission.path, rows, by_text=True)
    counted = [{str(n) for n in range(start, start + len(questions))} for start in (0, 1)]
    if len(questions) > 1 and [ids, set(texts)] == counted:
        raise InputError(
            f"{submission.path}: ids count from 0, those of the questions from 1; add 1, or a "
            "column with the question"
        )
    return submission


def _asked(row: SubmissionRow) -> str:
    """The text of the question of a row; empty where it has none."""
    return next((row.cells[name] for name in NAMES["question"] if row.cells.get(name)), "")


def complaints(matched: Matched) -> Iterator[str]:
    """One line for each kind of row that meets no question or more than one row."""
    if matched.missing:
        yield f"no row for {len(matched.missing)} questions: {listed(matched.missing)}"
    if matched.extra:
        yield f"{len(matched.extra)} ids that are no question's: {listed(matched.extra)}"
    if matched.duplicates:
        ids = list(matched.duplicates)
        yield f"{len(ids)} ids have more than one row: {listed(ids)}"
