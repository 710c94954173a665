"""Batches of OpenAI's protocol: a file of requests in, a file of answers out."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from modellab.core.io.jsonl import dump_json
from modellab.core.records import Request
from modellab.models.asking.batches import BatchStatus, Sent, read_result
from modellab.models.asking.failures import Failure, Reply, by_status
from modellab.models.generators.openai.reply import read_reply

ENDPOINT = "/v1/chat/completions"
#: final states
_ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
#: tolerance for differing clocks, in seconds
_CLOCKS = 300


@dataclass(frozen=True)
class OpenAIBatches:
    """The batches of a server.

    Attributes:
        client: OpenAI's synchronous client.
        body: makes the body of a request, in the form that the server takes.
    """

    client: Any
    body: Callable[[Request], dict[str, Any]]
    most_requests: ClassVar[int] = 50_000
    most_bytes: ClassVar[int] = 190_000_000

    def line(self, request: Request) -> Mapping[str, Any]:
        body = self.body(request)
        return {"custom_id": request.key, "method": "POST", "url": ENDPOINT, "body": body}

    def upload(self, lines: Sequence[Mapping[str, Any]]) -> str:
        data = "".join(f"{dump_json(line)}\n" for line in lines).encode()
        made = self.client.files.create(file=("requests.jsonl", data), purpose="batch")
        return str(made.id)

    def submit(self, sent: Sent, lines: Sequence[Mapping[str, Any]]) -> str:
        made = self.client.batches.create(
            input_file_id=sent.upload, endpoint=ENDPOINT, completion_window="24h"
        )
        return str(made.id)

    def find(self, sent: Sent) -> str:
        """The batch of its file of requests."""
        for batch in self.client.batches.list(limit=100) if sent.upload else ():
            if batch.input_file_id == sent.upload:
                return str(batch.id)
            if batch.created_at < sent.sent_at - _CLOCKS:
                break
        return ""

    def status(self, batch: str) -> BatchStatus:
        found = self.client.batches.retrieve(batch)
        counts = found.request_counts
        errors = found.errors.data if found.errors and found.errors.data else []
        return BatchStatus(
            found.status,
            found.status in _ENDED,
            counts.completed + counts.failed if counts else 0,
            "; ".join(f"{error.code}: {error.message}" for error in errors[:3]),
        )

    def results(self, batch: str) -> Sequence[tuple[str, Reply | Failure]]:
        """The finished requests, also of a batch that expired or was cancelled."""
        found = self.client.batches.retrieve(batch)
        files = [name for name in (found.output_file_id, found.error_file_id) if name]
        lines = [line for n in files for line in self.client.files.content(n).content.splitlines()]
        rows = [json.loads(line) for line in lines if line.strip()]
        return [(row["custom_id"], _result(row)) for row in rows]


def _result(row: Mapping[str, Any]) -> Reply | Failure:
    response, error = row.get("response") or {}, row.get("error") or {}
    body, status = response.get("body") or {}, response.get("status_code", 0)
    if status == 200:
        return read_result(lambda: read_reply(body))
    if status:
        said = body.get("error") or {}
        text = said.get("message") if isinstance(said, Mapping) else None
        return by_status(status, text or f"HTTP status {status}", {})
    return Failure(str(error.get("code") or "batch_failed"), str(error.get("message") or ""))
