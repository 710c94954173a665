"""The font of plots: DejaVu Sans, cut down to the letters of European languages.

A PDF holds the glyphs that it shows. Cutting the whole font down to them takes most of the time of
writing a PDF: with this one it is written in a third. Other scripts fall back to the whole font.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

from matplotlib import get_data_path
from matplotlib.font_manager import fontManager

#: its licence wants another name for a changed font
NAME, ORIGINAL = "Model Lab Sans", "DejaVu Sans"
FOLDER = Path(__file__).parent / "assets"
#: Latin with all accents, Greek, Cyrillic, punctuation, the euro, arrows, and signs of comparison
CHARACTERS = (
    *(*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x1E00, 0x1F00)),
    *(*range(0x370, 0x460), *range(0x2010, 0x2028), *range(0x2030, 0x203B), 0x20AC),
    *(*range(0x2190, 0x2194), 0x2212, 0x221E, 0x2248, *range(0x2260, 0x2266)),
)


@cache
def font_family() -> list[str]:
    """The fonts of plots by name, the first for all characters that it has."""
    logging.getLogger("fontTools.subset").setLevel(logging.WARNING)  # a dozen lines per PDF
    for path in sorted(FOLDER.glob("*.ttf")):
        fontManager.addfont(path)
    return [NAME, ORIGINAL]


def make_fonts(folder: Path) -> None:
    """Write the fonts that are in `FOLDER`, from those that Matplotlib ships."""
    from fontTools import subset  # type: ignore[import-untyped]
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    # kerning from the small table `kern`, and no ligatures
    options = subset.Options(legacy_kern=True, layout_features=[], name_IDs=["*"])
    options.drop_tables += ["GDEF", "GPOS", "GSUB", "MATH", "FFTM"]
    options.recalc_timestamp = False
    originals = Path(get_data_path()) / "fonts" / "ttf"
    for style in ("", "-Bold"):
        font = TTFont(originals / f"DejaVuSans{style}.ttf", recalcTimestamp=False)
        cut = subset.Subsetter(options)
        cut.populate(unicodes=CHARACTERS)
        cut.subset(font)
        for entry in font["name"].names:
            if entry.nameID in (1, 3, 4, 16):
                entry.string = str(entry).replace(ORIGINAL, NAME)
            elif entry.nameID == 6:  # of PostScript, without spaces
                entry.string = f"ModelLabSans{style}"
        font.save(folder / f"ModelLabSans{style}.ttf")
