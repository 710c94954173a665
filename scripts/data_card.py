"""Say what a set of questions is made of."""

from job import run

from modellab.questions.data_card import write_data_card

run(write_data_card, snakemake)
