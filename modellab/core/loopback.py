"""Requests to servers on this machine bypass proxies."""

import importlib.util
import os
from urllib.parse import urlsplit
from urllib.request import getproxies

from modellab.core.errors import InputError

#: the last is what servers print as their own address
HOSTS = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104 - asked, never listened on


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in HOSTS


def canonical_address(url: str) -> str:
    """The address without a slash at its end, and 127.0.0.1 in place of other loopback names."""
    parts = urlsplit(url.rstrip("/"))
    if not is_loopback(url):
        return parts.geturl()
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"127.0.0.1{port}").geturl()


def bypass_proxies(url: str = "") -> None:
    """Make all HTTP clients of this process bypass proxies for loopback addresses.

    The error page of a company's proxy (403 or 503) would look like a reply of the server.
    Raises InputError where a proxy cannot be used, and `url` is not on this machine.
    """
    unusable = _unusable_proxy()
    if unusable and not is_loopback(url):
        raise InputError(
            f"{unusable.upper()}_PROXY: no proxy of this kind can be used; give one of http://, or "
            "of socks5:// (run: pip install socksio), or unset the variable"
        )
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    names = [name.strip() for name in known.split(",") if name.strip()]
    if "*" in names:
        return
    joined = ",".join([*names, *(host for host in HOSTS if host not in names)])
    # httpx would refuse to start because of a proxy that no request needs
    joined = "*" if unusable else joined
    os.environ.update({"no_proxy": joined, "NO_PROXY": joined})


def _unusable_proxy() -> str | None:
    """The kind of requests (`http`, `https`, `all`) with a proxy that httpx cannot use."""
    schemes = {"", "http", "https"}
    if importlib.util.find_spec("socksio"):
        schemes |= {"socks5", "socks5h"}
    proxies = getproxies()
    found = {kind: proxies.get(kind, "").rpartition("://")[0] for kind in ("http", "https", "all")}
    return next((kind for kind, scheme in found.items() if scheme.lower() not in schemes), None)
