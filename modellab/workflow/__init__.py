"""What Snakemake and people call: commands, preflight, bundles, notebooks."""

__all__ = ["bundles", "cli", "notebook", "preflight"]
