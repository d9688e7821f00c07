"""From a path or standard input to bytes: decompressed, and as UTF-8 where they are text."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import sys
import zipfile
import zlib
from pathlib import Path, PurePath

from memtools import datasets
from memtools.exceptions import DataFileError, MissingDependencyError

_COMPRESSED = {
    ".gz": b"\x1f\x8b",
    ".bz2": b"BZh",
    ".xz": b"\xfd7zXZ\x00",
    ".zip": b"PK\x03\x04",
    ".zst": b"\x28\xb5\x2f\xfd",
}
_BROKEN = (OSError, EOFError, ValueError, lzma.LZMAError, zlib.error, zipfile.BadZipFile)


def path_of(source: str) -> Path:
    """The path of a file that is there.

    Raises
    ------
    DataFileError
    """
    path = Path(source)
    try:
        there, folder = path.is_file(), path.is_dir()
    except (OSError, ValueError):
        there = folder = False
    if folder and path.suffix.lower() == ".zarr":
        return path
    if not there:
        known = ", ".join(datasets.names())
        what = "a folder" if folder else "no file"
        raise DataFileError(f"{source} is {what}, nor one of the bundled series ({known})")
    return path


def read_bytes(source: str) -> tuple[bytes, str]:
    """Contents, decompressed, and the ending that says what they are.

    Raises
    ------
    DataFileError
    MissingDependencyError
    """
    if source == "-":
        data, name = sys.stdin.buffer.read(), PurePath("stdin")
    else:
        path = path_of(source)
        try:
            data, name = path.read_bytes(), path
        except OSError as error:
            raise DataFileError(f"{source} cannot be read: {error.strerror or error}") from error
    suffix = name.suffix.lower()
    for ending, magic in _COMPRESSED.items():
        if data.startswith(magic) and (ending != ".zip" or suffix in (".zip", "")):
            inner = PurePath(name.stem) if suffix == ending else name
            data, inner = _decompressed(data, ending, inner, source)
            return data, inner.suffix.lower()
    if suffix in _COMPRESSED:
        raise DataFileError(f"{source} is not a {suffix} file")
    return data, suffix


def _decompressed(data: bytes, ending: str, inner: PurePath, source: str) -> tuple[bytes, PurePath]:
    try:
        if ending == ".zip":
            return _unzipped(data, source)
        if ending == ".zst":
            return _unzstd(data), inner
        opener = {".gz": gzip.decompress, ".bz2": bz2.decompress, ".xz": lzma.decompress}
        return opener[ending](data), inner
    except DataFileError:
        raise
    except _BROKEN as error:
        raise DataFileError(f"{source} is a damaged {ending} file ({error})") from None


def _unzipped(data: bytes, source: str) -> tuple[bytes, PurePath]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [
            name
            for name in archive.namelist()
            if not name.endswith("/") and not name.startswith("__MACOSX")
        ]
        if len(names) != 1:
            listed = ", ".join(names[:10]) + (f" and {len(names) - 10} more" * (len(names) > 10))
            raise DataFileError(f"{source} holds {len(names)} files ({listed}); unpack one")
        try:
            return archive.read(names[0]), PurePath(names[0])
        except (RuntimeError, NotImplementedError) as error:  # a password, another method
            raise DataFileError(f"{source} cannot be unpacked: {error}") from None


def _unzstd(data: bytes) -> bytes:
    try:
        import zstandard
    except ImportError:
        raise MissingDependencyError("zstandard", "reading .zst files") from None
    try:
        with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)) as reader:
            return bytes(reader.read())
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from None


def as_utf8(data: bytes, source: str) -> tuple[bytes, list[str]]:
    """Text as UTF-8 without a mark at its start, and what was assumed of its encoding.

    Raises
    ------
    DataFileError
        Where the bytes are no text.
    """
    notes: list[str] = []
    encoding = _encoding(data)
    if encoding is not None:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            raise DataFileError(f"{source} is not {encoding.upper()} text") from None
        data = text.removeprefix("\ufeff").encode("utf-8", "replace")
    elif data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            data = _from_windows(data, source, line)
            notes.append(f"not UTF-8 (line {line}): read as Latin-1")
    control = next((c for c in range(9) if c in data[:4096]), None)
    if control is not None or b"\x00" in data:
        raise DataFileError(f"{source} is not text")
    return data, notes


def _encoding(data: bytes) -> str | None:
    """UTF-16 and UTF-32, by their mark or by the zeros of plain letters."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = data[:400]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if len(head) >= 8 and odd > 0.4 * len(head) / 2 and even == 0:
        return "utf-16-le"
    if len(head) >= 8 and even > 0.4 * len(head) / 2 and odd == 0:
        return "utf-16-be"
    return None


def _from_windows(data: bytes, source: str, line: int) -> bytes:
    """Latin-1 in Windows' edition; bytes that are mostly no letters are no text."""
    text = data.decode("cp1252", "replace")
    strange = sum(byte >= 0x80 for byte in data[:4096])
    if "\ufffd" in text or strange > 0.3 * len(data[:4096]):
        raise DataFileError(f"{source} is not UTF-8 text (line {line}); save it as UTF-8")
    return text.encode()
