"""The checks of one system. A new check is a function here and a name in `CHECKS`."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from modellab.core.records import Context, Status
from modellab.evaluation.audit.options import AuditOptions
from modellab.evaluation.audit.records import (
    CheckResult,
    CheckStatus,
    Subject,
    at_least,
    at_most,
    not_applicable,
)
from modellab.evaluation.compare.entries import ENSEMBLE, SUBMISSION

if TYPE_CHECKING:
    import pyarrow as pa

#: parts of names that may differ though the model is the same: a date, a version, a gateway variant
_VERSION = re.compile(r"[-@:_](latest|free|\d{3,}|\d{4}-\d\d-\d\d)$")
#: instructions, a verdict in the form of a judge's reply, delimiters as in judges' prompts; by RE2,
#: which is linear in the length of any text, but whose `\b` and `\w` are about ASCII only
_TO_A_JUDGE = (
    r"(?im)\b(?:ignore|disregard|forget)\b[^.\n]{0,30}"
    r"\b(?:instructions?|prompts?|rubric|criteria)\b"
    r"|\b(?:judges?|graders?|evaluators?|raters?)\b[^.\n]{0,40}"
    r"\b(?:must|should|please|scores?|rates?|grades?|awards?)\b"
    r"|\b(?:score|rate|grade|give|award|mark)\b[^.\n]{0,15}\b(?:this|my) (?:answer|response)\b"
    r"|\b(?:full marks|(?:highest|maximum|top|perfect) (?:score|grade|rating))\b"
    r"|(?:^|[^\pL])(?:игнорируй|забудь)\pL*[^.\n]{0,30}(?:^|[^\pL])(?:инструкци|указани|критери)"
    r"|(?:^|[^\pL])(?:поставь|дай|оцени)\pL*[^.\n]{0,20}(?:^|[^\pL])(?:балл|оценк|ответ)"
    r"|[\"'](?:score|winner|verdict)[\"']\s*:|^<<<|>>>$"
)


def coverage(subject: Subject, options: AuditOptions) -> CheckResult:
    summary = subject.entry.summary
    # in rounds, not every system is asked everything
    share = summary.coverage * summary.num_questions / (summary.asked or summary.num_questions)
    message = f"only {share:.1%} of the questions that it was asked have a row"
    return at_least(share, options.min_coverage, message)


def errors(subject: Subject, options: AuditOptions) -> CheckResult:
    if not subject.generated or not subject.asked:
        return not_applicable("the answers come from a file or from other models")
    failed = subject.statuses.get(Status.FAILED, 0)
    message = f"{failed} of {subject.asked} rows failed; see error_class in the predictions"
    return at_most(failed / subject.asked, options.max_errors, message, CheckStatus.FAILURE)


def broken_run(subject: Subject, options: AuditOptions) -> CheckResult:
    usable = subject.statuses.get(Status.ANSWERED, 0) + subject.statuses.get(Status.ABSTAINED, 0)
    if not subject.asked:
        return CheckResult(CheckStatus.FAILURE, "there is no row at all", 0.0, options.min_usable)
    message = f"only {usable} of {subject.asked} rows have a readable answer"
    return at_least(usable / subject.asked, options.min_usable, message, CheckStatus.FAILURE)


def parse_rate(subject: Subject, options: AuditOptions) -> CheckResult:
    if not subject.generated:
        return not_applicable("the answers come from a file or from other models")
    unparsed = subject.statuses.get(Status.UNPARSED, 0)
    texts = subject.asked - subject.statuses.get(Status.FAILED, 0)
    if not texts:
        return not_applicable("there is no text to read")
    message = f"no answer could be read from {unparsed} of {texts} texts; look at the prompt"
    return at_most(unparsed / texts, options.max_unparsed, message)


def votes(subject: Subject, options: AuditOptions) -> CheckResult:
    """Of an ensemble: members' rows without an answer, which cast no vote."""
    if subject.entry.model.llm_provider != ENSEMBLE:
        return not_applicable("the answers are no votes")
    missing = Counter[str]()
    for row in subject.run["votes_not_cast"]:
        if row["retriever"] == subject.entry.summary.retriever:
            missing[row["member"]] += row["rows"]
    asked = subject.rows * len(subject.run["options"]["members"])
    by_member = ", ".join(f"{member} {count}" for member, count in missing.items())
    message = f"{missing.total()} of {asked} votes not cast: {by_member}"
    return at_most(missing.total() / asked, options.max_errors, message)


def redundant_vote(subject: Subject, _options: AuditOptions) -> CheckResult:
    """Of an ensemble: whether its answers differ from those of each member."""
    if subject.entry.model.llm_provider != ENSEMBLE:
        return not_applicable("the answers are no votes")
    if _reference_point(subject):
        return not_applicable("a control")
    retriever, rules = subject.entry.summary.retriever, subject.run["options"]
    echoes = [row["member"] for row in subject.run["echoes"] if row["retriever"] == retriever]
    if echoes:
        return CheckResult(CheckStatus.WARNING, f"every answer is that of {', '.join(echoes)}")
    if len(rules["members"]) == 2 and rules["strategy"] != "first_non_blank":
        return CheckResult(
            CheckStatus.WARNING, "two members: every tie goes to one of them; add a third"
        )
    return CheckResult(CheckStatus.OK)


