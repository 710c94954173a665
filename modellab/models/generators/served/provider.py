"""A model behind a server that its job starts, asks by OpenAI's protocol, and ends."""

import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from modellab.core.errors import Finding, InputError, failure, ok, warning
from modellab.core.job_log import beside_log
from modellab.core.records import Request
from modellab.models import weights
from modellab.models.asking.asker import AskingModel, Limits, asking_model
from modellab.models.asking.failures import Failure, Reply
from modellab.models.asking.limits import Costs
from modellab.models.asking.options import OpenAIOptions
from modellab.models.generators.openai.chat import Prepared
from modellab.models.generators.openai.local_server import get, json_of, listed
from modellab.models.generators.openai.provider import Address, OpenAIClient
from modellab.models.generators.served.engines import ENGINES, Launch, find_program
from modellab.models.generators.served.options import ServedOptions
from modellab.models.generators.served.server import StartedServer, running
from modellab.models.gpu import current_lease, numbered_devices

fetch = weights.fetch


def fingerprint(options: ServedOptions) -> Mapping[str, Any]:
    """Weights, engine, deciding arguments and decoding. Raises InputError."""
    return {**weights.weights_identity(options), **options.decides()}


@contextmanager
def open_model(
    options: ServedOptions, seed: int, answer_schema: Mapping[str, Any]
) -> Iterator[AskingModel]:
    """The model while its server runs.

    Raises InputError where it does not start; its log is next to the job's.
    """
    with started(options) as (server, name):
        asked = asked_options(options, server)
        client = ServedClient(Address(name, asked.base_url, None), asked, answer_schema, server)
        record = {"server": _record(options, server, name)}
        limits = Limits.of(asked, seed, asked.at_once())
        with asking_model(client, limits, Costs(None, options.max_new_tokens), None, record) as one:
            yield one


@contextmanager
def started(
    options: ServedOptions, log_ending: str = ".server.log"
) -> Iterator[tuple[StartedServer, str]]:
    """A server that is ready, on the GPUs of this process's lease, and its name for the model.

    Raises InputError where it does not start.
    """
    engine = ENGINES[options.engine]
    model, revision = load_from(options)
    launch = Launch(find_program(options), model, revision, 0, f"modellab-{secrets.token_hex(8)}")
    with ExitStack() as stack:
        log_file = beside_log(log_ending)
        if log_file is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="modellab-"))
            log_file = Path(folder) / "server.log"
        server = stack.enter_context(
            running(
                lambda port: engine.start_command(options, replace(launch, port=port)),
                name=launch.name if engine.lists_name else None,
                environment={**numbered_devices(), **options.environment},
                descriptors=current_lease().fds,
                log_file=log_file,
                start_timeout_seconds=options.start_timeout_seconds,
            )
        )
        yield server, launch.name if engine.lists_name else launch.model


def load_from(options: ServedOptions) -> tuple[str, str | None]:
    """The path or hub id that a server loads; the commit of a hub id that is not downloaded yet."""
    found = weights.location(options)
    if options.is_gguf() or Path(found).exists():
        return found, None
    return found, str(weights.weights_identity(options)["commit"])


def asked_options(options: ServedOptions, server: StartedServer) -> OpenAIOptions:
    """The server as an endpoint of OpenAI's protocol."""
    keys = {
        *("max_new_tokens", "temperature", "top_p", "stop", "answer_format", "confidence"),
        *("model", "max_concurrent", "timeout_seconds", "max_retries"),
    }
    return OpenAIOptions(
        provider="openai",
        base_url=f"{server.address}/v1",
        local=True,
        extra={**ENGINES[options.engine].parameters(options), **options.extra},
        **options.model_dump(include=keys),
    )


class ServedClient(OpenAIClient):
    """Checks whether the server still runs, and stops asking one that has ended."""

    def __init__(
        self,
        address: Address,
        options: OpenAIOptions,
        answer_schema: Mapping[str, Any],
        server: StartedServer,
    ) -> None:
        super().__init__(address, options, answer_schema)
        self._server = server

    async def send(self, prepared: Prepared) -> Reply:
        # the name is random
        return replace(await super().send(prepared), answered_as=None)

    def refined(self, failure: Failure, request: Request, prepared: Prepared) -> Failure:
        if ended := self._server.ended():
            return Failure("connection", ended, fatal=True)
        return super().refined(failure, request, prepared)


def preflight(options: ServedOptions, subject: str) -> Iterator[Finding]:
    """Program and weights; nothing is started."""
    try:
        yield ok(subject, f"{options.engine}: {find_program(options)}")
    except InputError as error:
        yield failure(subject, f"{error}", "install it in a separate environment")
    if options.downloads():
        where, revision = load_from(options)
        if revision:
            yield warning(subject, f"the server will download {where}", "modellab fetch")


def _record(options: ServedOptions, server: StartedServer, name: str) -> dict[str, Any]:
    engine = ENGINES[options.engine]
    reported: dict[str, Any] = {}
    if engine.version:
        path, key = engine.version
        reported["version"] = json_of(get(f"{server.address}{path}")).get(key)
    if engine.lists_name:
        reported["model"] = listed(get(f"{server.address}/v1/models")).get(name)
    return {
        "engine": options.engine,
        "command": list(server.command),
        "start_seconds": server.start_seconds,
        **reported,
    }
