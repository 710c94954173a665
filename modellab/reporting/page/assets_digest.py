"""The page's own files, and what they are as one digest: a changed style is a changed report."""

from __future__ import annotations

from pathlib import Path

from modellab.core.fingerprint import digest, file_digest

ASSETS = Path(__file__).parent / "assets"


def page_digest() -> str:
    return digest({path.name: file_digest(path) for path in sorted(ASSETS.iterdir())})