def truncated(subject: Subject, options: AuditOptions) -> CheckResult:
    if not subject.prompted or not subject.counts.finished:
        return not_applicable("no row reports how its text ended")
    cut, finished = subject.counts.truncated, subject.counts.finished
    message = f"{cut} of {finished} answers were cut off at their limit; raise it"
    return at_most(cut / finished, options.max_truncated, message)


def judge_addressed(subject: Subject, options: AuditOptions) -> CheckResult:
    if not subject.counts.answered:
        return not_applicable("there is no answer")
    found, answered = subject.counts.to_a_judge, subject.counts.answered
    message = f"{found} of {answered} answers address a judge; read them before its scores"
    return at_most(found / answered, options.max_judge_addressed, message)


def address_a_judge(texts: pa.Array) -> pa.Array:
    """Whether each text seems to speak to a judge: a hint for a person, not a proof."""
    import pyarrow.compute as pc

    return pc.match_substring_regex(texts, _TO_A_JUDGE)


def answered_as(subject: Subject, _options: AuditOptions) -> CheckResult:
    """Whether the model in the replies, of all runs, is the one that was asked."""
    weights = []
    for report in model_reports(subject.run):
        server = report.get("server")
        if isinstance(server, Mapping) and (name := server.get("model_path") or server.get("root")):
            size = (server.get("meta") or {}).get("size")
            weights.append(f"{name} ({size} bytes)" if size else f"{name}")
    if len(set(weights)) > 1:
        listed = ", ".join(dict.fromkeys(weights))
        return CheckResult(CheckStatus.WARNING, f"the weights behind the server changed: {listed}")
    names = sorted(subject.counts.answered_as.items())
    if not names:
        return not_applicable("no server reported which model answers")
    asked = str(subject.run.get("model_id") or "")
    listed = ", ".join(f"{name} ({count})" for name, count in names)
    if not all(_is_same_model(asked, name) for name, _ in names):
        return CheckResult(
            CheckStatus.WARNING, f"{asked} was asked, but the answers are from {listed}"
        )
    if len(names) > 1:
        return CheckResult(CheckStatus.WARNING, f"the model changed between answers: {listed}")
    return CheckResult(CheckStatus.OK)


