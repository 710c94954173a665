import numpy as np
from cases import each

from modellab.evaluation.statistics.confidence_set import may_be_best


@each("seed", range(6))
def test_it_is_that_of_arch(seed):
    from arch.bootstrap import MCS

    """Losses without ties on many units, where the smoothing is nothing."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(400, 1))
    losses = common + rng.normal(size=(400, 8)) + np.linspace(0, 0.6, 8)
    theirs = MCS(losses, 0.05, reps=2000, block_size=1, method="R", seed=seed)
    theirs.compute()
    found = may_be_best(losses, 0.05, 2000, seed)
    # a system at the very edge may fall to either side of it
    edge = theirs.pvalues["Pvalue"].between(0.03, 0.07)
    unclear = set(theirs.pvalues.index[edge])
    assert found - unclear == set(theirs.included) - unclear
    assert 0 in found and 7 not in found


def test_the_better_of_two_is_alone():
    right = np.zeros(60)
    wrong = np.where(np.arange(60) < 30, 1.0, 0.0)
    assert may_be_best(np.stack([right, wrong], axis=1), 0.05, 500, 1) == {0}


def test_systems_with_the_same_answers_are_kept_or_dropped_together():
    rng = np.random.default_rng(1)
    one, other = rng.random(80) < 0.2, rng.random(80) < 0.7
    losses = np.stack([one, other, one, other, other], axis=1).astype(float)
    assert may_be_best(losses, 0.05, 500, 1) == {0, 2}
    assert may_be_best(losses[:, [0, 2]], 0.05, 500, 1) == {0, 1}


def test_one_question_leaves_both():
    losses = np.zeros((30, 2))
    losses[0, 1] = 1.0
    assert may_be_best(losses, 0.05, 500, 1) == {0, 1}
    assert may_be_best(np.array([[0.0, 1.0], [0.0, 1.0]]), 0.05, 500, 1) == {0, 1}
