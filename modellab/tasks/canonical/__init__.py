"""Ballots: what of an answer is voted on, and compared with other systems' answers.

One for each kind of task; a new task is one line below.
"""

from __future__ import annotations

from modellab.tasks.canonical.protocol import Ballot
from modellab.tasks.extract import task as extract
from modellab.tasks.label import task as label
from modellab.tasks.open_qa.canonical import TextBallot, as_json, as_words, folded
from modellab.tasks.wattbot.canonical import WattBotBallot

BALLOTS: dict[str, Ballot] = {
    "wattbot": WattBotBallot(),
    "label": TextBallot("label", label.FIELDS, folded, explanation="reasoning"),
    "open_qa": TextBallot("answer", ("answer",), as_words, repeats_exactly=False),
    "extract": TextBallot("record", extract.FIELDS, as_json, repeats_exactly=False),
}
