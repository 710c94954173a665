"""Requests to servers on this machine bypass proxies."""

import os
from urllib.parse import urlsplit

HOSTS = ("localhost", "127.0.0.1", "::1")


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in HOSTS


def canonical_address(url: str) -> str:
    """The address with 127.0.0.1 in place of other loopback names."""
    parts = urlsplit(url)
    if not is_loopback(url):
        return url
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"127.0.0.1{port}").geturl()


def bypass_proxies() -> None:
    """Make all HTTP clients of this process bypass proxies for loopback addresses.

    The error page of a company's proxy (403 or 503) would look like a reply of the server.
    """
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    names = [name.strip() for name in known.split(",") if name.strip()]
    if "*" in names:
        return
    joined = ",".join([*names, *(host for host in HOSTS if host not in names)])
    os.environ.update({"no_proxy": joined, "NO_PROXY": joined})
