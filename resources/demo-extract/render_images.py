"""Draw some of the demo's documents as pictures, and list them with their wanted records.

Run it again after a change of the texts:  python resources/demo-extract/render_images.py
"""

import json
from pathlib import Path

from matplotlib import get_data_path
from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).parent
#: by file of documents: those that are drawn
DRAWN = {
    "labs": ("lab-01", "lab-02", "lab-03", "lab-05", "lab-08", "lab-15"),
    "receipts": ("receipt-02", "receipt-04", "receipt-06", "receipt-07", "receipt-10"),
}
FONT = Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSansMono.ttf"
SIZE, MARGIN = 15, 20


def draw(text: str) -> Image.Image:
    """A page as wide and high as the text, black on white, in four shades."""
    font = ImageFont.truetype(str(FONT), SIZE)
    _, _, right, bottom = ImageDraw.Draw(Image.new("L", (1, 1))).multiline_textbbox(
        (0, 0), text, font
    )
    page = Image.new("L", (int(right) + 2 * MARGIN, int(bottom) + 2 * MARGIN), 255)
    ImageDraw.Draw(page).multiline_text((MARGIN, MARGIN), text, 0, font)
    return page.quantize(4)


def main() -> None:
    """Write `images/` and a list of them beside each file of documents."""
    for name, chosen in DRAWN.items():
        lines = (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        rows = {row["id"]: row for row in map(json.loads, lines)}
        listed = []
        for key in chosen:
            picture = f"images/{key}.png"
            draw(rows[key]["question"]).save(HERE / picture, optimize=True)
            listed.append({"id": key, "images": [picture], "record": rows[key]["record"]})
        (HERE / f"{name}-images.jsonl").write_text(
            "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in listed), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
