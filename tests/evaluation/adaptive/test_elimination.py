import numpy as np
import pytest

from modellab.core.metric import Better
from modellab.evaluation.adaptive.rounds import beaten, level
from modellab.evaluation.statistics.comparing import mcnemar_exact
from modellab.evaluation.statistics.contributions import contributions
from modellab.tasks.additive import Additive, mean_of

ACCURACY = Additive(lambda *_: np.zeros(0), {"accuracy": mean_of(0, 1)}, "")


def scores(right) -> object:
    marks = np.asarray(right, dtype=float)
    sums = np.stack([marks, np.ones_like(marks)], axis=2)
    return contributions(ACCURACY, "accuracy", sums, np.zeros(marks.shape[1], dtype=bool))


def right(count: int, of: int = 40) -> list[bool]:
    return [n < count for n in range(of)]


def test_the_levels_of_all_looks_and_others_add_up_to_the_error():
    assert level(0.05, looks=7, contenders=11) * 7 * 10 == pytest.approx(0.05)
    assert level(0.05, looks=0, contenders=1) == 0.05


def test_the_leader_beats_what_is_far_behind():
    found = scores([right(20), right(38), right(36)])
    assert beaten(found, Better.HIGHER, 0.001) == {0: 1}
    assert beaten(found, Better.LOWER, 0.001) == {1: 0, 2: 0}
    assert beaten(found, Better.NEITHER, 0.001) == {}


def test_the_test_of_a_pair_is_nearly_mcnemars():
    """Tango's score test of 9 questions to 0: sqrt(9) standard errors."""
    found = scores([right(30), right(21)])
    exact = mcnemar_exact(9, 0) / 2
    assert beaten(found, Better.HIGHER, 1.3 * exact) == {1: 0}
    assert beaten(found, Better.HIGHER, exact / 10) == {}


def test_equal_systems_stay():
    assert beaten(scores([right(20), right(20)]), Better.HIGHER, 0.05) == {}


def test_a_system_without_a_score_ends_nothing():
    found = scores([right(40), right(1)])
    nothing = contributions(ACCURACY, "accuracy", np.zeros((2, 40, 2)), np.zeros(40, dtype=bool))
    assert beaten(nothing, Better.HIGHER, 0.05) == {}
    assert beaten(found, Better.HIGHER, 0.05) == {1: 0}


def test_the_best_is_kept_though_it_is_looked_at_often():
    """Equal systems, eight looks: a certain one is dropped in 5 % of races at most."""
    rng, dropped, races = np.random.default_rng(4), 0, 200
    at = level(0.05, looks=8, contenders=5)
    for _ in range(races):
        answers = rng.random((5, 120)) < 0.6
        looks = [scores(answers[:, :end]) for end in range(15, 121, 15)]
        dropped += any(0 in beaten(found, Better.HIGHER, at) for found in looks)
    assert dropped / races <= 0.05
