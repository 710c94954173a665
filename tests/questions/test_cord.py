import json

import pytest

from modellab.core.errors import InputError
from modellab.questions import parse_format


def line(words, row):
    return {
        "category": "menu.nm",
        "words": [
            {"text": text, "row_id": row, "quad": {"x1": x, "y1": y}} for text, x, y in words
        ],
    }


ONE_DISH = {"menu": {"nm": "TEA", "price": "5,000", "sub": {"nm": "ICE", "price": "0"}}}
TWO_DISHES = {
    "menu": [{"nm": "TEA", "sub": [{"nm": "ICE"}, {"nm": "MILK"}]}, {"nm": "TEA"}],
    "sub_total": {"subtotal_price": ["10.000", "10.000"]},
}
WORDS = [
    line([("5,000", 300, 10)], 1),
    line([("ICED", 10, 11), ("TEA", 60, 12)], 1),
    line([("TOTAL", 10, 5)], 2),
]


@pytest.fixture
def folder(tmp_path):
    def write(**files):
        home = tmp_path / "json"
        home.mkdir()
        for name, content in files.items():
            (home / f"{name}.json").write_text(json.dumps(content))
        return home

    return write


def read(path, **options):
    return parse_format({"kind": "cord", **options}).read(path)


def test_every_published_shape_is_read(folder):
    annotation = {"gt_parse": TWO_DISHES, "valid_line": WORDS}
    path = folder(
        a={"image_id": 0, "split": "test", "gt": {"gt_parse": ONE_DISH, "valid_line": WORDS}},
        b=annotation,
        c={"ground_truth": json.dumps(annotation)},
    )
    questions = read(path)
    assert [q.id for q in questions] == ["a", "b", "c"]
    assert [json.loads(q.reference["record"]) for q in questions] == [
        ONE_DISH,
        TWO_DISHES,
        TWO_DISHES,
    ]
    assert all(q.source.endswith(f"{q.id}.json") for q in questions)


def test_a_transcript_is_in_reading_order(folder):
    [question] = read(folder(a={"gt_parse": ONE_DISH, "valid_line": WORDS}))
    assert question.text == "TOTAL\nICED TEA  5,000"
    assert question.images == ()


@pytest.mark.parametrize("place", ["json/a.png", "image/a.jpg", "images/a.jpeg"])
def test_a_picture_is_shown_instead_of_the_transcript(folder, place):
    path = folder(a={"gt_parse": ONE_DISH, "valid_line": WORDS})
    picture = path.parent / place
    picture.parent.mkdir(exist_ok=True)
    picture.write_bytes(b"picture")
    [question] = read(path)
    assert question.text == ""
    [shown] = question.images
    assert (path / shown).resolve() == picture.resolve()
    [written] = read(path, show="transcripts")
    assert written.text
    assert written.images == ()


def test_one_file_and_a_file_of_lines_are_read_too(folder, tmp_path):
    path = folder(a={"gt_parse": ONE_DISH, "valid_line": WORDS})
    assert len(read(path / "a.json")) == 1
    lines = tmp_path / "test.jsonl"
    lines.write_text(2 * (json.dumps({"gt_parse": ONE_DISH, "valid_line": WORDS}) + "\n"))
    assert [q.id for q in read(lines)] == ["test-0001", "test-0002"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"valid_line": WORDS}, "no `gt_parse`"),
        ({"gt_parse": {}, "valid_line": WORDS}, "no `gt_parse`"),
        ({"gt_parse": ONE_DISH}, "neither a picture nor words"),
        ({"gt_parse": ONE_DISH, "valid_line": ["TEA"]}, "valid_line: write a list of lines"),
        ({"gt_parse": ONE_DISH, "valid_line": None}, "valid_line: write a list of lines"),
        ({"gt": "{"}, "not valid JSON"),
        ([1], "not a receipt"),
    ],
)
def test_an_invalid_receipt_is_reported_with_its_file(folder, content, expected):
    path = folder(a=content)
    with pytest.raises(InputError) as error:
        read(path)
    assert str(error.value).startswith(f"{path / 'a.json'}: ")
    assert expected in str(error.value)


def test_an_empty_folder_is_reported(folder):
    with pytest.raises(InputError, match="no receipts"):
        read(folder())
