"""The report in a real browser, opened from disk."""

import pytest
from browser import chromium, needs_browser
from reporting.page.conftest import FORMULA, HOSTILE, QUESTIONS

pytestmark = [pytest.mark.browser, needs_browser]
ROWS = "return document.querySelectorAll('#live-questions tbody tr').length"
SET = """
const field = [...document.querySelectorAll('.filters label')].find(
  (label) => label.firstChild.textContent === arguments[0]).querySelector('input, select');
field.value = arguments[1];
field.dispatchEvent(new Event('input'));
"""


@pytest.fixture(scope="module")
def address(report):
    return (report / "index.html").as_uri()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture
def at(browser, address):
    """Opens the page again at a place; in the end there are no errors and no requests to other hosts."""

    def open_at(place):
        browser.open("about:blank")
        browser.open(address + place)
        return browser

    browser.complaints()
    browser.requests()
    yield open_at
    assert browser.complaints() == []
    outside = [
        u
        for u in browser.requests()
        if u.split(":")[0] not in ("file", "data", "blob", "about", "chrome")
    ]
    assert outside == []
    assert browser.run("return document.title.includes('broken')") is False


@pytest.mark.parametrize("view", ["answer", "questions", "retrieval", "checks", "run"])
def test_every_view_opens_and_fits(at, view):
    for width, dark in ((1280, False), (400, True)):
        browser = at(f"#{view}")
        browser.look(width, dark)
        shown = "return [...document.querySelectorAll('section.view')].filter((v) => !v.hidden)"
        assert browser.run(shown + ".map((v) => v.id)") == [view]
        assert browser.wait(shown + "[0].innerText.length > 20")
        # nothing but tables may be wider than the window
        wide = "const page = document.documentElement; return page.scrollWidth - page.clientWidth"
        assert browser.run(wide) <= 0


def test_tables_sort_both_ways_and_say_so(at):
    browser = at("#answer")
    column = """
    const table = document.querySelector('#answer table');
    const heads = [...table.tHead.rows[0].cells];
    const place = heads.findIndex((head) => head.textContent.trim() === 'overall');
    """
    click = f"{column} heads[place].querySelector('.dt-column-order').click()"
    values = (
        f"{column} return [...table.tBodies[0].rows].map((row) => row.cells[place].dataset.order)"
    )
    browser.run(f"{column} table.scrollIntoView()")
    browser.wait(f"{column} return heads[place].querySelector('.dt-column-order')")
    orders = {}
    for order in ("descending", "ascending"):
        browser.run(click)
        assert browser.wait(f"{column} return heads[place].getAttribute('aria-sort') === '{order}'")
        orders[order] = list(map(float, browser.run(values)))
    assert orders["descending"] == sorted(orders["ascending"], reverse=True)
    assert orders["ascending"] == sorted(orders["ascending"])


def test_unknown_values_come_last_in_both_directions(at):
    browser = at("#answer")
    made = """
    const row = (text) => el("tr", {}, el("td", {}, text), el("td", {}, text));
    const names = ["model-10", "", "model-2", "Model-1"];
    const head = el("thead", {}, el("tr", {}, el("th", {}, "n"), el("th", {}, "x")));
    const table = el("table", { id: "made" }, head, el("tbody", {}, names.map(row)));
    const figure = el("figure", {}, el("div", { class: "tools" }), table);
    document.querySelector("#answer").append(figure);
    equip(table);
    """
    browser.run(made)
    click = "document.querySelectorAll('#made .dt-column-order')[1].click()"
    cells = "[...document.querySelectorAll('#made tbody tr')].map((row) => row.cells[1].innerText)"
    for wanted in (["Model-1", "model-2", "model-10", ""], ["model-10", "model-2", "Model-1", ""]):
        browser.run(click)
        assert browser.wait(f"return {cells}.join() === {','.join(wanted)!r}")


