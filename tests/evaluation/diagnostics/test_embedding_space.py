import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from modellab.core.records import Metric
from modellab.evaluation.diagnostics import embedding_space
from modellab.evaluation.diagnostics.embedding_space import METRICS, order_metrics, space_metrics


def metrics(rows, seed=0, **more):
    return space_metrics(np.array(rows, dtype=np.float32).reshape(len(rows), -1), seed, **more)


def values(rows, **more):
    return {name: metric.value for name, metric in metrics(rows, **more).items()}


def test_by_hand():
    """East, north, west: two right angles (distance 1) and one straight line (distance 2)."""
    found = values([[1, 0], [0, 1], [-1, 0]])
    assert found["avg_pairwise_distance"] == pytest.approx(4 / 3)
    assert found["min_pairwise_distance"] == 1
    assert found["max_pairwise_distance"] == 2
    assert found["std_pairwise_distance"] == pytest.approx(np.std([1, 1, 2]))
    # fewer than six texts: all others are neighbours
    assert found["avg_nn_distance"] == pytest.approx(np.mean([1, 2, 1, 1, 1, 2]))
    assert found["std_nn_distance"] == pytest.approx(np.std([1, 2, 1, 1, 1, 2]))
    assert found["density_score"] == pytest.approx(1 / (8 / 6 + 1e-6))
    mean = np.array([0, 1 / 3])
    spread = [np.hypot(1, 1 / 3), 2 / 3, np.hypot(1, 1 / 3)]
    assert mean.shape == (2,)
    assert found["avg_spread"] == pytest.approx(np.mean(spread))
    assert found["max_spread"] == pytest.approx(max(spread))
    assert found["spread_std"] == pytest.approx(np.std(spread))
    # variances 2/3 and 2/9: the first alone holds 75 %
    assert found["effective_dimensionality"] == 2


@pytest.mark.parametrize("rows", [[], [[1, 0]], [[1, 0], [0, 0]]])
def test_fewer_than_two_texts_have_no_value(rows):
    vectors = np.array(rows, dtype=np.float32).reshape(len(rows), 2)
    found = space_metrics(vectors, 0)
    assert {metric.value for metric in found.values()} == {None}
    assert {metric.n_scored for metric in found.values()} == {0}


def test_texts_without_a_vector_are_counted_and_left_out():
    found = metrics([[1, 0], [0, 0], [0, 1]])
    assert found["avg_pairwise_distance"] == Metric(1.0, 2, n_failed=1)
    assert found["max_spread"].value < 1


def test_equal_texts():
    found = values([[0.6, 0.8]] * 7)
    assert found["avg_nn_distance"] == found["max_pairwise_distance"] == 0
    assert found["effective_dimensionality"] == 0
    assert found["density_score"] == pytest.approx(1e6)


def test_only_the_nearest_five_are_neighbours():
    rows = [[1, 0]] * 6 + [[-1, 0]] * 6
    assert values(rows)["avg_nn_distance"] == 0
    assert values(rows)["max_pairwise_distance"] == 2


def test_one_direction_is_one_dimension():
    angles = np.linspace(0, 0.01, 20)
    assert values(np.c_[np.cos(angles), np.sin(angles)])["effective_dimensionality"] == 1


def test_blocks_do_not_show(monkeypatch):
    rows = np.random.default_rng(0).normal(size=(40, 5))
    whole = metrics(rows)
    monkeypatch.setattr(embedding_space, "_BLOCK", 7)
    assert metrics(rows) == whole


def test_many_texts_are_sampled():
    rows = np.random.default_rng(0).normal(size=(60, 4))
    drawn = metrics(rows, most=20)
    assert {metric.n_scored for metric in drawn.values()} == {20}
    assert drawn == metrics(rows, most=20)
    assert drawn != metrics(rows, seed=1, most=20)


VECTORS = st.tuples(st.integers(2, 12), st.integers(1, 4)).flatmap(
    lambda shape: arrays(np.float32, shape, elements=st.floats(-1, 1, width=16))
)


@given(VECTORS, st.randoms())
def test_bounds_and_order(rows, random):
    found = values(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    if found["avg_spread"] is None:
        assert values(rows[order]) == found
        return
    assert values(rows[order]) == pytest.approx(found, abs=1e-9, rel=1e-6)
    assert list(found) == list(METRICS)
    assert 0 <= found["min_pairwise_distance"] <= found["avg_pairwise_distance"] + 1e-9
    assert found["avg_pairwise_distance"] <= found["max_pairwise_distance"] + 1e-9 <= 2 + 2e-9
    assert found["avg_nn_distance"] <= found["avg_pairwise_distance"] + 1e-9
    assert 0 <= found["avg_spread"] <= found["max_spread"] + 1e-9
    assert 0 <= found["effective_dimensionality"] <= rows.shape[1]


def test_a_benchmark_without_embedders_has_a_table_of_no_rows(tmp_path):
    embedding_space.concatenate([], tmp_path / "embedding_space.csv")
    assert (tmp_path / "embedding_space.csv").read_text().strip() == ",".join(
        embedding_space.COLUMNS
    )


def in_order(*degrees):
    angles = np.radians(np.array(degrees, dtype=float))
    return order_metrics(np.c_[np.cos(angles), np.sin(angles)].astype(np.float32))


def test_the_order_of_questions_by_hand():
    """East, north, nearly east: the third was asked before, at a right angle to the second."""
    found = in_order(0, 90, 10)
    assert found["cache_hit_rate"] == Metric(pytest.approx(1 / 3), 3)
    expected = (0 + np.cos(np.radians(80))) / 2
    assert found["context_preservation"] == Metric(pytest.approx(expected, abs=1e-6), 2)


def test_only_earlier_questions_are_in_the_cache():
    assert in_order(0, 0)["cache_hit_rate"].value == 0.5
    assert in_order(0, 90)["cache_hit_rate"].value == 0


@pytest.mark.parametrize("rows", [[], [[1, 0]], [[1, 0], [0, 0]]])
def test_fewer_than_two_questions_have_no_value(rows):
    found = order_metrics(np.array(rows, dtype=np.float32).reshape(len(rows), 2))
    assert {metric.value for metric in found.values()} == {None}


@given(st.lists(st.floats(0, 360), min_size=2, max_size=9))
def test_bounds_of_order_metrics(degrees):
    found = in_order(*degrees)
    assert 0 <= found["cache_hit_rate"].value < 1
    assert -1 - 1e-6 <= found["context_preservation"].value <= 1 + 1e-6
