"""The words of a failure, as people read them at the end of a run."""

import ssl
from types import SimpleNamespace

import pytest

from modellab.models.asking.failures import classify


@pytest.mark.parametrize("tls", [True, ssl.create_default_context()])
def test_a_refused_connection_is_told_without_objects_in_memory(tls):
    from aiohttp import ClientConnectorError

    key = SimpleNamespace(host="127.0.0.1", port=9, ssl=tls, is_ssl=False)
    refused = ClientConnectorError(key, OSError(111, "Connect call failed"))
    assert " ssl:" in str(refused)
    found = classify(refused)
    told = "ClientConnectorError: Cannot connect to host 127.0.0.1:9 [Connect call failed]"
    assert (found.error_class, found.text) == ("connection", told)
