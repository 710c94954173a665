"""The models of a synthesis: each with its prompt, its journal, and one at a time in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from modellab.core.fingerprint import digest, file_digest
from modellab.core.io.journal import open_journal
from modellab.core.records import Passage, Question, Request, Response
from modellab.core.run_history import RunHistory
from modellab.generation.requests import RequestMaker
from modellab.generation.session import ModelSession
from modellab.models.prompts import load_prompt
from modellab.models.protocol import ModelOptions
from modellab.tasks.protocol import Task


@dataclass(frozen=True)
class Wanted:
    """One answer that is wanted: with which prompt, of which question, the how-manieth time."""

    prompt: str
    question: Question
    passages: tuple[Passage, ...]
    attempt: int


class AskedModel:
    """One model that can be asked in several rounds. It is loaded for a round and freed after it.

    `prompts` are files by name. Answers come from the journal where it has them.
    """

    def __init__(
        self,
        name: str,
        options: ModelOptions,
        task: Task,
        prompts: Mapping[str, Path],
        journal: Path,
        seed: int,
    ) -> None:
        self.name, self._options, self._task = name, options, task
        self._journal, self._seed = journal, seed
        self.fingerprint = dict(options.fingerprint())
        drawn = seed if options.samples() else None
        self._makers = {
            prompt: RequestMaker(options, self.fingerprint, task, load_prompt(path), drawn)
            for prompt, path in prompts.items()
        }
        self._prompts = {prompt: file_digest(path) for prompt, path in prompts.items()}
        self._rounds: list[dict[str, Any]] = []

    def ask(self, wanted: Sequence[Wanted]) -> list[Response]:
        """One response each, in order; what goes wrong is a response with an error."""
        if not wanted:
            return []
        requests = [self._request(one) for one in wanted]
        what = f"synthesis with {self.name}"
        run = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
        history = RunHistory(self._journal.with_suffix(".runs.json"), run)
        with (
            open_journal(self._journal) as journal,
            ModelSession(
                what,
                run,
                self._options,
                self._seed,
                self._task.schema,
                journal,
                history.begin,
            ) as session,
        ):
            responses = session.answer(requests)
        resource_usage = session.resource_usage.as_json()
        history.end({**resource_usage, "model": session.report()})
        self._rounds.append(resource_usage)
        return responses

    def _request(self, one: Wanted) -> Request:
        maker = self._makers[one.prompt]
        return maker.make(one.question, "synthesis", one.attempt, one.passages)

    def receipt(self, prompt: str) -> dict[str, str]:
        """Who it is and what it was told, for a question's receipts."""
        return {
            "name": self.name,
            "id": self._options.model_id(),
            "fingerprint": digest(self.fingerprint),
            "prompt": self._prompts[prompt],
        }

    def record(self) -> dict[str, Any]:
        """The model, its prompts and its resource_usage by rounds, as plain JSON."""
        return {
            "model_id": self._options.model_id(),
            "fingerprint": self.fingerprint,
            "prompts": self._prompts,
            "rounds": self._rounds,
        }
