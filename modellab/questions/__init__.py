"""Questions: reading files of questions with their true answers.

A new format is one file with a function from a path to the questions, in the order of the file,
and one line below. What is wrong in the file is an InputError with file and line.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from modellab.questions.wattbot import read_questions
from modellab.records import Question

QUESTION_FORMATS: dict[str, Callable[[Path], list[Question]]] = {"wattbot": read_questions}
