"""`modellab metrics`: the page of all metrics."""

from __future__ import annotations

import typer


def metrics() -> None:
    """Print what every metric is, in Markdown."""
    from modellab.evaluation.metrics import families
    from modellab.evaluation.metrics.page import metrics_page

    typer.echo(metrics_page(families()), nl=False)
