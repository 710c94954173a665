"""The extraction demo: its documents, their records, their pictures, and its targets."""

import json
import runpy
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from modellab.config.loading import load_config
from modellab.core.records import Prediction
from modellab.models.generators.patterns import read_record
from modellab.tasks.scorer import Material

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "resources" / "demo-extract"


@pytest.fixture(scope="module")
def config():
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        yield load_config([DEMO / "config.yaml"], {})


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("name", ["labs", "receipts"])
def test_documents_and_pictures_have_records_that_fit_the_schema(config, name):
    dataset = config.datasets[name]
    documents = {q.id: q for q in dataset.format.read(dataset.questions)}
    pictures = dataset.format.read(DEMO / f"{name}-images.jsonl")
    assert [dataset.task.refuse(q) for q in [*documents.values(), *pictures]] == [None] * (
        len(documents) + len(pictures)
    )
    assert all(Path(image).is_file() for picture in pictures for image in picture.images)
    assert all(picture.reference == documents[picture.id].reference for picture in pictures)
    assert not any(picture.text for picture in pictures)


def test_the_config_for_pictures_is_one(config):
    pictures = load_config([DEMO / "pictures.yaml"], {})
    names = {"lab-pictures": "labs", "receipt-pictures": "receipts"}
    assert {names[name]: o.scorer for name, o in pictures.datasets.items()} == {
        name: options.scorer for name, options in config.datasets.items()
    }


def test_the_script_draws_the_pictures_that_are_there():
    draw = runpy.run_path(str(DEMO / "render_images.py"))["draw"]
    rows = map(json.loads, (DEMO / "labs.jsonl").read_text(encoding="utf-8").splitlines())
    text = next(row["question"] for row in rows if row["id"] == "lab-05")
    there = Image.open(DEMO / "images" / "lab-05.png").convert("L")
    assert ImageChops.difference(draw(text).convert("L"), there).getbbox() is None


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("labs", "columns"),
        ("labs", "name-number"),
        ("receipts", "counted"),
        ("receipts", "amounts"),
    ],
)
def test_a_baseline_reads_some_fields_and_not_all(config, name, model):
    dataset = config.datasets[name]
    task = dataset.task
    scorer = dataset.scorer.make(dataset.task, Material((), ()))
    rows = []
    for question in dataset.format.read(dataset.questions):
        parsed = task.parse(json.dumps(read_record(question.text, config.models[model])))
        prediction = Prediction(question.id, "none", 1, parsed.status, parsed.answer, None, "k")
        rows.append(scorer.score(question, prediction))
    metrics = scorer.summarize({}, rows)
    for part in ("name_f1", "value_f1", "overall"):
        assert 0.2 < metrics[part].value < 0.8, part


def test_the_shipped_cord_schema_takes_all_shapes(config):
    from modellab.tasks.extract.records import read_schema

    schema = read_schema(DEMO / "cord.schema.json")
    dish = {"nm": "TEA", "price": "5,000"}
    for record in (
        {"menu": dish},
        {"menu": [{**dish, "sub": dish}, {**dish, "sub": [dish, dish]}, {"price": "1"}]},
        {"sub_total": {"subtotal_price": ["1", "1"]}, "total": {"total_price": "1"}},
        {"total": {"cashprice": "1"}},
    ):
        assert schema.problem(record) is None
    assert schema.problem({"menu": "TEA"})
