"""Same and different values, in the notations that people and models use."""

import pytest
from cases import each

from modellab.core.values.comparing import (
    Rules,
    Tolerance,
    Written,
    canonical,
    read_tolerance,
    same_value,
)

POINT, COMMA = Rules("point"), Rules("comma")


def same(truth, given, unit="", own=None, rules=POINT):
    beside = unit if own is None else own
    return same_value(Written(truth, unit), Written(given, beside), rules)


SAME = [
    # digits and separators
    ("1234567", "1,234,567"), ("1234567", "1.234.567"), ("1234567", "1 234 567"),
    ("1234567", "1\u202f234\u202f567"), ("1234567", "1\u2009234\u2009567"),
    ("1234567", "1'234'567"), ("1234567", "1\u2019234\u2019567"), ("1234567", "12,34,567"),
    ("1234.5", "1.234,5"), ("1234.5", "1,234.5"), ("1234.5", "1'234.5"), ("1234.5", "1 234,5"),
    ("1.5", "1,5"), ("1.5", "1.50"), ("0.125", "0,125"), ("0.5", ".5"), ("1998", "1998.0"),
    ("3", "\u0663"), ("3", "\uff13"), ("1234.5", "\u0661\u066c\u0662\u0663\u0664\u066b\u0665"),
    # powers and fractions
    ("1500000000", "1.5e9"), ("1500000000", "1.5E+9"), ("1500000000", "1.5 \u00d7 10\u2079"),
    ("1500000000", "1.5*10**9"), ("1500000000", "1.5 x 10^9"), ("1000000", "10^6"),
    ("1000000", "1e6"), ("0.00001", "1e-05"), ("0.00001", "1 \u00d7 10\u207b\u2075"),
    ("0.5", "1/2"), ("0.5", "\u00bd"), ("1.5", "1\u00bd"), ("1.5", "1 1/2"), ("0.3333333", "1/3"),
    ("0.6666667", "two thirds"),
    # magnitudes
    ("50000", "50k"), ("50000", "50 K"), ("2500000000", "2.5B"), ("2500000000", "2.5bn"),
    ("2500000000", "2.5 billion"), ("2500000", "2.5 million"), ("2500000", "2,5 Mio."),
    ("500000", "5 lakh"), ("3000000", "three million"), ("300000", "300 thousand"),
    # TeX, results of worked solutions, choices, HTML entities
    ("42", "\\boxed{42}"), ("42", "\\(42\\)"), ("42", "$\\boxed{42}$"), ("1 km", "1\\,\\text{km}"), ("42", "#### 42"),
    ("42", "= 42"), ("B", "(B)"), ("B", "B)"), ("B", "(b)."), ("AT&T", "AT&amp;T"), ("42", "42 (forty-two)"),
    # signs and words
    ("-5", "minus five"), ("-5", "negative 5"), ("1998", "nineteen ninety-eight"), ("1998", "1998 AD"),
    ("0.25", "1 in 4"), ("0.75", "3 out of 4"), ("1.5 billion", "1.5 bil"), ("6e20", "600 quintillion"),
    # time and carbon dioxide
    ("2 hours", "120 minutes"), ("60 months", "5 years"), ("2 weeks", "14 days"), ("24 kWh/day", "1 kWh per hour"),
    ("5 tCO2e", "5 tonnes CO2e"), ("5 tCO2e", "5 t CO\u2082eq"), ("5 tCO2e", "5 metric tons of CO2-equivalent"),
    ("1500 kg", "1.5 t"), ("1.5 metric tons", "1500 kg"), ("2 ktCO2e", "2,000,000 kg CO2e"), ("10 kWh", "36 MJ"),
    ("2.5 m\u00b3", "2500 litres"), ("5 kg/t", "5 g/kg"), ("20 \u00b0C", "20 C"),
    ("[5,10]", "5 und 10"), ("500000", "half a million"), ("250000", "a quarter of a million"),
    (">= 5", "5 or more"), ("<= 5 kg", "5 or less kg"), ("at most 5", "max. 5"), ("at least 5", "min. 5"),
    ("2020", "in 2020"), ("2020", "the year 2020"), ("5", "$5$"), ("5%", "5\\%"),
    ("6.02e23", "$6.02 \\times 10^{23}$"), ("100 SEK", "SEK 100"), ("100 SEK", "100 kr"),
    ("\u20ba100", "100 TL"), ("\u00a51,000", "1000\u5186"), ("\u00a35m", "5 million pounds"),
    ("10 \u00b5g", "10 ug"), ("10 \u03bcg", "10 mcg"), ("5 K", "5 kelvin"), ("5 \u2126", "5 ohms"),
    ("5 k\u03a9", "5000 ohm"), ("5 ft", "5 feet"), ("5 in", "5 inches"), ("5 \u00b0F", "5 degrees F"),
    ("5 m\u00b2", "5 square metres"), ("5 m^2", "5 sqm"), ("5 km2", "5,000,000 m2"), ("5 sq ft", "5 square feet"),
    ("5 m3", "5 cubic metres"), ("5 km/h", "5 kph"), ("10 mph", "10 miles per hour"),
    ("$0.10/kWh", "0.1 USD per kWh"), ("$1.5 million per year", "1.5 million dollars/year"),
    ("85%", "85% of users"), ("5 working-days", "5 working days"),
    ("-5", "\u22125"), ("-5", "\u20135"), ("-5", "- 5"), ("-5", "(5)"), ("-1234", "(1,234)"),
    ("5", "+5"), ("5", "~5"), ("5", "\u2248 5"), ("300", "about 300"), ("300", "approx. 300"),
    ("12", "twelve"), ("21", "twenty-one"), ("105", "one hundred and five"),
    ("<5", "less than 5"), (">= 5", "at least 5"), (">=5", "5+"),
    # shares
    ("0.12", "12%"), ("0.12", "12 %"), ("12%", "12 percent"), ("12%", "0.12"), ("0.005", "5\u2030"),
    # truth values, quotes, full stops, Markdown
    ("1", "Yes."), ("1", "TRUE"), ("0", "no"), ("Yes", "true"), ("No", "0"), ("1", "**1**"),
    ("Ostrau", "Ostrau."), ("Ostrau", '"Ostrau"'), ("Ostrau", "\u201cOstrau\u201d"),
    ("Ostrau", "**Ostrau**"), ("Ostrau", "`Ostrau`"), ("New York", "new  york"),
    ("GPT-3", "GPT\u20113"), ("M\u00fcller", "Mu\u0308ller"), ("nan", "NaN"), ("O'Neil", "O\u2019Neil"),
    ("soft", "so\u00adft"), ("29", "29."),
    # ranges
    *(("[80,90]", text) for text in (
        "80-90", "80\u201390", "80 \u2014 90", "80 to 90", "from 80 to 90", "between 80 and 90",
        "[80, 90]", "[90,80]", "80..90", "80 and 90", "80, 90", "80; 90", "(80, 90)", "85 \u00b1 5",
        "[80-90]", "about 80-90", "eighty to ninety",
    )),
    ("[-5,5]", "-5 to 5"), ("[-5,-3]", "-5--3"), ("[1000,2000]", "1,000-2,000"),
    ("[1000, 2000]", "[1,000, 2,000]"), ("[1.5,2.5]", "1,5-2,5"), ("[2000000,3000000]", "2-3 million"),
    ("[0.1,0.02]", "1/10 - 1/50"), ("between 3 and 5", "3-5"),
    # lists
    ("['A','B']", "A, B"), ("['A','B']", "B and A"), ("['A','B','C']", "A, B, and C"),
    ("['A','B']", '["B", "A"]'), ("['A','B']", "{A, B}"), ("['A','B']", "- A\n- B"),
    ('["O\'Neil","Ito"]', "O'Neil and Ito"), ("['A','B']", "A & B"), ("A, B", "['A', 'B']"),
    ("['Research and Development','Sales']", "Research and Development, Sales"),
    ("['Paris']", "Paris"), ("[1, 2, 3]", "1,2,3"), ("[3,7]", "7 and 3"),
    ("red, green", "green and red"), ("red; green", "red, green"), ("28, 35", "28 and 35"),
    # initials, and spaces that type setters set
    ("U.S.", "US"), ("U.S.", "U.S"), ("the U.S. Army", "The US Army"), ("J. Smith", "J Smith"), ("Ph.D.", "PhD"),
    ("Washington, D.C.", "Washington, DC"), ("10 a.m.", "10 AM"), ("3:2", "3 : 2"), ("Cats: a life", "Cats : a life"),
    ("J.R.R. Tolkien", "J. R. R. Tolkien"), ("U. S. Army", "US Army"), ("AT&T", "AT & T"), ("Paris", "Paris,"), ("Paris", "Paris!"),
    ("Paris", "- Paris"), ("Paris", "\u2022 Paris"), ("\u0130zmir", "izmir"), ("\u5317\u4eac", "\u300c\u5317\u4eac\u300d\u3002"),
    # other languages
    ("\u7d04300", "300"), ("ungef\u00e4hr 300", "environ 300"), (">5", "mehr als 5"), (">=5", "mindestens 5"), ("<=5", "h\u00f6chstens 5"),
    ("5-10", "zwischen 5 und 10"), ("5-10", "von 5 bis 10"), ("5-10", "5 \u00e0 10"), ("5-10", "5\uff5e10"), ("5-10", "5\u81f310"),
    ("2020\u5e74", "2020"), ("2020\u5e745\u67081\u65e5", "2020-05-01"), ("50%", "%50"), ("5 milyon", "5 millones"), ("500000", "5 \u0932\u093e\u0916"),
    ("5000000 RUB", "5 \u043c\u043b\u043d \u0440\u0443\u0431."), ("5 million", "5 \u043c\u0438\u043b\u043b\u0438\u043e\u043d\u043e\u0432"),
    ("Ja", "1"), ("Nein", "false"), ("\u662f", "Yes"), ("\u041d\u0435\u0442", "0"),
    # days
    *(("2020-05-01", text) for text in (
        "2020-05-01 00:00:00", "2020-05-01T00:00:00Z", "2020/05/01", "2020-5-1", "May 1, 2020", "May 1st 2020",
        "1 May 2020", "1st of May, 2020", "01.05.2020", "1. Mai 2020", "1er mai 2020", "1-May-2020", "1 de mayo de 2020",
        "Friday, May 1, 2020", "Fri 1 May 2020", "Freitag, 1. Mai 2020",
    )),
    ("2020-05", "May 2020"),
    ("13/05/2020", "May 13, 2020"), ("05/13/2020", "2020-05-13"), ("Sept. 2020", "September 2020"),
    ("['May 1, 2020', 'June 2, 2021']", "2021-06-02; 2020-05-01"),
    # what is nothing else is a text
    ("007", "007"), ("2020-05-01", "2020\u201105\u201101"), ("10:30", "10:30"), ("1.10.2", "1.10.2"),
    ("+49 30 123456", "+49 30 123456"), ("C++", "c++"),
]  # fmt: skip


