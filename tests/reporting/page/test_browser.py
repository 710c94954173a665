"""The report in a real browser, opened from disk."""

import pytest
from browser import chromium, needs_browser
from reporting.page.conftest import FORMULA, HOSTILE, QUESTIONS

from modellab.reporting.page.views import VIEWS

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
    """Opens the page anew at a place; in the end nothing was complained of or asked for outside."""

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


@pytest.mark.parametrize("view", [view.name for view in VIEWS])
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
    browser = at("#overview")
    column = """
    const table = document.querySelector('#overview table');
    const heads = [...table.tHead.rows[0].cells];
    const place = heads.findIndex((head) => head.textContent.trim() === 'overall');
    heads[place].querySelector('button').click();
    return [heads[place].getAttribute('aria-sort'),
            [...table.tBodies[0].rows].map((row) => Number(row.cells[place].dataset.value))];
    """
    (order, down), (again, up) = browser.run(column), browser.run(column)
    assert (order, again) == ("descending", "ascending")
    assert down == sorted(down, reverse=True) == up[::-1]


def test_filters_search_and_addresses_of_the_matrix(at):
    browser = at("#questions?system=bad%40bm25&outcome=declined")
    assert browser.wait(ROWS) == 2
    browser.run(SET, "Outcome", "wrong")
    assert browser.run(ROWS) == 0
    browser.run(SET, "Outcome", "")
    assert browser.run(ROWS) == 3
    browser.run(SET, "Search", "how MUCH")
    assert browser.run(ROWS) == 1
    assert "text=how+MUCH" in browser.run("return location.hash")
    browser.run(SET, "Search", "")
    browser.run(SET, "Model", "")
    browser.run(SET, "Outcome", "disagree")
    assert browser.run(ROWS) == 1
    browser.run(SET, "Outcome", "hallucinated")
    browser.run(SET, "Tag", "Quote")
    assert browser.run(ROWS) == 0


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
    browser = at("#questions")
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


def test_an_unknown_question_is_told(at):
    browser = at("#question=nowhere")
    assert "no question nowhere" in browser.wait(
        "return document.querySelector('#live-question').innerText"
    )


def test_downloads_hold_no_formula(at):
    browser = at("#questions")
    browser.wait(ROWS)
    table = browser.run("return csv(matrix.asRows())")
    assert "\"'=HYPERLINK" in table
    cells = ["=1+1", "-5", "-5e-3", "+x", "@x", "\tx", "\uff1dx", "a,b", 'say "x"', "-1-1"]
    assert browser.run("return csv([arguments[0]])", cells) == (
        '\'=1+1,-5,-5e-3,\'+x,\'@x,\'\tx,\'\uff1dx,"a,b","say ""x""",\'-1-1\n'
    )


def test_the_keyboard_reaches_the_content(at):
    browser = at("#overview")
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
