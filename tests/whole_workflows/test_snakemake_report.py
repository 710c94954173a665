"""`snakemake --report`: every plot and table with its caption."""

import re
import zipfile
from pathlib import Path

import pytest

from modellab.core.layout import JUDGE_TABLES
from modellab.reporting.plots import PLOTS, QUERY_LOG_PICTURES

CAPTIONS = Path(__file__).parents[2] / "resources" / "captions"
ROOT = CAPTIONS.parents[1]


def test_every_plot_and_table_that_is_shown_has_a_caption():
    rules = "".join(path.read_text() for path in (ROOT / "rules").glob("*.smk"))
    shown = re.findall(r'in_report\(\s*table\("(\w+(?:/\w+)?)"\)', rules)
    assert "leaderboard" in shown
    wanted = {
        *shown,
        "error_attribution",  # only of datasets with a corpus: its path is made by the rule
        *QUERY_LOG_PICTURES,
        *(f"judges/{table}" for table in JUDGE_TABLES),
        *(f"plots/{plot}" for plot in PLOTS),
        "workflow",
    }
    found = {str(path.relative_to(CAPTIONS).with_suffix("")) for path in CAPTIONS.rglob("*.rst")}
    assert found == wanted


@pytest.mark.workflow
def test_the_report_holds_pictures_tables_and_what_they_show(done, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "key-that-nobody-may-read")
    run = done.run("--report", "report.zip")
    assert run.code == 0, run.text
    with zipfile.ZipFile(done.path("report.zip")) as found:
        names = found.namelist()
        text = "".join(found.read(name).decode("utf-8", "replace") for name in names)
    assert [name for name in names if name.endswith("overall_ranking.svg")]
    assert [name for name in names if name.endswith("leaderboard.csv")]
    for caption in (
        "The overall score of every system as bars, best on top.",
        "the best contender first, controls (without a rank) last: every component",
        "Where the score is lost, by model, retriever and component",
        "Language models compared on documents and questions.",
    ):
        assert caption in re.sub(r"(\\n|\s)+", " ", text)
    for category in ("Ranking", "Plots", "Answers", "Retrieval", "Audit"):
        assert f'"{category}"' in text
    assert "key-that-nobody-may-read" not in text
