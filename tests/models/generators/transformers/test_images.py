import pytest
from PIL import Image

from modellab.core.errors import InputError

pytestmark = pytest.mark.slow


@pytest.fixture
def pictures(tmp_path):
    paths = []
    for number, colour in enumerate(["red", "green", "blue"]):
        paths.append(tmp_path / f"{number}.png")
        Image.new("RGB", (40, 30), colour).save(paths[-1])
    return paths


def test_pictures_are_read(image_folder, options, request_of, answers, pictures):
    asked = [request_of(number, 2 + number, [path]) for number, path in enumerate(pictures)]
    together = answers(options(image_folder), asked)
    alone = answers(options(image_folder, batch_tokens=1), asked)
    assert {key: row.text for key, row in together.items()} == {
        key: row.text for key, row in alone.items()
    }
    assert {row.batch_size for row in together.values()} == {3}
    plain = answers(options(image_folder), [request_of(0, 2)])
    assert together[asked[0].key].prompt_tokens == plain[asked[0].key].prompt_tokens + 4


def test_text_and_pictures_in_one_call(image_folder, options, request_of, answers, pictures):
    asked = [request_of(1), request_of(2, images=pictures[:2]), request_of(3)]
    rows = answers(options(image_folder), asked)
    assert [rows[one.key].error for one in asked] == [None] * 3
    assert [rows[one.key].batch_size for one in asked] == [2, 1, 2]


def test_an_image_task_with_a_text_model(folder, options, request_of, answers, pictures):
    with pytest.raises(InputError, match="the model reads text only"):
        answers(options(folder), [request_of(1, images=pictures[:1])])


def test_a_picture_that_cannot_be_read_is_a_failed_row(
    image_folder, options, request_of, answers, tmp_path
):
    (tmp_path / "no.png").write_text("no picture")
    asked = [request_of(1), request_of(2, images=[tmp_path / "no.png"])]
    rows = answers(options(image_folder), asked)
    assert rows[asked[0].key].error is None
    assert rows[asked[1].key].error_class == "bad_image"


def test_the_report_says_that_it_reads_images(image_folder, options):
    with options(image_folder).open(0, {}) as model:
        assert model.report()["reads_images"]
