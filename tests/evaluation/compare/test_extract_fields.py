from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import write_rows
from modellab.core.records import Prediction, Question, Status
from modellab.evaluation.compare.extract_fields import fields_table, write_extract_fields
from modellab.tasks import parse_task
from modellab.tasks.extract.comparing import ItemRules, RecordRules, compare
from modellab.tasks.extract.scorer import Comparison, FieldScorerOptions

ITEMS = {"tests": ItemRules(name="name", value="value", group="panel")}
RULES = RecordRules(items=ITEMS)


def of_tests(*triples):
    return {"tests": [{"name": n, "value": v, "panel": p} for n, v, p in triples]}


def comparison(wanted, predicted, answered=True, wrong_types=()):
    return Comparison(answered, compare(wanted, predicted, RULES), wrong_types, answered)


def row(rows, level, name, of):
    [found] = [r for r in rows if (r["level"], r["name"], r["of"]) == (level, name, of)]
    return found


def test_counts_are_pooled_over_records_for_groups_fields_and_items():
    wanted = of_tests(("A", "1", "Blood"), ("B", "2", "Urine"))
    half = of_tests(("a", "1", "Blood"), ("B", "9", "Urine"), ("X", "3", "Urine"))
    compared = [
        comparison(wanted, wanted),
        comparison(wanted, half, wrong_types=["tests.value"]),
        comparison(wanted, {}, answered=False),
    ]
    found = fields_table(("m", "none", one) for one in compared)
    rows = found.astype(object).where(found.notna(), None).to_dict("records")
    names = row(rows, "all", "all", "names")
    assert (names["correct"], names["wanted"], names["predicted"]) == (4, 6, 5)
    assert (names["precision"], names["recall"], names["f1"]) == (4 / 5, 4 / 6, 8 / 11)
    assert (names["n_scored"], names["n_failed"]) == (3, 1)
    blood = row(rows, "group", "Blood", "values")
    assert (blood["correct"], blood["missing"], blood["precision"]) == (4, 2, 1.0)
    value = row(rows, "field", "tests.value", "values")
    assert (value["correct"], value["wrong"], value["missing"], value["invented"]) == (3, 1, 2, 1)
    assert value["wrong_typed"] == 1
    assert row(rows, "all", "all", "values")["wrong_typed"] == 1
    assert row(rows, "item", "a", "names")["recall"] == 2 / 3
    invented = row(rows, "item", "x", "names")
    assert (invented["recall"], invented["precision"]) == (None, 0.0)


def test_the_table_has_a_block_for_each_model_and_retriever(tmp_path):
    question = Question("d1", "text", {}, {"record": '{"lab": "=North"}'}, ())
    write_rows(tmp_path / "questions.jsonl", [question])
    right = Prediction("d1", "none", 1, Status.ANSWERED, {"record": '{"lab": "=North"}'}, None, "k")
    gone = Prediction("d1", "none", 1, Status.MISSING, {}, None, "k")
    write_rows(tmp_path / "good.jsonl", [right])
    write_rows(tmp_path / "gone.jsonl", [gone])
    (tmp_path / "schema.json").write_text('{"type": "object"}')
    rules = (
        parse_task({"kind": "extract", "record": tmp_path / "schema.json"}),
        FieldScorerOptions(kind="fields"),
    )
    files = {name: tmp_path / f"{name}.jsonl" for name in ("good", "gone")}
    found = {}
    for missing in ("incorrect", "ignore"):
        out = tmp_path / f"{missing}.csv"
        write_extract_fields(out, tmp_path / "questions.jsonl", files, *rules, missing)
        found[missing] = {r["model"]: r for r in read_csv(out).rows if r["level"] == "field"}
    assert found["incorrect"]["good"]["f1"] == "1.0"
    assert (found["incorrect"]["gone"]["recall"], found["incorrect"]["gone"]["n_failed"]) == (
        "0.0",
        "1",
    )
    assert list(found["ignore"]) == ["good"]
