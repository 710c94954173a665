"""Whether a key is set for an API, and whether a server of one's own answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from modellab.core.findings import Finding, failure, ok
from modellab.core.loopback import past_proxies

if TYPE_CHECKING:
    from modellab.models.generators.litellm.options import LitellmOptions

SECONDS = 10.0


def preflight(options: LitellmOptions, subject: str) -> Iterator[Finding]:
    """Names of variables, never values; no model is asked. Raises InputError for an unset one."""
    url = options.server()
    if options.key() is not None:
        yield ok(subject, f"{options.api_key_env} is set")
    elif url is None:
        yield _own_key(options, subject)
    if url is not None:
        yield _answers(url, subject)


def _own_key(options: LitellmOptions, subject: str) -> Finding:
    """The variables that the provider's own key is read from."""
    from modellab.core.secrets import load_env_file
    from modellab.models.generators.litellm.library import import_litellm

    load_env_file()
    asked = import_litellm().validate_environment(options.model)
    missing = ", ".join(asked["missing_keys"])
    if missing:
        return failure(
            subject, f"{missing} is not set", "export it, put it into .env, or api_key_env"
        )
    return ok(subject, "the provider's own key is set (the API was not asked)")


def _answers(url: str, subject: str) -> Finding:
    """Any answer of a server will do, also a refusal: only a run sends what may cost something.

    A web page is none: it is what a proxy or a login says.
    """
    import httpx

    past_proxies()
    try:
        reply = httpx.get(f"{url.rstrip('/')}/models", timeout=SECONDS)
    except httpx.HTTPError as error:
        why = f"{type(error).__name__}: {error}"
        return failure(
            subject, f"{url} does not answer ({why})", "start the server, or mend base_url"
        )
    page = "html" in reply.headers.get("content-type", "")
    # a small server says in HTML too that it has no list of models
    if page and reply.status_code not in (404, 405, 501):
        return failure(
            subject,
            f"{url} gives a web page (status {reply.status_code}): a proxy, or a login",
            "mend base_url, or have the proxy let it through (NO_PROXY)",
        )
    return ok(subject, f"{url} answers")