@each(("truth", "given"), SAME)
def test_one_value_in_two_notations(truth, given):
    assert same(truth, given)
    assert same(given, truth)


OTHER = [
    ("15", "1,5"), ("5", "0,5"), ("15", "1.5"), ("1.5", "15"), ("1234", "1.234"), ("1.234", "1,234"),
    ("5", "5%"), ("5", "-5"), ("5", "(5)"), ("12", "12 kW"), ("12%", "12"), ("5", "<5"), ("5", "at most 5"),
    ("5", "5+"), (">5", ">=5"), ("1500000", "1.5"), ("1.5 million", "1.5"), ("3", "3 M"), ("3", "3 Idiots"),
    ("[3,7]", "5"), ("[3,7]", "3"), ("5", "[3,7]"), ("5", "3-7"), ("[80,90]", "80-91"), ("[80,90]", "80"),
    ("[80,90]", "8090"), ("28", "28 and 35"), ("28", "28, 35"), ("28", "28 or 35"), ("60000", "60,000 or 70,000"),
    ("2", "2 of 5"), ("12", "12h30"), ("2019", "2021"), ("1998", "1999"),
    ("100234", "100235"), ("10115", "10117"), ("007", "7"), ("01067", "1067"), ("0.0004", "0.0013"),
    ("0.0004", "0"), ("0.0005", "-0.0004"), ("0", "0.0005"), ("1", "one and a half"), ("2", "two and a half"), ("2.5B", "2.5"), ("2", "yes"), ("1", "no"),
    ("100%", "yes"), ("1", "100%"), ("5", "500%"), ("['A','B']", "A"), ("['A','B']", "A, C"), ("['A','A']", "A, B"), ("['A','B']", "A, B, C"),
    ("C", "C++"), ("Ostrau", "Ostra"), ("Mueller", "M\u00fcller"), ("10:30", "10:31"), ("1.10.2", "1.1.2"),
    ("2020-05-01", "2020-05-02"), ("+49 30 123456", "+49 30 123457"), ("1/3", "1/2"), ("10^6", "10^7"),
    ("1.5", "1 5"), ("12", "1 2"), ("one", "two"), ("5 mW", "5 MW"), ("1e3", "1e4"), ("50k", "50M"),
    ("May 1, 2020", "May 2, 2020"), ("01/05/2020", "05/01/2020"), ("01/05/2020", "2020-05-01"), ("2020-05-01", "May 2020"),
    ("2020-05-01", "2020-05-01 12:30"), ("2020-02-31", "2020-03-02"), ("red, green", "red, blue"), ("red, green", "red"),
    ("3-2", "2-3"), ("from 10 to 5", "from 5 to 10"), ("5!", "5"), ("2020\u5e74", "2021"), ("- 5", "5"), ("\u7d04300", "301"), ("%50", "50"), ("Ja", "Nein"), ("5 milyon", "5 milyar"),
    ("48.1, 16.3", "16.3, 48.1"), ("10115 Berlin", "10116 Berlin"), ("2020", "in 2021"), ("5 or more", "more than 5"),
    ("5 or more", "5"), ("half a million", "half a billion"), ("85% of users", "85% of admins"), ("85% of users", "86%"),
    ("10 m2", "10 m3"), ("10 m2", "10 m"), ("10 mph", "10 km/h"), ("a.py", "apy"), ("A.1", "A1"), ("100 SEK", "100 NOK"),
    ("5 tCO2e", "5 tCO2"), ("5 tCO2e", "5 kg CO2e"), ("2 hours", "2 minutes"), ("1 in 4", "1 in 5"), ("1 in 4", "4"),
    ("(B)", "(C)"), ("\\boxed{41}", "42"), ("42 (forty-three)", "42"), ("AT&T", "AT&amp;U"), ("2020-05", "2020-06"), ("nineteen ninety-eight", "117"),
    ("24/7", "24/8"), ("nan", "inf"), ("nan", "0"), ("\u00bd", "12"), ("1\u00bd", "11/2"), ("10\u2079", "109"),
]  # fmt: skip


