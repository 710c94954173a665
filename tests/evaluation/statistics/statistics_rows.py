"""Statistics of made-up models, as rows that tests read."""

from types import SimpleNamespace

import numpy as np
from scored import dataset

from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.evaluation.statistics.tables import statistics_of
from modellab.tasks import parse_scorer, parse_task

OPTIONS = StatisticsOptions(resamples=2000)
RNG = np.random.default_rng(5)
GOOD = (RNG.random(200) < 0.8).astype(float)
BAD = np.where(RNG.random(200) < 0.9, GOOD, 0.0)


def rows_of(bench, *models, options=OPTIONS, seed=1):
    scores = dataset(bench.questions, models)
    return as_rows(statistics_of(scores, parse_task("wattbot"), parse_scorer("v3"), options, seed))


def as_rows(found):
    """The tables as lists of rows; missing values are None."""
    tables = {name: table.astype(object) for name, table in vars(found).items()}
    return SimpleNamespace(
        **{
            name: list(table.where(table.notna(), None).itertuples(index=False, name="Row"))
            for name, table in tables.items()
        }
    )


def row(rows, **wanted):
    (found,) = [r for r in rows if all(getattr(r, key) == value for key, value in wanted.items())]
    return found
