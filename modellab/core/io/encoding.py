"""Decoding text files that may be compressed or not in UTF-8."""

import bz2
import codecs
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple

from modellab.core.errors import BrokenFileError, InputError
from modellab.core.io.code_pages import guessed

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: minimum share of zero bytes in UTF-16 without a byte-order mark
_ZEROS = 0.2

#: binary files that are often mistaken for text: first bytes, and advice
_BINARY = {
    b"PK\x03\x04": "an Excel workbook or a ZIP archive; a workbook's name should end in .xlsx",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; its name should end in .xls",
    b"PAR1": "a Parquet file; its name should end in .parquet",
    b"ARROW1": "an Arrow file; its name should end in .arrow",
    b"SQLite format 3": "an SQLite database; give it under `sql`",
    b"%PDF": "a PDF file",
    b"version https://git-lfs": "a Git LFS pointer, not the file itself; run git lfs pull",
}


@contextmanager
def _only_file(file: BinaryIO) -> Iterator[IO[bytes]]:
    """The only file of a ZIP archive. Raises _SeveralFilesError for none or several."""
    with zipfile.ZipFile(file) as packed:
        names = [entry.filename for entry in packed.infolist() if not entry.is_dir()]
        names = [n for n in names if not n.startswith(("__MACOSX/", ".")) and "/." not in n]
        if len(names) != 1:
            listed = ", ".join(names[:5]) or "none"
            raise _SeveralFilesError(f"{len(names)} files ({listed}); unpack it, or pack one")
        with packed.open(names[0]) as opened:
            yield opened


class _SeveralFilesError(Exception):
    """An archive without or with several files."""


@contextmanager
def _zstd(file: BinaryIO) -> Iterator[Any]:
    import pyarrow

    with pyarrow.input_stream(file, compression="zstd") as stream:
        yield stream


def zip_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """A file of an archive, also if it is compressed by zstd, which `zipfile` cannot read."""
    entry = archive.getinfo(name)
    if entry.compress_type != _ZSTD_IN_ZIP or archive.fp is None:
        return archive.read(name)
    archive.fp.seek(entry.header_offset)
    # the content follows 30 bytes, the last four of which are the lengths of two more fields
    lengths = struct.unpack("<HH", archive.fp.read(30)[26:])
    archive.fp.seek(sum(lengths), io.SEEK_CUR)
    with _zstd(io.BytesIO(archive.fp.read(entry.compress_size))) as stream:
        return bytes(stream.read())


