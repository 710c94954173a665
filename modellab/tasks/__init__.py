"""Tasks: how questions are put to a model, and how answers are read from its text.

A new task is one file named like the task, with a class as in `modellab.tasks.protocol`, and one
line below. How its answers are marked is a scorer (`modellab.scorers`).
"""

from __future__ import annotations

from modellab.tasks.protocol import Task
from modellab.tasks.wattbot import WattBot

TASKS: dict[str, Task] = {"wattbot": WattBot()}
