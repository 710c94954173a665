"""Protocol of providers: options, and a model that answers requests in any order.

Options are data. They name the module of their implementation, so reading a config imports no
engine.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from modellab.core.errors import Finding
from modellab.core.options import Options
from modellab.core.records import Request, Response
from modellab.core.secrets import VariableName
from modellab.core.text.thoughts import ThoughtMarks


class Place(Enum):
    """Where a model runs: in its job without a GPU, in its job on GPUs, or behind a server.

    An ensemble runs nowhere: its members' predictions are voted on.
    """

    PROCESS = "process"
    GPU = "gpu"
    SERVER = "server"
    VOTE = "vote"


@dataclass(frozen=True)
class Stopped:
    """Why nothing more is sent to a model: an error class, and one line for people.

    `for_good`: the job has failed; otherwise only the remaining rows are failed rows.
    """

    error_class: str
    text: str
    for_good: bool


class Model:
    """A model that is loaded and can be asked."""

    #: time of other work before its answers, such as unrecorded batches
    warm_up_seconds: float = 0.0

    @abstractmethod
    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        """One response per request, in any order, each as soon as it exists.

        A failed request is a response with an error, never an exception. May be called again with
        more requests.
        """

    def report(self) -> Mapping[str, Any]:
        """Facts for the run's record: device, memory, server version. Plain JSON.

        Called after the model is closed, so that it can include the memory that was freed.
        """
        return {}

    def stopped(self) -> Stopped | None:
        """Why it sends nothing more, as nothing would be answered anyway; None while it does."""
        return None

    def keep_in(self, path: Path) -> None:
        """Called before the first request, with a file for what must outlive this run."""


class ModelOptions(Options):
    """One entry of `models:`: the keys of every provider. Each provider is a subclass.

    Fields declared here describe or select; only the subclass's fields decide an answer.
    """

    if TYPE_CHECKING:
        #: its name in a config: a literal of each subclass, by which entries are recognised
        provider: str

    #: the module that has `open_model(options, seed, answer_schema)` and `fingerprint(options)`,
    #: and may have `preflight(options, subject)` and `fetch(options)`; imported when it is needed
    implementation: ClassVar[str] = ""
    #: increased when a change of the provider's code changes answers
    version: ClassVar[int] = 1
    #: whether answers depend on the prompt template
    uses_prompt: ClassVar[bool] = True
    #: whether answers depend on the retrieved passages; if not, one pass named `external` is made
    uses_contexts: ClassVar[bool] = True
    #: whether the model is in the job's own process, or behind a server that the job asks
    in_process: ClassVar[bool] = True

    enabled: bool = Field(True, description="false leaves the model out of this run")
    size_b: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="size in billions of parameters"
    )
    family: str | None = Field(
        None, description="such as `qwen`: to see whether a judge prefers its own family"
    )
    local: bool = Field(
        True, description="runs on this machine (a square in plots) or behind an API (a circle)"
    )
    datasets: tuple[str, ...] | None = Field(
        None, min_length=1, description="the datasets it answers; default: all"
    )
    retrievers: tuple[str, ...] | None = Field(
        None, min_length=1, description="the retrievers it reads; default: all of the dataset's"
    )
    control: bool | None = Field(
        None,
        description="true: a reference point that is not ranked and wins nothing, such as a "
        "baseline by chance; false: a contender with every retriever; null: as the retriever says",
    )
    timeout_minutes: PositiveFloat | None = Field(
        None,
        # a year
        le=525_600,
        description="time limit of its job; answers are kept, and the next run goes on",
    )
    slots_per_gpu: PositiveInt = Field(
        1,
        description="number of such jobs that may share a GPU; `gpu` in --resources counts jobs",
    )
    threads: PositiveInt = Field(
        1,
        le=4096,
        description="CPU cores that each of its jobs takes, of those that --cores gives to all",
    )
    repeats: PositiveInt = Field(1, le=1000, description="number of answers per question")
    shards: PositiveInt = Field(
        1,
        le=1000,
        description="jobs that each ask an equal part of a dataset's questions, side by side where "
        "there are GPUs or nodes for it; another number asks nothing again",
    )
    retry_on_abstain: NonNegativeInt = Field(
        0,
        description="after a blank answer, ask again up to this number of times, each time with "
        "more of the passages that the retriever has in `extra_k`",
    )
    variants: dict[str, dict[str, Any] | None] | None = Field(
        None, description="models made from this one, by name: the keys that they change"
    )
    models_from_env: VariableName | None = Field(
        None, description="a variable with model ids, commas between them: one model for each"
    )

    def cache_key_fields(self) -> dict[str, Any]:
        """The options that decide an answer, as plain JSON."""
        return self.model_dump(mode="json", exclude=set(ModelOptions.model_fields))

    def runs_here(self) -> bool | None:
        """Whether it runs on this machine; None where answers come from elsewhere."""
        return self.local

    def samples(self) -> bool:
        """Whether answers are drawn at random; if so, the seed is part of the journal key."""
        return False

    def constrained(self) -> bool:
        """Whether decoding is constrained to the task's JSON schema, which is then in the key."""
        return False

    def thought_marks(self) -> ThoughtMarks | None:
        """Marks around its thoughts, in addition to the known ones (see `thoughts`)."""
        return None

    def gpu_need(self) -> int:
        """Number of GPUs of a job of this model."""
        return 0

    def gpu_optional(self) -> bool:
        """Whether the model also runs where there is no GPU."""
        return True

    def place(self) -> Place:
        if not self.in_process:
            return Place.SERVER
        return Place.GPU if self.gpu_need() else Place.PROCESS

    def endpoint_slot(self) -> str | None:
        """The name of the server or API that its jobs share, to limit jobs that ask it at a time.

        Lower-case letters, digits and `_`; None for a model in the process.
        """
        return None

    def model_id(self) -> str:
        """The model's name in tables: a hub id, a file, a variant's name."""
        return ""

    def files(self) -> Mapping[str, Path]:
        """Paths that must exist, by config key; a change of theirs makes answers stale."""
        return {}

    def preflight(self, subject: str) -> Iterator[Finding]:
        """Findings about everything that the model needs, without asking it.

        Contains no secret's value. Raises InputError for what is not there.
        """
        own = self._own("preflight")
        yield from own(self, subject) if own else ()

    def downloads(self) -> bool:
        """Whether it comes from a hub, so that `fetch` has something to do."""
        return False

    def fetch(self) -> Mapping[str, Any]:
        """Download missing files; the resolved version, as plain JSON. Raises InputError."""
        own = self._own("fetch")
        return dict(own(self)) if own else {}

    def fingerprint(self) -> Mapping[str, Any]:
        """Everything but the request that decides an answer (weights digest, decoding, ...).

        Plain JSON; part of every journal key. Raises InputError where the model is not there.
        """
        own = self._own("fingerprint")
        return dict(own(self)) if own else self.cache_key_fields()

    def open(self, seed: int, answer_schema: Mapping[str, Any]) -> AbstractContextManager[Model]:
        """Load the model; leaving the block frees what it holds.

        Args:
            seed: of all random choices.
            answer_schema: JSON schema of the task's answers, for constrained decoding.

        Raises:
            InputError: the model cannot be loaded or reached.
        """
        opened: AbstractContextManager[Model] = self._own("open_model")(self, seed, answer_schema)
        return opened

    def _own(self, name: str) -> Any:
        """A function of the implementation; None where there is none of that name."""
        return (
            getattr(import_module(self.implementation), name, None) if self.implementation else None
        )
