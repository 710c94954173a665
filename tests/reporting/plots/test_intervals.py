"""What a caption says of intervals where some scores or systems have none."""

import pytest

from modellab.evaluation.compare.entries import entries_of
from modellab.reporting.plots.intervals import Interval, Intervals

SHOWN = ("value_accuracy", "bleu_corpus")


@pytest.mark.parametrize(
    ("without", "said"),
    [
        ((), ["Lines: 95%.", "Scores without intervals: Corpus BLEU."]),
        (
            (0,),
            [
                *("Lines: 95%.", "Scores without intervals: Corpus BLEU."),
                "Without an interval: {}.",
            ],
        ),
        ((0, 1, 2), ["Without intervals: there are no statistics of these scores."]),
    ],
)
def test_a_score_that_no_system_has_an_interval_of_is_named(models, without, said):
    entries = entries_of(models(1))
    assert len(entries) == 3
    for entry in entries:
        entry.summary.metrics["bleu_corpus"] = entry.summary.metrics["value_accuracy"]
    kept = [entry for place, entry in enumerate(entries) if place not in without]
    found = {(entry.name, SHOWN[0]): Interval(0.1, 0.9) for entry in kept}
    lines = Intervals(found, "95%").lines(entries, SHOWN)
    assert lines == [line.format(entries[0].name) for line in said]
