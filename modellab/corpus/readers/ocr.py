"""Text of pictures, read by an installed tesseract."""

from __future__ import annotations

import io
import shutil
import subprocess
from typing import TYPE_CHECKING

from modellab.core.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image

#: seconds; a page takes a few
_TIMEOUT = 300


def read_picture(picture: Image, language: str) -> str:
    """The text of a picture; `language` is as tesseract names it, such as eng or deu+eng.

    Raises InputError where tesseract is not installed, does not know the language, or fails.
    """
    program = shutil.which("tesseract")
    if program is None:
        raise InputError(
            "ocr: tesseract is not installed (Debian: tesseract-ocr); or leave ocr out"
        )
    png = io.BytesIO()
    picture.convert("RGB").save(png, "PNG")
    command = [program, "stdin", "stdout", "-l", language]
    try:
        done = subprocess.run(  # noqa: S603
            command, input=png.getvalue(), capture_output=True, timeout=_TIMEOUT, check=True
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"ocr: tesseract took more than {_TIMEOUT} seconds for a page") from None
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").strip().splitlines()
        raise InputError(f"ocr: tesseract failed ({lines[0] if lines else error})") from None
    return done.stdout.decode("utf-8", errors="replace").strip()
