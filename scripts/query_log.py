"""Analyse what real users ask."""

from job import run

from modellab.evaluation.query_log.analysis import analyse_query_log
from modellab.reporting.plots.query_log import draw_query_log

run((analyse_query_log, draw_query_log), snakemake)
