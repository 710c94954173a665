from __future__ import annotations

from io import StringIO
from pathlib import Path

from rich.console import Console

from modellab.evaluation.compare.verdict import Certainty
from modellab.reporting.tables.terminal import leaderboard_table

FILE = Path("results/demo/leaderboard.csv")


def printed(models, **options):
    width = options.get("width", 120)
    console = Console(width=width, record=True, file=StringIO())
    console.print(leaderboard_table(models, FILE, **options))
    return console.export_text()


def test_all_rows_with_their_scores(qwen, submission):
    sure = Certainty({"qwen@bm25": ("0.3", "0.5"), "team-v2-test": ("", "")})
    text = printed([qwen.scores, submission.scores], certainty=sure)
    rows = [line.split("│")[1:-1] for line in text.splitlines() if line.startswith("│")]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["1", "qwen@oracle", "0.600", "-", "0", "0", "1", "0.500", "-", "-"],
        ["1", "team-v2-test", "0.600", "-", "0", "0", "1", "0.500", "-", "-"],
        ["3", "qwen@bm25", "0.400", "0.30-0.50", "0", "0", "1", "0.500", "-", "-"],
    ]
    assert "All figures: results/demo/leaderboard.csv" in text


def test_controls_are_below_a_line_without_a_rank(build):
    oracle = build.summary("oracle", 0.9, control=True)
    text = printed([build.scores("a", build.summary("bm25", 0.5), oracle)])
    lines = [line for line in text.splitlines() if line.startswith(("│", "├"))]
    cells = [[cell.strip() for cell in line.split("│")[1:3]] for line in lines]
    assert cells[0] == ["1", "a@bm25"]
    assert lines[1].startswith("├")
    assert cells[2][1] == "controls, not ranked"
    assert cells[3] == ["-", "a@oracle"]


def test_what_was_beaten_early_has_no_rank_and_says_how_much_it_was_asked(build):
    early = build.summary("bm25", 0.9, asked=1, stopped="beaten", beaten_by="a@bm25")
    text = printed(
        [build.scores("a", build.summary("bm25", 0.5, asked=3)), build.scores("b", early)]
    )
    lines = [line for line in text.splitlines() if line.startswith("│")]
    cells = [[cell.strip() for cell in line.split("│")[1:5]] for line in lines]
    assert cells[0] == ["1", "a@bm25", "0.500", "3"]
    assert cells[-1] == ["-", "b@bm25", "0.900", "1"]
    assert "beaten early" in text


def test_what_is_left_out_is_said(build):
    models = [build.scores(f"m{n:02d}", build.summary("bm25", n / 40)) for n in range(40)]
    text = printed(models)
    assert sum(line.startswith("│") for line in text.splitlines()) == 30
    assert "10 more rows in results/demo/leaderboard.csv" in text
    assert "m39" in text
    assert "m09" not in text


def test_what_says_least_goes_first_where_there_is_no_room(build):
    models = [build.scores("x" * 57, build.summary("bm25", 0.5), correct="value_correct")]
    text = printed(models, width=80)
    assert max(map(len, text.splitlines())) <= 80
    for head in ("#", "system", "overall", "interval"):
        assert head in text
    assert "USD" not in text
    assert "more columns in results/demo/leaderboard.csv" in text
    wide = printed(models, width=200)
    assert "USD" in wide
    assert "hallucinated" in wide


def test_names_are_not_read_as_markup(build):
    text = printed([build.scores("[red]x[/red]", build.summary("bm25", 0.5))])
    assert "[red]x[/red]" in text


def test_a_time_beside_other_work_has_a_star(build):
    alone = build.summary("bm25", 0.5, total_time_seconds=3.9, measured_alone=True)
    beside = build.summary("bm25", 0.4, total_time_seconds=23.8, measured_alone=False)
    text = printed([build.scores("a", alone), build.scores("b", beside)])
    assert " 3.9 " in text
    assert "23.8*" in text
    assert "*: other work ran on the machine meanwhile" in text
    assert "*" not in printed([build.scores("a", alone)])
    # without the column of times there is no star to explain
    assert "*" not in printed([build.scores("b", beside)], width=60)


def test_retrievers_alone_have_no_outcomes_of_answers(build):
    models = [build.scores(name, build.summary(name, 0.5)) for name in ("bm25", "dense")]
    text = printed(models)
    assert "bm25" in text and "@" not in text
    assert not any(head in text for head in ("declined", "hallucinated", "no answer"))
