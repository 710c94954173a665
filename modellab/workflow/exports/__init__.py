"""Results in the formats of other programs.

A format is a function (`Export`), named below or by an entry point of `modellab.exports`.
"""

from collections.abc import Callable

from modellab.core.registry import Family
from modellab.workflow.exports.protocol import Export

__all__ = ["EXPORTS", "Export"]

EXPORTS: Family[Export] = Family(
    "export",
    "modellab.exports",
    Callable,  # type: ignore[arg-type]
    {
        "parquet": "modellab.workflow.exports.parquet:write",
        "trec": "modellab.workflow.exports.trec:write",
        "lm-eval": "modellab.workflow.exports.lm_eval:write",
        "inspect": "modellab.workflow.exports.inspect_log:write",
        "ro-crate": "modellab.workflow.bundles.writing:export_crate",
    },
)