def model_reports(run: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What the model reported about itself in each run that made answers."""
    runs = run.get("runs") or [run]
    return [one.get("model_report") or {} for one in runs]


def _is_same_model(asked: str, reported: str) -> bool:
    """Owner and version may be missing from one of the names."""
    one, other = (_VERSION.sub("", name.rsplit("/", 1)[-1].lower()) for name in (asked, reported))
    return one == other or any(
        longer.startswith(f"{shorter}-") and _VERSION.fullmatch(longer[len(shorter) :])
        for shorter, longer in ((one, other), (other, one))
    )


def tokens(subject: Subject, options: AuditOptions) -> CheckResult:
    if not subject.prompted or not subject.counts.answered:
        return not_applicable("no model read a prompt here")
    bare, rows = subject.counts.without_tokens, subject.counts.answered
    message = f"{bare} of {rows} rows with a text have no token counts"
    return at_most(bare / rows, options.max_unmeasured, message)


def zero_latency(subject: Subject, options: AuditOptions) -> CheckResult:
    if not subject.generated or not subject.counts.answered:
        return not_applicable("no answer was made here")
    bare, rows = subject.counts.answered - subject.counts.timed, subject.counts.answered
    message = f"{bare} of {rows} rows with a text took no time"
    return at_most(bare / rows, options.max_unmeasured, message)


def high_latency(subject: Subject, options: AuditOptions) -> CheckResult:
    mean = subject.entry.summary.avg_latency_seconds
    if mean is None:
        return not_applicable("no row has a latency")
    return at_most(mean, options.max_latency_seconds, f"an answer takes {mean:.1f} s on average")


def cost(subject: Subject, options: AuditOptions) -> CheckResult:
    if not subject.prompted or subject.entry.model.local or not subject.counts.answered:
        return not_applicable("only answers of an API have a price")
    bare, rows = subject.counts.answered - subject.counts.priced, subject.counts.answered
    uncounted = bare == subject.counts.without_tokens
    why = "their tokens are not known" if uncounted else "add the model to the price table"
    message = f"{bare} of {rows} rows have no cost above 0; {why}"
    return at_most(bare / rows, options.max_unmeasured, message)


def memory(subject: Subject, options: AuditOptions) -> CheckResult:
    """Of a model on GPUs of this process, or on a server that reports whether it was unloaded."""
    reports = model_reports(subject.run)
    if reports[-1].get("unloaded") is False:
        return CheckResult(CheckStatus.WARNING, "the server still holds the model")
    left = -math.inf
    for report in reports:
        held = [one.get("allocated_mb") for one in report.get("memory") or ()]
        known = [float(megabytes) for megabytes in held if megabytes is not None]
        if len(known) >= 2:
            left = max(left, known[-1] - known[0])
    if left == -math.inf:
        return not_applicable("the model is on no GPU of this process")
    message = f"{left:.0f} MB of GPU memory are still held after the model was closed"
    return at_most(left, options.max_memory_left_mb, message)


def _reference_point(subject: Subject) -> bool:
    """Whether it is a control that is expected to do badly: not with the reference passages."""
    return subject.entry.summary.control and subject.entry.summary.role != "oracle"


def low_score(subject: Subject, options: AuditOptions) -> CheckResult:
    if _reference_point(subject):
        return not_applicable("a control: a low score is what it is for")
    score = subject.entry.score(list(subject.entry.summary.metrics)[-1])
    if score is None:
        return CheckResult(
            CheckStatus.FAILURE, "there is no overall score", None, options.min_score
        )
    return at_least(score, options.min_score, f"the overall score is only {score:.3f}")


def score_recomputed(subject: Subject, options: AuditOptions) -> CheckResult:
    """The stored counts and components compared with those of the rows in the file."""
    stored = {name: count for name, count in subject.entry.summary.statuses.items() if count}
    if stored != {name: count for name, count in subject.statuses.items() if count}:
        message = f"the summary counts {stored}, the rows are {dict(subject.statuses)}"
        return CheckResult(CheckStatus.FAILURE, message)
    if subject.recomputed is None:
        return not_applicable("this scorer needs more than the rows; their number is right")
    largest, where = 0.0, ""
    for name, metric in subject.entry.summary.metrics.items():
        again = subject.recomputed[name]
        difference = _difference(metric.value, again.value)
        if metric.n_scored != again.n_scored:
            message = f"{name} rests on {metric.n_scored} rows, recomputed on {again.n_scored}"
            return CheckResult(
                CheckStatus.FAILURE, message, difference, options.max_score_difference
            )
        if difference > largest:
            largest, where = difference, name
    message = f"{where} is off by {largest:.3g} from what the rows give; score the model again"
    return at_most(largest, options.max_score_difference, message, CheckStatus.FAILURE)


def _difference(one: float | None, other: float | None) -> float:
    a, b = (math.nan if value is None else value for value in (one, other))
    if math.isnan(a) or math.isnan(b):
        return 0.0 if math.isnan(a) and math.isnan(b) else math.inf
    return abs(a - b)


def duplicate(subject: Subject, _options: AuditOptions) -> CheckResult:
    if not subject.twins:
        return CheckResult(CheckStatus.OK)
    message = f"made the same way as {', '.join(subject.twins)}: the same model runs twice"
    return CheckResult(CheckStatus.WARNING, message, float(len(subject.twins)), 0.0)


def constant(subject: Subject, _options: AuditOptions) -> CheckResult:
    """Whether all answers are one: where most references are alike, that scores high."""
    if _reference_point(subject):
        return not_applicable("a control")
    if subject.only_answer is None:
        return CheckResult(CheckStatus.OK)
    said = repr(shorten(subject.only_answer, 60, placeholder=" ...")) if subject.only_answer else ""
    same = f"every answer is {said}" if said else "the model abstains on every question"
    return CheckResult(CheckStatus.WARNING, f"{same}, though the reference answers differ")


def answer_key(subject: Subject, _options: AuditOptions) -> CheckResult:
    """Of answers in a file: whether they are the reference answers themselves."""
    if subject.entry.model.llm_provider != SUBMISSION:
        return not_applicable("the answers come from no file")
    if subject.entry.control or not subject.entry.like_answer_key:
        return CheckResult(CheckStatus.OK)
    message = "every answer is the reference answer; if this is the answer key, set `control: true`"
    return CheckResult(CheckStatus.WARNING, message)


def empty_retrieval(contexts: Sequence[Context], options: AuditOptions) -> CheckResult:
    """Of a retriever: the share of answerable questions without a passage, or with scores of 0."""
    empty = sum(all(passage.score == 0 for passage in one.passages) for one in contexts)
    share = empty / len(contexts) if contexts else 0.0
    message = (
        f"nothing was found for {empty} of {len(contexts)} answerable questions; check the "
        "`language` of the corpus and that questions and documents are in the same language"
    )
    return at_most(share, options.max_empty_retrieval, message)


#: the checks of systems, in the order of the table
CHECKS: Mapping[str, Callable[[Subject, AuditOptions], CheckResult]] = {
    check.__name__: check
    for check in (
        *(coverage, errors, broken_run, parse_rate, votes, redundant_vote, truncated),
        *(judge_addressed, answered_as, tokens, zero_latency, high_latency, cost, memory),
        *(low_score, score_recomputed, duplicate, constant, answer_key),
    )
}