@each(("truth", "given"), OTHER)
def test_a_wrong_value_never_becomes_right(truth, given):
    assert not same(truth, given)
    assert not same(given, truth)


def test_a_whole_number_without_a_unit_has_no_tolerance_and_others_have():
    assert not same("1000", "1000.9") and same("1000", "1000.9", "W")
    assert same("1000.9", "1000.5") and same("1.5", "one and a half")


@each(
    ("truth", "unit", "given"),
    [
        ("12", "%", "12%"), ("12", "percent", "12 %"), ("12", "%", "12"), ("4.9", "percentage points", "4.9%"),
        ("12", "%", "twelve percent"), ("[80,90]", "%", "80\u201390%"), ("[80,90]", "%", "80%-90%"),
        ("29", "USD", "$29.00"), ("29", "USD", "29 dollars"), ("29", "USD", "US$29"), ("29", "USD", "USD 29"),
        ("29", "dollars", "$29"), ("29", "CAD", "$29"), ("29", "EUR", "29 \u20ac"), ("29", "euros", "\u20ac29"),
        ("1500000000", "USD", "USD 1.5bn"), ("1500000000", "USD", "$1.5 billion"), ("1500000", "EUR", "\u20ac1,5 Mio"),
        ("10", "kWh", "10 kWh"), ("10", "kWh", "10kWh"), ("10", "kWh", "10 kilowatt-hours"), ("10", "kWh", "10000 Wh"),
        ("10", "kWh", "0.01 MWh"), ("[300,1000]", "W", "300 Watts to 1 Kilowatt"), ("[300,1000]", "W", "300-1000 W"),
        ("5", "m", "5 m"), ("5", "m", "5 metres"), ("5", "days", "5 days"), ("5", "days", "five days"),
        ("1438", "lbs", "1,438 pounds"), ("12.1", "times", "12.1x"), ("2", "multiplier", "two-fold"),
        ("0.12", "litres per kWh", "0.12 L/kWh"), ("4.3", "tCO2e", "4.3 tCO2e"), ("28", "GPUs", "28 GPUs"),
        ("1.5", "million", "1.5 million"), ("1.5", "million", "1,5"), ("1.5", "million USD", "$1.5 million"),
        ("1.5", "million USD", "$1,500,000"), ("1.5", "million USD", "$1.5"),
        ("[4.2,6.6]", "billion cubic metres", "4.2 to 6.6 billion"), ("-5", "\u00b0C", "\u22125 \u00b0C"),
        ("8.720430108", "multiplier", "8.72"), ("55.6", "percent", "55.56"), ("1287", "MWh", "1287.4"),
        ("[5,10]", "million USD", "$5-10 million"), ("25", "degrees Celsius", "25 \u00b0C"),
        ("12000000", "kWh", "12 million"), ("12", "million kWh", "12 GWh"), ("12", "GWh", "12 million kWh"),
        ("[2000000,3000000]", "USD", "2-3M"), ("[900000,1000000]", "USD", "$900,000 to $1 million"),
    ],
)  # fmt: skip
def test_units_beside_the_truth(truth, unit, given):
    assert same(truth, given, unit)


