import importlib.util
import os

import pytest

from modellab.core.errors import InputError
from modellab.core.loopback import bypass_proxies, canonical_address


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "localhost,127.0.0.1,::1,0.0.0.0"),
        ("example.org, localhost", "example.org,localhost,127.0.0.1,::1,0.0.0.0"),
        ("*", "*"),
    ],
)
def test_loopback_is_added_to_hosts_without_a_proxy(monkeypatch, before, after):
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("NO_PROXY", before) if before else monkeypatch.delenv("NO_PROXY", False)
    for _ in range(2):
        bypass_proxies()
    assert os.environ["NO_PROXY"] == after


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "socks://h:1", "ftp://h:1"])
def test_a_proxy_that_cannot_be_used_is_an_error_for_other_machines(monkeypatch, proxy):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", proxy)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"ALL_PROXY: .*pip install socksio"):
        bypass_proxies("https://example.org/v1")
    bypass_proxies("http://127.0.0.1:8000/v1")
    assert os.environ["NO_PROXY"] == "*"


def test_an_address_is_the_same_however_it_is_written():
    ways = ["127.0.0.1", "localhost", "[::1]", "0.0.0.0"]
    found = {canonical_address(f"http://{host}:8000/v1{end}") for host in ways for end in ("", "/")}
    assert found == {"http://127.0.0.1:8000/v1"}
    assert canonical_address("https://example.org/v1/") == "https://example.org/v1"
