"""Servers on this machine are asked directly, whatever proxy the environment names."""

from __future__ import annotations

import os

#: this machine's names for itself
HOSTS = ("localhost", "127.0.0.1", "::1")


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
