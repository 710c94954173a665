"""The small font of plots has the shapes of the whole one, which draws all other scripts."""

from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from matplotlib import get_data_path
from pypdf import PdfReader

from modellab.reporting.plots.drawing import picture
from modellab.reporting.plots.font import CHARACTERS, FOLDER, make_fonts
from modellab.reporting.plots.style import new_figure, shared_style


def letters(path):
    """Width and outline of each character."""
    font = TTFont(path)
    glyphs, widths = font["glyf"], font["hmtx"]
    return {
        character: (widths[name][0], *map(list, glyphs[name].getCoordinates(glyphs)[:2]))
        for character, name in font.getBestCmap().items()
        if character in CHARACTERS
    }


@pytest.mark.parametrize("style", ["", "-Bold"])
def test_letters_are_those_of_the_original(tmp_path, style):
    original = letters(Path(get_data_path()) / "fonts" / "ttf" / f"DejaVuSans{style}.ttf")
    make_fonts(tmp_path)
    for folder in (FOLDER, tmp_path):
        small = folder / f"ModelLabSans{style}.ttf"
        assert letters(small) == original
        assert small.stat().st_size < 110_000


@pytest.mark.parametrize(
    ("text", "fonts"),
    [
        ("Müller Đặng Ωμέγα Модель – €5 ≥ 3", ["ModelLabSans"]),
        ("model \u05d0\u05d1", ["DejaVuSans", "ModelLabSans"]),
    ],
)
def test_a_pdf_holds_the_glyphs_that_it_shows(text, fonts):
    with shared_style():
        figure = new_figure(4, 1)
        figure.text(0.1, 0.5, text)
        content = picture(figure, ".pdf")
    (page,) = PdfReader(BytesIO(content)).pages
    used = [font.get_object()["/BaseFont"] for font in page["/Resources"]["/Font"].values()]
    assert sorted({name.rpartition("+")[2].strip("/") for name in used}) == fonts
    assert len(content) < 40_000
