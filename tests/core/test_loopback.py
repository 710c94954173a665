import pytest

from modellab.core.loopback import bypass_proxies


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "localhost,127.0.0.1,::1"),
        ("example.org, localhost", "example.org,localhost,127.0.0.1,::1"),
        ("*", "*"),
    ],
)
def test_loopback_is_added_to_hosts_without_a_proxy(monkeypatch, before, after):
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("NO_PROXY", before) if before else monkeypatch.delenv("NO_PROXY", False)
    for _ in range(2):
        bypass_proxies()
    import os

    assert os.environ["NO_PROXY"] == after
