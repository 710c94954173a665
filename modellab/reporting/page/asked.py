"""What a model was asked: the prompt made anew from the same file and passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modellab.core.fingerprint import file_digest
from modellab.core.records import Passage, Question
from modellab.models.prompts import Prompt, load_prompt
from modellab.tasks.protocol import Task

NO_PROMPT = "This model has no prompt: it reads question and passages itself, or is a submission."


@dataclass(frozen=True)
class Asking:
    """How one model was asked; without a prompt `reason` says why it cannot be shown."""

    task: Task
    prompt: Prompt | None
    reason: str = ""

    def text(self, question: Question, passages: Sequence[Passage]) -> str | None:
        """All messages as one text; None where there is no prompt."""
        if self.prompt is None:
            return None
        messages = self.prompt.messages(self.task.variables(question, passages))
        return "\n\n".join(f"[{message.role}]\n{message.content}" for message in messages)


def asking(task: Task, run: Mapping[str, Any]) -> Asking:
    """From the record of a run. A prompt file that has changed since is not shown."""
    used = run.get("prompt")
    if not used:
        return Asking(task, None, NO_PROMPT)
    path = Path(used["path"])
    if not path.is_file() or file_digest(path) != used["sha256"]:
        return Asking(task, None, f"The prompt file {path} is gone or has changed since.")
    return Asking(task, load_prompt(path))
