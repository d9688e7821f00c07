"""Rows on disk as they come: one JSON object a line, safe against a kill at any moment."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from memtools.exceptions import DataFileError, InvalidInputError


class RowStore:
    """Rows by key, kept in a file of JSON lines if `path` is given.

    Parameters
    ----------
    path : path or None
        An existing file is read first; its last line, if a kill cut it, is dropped.
    key : tuple of str
        Columns that tell rows apart.
    """

    def __init__(self, path: str | Path | None, key: tuple[str, ...]) -> None:
        self.key = key
        self.rows: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._lock = threading.Lock()
        self._file = None
        if path is None:
            return
        try:
            self._file = open(path, "a+b")  # noqa: SIM115 - closed by __exit__
        except OSError as error:
            allowed = "a file that can be written"
            raise InvalidInputError("out", allowed, f"{path} ({error.strerror})") from error
        self._read(Path(path))

    def _read(self, path: Path) -> None:
        assert self._file is not None
        self._file.seek(0)
        whole = self._file.read()
        end = whole.rfind(b"\n") + 1
        if whole[end:] and not whole[end:].startswith(b"{"):  # no row that a kill cut short
            self._file.close()
            raise DataFileError(f"{path} is not a file of saved rows")
        for number, line in enumerate(whole[:end].splitlines(), start=1):
            try:
                row = json.loads(line)
                self.rows[tuple(row[name] for name in self.key)] = row
            except (ValueError, KeyError, TypeError) as error:
                self._file.close()
                text = f"{path}, line {number} is not a row of this work"
                raise DataFileError(text) from error
        self._file.truncate(end)

    def add(self, row: dict[str, Any]) -> None:
        """Keep a row; it is on the disk when this returns."""
        with self._lock:
            self.rows[tuple(row[name] for name in self.key)] = row
            if self._file is not None:
                self._file.write(json.dumps(row, allow_nan=False).encode() + b"\n")
                self._file.flush()
                os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
