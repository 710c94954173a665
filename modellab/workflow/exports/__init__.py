"""Results in the formats of other programs.

A format is a file with an `Export`, named below or by an entry point of `modellab.exports`.
"""

from modellab.core.registry import Family
from modellab.workflow.exports.protocol import Export

__all__ = ["EXPORTS", "Export"]

EXPORTS: Family[Export] = Family(
    "export",
    "modellab.exports",
    Export,
    {
        "parquet": "modellab.workflow.exports.parquet:EXPORT",
        "trec": "modellab.workflow.exports.trec:EXPORT",
        "lm-eval": "modellab.workflow.exports.lm_eval:EXPORT",
        "inspect": "modellab.workflow.exports.inspect_log:EXPORT",
        "ro-crate": "modellab.workflow.exports.ro_crate:EXPORT",
    },
)
