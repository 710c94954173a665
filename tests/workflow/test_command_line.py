"""The words after `modellab run` become arguments of Snakemake."""

from pathlib import Path

import pytest

from modellab.core.errors import InputError
from modellab.core.project import PROJECT
from modellab.workflow.command_line import check_arguments, parse_arguments


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
    line = parse_arguments(words.split())
    assert line.configfiles == (Path("mine.yaml"),)
    assert line.targets == ("results/a/leaderboard.csv",)
    assert line.config == ("limit=5",)
    assert set(line.options) == {"-n", "--cores", "4"}


def test_targets_go_before_all_options():
    words = parse_arguments(["--resources", "gpu=2", "preflight"]).snakemake()
    assert words[:3] == ["preflight", "--snakefile", str(PROJECT / "Snakefile")]
    assert words[-2:] == ["--resources", "gpu=2"]
    assert words[words.index("--cores") + 1] == "all"


@pytest.mark.parametrize(
    ("words", "quiet"),
    [(["-n"], True), (["--dry-run"], True), (["-n", "--quiet", "host"], False), ([], False)],
)
def test_a_dry_run_counts_its_jobs(words, quiet):
    found = parse_arguments(words).snakemake()
    assert (found[-len(words) - 4 :][:4] == ["--quiet", "host", "reason", "rules"]) is quiet


def test_cores_that_are_named_stay():
    for cores in (["-c", "2"], ["-c2"], ["--cores=2"], ["-j2"], ["--cores", "2"]):
        words = parse_arguments(cores).snakemake()
        assert "all" not in words, words


def test_an_unknown_target_names_those_like_it():
    fine = ["tier_1", "audit", "all"]
    assert parse_arguments(fine).snakemake()[:3] == fine
    with pytest.raises(InputError, match=r"no target 'preflite': did you mean preflight\?$"):
        parse_arguments(["preflite"]).snakemake()
    with pytest.raises(InputError, match=r"'quiz': a file, or one of docs/tiers.md$"):
        parse_arguments(["quiz"]).snakemake()
    Path("quiz").mkdir()
    with pytest.raises(InputError, match=r"'quiz': a folder without a config.yaml$"):
        parse_arguments(["quiz"]).snakemake()


def test_a_report_in_json_is_a_target():
    assert parse_arguments(["results/registry/recorded/quiz.json"]).targets == (
        "results/registry/recorded/quiz.json",
    )


def test_a_folder_with_a_config_and_the_demo_are_configs_too():
    Path("bench").mkdir()
    Path("bench/config.yaml").write_text("")
    for words in (["bench", "preflight"], ["preflight", "bench"]):
        line = parse_arguments(words)
        assert (line.configfiles, line.targets) == ((Path("bench/config.yaml"),), ("preflight",))
    assert parse_arguments(["demo", "-n"]).configfiles == (PROJECT / "config.yaml",)


def test_no_config_is_one_line_with_the_ways_on():
    Path("config.yaml").unlink()
    with pytest.raises(InputError, match=r"no such file here.*modellab init.*modellab run demo"):
        parse_arguments(["-n"])


def test_a_key_without_a_value_is_refused():
    with pytest.raises(InputError, match="limit has no value"):
        parse_arguments(["limit="])


def test_words_of_snakemake_with_a_mistake_are_one_line_with_its_place():
    Path("tab.yaml").write_text("corpora:\n\tdocs: x\n")
    Path("list.yaml").write_text("- a\n")
    Path("fine.yaml").write_text("seed: 1\n")
    cases = {
        "--configfile tab.yaml -n": r"tab.yaml:2: not valid YAML",
        "--configfiles fine.yaml tab.yaml": r"tab.yaml:2: not valid YAML",
        "--configfile=list.yaml": "list.yaml: empty, or not a map",
        "--configfile config.yaml": "config.yaml: empty, or not a map",
        "--configfile missing.yaml": "missing.yaml: no such file",
        "--configfile .": "a folder, not a file",
        "--configfile fine.yaml results/a/b.csv": "results/a/b.csv: --configfile takes .* go first",
        "--config limit=2 all -n": "all: --config takes .* go first: snakemake all --config",
        "-C limit=": "limit has no value",
        "--config seed": "seed: --config takes",
        "--config models.x=1": "'models.x' is no key",
        "--config results=2025_06_30": """quote it twice: results='"2025_06_30"'""",
    }
    for words, said in cases.items():
        with pytest.raises(InputError, match=said):
            check_arguments(words.split())
    for words in (
        "all --configfile fine.yaml --config limit=2 results=x=y -n",
        "-n --configfile fine.yaml fine.yaml --cores 2",
        "results/a/b.csv --configfile given.json",
        "",
    ):
        check_arguments(words.split())


@pytest.mark.parametrize("profile", ["default", "gpu", "slurm", "smoke"])
def test_every_profile_checks_them_before_snakemake_reads_them(profile, monkeypatch):
    from snakemake.cli import parse_args

    words = ["--snakefile", str(PROJECT / "Snakefile"), "--configfile", "config.yaml"]
    words = ["--workflow-profile", str(PROJECT / "profiles" / profile), *words]
    monkeypatch.setattr("sys.argv", ["/somewhere/bin/snakemake", *words])
    with pytest.raises(SystemExit, match=r"error: config\.yaml: empty"):
        parse_args(words)
    # with these, `modellab run` calls Snakemake in its own process
    monkeypatch.setattr("sys.argv", ["/somewhere/bin/modellab", "run", *words])
    parse_args(words)
