"""Plots on the page."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

from modellab.reporting.page.blocks import Block, Picture
from modellab.reporting.page.results import DatasetResults

#: a larger picture stays a file beside the page
_MOST_BYTES = 400_000
OF_OVERVIEW = ("overall_ranking", "overall_scores", "score_breakdown")
OF_RETRIEVAL = ("error_attribution", "retrieval_by_k")


def pictures(results: DatasetResults, names: Sequence[str]) -> list[Block]:
    """The named plots that were drawn."""
    drawn = results.plots()
    return [_picture(name, drawn[name]) for name in names if name in drawn]


def other_pictures(results: DatasetResults) -> list[Block]:
    """The plots that no other view shows."""
    taken = {*OF_OVERVIEW, *OF_RETRIEVAL}
    return pictures(results, [name for name in results.plots() if name not in taken])


def _picture(name: str, path: Path) -> Picture:
    title = name.replace("_", " ").capitalize()
    file = f"../plots/{path.name}"
    data = path.read_bytes()
    if len(data) > _MOST_BYTES:
        return Picture(title, file, file)
    # as an image, so that nothing in it can run
    return Picture(title, f"data:image/svg+xml;base64,{b64encode(data).decode()}", file)
