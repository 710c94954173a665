"""Servers on this machine are asked directly, whatever proxy the environment names."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

#: this machine's names for itself
HOSTS = ("localhost", "127.0.0.1", "::1")


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in HOSTS


def one_name(url: str) -> str:
    """The address with this machine's usual name, whatever name it has there."""
    parts = urlsplit(url)
    if not is_loopback(url):
        return url
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"127.0.0.1{port}").geturl()


def past_proxies() -> None:
    """Have all HTTP clients of this process ask loopback addresses without a proxy.

    A company's proxy forwards nothing to the machine that asks it; what it answers (a page that
    says so, with 403 or 503) is easily taken for the server's word.
    """
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    names = [name.strip() for name in known.split(",") if name.strip()]
    if "*" in names:
        return
    joined = ",".join([*names, *(host for host in HOSTS if host not in names)])
    os.environ.update({"no_proxy": joined, "NO_PROXY": joined})
