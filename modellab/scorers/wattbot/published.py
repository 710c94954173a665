"""The competition's rules. Its versions differ only in how they rewrite an answer's value."""

from __future__ import annotations

from abc import abstractmethod

from modellab.scorers.wattbot.marking import Answer, WattBotScorer
from modellab.scorers.wattbot.references import overlap
from modellab.scorers.wattbot.values import same_value
from modellab.wattbot_blank import is_blank


class PublishedScorer(WattBotScorer):
    """Abstention is judged by the value alone.

    On an unanswerable question the value counts as right whatever was answered: a made-up answer
    costs references and `na_recall` only. `na_recall` is the mean over unanswerable questions.
    """

    @abstractmethod
    def rewrite(self, value: str) -> str:
        """The value of an answer in the form that is compared."""

    def is_unanswerable(self, truth: Answer) -> bool:
        return is_blank(truth["answer_value"])

    def value_is_correct(self, truth: Answer, answer: Answer) -> bool:
        if self.is_unanswerable(truth):
            return True
        return same_value(truth["answer_value"], self.rewrite(answer["answer_value"]))

    def ref_score(self, truth: Answer, answer: Answer) -> float:
        return overlap(truth["ref_id"], answer["ref_id"])

    def abstains(self, answer: Answer) -> bool:
        return is_blank(answer["answer_value"])
