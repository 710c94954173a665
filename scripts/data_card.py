"""Score the reference answers of a dataset by its own scorer, and describe its questions."""

from job import run

from modellab.evaluation.truth_check import write_truth_check
from modellab.questions.data_card import write_data_card

run((write_truth_check, write_data_card), snakemake)