def test_from_the_verdict_to_failing_questions_to_an_answer_and_back(at):
    browser = at("#answer")
    assert browser.run("return document.querySelector('.box').innerText")
    link = (
        "return [...document.querySelectorAll('#answer table a')]"
        ".find((a) => a.textContent === '2 declined')"
    )
    browser.run(link + ".click()")
    assert browser.wait(ROWS) == 2
    listed = browser.run("return document.querySelector('#live-questions tbody').innerText")
    assert FORMULA in listed
    assert "declined" in listed
    browser.run(SET, "Search", "who")
    assert browser.wait(f"const found = (() => {{ {ROWS} }})(); return found === 1")
    browser.run("document.querySelector('#live-questions td.asked a').click()")
    heading = "const h = document.querySelector('#question h2'); return h && h.innerText"
    assert browser.wait(heading) == "Question q2"
    assert browser.run("return document.activeElement === document.querySelector('#question h2')")
    opened = browser.run(
        "return [...document.querySelectorAll('#question details.answer[open]')]"
        ".map((one) => one.dataset.system)"
    )
    assert opened == ["bad@bm25"]
    top = "return document.querySelector('#question h2').getBoundingClientRect().top"
    assert 0 <= browser.run(top) < 500
    browser.run("history.back()")
    assert (
        browser.wait(
            "return !document.querySelector('#questions').hidden && "
            "document.querySelectorAll('#live-questions tbody tr').length"
        )
        == 1
    )
    assert "outcome=declined&text=who" in browser.run("return location.hash")


def test_filters_of_the_list_are_in_the_address(at):
    browser = at("#questions?system=bad%40bm25&outcome=declined")
    assert browser.wait(ROWS) == 2

    def rows_with(field, value, count):
        browser.run(SET, field, value)
        browser.wait(
            f"return document.querySelectorAll('#live-questions tbody tr').length === {count}"
        )

    rows_with("Outcome", "wrong", 0)
    rows_with("Outcome", "", 3)
    rows_with("Search", "how MUCH", 1)
    assert "text=how+MUCH" in browser.run("return location.hash")
    rows_with("Search", "", 3)
    rows_with("Outcome", "disagree", 1)
    rows_with("Compare with", "good@bm25", 1)
    heads = "return [...document.querySelectorAll('#live-questions th')].map((h) => h.innerText)"
    assert {"Answer of bad@bm25", "Answer of good@bm25"} <= set(browser.run(heads))
    browser.run("document.querySelector('.chooser').open = true")
    browser.run("document.querySelector('.chooser input').click()")
    browser.wait(f"return !(() => {{ {heads} }})().includes('Tags')")
    assert "hide=tags" in browser.run("return location.hash")
    rows_with("Outcome", "hallucinated", 0)


def test_the_matrix_shows_all_systems_and_leads_to_their_answers(at):
    browser = at("#questions?view=matrix")
    assert browser.wait(ROWS) == 3
    marks = "return [...document.querySelectorAll('#live-questions td.mark a')].map((a) => a.title)"
    assert browser.run(marks)[2:4] == ["good@bm25: right", "bad@bm25: declined"]


def test_a_page_of_many_questions_and_the_way_back_to_a_row(at):
    browser = at("#questions?at=q2")
    browser.wait(ROWS)
    browser.run("location.hash = '#question=q2'")
    browser.wait("return document.querySelector('#question a.back')")
    browser.run("document.querySelector('#question a.back').click()")
    focused = "return document.activeElement.innerText"
    assert browser.wait(f"return (() => {{ {focused} }})() === 'q2'")


