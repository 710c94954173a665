import pytest

from modellab.core.errors import InputError
from modellab.core.retry_rounds import begin_round, end_round, last_round, next_round


def test_a_job_with_open_rows_is_another_round_until_none_is_left(tmp_path):
    journal = tmp_path / "model.jsonl"
    assert next_round(journal, retry_failed=True) == 0
    assert begin_round(journal, 0) is False
    # started and never ended, as after a kill
    assert next_round(journal, retry_failed=False) == 1
    end_round(journal, 0, left_open=3)
    assert next_round(journal, retry_failed=True) == 1
    assert next_round(journal, retry_failed=False) == 0
    assert begin_round(journal, 1) is True
    end_round(journal, 1, left_open=0)
    assert last_round(journal).open == 0
    assert next_round(journal, retry_failed=True) == 1
    # made again for another reason: all that failed is asked
    assert begin_round(journal, 1) is False


@pytest.mark.parametrize("text", ['{"number": "x"}', "[1]", '{"number": 1', "null"])
def test_a_record_of_something_else_is_named(tmp_path, text):
    path = tmp_path / "model.round.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"model\.round\.json: "):
        last_round(tmp_path / "model.jsonl")
