"""The report as files: what is in it, and what is not."""

import json
import re
from html.parser import HTMLParser

import pytest
from reporting.page.conftest import (
    FORMULA,
    HOSTILE,
    MODELS,
    QUESTIONS,
    make_report,
    prediction,
    write_lines,
    write_results,
)

from modellab.core.errors import InputError
from modellab.core.io.csv_file import write_csv
from modellab.core.layout import table_file
from modellab.reporting.page.page import SCRIPTS, write_readme
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.views.compare import differences
from modellab.reporting.page.views.judge_comparison import reliability


class Elements(HTMLParser):
    """All elements with their attributes, and the data of scripts by id."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.data = {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def handle_data(self, data):
        if self.cdata_elem == "script":
            self.data[self.found[-1][1].get("id")] = data


@pytest.fixture(scope="module")
def page(report):
    return Elements((report / "index.html").read_text())


def question_pages(page):
    return json.loads(page.data["data-questions-0000"])


def test_tabs_without_anything_to_show_are_left_out_and_listed(report, page):
    ids = [attributes.get("id") for tag, attributes in page.found if tag == "section"]
    assert ids == ["answer", "questions", "retrieval", "checks", "run", "question"]
    text = (report / "index.html").read_text()
    assert "Not configured" in text
    assert "a log of real questions (section `query_logs`" in text
    assert "judges (section `judges`)" in text


def test_hostile_text_makes_no_element(page):
    tags = {tag for tag, _ in page.found}
    assert not tags & {"img", "iframe", "object", "b", "textarea"}
    scripts = [attributes for tag, attributes in page.found if tag == "script"]
    own = [s["src"] for s in scripts if s.get("type") != "application/json"]
    assert own == list(SCRIPTS)
    assert not [name for _, attributes in page.found for name in attributes if name[:2] == "on"]


def test_links_lead_into_the_page_or_the_results_folder(page):
    links = [attributes["href"] for tag, attributes in page.found if tag == "a"]
    assert links
    assert [link for link in links if not link.startswith(("#", "../"))] == []


def test_style_and_scripts_are_files_and_nothing_is_inline(report, page):
    assert {"style.css", *SCRIPTS} <= {path.name for path in report.iterdir()}
    assert [tag for tag, attributes in page.found if tag == "style" or "style" in attributes] == []


def test_plots_are_copied_into_the_folder(tmp_path):
    write_results(tmp_path / "hostile")
    plots = tmp_path / "hostile" / "plots"
    plots.mkdir()
    for name in ("cost_vs_score", "unique_wins"):
        (plots / f"{name}.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    report = make_report(tmp_path / "hostile")
    page = Elements((report / "index.html").read_text())
    shown = [attributes["src"] for tag, attributes in page.found if tag == "img"]
    assert shown == ["pictures/cost_vs_score.svg", "pictures/unique_wins.svg"]
    assert all((report / name).is_file() for name in shown)


def test_files_of_an_earlier_config_are_not_shown(tmp_path):
    folder = tmp_path / "hostile"
    write_results(folder)
    ranking = folder / table_file("overall_ranking")
    write_csv(ranking, ["pair_id", "aggregate"], [{"pair_id": "bm25__good", "aggregate": 0.9}])
    (folder / "plots").mkdir()
    plot = folder / "plots" / "unique_wins.svg"
    plot.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    left = [ranking, plot, folder / "judgements" / "strict.jsonl"]

    def shown(sources):
        page = make_report(folder, sources=sources) / "index.html"
        found = page.read_text()
        return [name in found for name in ("One order from several", "unique_wins.svg", "strict")]

    others = [path for path in folder.rglob("*.*") if path not in left]
    assert shown({"rows": others, "judgements": left}) == shown(None) == [True, True, True]
    assert shown({"rows": others}) == [False, False, False]


def test_the_policy_allows_files_beside_the_page_alone(page):
    [policy] = [a["content"] for t, a in page.found if t == "meta" and "http-equiv" in a]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_a_question_has_passages_prompts_answers_marks_and_judges(page):
    matrix = json.loads(page.data["data-matrix"])
    assert [system["name"] for system in matrix["systems"]] == ["good@bm25", "bad@bm25"]
    assert [system["marks"] for system in matrix["systems"]] == [[1, 1, 0], [1, 0, 0]]
    assert [system["outcomes"] for system in matrix["systems"]] == ["rrd", "rdd"]
    second = question_pages(page)[1]
    [context] = second["contexts"]
    assert [passage["reference"] for passage in context["passages"]] == [True, False]
    good, bad = second["answers"]
    assert good["short"] == FORMULA
    assert matrix["truths"] == ["5", "5", "5"]
    assert json.loads(page.data["data-answers-0000"]) == [FORMULA] * 3
    shown = HOSTILE.replace("\u202e", "⟨U+202E⟩").replace("\x07", "⟨U+0007⟩")
    assert second["texts"][good["raw"]] == shown
    assert second["reference"][-2:] == [["also right", "5.0"], ["also right", shown]]
    assert second["texts"][good["prompt"]] == f"[user]\nQ: Who? {shown} P: Five kWh."
    assert good["cited"] == ["doc"]
    assert good["marks"] == [["value_correct", 1.0]]
    assert (good["outcome"], bad["outcome"]) == ("right", "declined")
    assert [(one["judge"], one["value"], one["comment"]) for one in good["judged"]] == [
        ("strict", 2, shown)
    ]
    assert (bad["prompt"], bad["judged"]) == (None, [])
    assert "no prompt" in bad["why"]


def test_a_changed_prompt_file_is_not_shown_as_the_one_used(results):
    prompt = results.parent / "prompt.jinja"
    before = prompt.read_text()
    prompt.write_text(before.replace("Q:", "Other:"))
    try:
        page = Elements((make_report(results) / "index.html").read_text())
    finally:
        prompt.write_text(before)
    good = question_pages(page)[0]["answers"][0]
    assert good["prompt"] is None
    assert "has changed since" in good["why"]


def test_keys_are_not_in_it(results, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "sk-very-secret")
    path = results / "predictions" / "good.jsonl"
    before = path.read_text()
    rows = [prediction(name, 1.0) | {"raw": "my key is sk-very-secret"} for name in QUESTIONS]
    write_lines(path, rows)
    try:
        report = make_report(results, settings={"note": "sk-very-secret"})
    finally:
        path.write_text(before)
    text = "".join(file.read_text() for file in report.rglob("*.*"))
    assert "sk-very-secret" not in text
    assert "my key is [secret]" in text


def test_passwords_of_databases_are_not_in_it(results):
    report = make_report(results, settings={"url": "postgresql://ann:hunter2@db/x"})
    text = (report / "index.html").read_text()
    assert "hunter2" not in text
    assert "postgresql://ann:[secret]@db/x" in text


def test_judges_are_in_order_and_empty_tables_are_listed(tmp_path):
    write_results(tmp_path / "hostile")
    tables = {"alpha": 1, "agreement": 1, "by_benchmark_judge": 1, "position_bias": 0, "newer": 1}
    for name, count in tables.items():
        row = {"judge": "strict", "value": 0.5}
        write_csv(tmp_path / "hostile" / table_file(f"judges/{name}"), list(row), [row] * count)
    blocks = reliability(DatasetResults(tmp_path / "hostile", MODELS))
    titles = [block.title for block in blocks[:-1]]
    assert titles == ["Judges", "Pairs of judges", "All judges at once", "Newer"]
    assert blocks[-1].text == (
        "Without rows, so not shown: position bias (needs a judge that compares two answers)."
    )


def test_rows_of_no_question_are_an_error(results):
    path = results / "predictions" / "bad.jsonl"
    before = path.read_text()
    write_lines(path, [prediction("unknown", 1.0)])
    try:
        with pytest.raises(InputError, match=r"bad.jsonl: question 'unknown'"):
            make_report(results)
    finally:
        path.write_text(before)


def test_large_sets_have_their_data_beside_the_page(results, monkeypatch):
    monkeypatch.setattr("modellab.reporting.page.page._INSIDE", 2000)
    monkeypatch.setattr("modellab.reporting.page.page._PART", 1000)
    report = make_report(results)
    page = Elements((report / "index.html").read_text())
    assert set(page.data) & {"data-questions-0000"} == set()
    files = sorted(path.name for path in (report / "data").iterdir())
    assert files == [
        *(f"answers-{n:04d}.js" for n in range(2)),
        *(f"questions-{n:04d}.js" for n in range(3)),
    ]
    assert json.loads(page.data["data-matrix"])["parts"] == [0, 1, 2]


def test_same_results_same_bytes(results):
    one = {p.name: p.read_bytes() for p in make_report(results).rglob("*.*")}
    assert one == {p.name: p.read_bytes() for p in make_report(results).rglob("*.*")}


def test_missing_models_are_reported(results):
    text = (make_report(results, missing=["slow"]) / "index.html").read_text()
    assert "Partial: without slow." in text


def test_the_script_sets_no_html():
    from modellab.reporting.page.untrusted import ASSETS

    own = [path for path in ASSETS.glob("*.js") if path.name != "dataTables.min.js"]
    scripts = "".join(path.read_text() for path in own)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(", scripts
    )


def test_the_readme_lists_what_is_there(tmp_path):
    folder = tmp_path / "hostile"
    write_results(folder)
    write_readme(DatasetResults(folder, MODELS), folder / "README.md")
    lines = (folder / "README.md").read_text().splitlines()
    assert lines[0] == "# Results of hostile"
    assert lines[2].startswith("- [report/index.html](report/index.html): open this first")
    assert [line.split("]")[0] for line in lines[3:]] == [
        *("- [tables", "- [predictions", "- [questions.jsonl")
    ]


def test_numbers_of_tables_lead_to_their_answers(tmp_path):
    folder = tmp_path / "hostile"
    write_results(folder)
    row = {"model": "bad@bm25", "right": 1, "declined": 2, "total": 3}
    write_csv(folder / table_file("errors"), list(row), [row])
    pairs = [
        {"system_a": "good@bm25", "system_b": "bad@bm25", "kind": "answers", "agreement": 0.5},
        {"system_a": "", "system_b": "", "kind": "answers", "agreement": 0.5},
    ]
    write_csv(folder / table_file("agreement"), list(pairs[0]), pairs)
    agreement, errors = differences(DatasetResults(folder, MODELS))
    assert [[cell.link for cell in row] for row in errors.blocks[0].rows] == [
        [
            "#questions?system=bad%40bm25",
            "#questions?system=bad%40bm25&outcome=right",
            "#questions?system=bad%40bm25&outcome=declined",
            None,
        ]
    ]
    assert [row[-1].link for row in agreement.blocks[0].rows] == [
        "#questions?system=good%40bm25&other=bad%40bm25&outcome=disagree",
        None,
    ]
