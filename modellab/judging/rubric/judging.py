"""Judging answers by rubrics: a score for each, or the better of two."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from modellab.core.fingerprint import digest
from modellab.core.records import NO_ANSWER, Message, Status
from modellab.judging.conversation import (
    CallBatches,
    CallFailedError,
    Conversation,
    UnreadableError,
    read_reply,
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
from modellab.judging.rubric.options import AGAIN, PAIRWISE, WINNERS, RubricMetric, RubricOptions
from modellab.models.prompts import load_prompt

#: length of the random code in delimiters around texts
_FENCE = 8


class RubricJudging:
    """Judges all items of all models; a retry after an unreadable reply names its error."""

    def __init__(self, options: RubricOptions, materials: Materials) -> None:
        self._options = options
        self._prompts = {name: load_prompt(path) for name, path in materials.prompts.items()}
        self._others = {
            name: {(s.question.id, s.retriever, s.repeat): s for s in samples}
            for name, samples in materials.others.items()
        }
        self._samples, self._seed = materials.samples, materials.seed

    def judge(self, ask: Ask) -> list[Judgement]:
        batches = CallBatches(ask)
        return batches.run(self._judged(item, batches) for item in self._items())

    def _items(self) -> Iterator[Item]:
        for sample in self._samples:
            for metric in self._options.metrics:
                for number in range(1, self._options.repeats + 1):
                    item = Item(sample, metric, number)
                    if metric != PAIRWISE:
                        yield item
                        continue
                    for other in self._others:
                        if other != sample.model:
                            for shown in ("first", "second"):
                                yield replace(item, other=other, shown=shown)

    async def _judged(self, item: Item, batches: CallBatches) -> Judgement:
        metric, other = self._options.metric(item.metric), self._other(item)
        verdict = not_judged(
            item.sample,
            contexts="passages" in metric.shown,
            reference="reference" in metric.shown and not item.sample.unanswerable,
            abstentions=metric.abstentions,
        )
        if verdict is None and item.other and (other is None or other.status in NO_ANSWER):
            verdict = JudgedValue(None, Reason.NO_ANSWER, f"{item.other} has no answer")
        if verdict:
            return judgement(item, verdict)
        conversation = Conversation(item, batches, self._options.max_retries())
        messages = self._prompts[item.metric].messages(self._variables(item, other))
        try:
            verdict = await conversation.reply(
                messages, partial(self._read, item), partial(self._retry, item.metric)
            )
        except CallFailedError:
            verdict = conversation.failure
        assert verdict is not None
        return judgement(item, verdict, conversation.responses, conversation.shared)

    def _other(self, item: Item) -> Sample | None:
        if item.other is None:
            return None
        key = (item.sample.question.id, item.sample.retriever, item.sample.repeat)
        return self._others[item.other].get(key)

    def _variables(self, item: Item, other: Sample | None) -> dict[str, Any]:
        sample = item.sample
        variables: dict[str, Any] = {
            "question": sample.question.text,
            "reference": sample.reference,
            "unanswerable": sample.unanswerable,
            "contexts": sample.contexts,
            **self._form(item.metric),
            "fence": self._fence(sample),
        }
        if other is None:
            return {**variables, **_shown(sample)}
        first, second = (sample, other) if item.shown == "first" else (other, sample)
        return {**variables, "first": _shown(first), "second": _shown(second)}

    def _form(self, name: str) -> dict[str, Any]:
        """The template variables of a metric: its question, and the form of the reply."""
        metric = self._options.metric(name)
        return {
            "asked": metric.question,
            "shown": metric.shown,
            "examples": [example.model_dump() for example in metric.examples],
            "better": metric.better,
            "lowest": metric.scale[0],
            "highest": metric.scale[1],
            "reasoned": self._options.mode == "reasoned",
        }

    def _fence(self, sample: Sample) -> str:
        """The code in delimiters around texts, a digest of the sample and its answer.

        So an answer cannot contain it except by chance, and it is the same in each run.
        """
        where = (sample.question.id, sample.retriever, sample.repeat, sample.answer)
        return digest([self._seed, *where])[:_FENCE]

    def _read(self, item: Item, text: str) -> JudgedValue:
        if item.metric == PAIRWISE:
            return read_winner(item.shown, read_reply(text, "winner"))
        return read_score(self._options.metric(item.metric), read_reply(text, "score"))

    def _retry(self, metric: str, problem: UnreadableError) -> tuple[Message, ...]:
        pairwise = metric == PAIRWISE
        variables = {"problem": str(problem), "pairwise": pairwise, **self._form(metric)}
        return self._prompts[AGAIN].messages(variables)


def _shown(sample: Sample) -> Mapping[str, Any]:
    return {"answer": sample.answer, "abstained": sample.status == Status.ABSTAINED}


def read_winner(shown: str | None, reply: Mapping[str, Any]) -> JudgedValue:
    """The verdict of a comparison for the answer that was shown first or second.

    Raises:
        UnreadableError: The reply names no winner.
    """
    values = {name.lower(): value for name, value in WINNERS.items()}
    winner = reply["winner"]
    if not isinstance(winner, str) or winner.strip().lower() not in values:
        raise UnreadableError(f"winner is {winner!r}, not one of {', '.join(WINNERS)}")
    value = values[winner.strip().lower()]
    return JudgedValue(value if shown == "first" else 1.0 - value, comment=_comment(reply))


def read_score(metric: RubricMetric, reply: Mapping[str, Any]) -> JudgedValue:
    """The score of a reply: an integer, or exactly its digits as text; "4/5" is neither.

    Raises:
        UnreadableError: The score is not on the scale.
    """
    value, scores = reply["score"], metric.scores()
    if isinstance(value, str) and value.strip() in map(str, scores):
        value = int(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or value not in scores:
        low, high = metric.scale
        raise UnreadableError(f"score is {value!r}, not a whole number from {low} to {high}")
    return JudgedValue(float(value), comment=_comment(reply))


def _comment(reply: Mapping[str, Any]) -> str | None:
    reason = reply.get("reason")
    return reason if isinstance(reason, str) else None