@each(
    ("truth", "unit", "given"),
    [
        ("12", "%", "0.12"), ("0.12", "%", "12%"), ("12", "kWh", "12%"), ("29", "USD", "29 EUR"),
        ("29", "CAD", "29 AUD"), ("10", "kWh", "10 kW"), ("10", "kWh", "10 MWh"), ("5", "MW", "5 mW"),
        ("5000000", "m", "5m"), ("5", "kg", "5 lbs"), ("5", "days", "5 hours"), ("1.5", "million", "1.5 billion"),
        ("1", "papers", "yes"), ("1500000", "USD", "$1.5"), ("2510000", "USD", "2500000"), ("13", "days", "14"),
        ("12", "h", "12h30"), ("[80,90]", "%", "85%"), ("2019", "year", "2021"),
    ],
)  # fmt: skip
def test_another_unit_is_another_value(truth, unit, given):
    assert not same(truth, given, unit)


def test_a_bare_number_is_in_the_unit_that_its_writer_names_or_the_one_that_was_asked_for():
    assert same("1500000", "1.5", "", "million")
    assert same("1.5", "1500", "million", "thousand")
    assert same("1500", "1.5", "kWh", "MWh")
    assert same("1.5", "1500000", "million", "is_blank")
    assert same("28", "28", "samples", "papers")
    assert same("28", "28 samples", "", "samples") and not same("28", "29 samples", "", "samples")
    assert not same("1.5", "1500000", "million", "million")
    assert not same("12", "0.12", "%", "is_blank")
    assert not same("5", "5", "", "percent") or same("5", "5")  # the same text is the same value


