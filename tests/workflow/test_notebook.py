"""A table in, the same table with labels out; without snakemake."""

import math

import pandas as pd
import pytest
import yaml

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv
from modellab.workflow.notebook import label_frame

TASK = {"kind": "label", "labels": ["bad", "good"], "tags": ["private"]}
MODELS = {
    "digits": {"provider": "keywords", "labels": {"bad": [r"\d"]}, "otherwise": "good"},
    "never": {"provider": "keywords", "labels": {"bad": ["(?!)"]}, "otherwise": "good"},
}


@pytest.fixture
def config(tmp_path):
    return {"task": TASK, "models": MODELS, "results": str(tmp_path / "results")}


FRAME = pd.DataFrame(
    {"about": ["call 5", None, "hello", math.nan, "  ", "NA"], "n": range(6)},
    index=[7, 7, "x", 1, 0, 3],
)


def test_the_wide_table_beside_the_own_columns(config):
    found = label_frame(FRAME, "about", config)
    assert list(found.columns[:8]) == [
        *("about", "n", "about_processed_digits", "ai_digits_flag", "ai_digits_reasoning"),
        *("ai_digits_tags", "ai_digits_recommendation", "ai_digits_status"),
    ]
    assert list(found.index) == list(FRAME.index)
    assert found["n"].tolist() == list(range(6))
    flags = [None if pd.isna(flag) else flag for flag in found["ai_digits_flag"]]
    assert flags == ["bad", None, "good", None, None, "good"]
    assert found["ai_majority_flag"].tolist()[0] == "bad"
    assert found["ai_digits_status"].tolist()[1] == "missing"
    assert "about" in FRAME
    assert len(FRAME.columns) == 2


def test_missing_texts_are_never_sent(config, tmp_path):
    label_frame(FRAME, "about", config)
    journal = (tmp_path / "results" / "notebook" / "journal" / "digits.jsonl").read_text()
    asked = {
        line.split('"question_id": "')[1].split('"')[0]
        for line in journal.splitlines()
        if "question_id" in line
    }
    assert asked == {"0", "2", "5"}


def test_a_second_call_asks_nothing(config, tmp_path):
    first = label_frame(FRAME, "about", config)
    path = tmp_path / "results" / "notebook" / "journal" / "digits.jsonl"
    before = path.read_bytes()
    pd.testing.assert_frame_equal(label_frame(FRAME, "about", config), first)
    assert path.read_bytes() == before


def test_a_filtered_frame_keeps_its_rows(config):
    part = FRAME[FRAME["n"] % 2 == 0]
    found = label_frame(part, "about", config)
    assert found["ai_digits_flag"].tolist()[:2] == ["bad", "good"]
    assert list(found.index) == list(part.index)


def test_the_config_of_a_workflow(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "texts.csv").write_text("text\nx\n")
    dataset = {"questions": "texts.csv", "format": "label_csv", "task": TASK}
    jury = {"provider": "ensemble", "members": ["digits", "never"]}
    config = {"datasets": {"profiles": dataset}, "models": {**MODELS, "jury": jury}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    found = label_frame(FRAME, "about", "config.yaml")
    assert found["ai_never_flag"].dropna().unique().tolist() == ["good"]
    assert (tmp_path / "results" / "profiles" / "journal" / "never.jsonl").exists()
    # the workflow votes, a notebook does not
    assert not [column for column in found.columns if "jury" in column]
    with pytest.raises(InputError, match="choose a dataset of labels: profiles"):
        label_frame(FRAME, "about", "config.yaml", dataset="other")


@pytest.mark.parametrize(
    ("frame", "column", "message"),
    [
        (FRAME, "abuot", r"column 'abuot' is missing \(found: about, n\)"),
        (FRAME, "n", "n: row 7: should be text, not 0"),
        (pd.DataFrame({"about": [["a"]]}), "about", r"about: row 0: should be text, not \['a'\]"),
    ],
)
def test_a_wrong_column_is_reported(config, frame, column, message):
    with pytest.raises(InputError, match=message):
        label_frame(frame, column, config)


def test_a_wrong_config_is_reported(config):
    with pytest.raises(InputError, match=r"config: task\.labels: Field required"):
        label_frame(FRAME, "about", {**config, "task": {"kind": "label"}})


def test_one_model_that_fails_does_not_lose_the_others(config, tmp_path):
    broken = {"provider": "transformers", "model": str(tmp_path / "no-such"), "device": "cpu"}
    models = {"broken": broken, **MODELS}
    with pytest.raises(InputError, match=r"models\.broken: "):
        label_frame(FRAME, "about", {**config, "models": models})
    folder = tmp_path / "results" / "notebook" / "notebook"
    assert (folder / "never.jsonl").exists()


def test_the_shipped_demo_gives_what_the_workflow_gives(tmp_path, monkeypatch):
    from pathlib import Path

    monkeypatch.chdir(Path(__file__).parents[2])
    rows = read_csv(Path("resources/demo-label/profiles.csv")).rows
    frame = pd.DataFrame(rows)
    config = yaml.safe_load(Path("resources/demo-label/config.yaml").read_text())
    given = {
        "task": config["datasets"]["profiles"]["task"],
        "models": config["models"],
        "results": str(tmp_path),
    }
    found = label_frame(frame, "about_me", given)
    right = found["ai_words_flag"] == frame["human_flag"]
    asked = frame["about_me"].str.strip() != ""
    assert asked.sum() == 40
    assert right[asked].sum() == 37
    assert found.loc[~asked, "ai_words_flag"].isna().all()


def test_a_models_time_limit_holds_here_too(config):
    slow = {**MODELS["digits"], "timeout_minutes": 1e-6}
    with pytest.raises(InputError, match="stopped after its timeout_minutes"):
        label_frame(FRAME, "about", {**config, "models": {"digits": slow}})
