import pytest

from modellab.core.errors import InputError
from modellab.core.job_log import job_log


def test_the_reason_of_a_failure_is_shown_where_the_disk_is_full(capsys):
    with pytest.raises(SystemExit), job_log("/dev/full"):
        raise InputError("models.gpt: no key")
    shown = capsys.readouterr().err
    assert "/dev/full: No space left on device: " in shown
    assert "failed: models.gpt: no key" in shown
    assert "Traceback" not in shown
