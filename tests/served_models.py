"""Entries of models behind the small server of these tests."""

import sys
from pathlib import Path

from modellab.models.generators.served.options import ServedOptions

PROGRAM = Path(__file__).with_name("loopback_server.py")


def entry(weights, *more, **keys):
    """Options as plain data; `more` are arguments of the server."""
    command = [sys.executable, str(PROGRAM), "--port", "{port}", "--name", "{name}", *more]
    return {
        "provider": "served",
        "engine": "command",
        "model": str(weights),
        "gpus": 0,
        "command": command,
        "start_timeout_seconds": 30,
        **keys,
    }


def options(weights, *more, **keys):
    return ServedOptions(**entry(weights, *more, **keys))
