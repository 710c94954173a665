"""Message batches of Anthropic, by its own protocol: LiteLLM has no client for them."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from modellab.core.loopback import bypass_proxies
from modellab.core.records import Request
from modellab.models.asking.batches import BatchStatus, Sent, read_result
from modellab.models.asking.failures import Failure, Reply
from modellab.models.generators.openai.chat import Prepared
from modellab.models.generators.openai.reply import read_reply

URL = "https://api.anthropic.com"
VERSION = "2023-06-01"
KEY_VARIABLE = "ANTHROPIC_API_KEY"
_BATCHES = "/v1/messages/batches"
_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "refusal": "content_filter",
}
_NAMES = {"stop": "stop_sequences", "max_completion_tokens": "max_tokens"}
_PICTURE = re.compile(r"data:(?P<kind>[^;]+);base64,(?P<data>.*)", re.DOTALL)
#: tolerance for differing clocks, in seconds
_CLOCKS = 300


class AnthropicBatches:
    """The batches of an account.

    Args:
        model: its name at Anthropic.
        prepared: makes the messages and parameters of a request.
    """

    most_requests: ClassVar[int] = 100_000
    most_bytes: ClassVar[int] = 250_000_000

    def __init__(self, model: str, key: str, url: str | None, prepared: Any, extra: Any) -> None:
        import httpx

        bypass_proxies()
        self._model, self._prepared, self._extra = model, prepared, extra
        headers = {"x-api-key": key, "anthropic-version": VERSION}
        base = (url or URL).rstrip("/").removesuffix("/v1")
        self._client = httpx.Client(base_url=base, headers=headers, timeout=120)

    def line(self, request: Request) -> Mapping[str, Any]:
        return {"custom_id": request.key, "params": self._params(self._prepared(request))}

    def upload(self, lines: Sequence[Mapping[str, Any]]) -> str:
        return ""

    def submit(self, sent: Sent, lines: Sequence[Mapping[str, Any]]) -> str:
        return str(self._asked("POST", _BATCHES, {"requests": list(lines)})["id"])

    def find(self, sent: Sent) -> str:
        """The only later batch with this number of requests: their keys are not listed."""
        rows = self._asked("GET", f"{_BATCHES}?limit=100")["data"]
        found = [
            str(row["id"])
            for row in rows
            if sum(row["request_counts"].values()) == len(sent.keys)
            and datetime.fromisoformat(row["created_at"]).timestamp() >= sent.sent_at - _CLOCKS
        ]
        return found[0] if len(found) == 1 else ""

    def status(self, batch: str) -> BatchStatus:
        found = self._asked("GET", f"{_BATCHES}/{batch}")
        counts, status = found["request_counts"], found["processing_status"]
        done = sum(counts.values()) - counts.get("processing", 0)
        return BatchStatus(status, status == "ended", done)

    def results(self, batch: str) -> Sequence[tuple[str, Reply | Failure]]:
        response = self._client.get(f"{_BATCHES}/{batch}/results")
        response.raise_for_status()
        rows = [json.loads(line) for line in response.content.splitlines() if line.strip()]
        return [(row["custom_id"], _result(row["result"])) for row in rows]

    def _asked(self, method: str, path: str, body: Any = None) -> Any:
        response = self._client.request(method, path, json=body)
        response.raise_for_status()
        return response.json()

    def _params(self, prepared: Prepared) -> dict[str, Any]:
        system = [m["content"] for m in prepared.messages if m["role"] == "system"]
        messages = [dict(m) for m in prepared.messages if m["role"] != "system"]
        for message in messages:
            if not isinstance(message["content"], str):
                message["content"] = [_part(part) for part in message["content"]]
        parameters = {_NAMES.get(name, name): one for name, one in prepared.parameters.items()}
        return {
            "model": self._model,
            "messages": messages,
            **({"system": "\n\n".join(system)} if system else {}),
            **parameters,
            **self._extra,
        }


def _part(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part of a content in Anthropic's form."""
    found = _PICTURE.fullmatch(part["image_url"]["url"]) if "image_url" in part else None
    if found is None:
        return part
    source = {"type": "base64", "media_type": found["kind"], "data": found["data"]}
    return {"type": "image", "source": source}


def _result(result: Mapping[str, Any]) -> Reply | Failure:
    if result["type"] != "succeeded":
        error = (result.get("error") or {}).get("error") or {}
        return Failure(f"batch_{result['type']}", str(error.get("message") or ""))
    return read_result(lambda: read_reply(_as_chat(result["message"])))


def _as_chat(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """A message in the form of OpenAI's chat protocol."""
    usage, reason = message.get("usage") or {}, message.get("stop_reason")
    read = usage.get("cache_read_input_tokens") or 0
    written = usage.get("cache_creation_input_tokens") or 0
    return {
        "model": message.get("model"),
        "choices": [
            {
                "message": {"content": message.get("content") or []},
                "finish_reason": _REASONS.get(str(reason), reason),
            }
        ],
        "usage": {
            "prompt_tokens": (usage.get("input_tokens") or 0) + read + written,
            "completion_tokens": usage.get("output_tokens"),
            "prompt_tokens_details": {"cached_tokens": read},
        },
    }
