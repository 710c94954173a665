"""Read the questions of a dataset."""

from job import run

from modellab.questions.selection import select_questions

run(select_questions, snakemake)
