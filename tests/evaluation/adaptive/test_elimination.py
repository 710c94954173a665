import numpy as np
import pytest

from modellab.evaluation.adaptive.elimination import beaten, differences_to_rivals, pocock_level


def right(*counts: int, of: int = 40):
    """Answers (systems, questions), the right ones spread alike at random."""
    order = np.random.default_rng(0).permutation(of)
    return np.array([(order < count).astype(float) for count in counts])


@pytest.mark.parametrize(
    ("looks", "reach"),
    # Jennison and Turnbull 2000, table 2.1: two-sided 0.1
    [(1, 1.645), (2, 1.875), (5, 2.122), (8, 2.225)],
)
def test_levels_are_those_of_pocock(looks, reach):
    from scipy.stats import norm

    assert norm.isf(pocock_level(0.05, looks)) == pytest.approx(reach, abs=0.002)


def test_what_is_far_behind_goes():
    scores = right(20, 38, 36)
    assert beaten(scores, {0, 1, 2}, 1.0, 0.01) == {0}
    assert beaten(-scores, {0, 1, 2}, 1.0, 0.01) == {1, 2}
    # one that is out of the contest still counts as a rival, and is not named again
    assert beaten(scores, {1, 2}, 1.0, 0.01) == set()
    assert beaten(scores, {0, 2}, 1.0, 0.01) == {0}


def test_equal_systems_stay():
    assert beaten(right(20, 20), {0, 1}, 1.0, 0.05) == set()


def test_the_rival_of_a_question_knows_only_the_questions_before():
    scores = right(10, 20, 30)
    found = differences_to_rivals(scores)
    assert found[0, 0] == pytest.approx(scores[1:, 0].mean() - scores[0, 0])
    scores[:, 25:] = 0.5
    assert (differences_to_rivals(scores)[:, :25] == found[:, :25]).all()


def test_the_rival_is_of_those_that_were_asked():
    scores = right(10, 20, 40)
    scores[2, 20:] = np.nan
    found = differences_to_rivals(scores)[0]
    assert found[20:] == pytest.approx((scores[1] - scores[0])[20:])
    scores[1, 30:] = np.nan
    assert np.isnan(differences_to_rivals(scores)[:, 30:]).all()


def test_the_questions_of_a_cluster_set_no_weights_for_each_other():
    scores = right(10, 20, 30)
    one_cluster = differences_to_rivals(scores, np.zeros(40, dtype=int))[0]
    assert one_cluster == pytest.approx(scores[1:].mean(axis=0) - scores[0])


def test_weights_are_those_of_hedge():
    scores = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.5, 0.0]])
    rate = np.sqrt(8 * np.log(3) / 2)
    weights = np.exp(rate * np.array([1.0, 0.0, 0.5]))
    found = differences_to_rivals(scores)
    assert found[0, 1] == pytest.approx((weights / weights.sum()) @ [1.0, 1.0, 0.0])
    others = np.exp(rate * np.array([0.0, 0.0, 0.5]))
    assert found[1, 1] == pytest.approx((others / others.sum()) @ [0.0, 1.0, 0.0] - 1.0)


def test_few_clusters_prove_less():
    clusters = np.arange(60) % 3
    scores = np.array([clusters == 2, clusters != 2]).astype(float)
    assert beaten(scores, {0, 1}, 1.0, 0.01) == {0}
    assert beaten(scores, {0, 1}, 1.0, 0.01, clusters) == set()


@pytest.mark.slow
def test_the_best_is_kept_though_it_is_looked_at_often():
    """Equal systems, eight looks: a certain one is dropped in about 5 % of races."""
    rng, dropped, races = np.random.default_rng(4), 0, 200
    level = pocock_level(0.05, looks=8)
    for _ in range(races):
        answers = (rng.random((5, 120)) < 0.6).astype(float)
        looks = [answers[:, :end] for end in range(15, 121, 15)]
        dropped += any(0 in beaten(scores, {0}, 1.0, level) for scores in looks)
    assert dropped / races <= 0.06
