"""The models of a synthesis: each with its prompts and its journal, and one at a time in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modellab.core.fingerprint import digest, file_digest
from modellab.core.records import Passage, Question, Response
from modellab.generation.driver import AskingJob, Driver
from modellab.generation.requests import RequestMaker
from modellab.models.prompts import load_prompt
from modellab.models.protocol import ModelOptions
from modellab.tasks.protocol import Task


@dataclass(frozen=True)
class Wanted:
    """One answer that is wanted: by which prompt, to which question; `attempt` counts from 1."""

    prompt: str
    question: Question
    passages: tuple[Passage, ...]
    attempt: int


class AskedModel:
    """One model that can be asked several times. It is loaded each time and freed afterwards.

    `prompts` are files by name.
    """

    def __init__(
        self,
        name: str,
        options: ModelOptions,
        task: Task,
        prompts: Mapping[str, Path],
        job: AskingJob,
    ) -> None:
        self.name = name
        self._options, self._task, self._job = options, task, job
        self._fingerprint = dict(options.fingerprint())
        self._prompts = {prompt: load_prompt(path) for prompt, path in prompts.items()}
        self._digests = {prompt: file_digest(path) for prompt, path in prompts.items()}
        self._rounds: list[dict[str, Any]] = []
        self._has_answered = False

    def ask(self, wanted: Sequence[Wanted]) -> list[Response]:
        """One response each, in order; what goes wrong is a response with an error."""
        if not wanted:
            return []
        what = f"synthesis with {self.name}"
        driver = Driver(self._job, what, self._options, self._task.schema, self._has_answered)
        makers = {
            name: RequestMaker(driver.keys, self._task, prompt)
            for name, prompt in self._prompts.items()
        }
        requests = [
            makers[one.prompt].make(one.question, "synthesis", one.attempt, one.passages)
            for one in wanted
        ]
        with driver.asking():
            responses = driver.ask(requests)
        driver.end()
        self._has_answered |= any(response.error_class is None for response in responses)
        self._rounds.append(driver.resource_usage())
        return responses

    def receipt(self, prompt: str) -> dict[str, str]:
        """Who it is and by which prompt it was asked, for a question's receipts."""
        return {
            "name": self.name,
            "id": self._options.model_id(),
            "fingerprint": digest(self._fingerprint),
            "prompt": self._digests[prompt],
        }

    def record(self) -> dict[str, Any]:
        """The model, its prompts and the resource usage of each time, as plain JSON."""
        return {
            "model_id": self._options.model_id(),
            "fingerprint": self._fingerprint,
            "prompts": self._digests,
            "rounds": self._rounds,
        }
