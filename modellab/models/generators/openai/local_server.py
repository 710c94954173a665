"""Servers that somebody else started: wait until they are ready, and identify their weights."""

import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.fingerprint import digest
from modellab.core.io.jsonl import dump_json, read_json, write_json
from modellab.core.loopback import bypass_proxies, canonical_address, is_loopback
from modellab.models.asking.limits import WaitLog
from modellab.models.weights import cache_folder

log = logging.getLogger(__name__)

#: servers that did not get ready in time: this process waits for each only once
_WAITED_FOR: set[str] = set()

#: longest wait in seconds for one reply, and between two attempts
REPLY_SECONDS, LOOK_SECONDS = 10.0, 1.0
#: servers that list all that they serve, by the `owned_by` of their models
_LIST_ALL = frozenset({"vllm", "llamacpp", "sglang"})
#: fields about the weights in such a list and in llama.cpp's /props
_REPORTED = ("root", "max_model_len", "meta")
_REPORTED_PROPS = ("model_path", "model_ftype", "build_info")
#: those that identify the weights, and those of `meta`
_WEIGHTS = ("root", "model_path", "model_ftype")
_META = ("n_params", "size", "n_vocab", "n_embd", "vocab_type", "n_ctx_train")
_LOADING = 503


def served_there(url: str, model: str, key: str | None, wait_seconds: float) -> Mapping[str, Any]:
    """The description of a model by a server on this machine, once it is ready; empty elsewhere.

    Args:
        url: its base URL.
        model: the name in requests.
        key: its bearer token.
        wait_seconds: the longest wait while it refuses connections or loads (503).

    Raises:
        InputError: it lists all that it serves, and the model is not in the list.
    """
    if not is_loopback(url):
        return {}
    base = url.rstrip("/")
    rows = listed(_when_ready(base, model, key, wait_seconds))
    found = rows.get(model)
    if found is None:
        if rows and all(row.get("owned_by") in _LIST_ALL for row in rows.values()):
            raise InputError(f"{model}: {url} serves {', '.join(rows)}; name that as the model")
        return {}
    props: Mapping[str, Any] = {}
    if found.get("owned_by") == "llamacpp":
        props = json_of(get(f"{base.removesuffix('/v1')}/props", key))
    reported = {k: found.get(k) for k in _REPORTED} | {k: props.get(k) for k in _REPORTED_PROPS}
    return {k: value for k, value in reported.items() if value is not None}


def weights_in(reported: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a server's description that identify its weights."""
    meta = reported.get("meta")
    sizes = {k: meta[k] for k in _META if k in meta} if isinstance(meta, Mapping) else {}
    return {
        **{k: reported[k] for k in _WEIGHTS if k in reported},
        **({"meta": sizes} if sizes else {}),
    }


def known_weights(url: str, model: str, key: str | None, wait_seconds: float) -> Mapping[str, Any]:
    """The weights that a server on this machine serves, or served when it last ran.

    So existing answers are found also while it is down. Raises InputError as `served_there`.
    """
    note = _note(url, model)
    reported = served_there(url, model, key, 0 if note.exists() else wait_seconds)
    if not reported and note.exists():
        return dict(read_json(note))
    return _remembered(note, weights_in(reported))


def check_weights(url: str, model: str, reported: Mapping[str, Any]) -> None:
    """Raises InputError where a server has other weights than those in `known_weights`."""
    note, weights = _note(url, model), weights_in(reported)
    known = read_json(note) if note.exists() else weights
    if reported and weights != known:
        _remembered(note, weights)
        raise InputError(
            f"{model}: {url} now serves other weights ({dump_json(weights)}) than it did before "
            f"({dump_json(known)}); run the same command again to ask these"
        )


def _note(url: str, model: str) -> Path:
    return cache_folder() / "servers" / f"{digest([canonical_address(url), model])}.json"


def _remembered(note: Path, weights: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        write_json(note, weights)
    except OSError as error:
        log.warning("%s: cannot be written: %s", note, error)
    return weights


def _when_ready(base: str, model: str, key: str | None, wait_seconds: float) -> Any:
    """Its list of models; None where it does not get ready in time."""
    start, waits = time.monotonic(), False
    while True:
        reply = get(f"{base}/models", key)
        if reply is not None and reply.status_code != _LOADING:
            return reply
        left = wait_seconds - (time.monotonic() - start)
        if left <= 0 or base in _WAITED_FOR:
            # the errors of its requests will say more
            _WAITED_FOR.update([base] if wait_seconds else [])
            return reply
        if not waits:
            WaitLog(model).begin(left, f"at most, until the server at {base} is ready")
            waits = True
        time.sleep(min(LOOK_SECONDS, left))


def listed(reply: Any) -> Mapping[str, Mapping[str, Any]]:
    """The entries of a reply of /v1/models by name."""
    data = json_of(reply).get("data")
    rows = data if isinstance(data, list) else []
    return {str(row.get("id")): row for row in rows if isinstance(row, dict)}


def get(url: str, key: str | None = None) -> Any:
    """The reply; None if no connection was made. An interrupted or late one counts as 502."""
    import httpx

    bypass_proxies(url)
    headers = {"authorization": f"Bearer {key}"} if key else {}
    try:
        # certificates are read from files at each call, which takes longer than most replies
        verify = url.startswith("https:")
        return httpx.get(url, headers=headers, timeout=REPLY_SECONDS, verify=verify)
    except (httpx.ConnectError, httpx.ConnectTimeout):
        return None
    except httpx.TransportError:
        return httpx.Response(httpx.codes.BAD_GATEWAY)


def json_of(reply: Any) -> Mapping[str, Any]:
    """The JSON object of a reply; empty where there is none."""
    with suppress(AttributeError, ValueError):
        body = reply.json()
        return body if isinstance(body, dict) else {}
    return {}