def test_unknown_systems_are_reported(at):
    browser = at("#questions?system=nobody%40bm25")
    browser.wait(ROWS)
    status = "return document.querySelector('#live-questions [role=status]').innerText"
    assert "There is no system nobody@bm25" in browser.run(status)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_link_leads_to_a_question_with_all_of_it(at, name):
    browser = at("#questions")
    browser.wait(ROWS)
    link = "return [...document.querySelectorAll('td.asked a')].find((a) => a.textContent === arguments[0])"
    browser.run(link + ".click()", name)
    text = browser.wait(
        "const place = document.querySelector('#live-question');"
        "if (!place.querySelector('details.answer')) return '';"
        "place.querySelectorAll('details').forEach((one) => { one.open = true; });"
        "return place.innerText"
    )
    shown = HOSTILE.replace("\u202e", "⟨U+202E⟩").replace("\x07", "⟨U+0007⟩")
    assert text.count(shown) >= 4  # the true answer, the passage, raw outputs, explanations
    assert "cited by good@bm25" in text
    assert "Five kWh." in text
    assert FORMULA in text
    if name == "q2":
        assert "strict, faithfulness: 2" in text
    assert browser.run("return document.querySelectorAll('#live-question img').length") == 0


def test_a_deep_link_opens_the_answer_of_a_system(at):
    browser = at("#question=q2&system=bad%40bm25")
    opened = (
        "return [...document.querySelectorAll('details.answer[open]')].map((d) => d.dataset.system)"
    )
    assert browser.wait(f"{opened}.length ? true : false")
    assert browser.run(opened) == ["bad@bm25"]


def test_a_phone_shows_what_systems_got_beside_the_question(at):
    browser = at("#questions?view=matrix")
    browser.look(400)
    browser.wait(ROWS)
    ends = "return [...document.querySelectorAll('#live-questions tbody tr:first-child td.mark')]"
    assert all(
        right <= 400 for right in browser.run(ends + ".map((m) => m.getBoundingClientRect().right)")
    )
    browser.look(1280)


def test_what_is_closed_is_printed(at):
    browser = at("#question=q2")
    browser.wait("return document.querySelectorAll('details.answer').length")
    closed = "return document.querySelectorAll('#question details:not([open])').length"
    before = browser.run(closed)
    assert before > 0
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert browser.run(closed) == 0
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert browser.run(closed) == before


def test_a_list_is_printed_whole(at):
    browser = at("#questions")
    browser.wait(ROWS)
    # as if only one question fitted on a page
    browser.run("questions.table.querySelector('tbody').lastElementChild.remove()")
    assert browser.run(ROWS) == 2
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert browser.run(ROWS) == 3


def test_an_unknown_question_is_reported(at):
    browser = at("#question=nowhere")
    assert "no question nowhere" in browser.wait(
        "return document.querySelector('#live-question').innerText"
    )


def test_downloads_hold_no_formula(at):
    browser = at("#questions")
    browser.wait(ROWS)
    table = browser.run("return questions.asRows().then(csv)")
    assert "\"'=HYPERLINK" in table
    cells = ["=1+1", "-5", "-5e-3", "+x", "@x", "\tx", "\uff1dx", "a,b", 'say "x"', "-1-1"]
    assert browser.run("return csv([arguments[0]])", cells) == (
        '\'=1+1,-5,-5e-3,\'+x,\'@x,\'\tx,\'\uff1dx,"a,b","say ""x""",\'-1-1\n'
    )


def test_the_keyboard_reaches_the_content(at):
    browser = at("#answer")
    first = "return document.querySelector('a, button, input, select').className"
    assert browser.run(first) == "skip"
    unnamed = """
    return [...document.querySelectorAll('input, select, .scroll')].filter(
      (one) => !one.getAttribute('aria-label') && !one.closest('label')).length
    """
    assert browser.run(unnamed) == 0
    assert browser.run("return [...document.querySelectorAll('th')].every((th) => th.scope)")


def test_large_sets_read_their_files(at, results, monkeypatch, browser):
    from reporting.page.conftest import make_report

    monkeypatch.setattr("modellab.reporting.page.page._INSIDE", 2000)
    monkeypatch.setattr("modellab.reporting.page.page._PART", 1000)
    make_report(results)
    browser = at("#question=q2")
    assert browser.wait("return document.querySelectorAll('details.answer').length") == 2
    assert [u for u in browser.requests() if u.endswith("data/questions-0001.js")]
