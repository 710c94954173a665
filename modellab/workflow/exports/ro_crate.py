"""RO-Crate: the bundle of the dataset, whose metadata say how it was made."""

from collections.abc import Sequence
from pathlib import Path

from modellab.workflow.bundles.writing import write_bundle
from modellab.workflow.exports.protocol import Exported


def write(exported: Exported, folder: Path) -> Sequence[str]:
    """Write `{dataset}.crate.zip`, which `modellab verify` checks as any bundle."""
    out = folder / f"{exported.dataset}.crate.zip"
    names = [exported.dataset]
    write_bundle(exported.config, exported.written, exported.overrides, names, out)
    return ()