#: by the first bytes of a compressed file: what opens it
_COMPRESSED: Mapping[bytes, Callable[[BinaryIO], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
    b"\x28\xb5\x2f\xfd": _zstd,
    b"PK\x03\x04": _only_file,
}
#: extensions of compressed files
COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zip")
#: the number of that compression in a ZIP archive
_ZSTD_IN_ZIP = 93
#: limits of the unpacked size, as a factor and in bytes, against compression bombs
_MOST_TIMES, _ALWAYS_UNPACKED = 200, 50 * 2**20


def without_compression(name: str) -> str:
    """A file's name in lower case without the extension of its compression."""
    name = name.lower()
    return name.removesuffix(next((end for end in COMPRESSED if name.endswith(end)), ""))


class Decoded(NamedTuple):
    """A text with line feeds, and notes on its encoding."""

    text: str
    notes: tuple[str, ...] = ()


@contextmanager
def opening(path: Path) -> Iterator[None]:
    """Errors of opening a file as InputError, or as BrokenFileError if it cannot be read."""
    try:
        yield
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: a folder, not a file") from None
    except OSError as error:
        raise BrokenFileError(f"{path}: cannot be read: {error.strerror}") from None


def read_bytes(path: Path) -> bytes:
    with opening(path):
        return path.read_bytes()


def read_utf8(path: Path) -> str:
    """The text of a file, without a byte-order mark. Raises InputError, with line for bad bytes."""
    return _strictly(path, read_bytes(path), "utf-8-sig", "UTF-8; save the file as UTF-8")


def read_text_bytes(path: Path) -> bytes:
    """The bytes of a text file, decompressed.

    Raises InputError for a missing file, and BrokenFileError for an unreadable or binary one.
    """
    data = read_bytes(path)
    opener = next((of for mark, of in _COMPRESSED.items() if data.startswith(mark)), None)
    # a workbook is a ZIP archive, too
    if opener and (opener is not _only_file or path.suffix.lower() == ".zip"):
        data = _unpacked(path, data, opener)
    for mark, what in _BINARY.items():
        if data.startswith(mark):
            raise BrokenFileError(f"{path}: {what}")
    return data


def _unpacked(path: Path, data: bytes, opener: Callable[[BinaryIO], Any]) -> bytes:
    most = max(_ALWAYS_UNPACKED, _MOST_TIMES * len(data))
    try:
        with opener(io.BytesIO(data)) as packed:
            unpacked: bytes = packed.read(most + 1)
    except _SeveralFilesError as error:
        raise BrokenFileError(f"{path}: {error}") from None
    except (EOFError, OSError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile):
        raise BrokenFileError(f"{path}: a compressed file that is cut off or damaged") from None
    if len(unpacked) > most:
        raise BrokenFileError(
            f"{path}: a compressed file that unpacks to more than {_MOST_TIMES} times its size"
        )
    return unpacked


def _strictly(path: Path, data: bytes, encoding: str, expected: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        bad = data[error.start : error.start + 1].hex()
        raise BrokenFileError(f"{path}:{line}: byte 0x{bad} is not {expected}") from None


def read_decoded(path: Path, encoding: str | None = None) -> Decoded:
    """The text of a file; encoding None: UTF-8, or detected.

    Raises InputError as `read_text_bytes` does, and for bytes that cannot be decoded.
    """
    return decoded(path, read_text_bytes(path), encoding)


def decoded(path: Path, data: bytes, encoding: str | None = None) -> Decoded:
    """The text of bytes that were read from `path`; see `read_decoded`."""
    text, notes = _decoded(path, data, encoding)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    # lines of old Macs
    return Decoded(text if "\n" in text else text.replace("\r", "\n"), notes)


def _decoded(path: Path, data: bytes, encoding: str | None) -> tuple[str, tuple[str, ...]]:
    if encoding is not None:
        return _strictly(path, data, encoding, encoding), ()
    few_zeros = data.count(0) < _ZEROS * len(data) or not data
    if few_zeros:
        try:
            return data.decode(), ()
        except UnicodeDecodeError:
            pass
    found = _by_mark(data) or (_detected(data) if few_zeros else _by_zeros(data))
    if found is None:
        raise BrokenFileError(f"{path}: neither UTF-8 nor another encoding of a text")
    name, text = found
    return text, (f"read as {name}, not UTF-8; set `encoding` if that is wrong",)


def _by_mark(data: bytes) -> tuple[str, str] | None:
    for mark, name in _MARKS:
        if data.startswith(mark):
            try:
                return name, data.decode(name)
            except UnicodeDecodeError:
                return None
    return None


def _by_zeros(data: bytes) -> tuple[str, str] | None:
    """UTF-16 without a byte-order mark: every other byte of a Latin text is zero, and no other."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    if len(data) % 2 or min(even, odd) > 0.1 * max(even, odd):
        return None
    name = "utf-16-le" if odd > even else "utf-16-be"
    try:
        return name, data.decode(name)
    except UnicodeDecodeError:
        return None


def _detected(data: bytes) -> tuple[str, str] | None:
    """By its letters (see `code_pages`), else by charset-normalizer, which knows more encodings."""
    if (found := guessed(data)) is not None:
        return found
    import charset_normalizer

    best = charset_normalizer.from_bytes(data).best()
    return None if best is None else (best.encoding, str(best))
