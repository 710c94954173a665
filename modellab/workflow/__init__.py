"""What Snakemake and people call: commands, preflight, bundles, notebooks."""
