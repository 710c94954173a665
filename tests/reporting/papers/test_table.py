import re

from modellab.core.records import Metric
from modellab.evaluation.compare.verdict import verdict_on
from modellab.reporting.papers.markup import latex_table, markdown_page
from modellab.reporting.papers.table import paper_table


def row(system, component="overall", **cells):
    return {"system": system, "component": component, **cells}


def interval(system, low, high, component="overall"):
    return row(system, component, low=low, high=high, confidence="0.95")


def place(system, rank, equals="", component="overall", last=None):
    """`last`: the last rank that the tests leave open; by default the rank, if nothing is tied."""
    last = last or ("9" if equals else rank)
    return row(system, component, rank=rank, rank_high=last, not_distinguishable_from=equals)


def table_of(models, statistics, ranks, missing=()):
    return paper_table(models, statistics, ranks, verdict_on(models), missing)


def test_rows_by_hand(qwen, submission):
    """qwen@oracle 0.6, team-v2-test 0.6, qwen@bm25 0.4: the first two are equal."""
    table = table_of(
        [qwen.scores, submission.scores],
        [interval("qwen@oracle", "0.456", "0.7"), interval("team-v2-test", "", "")],
        [
            place("qwen@oracle", "1", "team-v2-test"),
            place("team-v2-test", "1", "qwen@oracle;qwen@bm25"),
            place("qwen@bm25", "3", "team-v2-test"),
        ],
        missing=["gone"],
    )
    shown = [(r.rank, r.model, r.retriever, r.cells[1].value, r.tied) for r in table.rows]
    assert shown == [
        ("1", "qwen", "oracle", "0.600", "1"),
        ("1", "team-v2-test", "", "0.600", "1, 3"),
        # the other system of rank 1 differs
        ("3", "qwen", "bm25", "0.400", "team-v2-test"),
    ]
    assert [r.cells[1].interval for r in table.rows] == ["[0.46, 0.70]", "", ""]
    assert not any(cell.best for r in table.rows for cell in r.cells)
    assert table.counts == ("2", "3")
    notes = " ".join(table.notes)
    assert "3 questions, scorer wattbot-v3; a missing answer counts as wrong." in notes
    assert "95% intervals" in notes
    assert "qwen@oracle: value 1, overall 1" in notes
    assert "Partial: without gone." in notes


def test_the_best_is_marked_only_where_it_is_significant(build):
    models = [build.scores(n, build.summary("bm25", v)) for n, v in (("a", 0.9), ("b", 0.1))]
    places = [place("a@bm25", "1"), place("b@bm25", "2")]
    places += [place("a@bm25", "1", "b@bm25", "value"), place("b@bm25", "1", "a@bm25", "value")]
    table = table_of(models, [], places)
    assert [[cell.best for cell in r.cells] for r in table.rows] == [[False, True], [False, False]]
    # first by other questions, and behind on the shared ones; or without a shared one
    behind = table_of(models, [], [place("a@bm25", "1", last="2"), place("b@bm25", "2")])
    assert not any(cell.best for r in behind.rows for cell in r.cells)
    alone = table_of(models[:1], [], [place("a@bm25", "1")])
    assert not alone.rows[0].cells[1].best
    assert "intervals" not in " ".join(table.notes)


def test_runs_of_equals_are_drawn_together(build):
    models = [build.scores(f"m{n}", build.summary("r", 1 - n / 10)) for n in range(7)]
    equals = ";".join(f"m{n}@r" for n in (6, 1, 2, 3, 5))
    table = table_of(models, [], [place("m0@r", "1", equals)])
    assert table.rows[0].tied == "2-4, 6, 7"


def test_n_is_in_the_row_where_it_differs_and_a_missing_score_is_no_number(build):
    few = {"value": Metric(0.5, 1, 2), "overall": Metric(None, 0, 3)}
    models = [
        build.scores("a", build.summary("r", 0.5)),
        build.scores("b", build.summary("r", None, metrics=few)),
    ]
    table = table_of(models, [], [])
    assert table.counts == ("", "")
    assert [[cell.n for cell in r.cells] for r in table.rows] == [["2", "3"], ["1", "0"]]
    assert table.rows[1].cells[1].value == "-"


def test_controls_are_a_separate_block(build):
    models = [
        build.scores(
            "m",
            build.summary("gold", 0.9, control=True, role="oracle"),
            build.summary("bm25", 0.4),
        ),
        build.scores("n", build.summary("bm25", 0.6)),
    ]
    table = table_of(models, [], [place("n@bm25", "1"), place("m@bm25", "2"), place("m@gold", "")])
    assert [(r.rank, r.model) for r in table.rows] == [("1", "n"), ("2", "m")]
    assert [(r.rank, r.model, r.retriever) for r in table.controls] == [("", "m", "gold")]
    assert not table.controls[0].cells[1].best
    assert "gold: answers with the reference passages" in " ".join(table.notes)
    markdown = markdown_page(table)
    assert table.verdict in markdown
    before, after = markdown.split("## Controls (reference points, not ranked)")
    assert "| 1 | n | bm25 |" in before
    assert "| m | gold |" not in before
    assert "| - | m | gold |" in after
    latex = latex_table(table)
    assert rf"\caption{{Leaderboard of demo. {table.verdict}}}" in latex
    ranked, controls = latex.split(r"\emph{Controls (reference points, not ranked)}")
    assert re.search(r"1 & n & .*\n & .*bm25", ranked)
    assert re.search(r"-- & m & .*\n & .*gold", controls)
