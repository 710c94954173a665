"""A run that is killed again and again ends with the bytes of one that was not.

The two are of the same seed, in two folders, with answers and passages that are drawn.
"""

import random

import disturbed_runs
import fault_server
import pytest

pytestmark = pytest.mark.workflow
KILLS = (*disturbed_runs.POINTS, "request")


def test_kills_change_nothing(new_project, tmp_path):
    rng = random.Random(11)
    with fault_server.serving(disturbed_runs.answer) as server:
        calm = disturbed_runs.Disturbed(new_project(tmp_path / "calm"), server)
        code, text = calm.finish()
        assert code == 0, text
        asked = len(server.bodies)
        server.bodies.clear()

        killed = disturbed_runs.Disturbed(new_project(tmp_path / "killed"), server)
        for kind in KILLS:
            killed.end_early(rng, kind=kind)
            killed.unlock()
            assert killed.children() == []
        code, text = killed.finish()
        assert code == 0, text
    assert len(server.bodies) - asked <= len(KILLS) * disturbed_runs.IN_FLIGHT
    assert killed.answers_twice() == 0
    assert killed.parts() == []
    assert not killed.unlock()
    # what was kept of killed jobs of a local model is not made again
    record = killed.project.json("results/quiz/runs/tiny.json")
    assert record["reused"] + record["generated"] == len(killed.answers("tiny")) == 6
    expected, found = disturbed_runs.contents(calm.results), disturbed_runs.contents(killed.results)
    assert found.keys() == expected.keys()
    assert [name for name, text in found.items() if text != expected[name]] == []
