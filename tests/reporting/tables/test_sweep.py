"""A vote with a member that failed in this run is not done, even if its files are there."""

from modellab.reporting.tables.sweep import ModelOutcome, _as_vote

VOTE = ModelOutcome("quiz", "vote", True, 1.0, 0.653, "bm25")


def test_an_old_vote_is_not_done_where_a_member_failed():
    found = _as_vote(VOTE, ["anna", "dora"], {("quiz", "dora")})
    assert found.done is None
    assert found.score is None
    assert "its member dora failed" in found.note


def test_a_failure_on_another_dataset_or_of_no_member_changes_nothing():
    assert _as_vote(VOTE, ["anna", "dora"], {("other", "dora"), ("quiz", "eve")}) == VOTE
    assert _as_vote(VOTE, [], {("quiz", "dora")}) == VOTE
