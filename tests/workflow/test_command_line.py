"""The words after `modellab run` become arguments of Snakemake."""

from pathlib import Path

import pytest

from modellab.core.errors import InputError
from modellab.core.project import PROJECT
from modellab.workflow.command_line import read_words


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text("")
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        "mine.yaml results/a/leaderboard.csv limit=5 -n --cores 4",
        "--cores 4 results/a/leaderboard.csv -n mine.yaml limit=5",
        "-n --cores 4 --configfile mine.yaml results/a/leaderboard.csv --config limit=5",
        "--config limit=5 results/a/leaderboard.csv -n --configfile mine.yaml --cores 4",
    ],
)
def test_words_may_stand_anywhere(words):
    line = read_words(words.split())
    assert line.configfiles == (Path("mine.yaml"),)
    assert line.targets == ("results/a/leaderboard.csv",)
    assert line.config == ("limit=5",)
    assert set(line.options) == {"-n", "--cores", "4"}


def test_targets_go_before_all_options():
    words = read_words(["--resources", "gpu=2", "preflight"]).snakemake()
    assert words[:3] == ["preflight", "--snakefile", str(PROJECT / "Snakefile")]
    assert words[-2:] == ["--resources", "gpu=2"]
    assert words[words.index("--cores") + 1] == "all"


def test_cores_that_are_named_stay():
    for cores in (["-c", "2"], ["-c2"], ["--cores=2"], ["-j2"], ["--cores", "2"]):
        words = read_words(cores).snakemake()
        assert "all" not in words, words


def test_a_report_in_json_is_a_target():
    assert read_words(["results/registry/recorded/quiz.json"]).targets == (
        "results/registry/recorded/quiz.json",
    )


def test_a_folder_with_a_config_and_the_demo_are_configs_too():
    Path("bench").mkdir()
    Path("bench/config.yaml").write_text("")
    assert read_words(["bench", "preflight"]).configfiles == (Path("bench/config.yaml"),)
    assert read_words(["demo", "-n"]).configfiles == (PROJECT / "config.yaml",)


def test_no_config_is_one_line_with_the_ways_on():
    Path("config.yaml").unlink()
    with pytest.raises(InputError, match=r"no such file here.*modellab init.*modellab run demo"):
        read_words(["-n"])


def test_a_key_without_a_value_is_refused():
    with pytest.raises(InputError, match="limit has no value"):
        read_words(["limit="])
