"""One rubric judge at work on one model's answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from modellab.core.fingerprint import digest
from modellab.core.records import NO_ANSWER, Message, Response, Status
from modellab.judging.materials import Ask, Call, Materials
from modellab.judging.records import Item, Judgement, Reason, Sample, Verdict, judgement
from modellab.judging.replies import UnreadableError, failed, read_reply, unreadable
from modellab.judging.rubric.metrics import PAIRWISE, cannot_judge, read_score, read_winner
from modellab.judging.rubric.options import AGAIN, RubricOptions
from modellab.models.prompts import Prompt, load_prompt

#: letters of the code of a prompt's marks
_FENCE = 8


@dataclass(frozen=True)
class Turn:
    """An item on its way: what is asked next, what came so far, the verdict once there is one."""

    item: Item
    messages: tuple[Message, ...] = ()
    responses: tuple[Response, ...] = ()
    verdict: Verdict | None = None


def judging(options: RubricOptions, materials: Materials) -> RubricJudging:
    """One judge, ready to ask about one model's answers."""
    return RubricJudging(options, materials)


class RubricJudging:
    """All items of one model; an unreadable reply is asked for again, saying what is wrong."""

    def __init__(self, options: RubricOptions, materials: Materials) -> None:
        self._options = options
        self._prompts = {name: load_prompt(path) for name, path in materials.prompts.items()}
        self._again: Prompt = self._prompts[AGAIN]
        self._others = {
            name: {(s.question.id, s.retriever, s.repeat): s for s in samples}
            for name, samples in materials.others.items()
        }
        self._samples, self._seed = materials.samples, materials.seed

    def judge(self, ask: Ask) -> list[Judgement]:
        turns = [self._first(item) for item in self._items()]
        for _ in range(1 + self._options.asked_again()):
            open_turns = {i: turn for i, turn in enumerate(turns) if _is_open(turn)}
            responses = ask([_call(turn) for turn in open_turns.values()])
            for (index, turn), response in zip(open_turns.items(), responses, strict=True):
                turns[index] = self._after(turn, response)
        return [_row(turn) for turn in turns]

    def _items(self) -> Iterator[Item]:
        for sample in self._samples:
            for metric in self._options.metrics:
                for number in range(1, self._options.repeats + 1):
                    yield from self._of(Item(sample, metric, number))

    def _of(self, item: Item) -> Iterator[Item]:
        """The item itself, or one for each other model and order."""
        if item.metric != PAIRWISE:
            yield item
            return
        for other in self._others:
            for shown in ("first", "second"):
                yield replace(item, other=other, shown=shown)

    def _first(self, item: Item) -> Turn:
        verdict = cannot_judge(self._options.rubric(item.metric), item.sample) or self._no_other(
            item
        )
        if verdict:
            return Turn(item, verdict=verdict)
        return Turn(item, self._prompts[item.metric].messages(self._variables(item)))

    def _no_other(self, item: Item) -> Verdict | None:
        if item.other is None:
            return None
        other = self._other(item)
        if other is None or other.status in NO_ANSWER:
            return Verdict(None, Reason.NO_ANSWER, f"{item.other} has no answer")
        return None

    def _other(self, item: Item) -> Sample | None:
        assert item.other is not None
        key = (item.sample.question.id, item.sample.retriever, item.sample.repeat)
        return self._others[item.other].get(key)

    def _variables(self, item: Item) -> dict[str, Any]:
        sample = item.sample
        variables: dict[str, Any] = {
            "question": sample.question.text,
            "reference": sample.reference,
            "unanswerable": sample.unanswerable,
            "contexts": sample.contexts,
            **self._wanted(item.metric),
            "fence": self._fence(sample),
        }
        if item.other is None:
            return {**variables, **_said(sample)}
        other = self._other(item)
        assert other is not None
        pair = (sample, other) if item.shown == "first" else (other, sample)
        return {**variables, "first": _said(pair[0]), "second": _said(pair[1])}

    def _wanted(self, name: str) -> dict[str, Any]:
        """What a metric asks, and what a reply to it is to look like."""
        metric = self._options.rubric(name)
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
        """A code for the marks around texts, which no answer can hold but by chance: it depends on
        the answer itself. The same for each time that a sample is judged.
        """
        where = (sample.question.id, sample.retriever, sample.repeat, sample.answer)
        return digest([self._seed, *where])[:_FENCE]

    def _after(self, turn: Turn, response: Response) -> Turn:
        """The turn with a verdict, or with the messages that ask for it again."""
        turn = replace(turn, responses=(*turn.responses, response))
        verdict = failed(response)
        if verdict:
            return replace(turn, verdict=verdict)
        text = response.text or ""
        try:
            return replace(turn, verdict=self._read(turn.item, text))
        except UnreadableError as problem:
            if len(turn.responses) > self._options.asked_again():
                return replace(turn, verdict=unreadable(response, problem))
            return replace(turn, messages=self._asking_again(turn, text, problem))

    def _read(self, item: Item, text: str) -> Verdict:
        if item.metric == PAIRWISE:
            return read_reply(text, lambda reply: read_winner(item.shown, reply), "winner")
        metric = self._options.rubric(item.metric)
        return read_reply(text, lambda reply: read_score(metric, reply), "score")

    def _asking_again(self, turn: Turn, text: str, problem: UnreadableError) -> tuple[Message, ...]:
        variables = {
            "problem": str(problem),
            "pairwise": turn.item.metric == PAIRWISE,
            **self._wanted(turn.item.metric),
        }
        asked = turn.messages[:2] if turn.messages[0].role == "system" else turn.messages[:1]
        return (*asked, Message("assistant", text), *self._again.messages(variables))


def _call(turn: Turn) -> Call:
    return Call(turn.item, turn.messages, attempt=len(turn.responses) + 1)


def _is_open(turn: Turn) -> bool:
    return turn.verdict is None


def _said(sample: Sample) -> Mapping[str, Any]:
    return {"answer": sample.answer, "abstained": sample.status == Status.ABSTAINED}


def _row(turn: Turn) -> Judgement:
    assert turn.verdict is not None
    return judgement(turn.item, turn.verdict, turn.responses)