def test_of_a_true_number_without_a_unit_any_currency_may_be_meant():
    assert same("29", "$29") and same("1234.56", "\u20ac1.234,56") and same("29", "29 CHF")
    assert not same("29", "$30") and not same("29", "$29 million") and not same("29 USD", "29 EUR")


def test_an_id_is_compared_with_its_full_stops():
    assert not same("A.B.", "AB", rules=Rules(as_text=True))


def test_the_decimal_mark_decides_one_mark_before_three_digits():
    assert same("1234", "1,234") and not same("1234", "1.234")
    assert same("1234", "1.234", rules=COMMA) and not same("1234", "1,234", rules=COMMA)
    assert same("[3,7]", "3,7") and not same("[3,7]", "3,7", rules=COMMA)
    assert same("[1.5,2.5]", "[1,5, 2,5]", rules=COMMA)


@each(
    ("cell", "truth", "given", "right"),
    [
        ("5%", "1000", "1049", True), ("5%", "1000", "1060", False), ("5 %", "2019", "2021", True),
        ("0.5", "10", "10.4", True), ("0.5", "10", "10.6", False), ("exact", "8.72", "8.721", False),
        ("exact", "8.72", "8.720", True), ("id", "1.10", "1.1", False), ("id", "1.10", "1.10", True),
        ("ID", "A1", "a1", True), ('{"relative": 0.1, "exact": []}', "100", "109", True),
        ('{"relative": 0.1}', "100", "109", False), ('{"relative": 0.1}', "100.5", "109", True),
        ("", "8.72", "8.7204", True), ("is_blank", "8.72", "8.7204", True), ("0,5", "10", "10.4", True),
        ("\u00b15%", "1000", "1049", True), ("5 percent", "1000", "1060", False),
    ],
)  # fmt: skip
def test_a_question_may_have_its_own_tolerance(cell, truth, given, right):
    tolerance = read_tolerance(cell, Tolerance())
    rules = Rules(as_text=True) if tolerance is None else Rules(tolerance=tolerance)
    assert same(truth, given, rules=rules) is right


