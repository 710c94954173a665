"""Whether there are answers: rows for all questions, few errors, readable, not cut off."""

from __future__ import annotations

from collections import Counter

from modellab.core.records import Status
from modellab.evaluation.audit.options import AuditOptions
from modellab.evaluation.audit.protocol import (
    Outcome,
    Subject,
    Verdict,
    at_least,
    at_most,
    not_applicable,
)
from modellab.evaluation.compare.entries import ENSEMBLE


def coverage(subject: Subject, options: AuditOptions) -> Outcome:
    summary = subject.entry.summary
    # in rounds, not every system is asked everything
    share = summary.coverage * summary.num_questions / (summary.asked or summary.num_questions)
    message = f"only {share:.1%} of the questions that it was asked have a row"
    return at_least(share, options.min_coverage, message)


def errors(subject: Subject, options: AuditOptions) -> Outcome:
    if not subject.made_by_a_machine or not subject.asked:
        return not_applicable("the answers come from a file or from other models")
    failed = subject.statuses.get(Status.FAILED, 0)
    share = failed / subject.asked
    message = f"{failed} of {subject.asked} rows failed; see error_class in the predictions"
    return at_most(share, options.max_errors, message, Verdict.FAILURE)


def broken_run(subject: Subject, options: AuditOptions) -> Outcome:
    usable = subject.statuses.get(Status.ANSWERED, 0) + subject.statuses.get(Status.ABSTAINED, 0)
    if not subject.asked:
        return Outcome(Verdict.FAILURE, "there is no row at all", 0.0, options.min_usable)
    message = f"only {usable} of {subject.asked} rows have a readable answer"
    return at_least(usable / subject.asked, options.min_usable, message, Verdict.FAILURE)


def parse_rate(subject: Subject, options: AuditOptions) -> Outcome:
    if not subject.made_by_a_machine:
        return not_applicable("the answers come from a file or from other models")
    unparsed = subject.statuses.get(Status.UNPARSED, 0)
    texts = subject.asked - subject.statuses.get(Status.FAILED, 0)
    if not texts:
        return not_applicable("there is no text to read")
    message = f"no answer could be read from {unparsed} of {texts} texts; look at the prompt"
    return at_most(unparsed / texts, options.max_unparsed, message)


def votes(subject: Subject, options: AuditOptions) -> Outcome:
    """Of an ensemble: members' rows without an answer, which voted on nothing."""
    if subject.entry.model.llm_provider != ENSEMBLE:
        return not_applicable("the answers are no votes")
    retriever = subject.entry.summary.retriever
    missing = [row for row in subject.run["votes_not_cast"] if row["retriever"] == retriever]
    lost = sum(row["rows"] for row in missing)
    asked = subject.rows * len(subject.run["options"]["members"])
    by_member = Counter[str]()
    for row in missing:
        by_member[row["member"]] += row["rows"]
    told = ", ".join(f"{member} {count}" for member, count in by_member.items())
    return at_most(lost / asked, options.max_errors, f"{lost} of {asked} votes not cast: {told}")


def redundant_vote(subject: Subject, _options: AuditOptions) -> Outcome:
    """Of an ensemble: whether it says anything that one of its members does not."""
    if subject.entry.model.llm_provider != ENSEMBLE:
        return not_applicable("the answers are no votes")
    retriever, rules = subject.entry.summary.retriever, subject.run["options"]
    echoes = [row["member"] for row in subject.run["echoes"] if row["retriever"] == retriever]
    if echoes:
        return Outcome(Verdict.WARNING, f"every answer is that of {', '.join(echoes)}")
    if len(rules["members"]) == 2 and rules["strategy"] != "first_non_blank":
        return Outcome(Verdict.WARNING, "two members: every tie goes to one of them; add a third")
    return Outcome(Verdict.OK)


def truncated(subject: Subject, options: AuditOptions) -> Outcome:
    if not subject.generative or not subject.counts.finished:
        return not_applicable("no row says how its text ended")
    cut, finished = subject.counts.truncated, subject.counts.finished
    message = f"{cut} of {finished} answers were cut off at their limit; raise it"
    return at_most(cut / finished, options.max_truncated, message)
