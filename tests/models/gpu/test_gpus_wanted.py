import pytest

from modellab.models.gpu import gpus_wanted


@pytest.fixture
def env(monkeypatch):
    for name in ("SLURM_JOB_ID", "CUDA_VISIBLE_DEVICES", "MODELLAB_GPUS"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("pool", "need", "optional", "wanted"),
    [
        ("fake0,fake1", 1, True, 1),
        ("fake0", 2, False, 2),
        ("", 1, True, 0),
        ("", 1, False, 1),
        ("fake0", 0, True, 0),
    ],
)
def test_a_job_that_can_do_without_takes_none_where_there_are_none(
    env, pool, need, optional, wanted
):
    env.setenv("MODELLAB_GPUS", pool)
    assert gpus_wanted(need, optional) == wanted


def test_in_a_slurm_job_only_what_slurm_gave_counts(env):
    env.setenv("SLURM_JOB_ID", "7")
    env.setenv("MODELLAB_GPUS", "fake0")
    assert gpus_wanted(1, optional=True) == 0
    env.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert gpus_wanted(1, optional=True) == 1