def test_an_absolute_tolerance_is_in_the_unit_of_the_truth():
    rules = Rules(tolerance=Tolerance(relative=0, absolute=0.5))
    assert same("12", "12.4%", "%", rules=rules) and not same("12", "12.6%", "%", rules=rules)
    assert same("1.5", "1.9 million", "million", rules=rules)
    assert not same("1.5", "2.1 million", "million", rules=rules)


@each("cell", ["lots", "-1", "500%", '{"relative": "x"}', '{"far": 1}', "{", "nan", "inf"])
def test_a_tolerance_that_is_none_is_refused(cell):
    with pytest.raises(ValueError, match="write exact, id, 5%"):
        read_tolerance(cell, Tolerance())


def test_what_is_exact_can_be_chosen():
    loose = Rules(tolerance=Tolerance(exact=()))
    assert same("2019", "2021", rules=loose) and same("007", "7", rules=loose)
    years = Rules(tolerance=Tolerance(exact=("years",)))
    assert not same("2019", "2021", rules=years) and same("100234", "100235", rules=years)


def test_long_and_broken_texts_are_read():
    for text in (
        "[" * 5000,
        "1" * 5000,
        "1e999999999",
        "(" * 999,
        "a,b" * 5000,
        "[1,2",
        "1/0",
        "",
        "-",
        "\u00b1",
        "1-" * 20_000,
        "~" * 50_000,
        "a" + " " * 50_000 + "b",
        "[" + "1" * 50_000 + ", 2]",
    ):
        assert same(text, text)
        assert not same("5", text)
        assert not same("['x', 'y']", text)


@each(
    ("one", "other"),
    [
        ("1", "1.0"),
        ("1,438", "1438"),
        ("2B", "2000000000"),
        ("~5", "5"),
        ("True", "1"),
        ("80-90", "[90, 80]"),
    ],
)
def test_one_spelling_for_votes(one, other):
    assert canonical(Written(one)) == canonical(Written(other))
    assert canonical(Written("5%")) != canonical(Written("5"))
    assert canonical(Written("5%")) == canonical(Written("5", "%"))
