"""Write questions about the chunks of a corpus."""

from job import run

from modellab.generation.synthesis.making import synthesize

run(synthesize, snakemake)
