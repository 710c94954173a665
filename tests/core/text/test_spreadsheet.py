from __future__ import annotations

import pytest

from modellab.core.text.escape import harmless


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd|'/c calc'!A1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "-1,000"],
)
def test_formulas_are_made_harmless(text):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "-5", "+1.5", "-1e3", "a=b", "[80,90]", "is_blank", "'=1"])
def test_other_text_is_left_alone(text):
    assert harmless(text) == text
