"""Files written whole or row by row, bars that show how far a long work is, its interrupt."""

from __future__ import annotations

import json
import os
import secrets
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from memtools.exceptions import DataFileError, InvalidInputError, OutputFileError

_BAR = threading.Lock()


def as_output(path: str | os.PathLike[str], suffixes: Collection[str]) -> Path:
    """The path of a file to write: its ending is known and its folder is there.

    Raises
    ------
    OutputFileError
        Otherwise, or where the path is a folder.
    """
    if not isinstance(path, str | os.PathLike):
        raise InvalidInputError("path", "the name of a file", repr(path))
    target = Path(path)
    if target.suffix.lower() not in suffixes:
        raise OutputFileError(f"{path} must end in {' or '.join(suffixes)}")
    if target.is_dir():
        raise OutputFileError(f"{path} is a folder, not a file to write")
    folder = target.absolute().parent
    if not folder.is_dir():
        raise OutputFileError(f"{path} cannot be written: there is no folder {folder}")
    return target


def as_folder(path: Path) -> None:
    """Make a folder, unless it is there.

    Raises
    ------
    OutputFileError
        Where that cannot be done.
    """
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputFileError(f"{path} cannot be made: {error.strerror or error}") from error


def write_whole(path: str | os.PathLike[str], data: bytes | Callable[[BinaryIO], object]) -> None:
    """Write beside, then rename: a reader sees the file before or the whole file after.

    Parameters
    ----------
    path : path-like
        What is there keeps its permissions; a link stays a link.
    data : bytes or callable
        The whole, or what writes it into the open file it is called with.

    Raises
    ------
    OutputFileError
        Where the file cannot be written (the disk is full, the folder read-only); what was
        there before stays as it was.
    """
    path = Path(path).resolve()
    part = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}")
    try:
        with open(part, "xb") as file:  # with the permissions that any new file gets
            file.write(data) if isinstance(data, bytes) else data(file)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            os.chmod(part, path.stat().st_mode & 0o777)
        os.replace(part, path)
    except OSError as error:
        raise OutputFileError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)


def in_notebook() -> bool:
    """True in Jupyter and its kin, where there is no terminal and yet somebody looks."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return type(shell).__name__ == "ZMQInteractiveShell"


@contextmanager
def progress_bar(
    total: int, title: str, shown: bool | None = None, done: int = 0
) -> Iterator[Callable[[], None]]:
    """A function to call after each piece of work; the bar is drawn on standard error.

    Parameters
    ----------
    total, done : int
        Pieces of work, and how many are behind us.
    title : str
        What the pieces are ("series").
    shown : bool, optional
        By default where somebody looks: in a terminal or a notebook.
    """
    if shown is None:
        shown = sys.stderr.isatty() or in_notebook()
    if not shown or not _BAR.acquire(blocking=False):  # work inside work draws none
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    try:
        with Progress(console=Console(stderr=True)) as bar:
            task = bar.add_task(title, total=total, completed=done)
            yield lambda: bar.advance(task)
    finally:
        _BAR.release()


class RowStore:
    """Rows by key, kept in a file of JSON lines if `path` is given.

    Parameters
    ----------
    path : path or None
        An existing file is read first; its last line, if a kill cut it, is dropped.
    key : tuple of str
        Columns that tell rows apart.
    older : mapping, optional
        Columns that rows of earlier versions lack, and what holds for these rows.
    """

    def __init__(
        self,
        path: str | Path | None,
        key: tuple[str, ...],
        older: Mapping[str, Any] | None = None,
    ) -> None:
        self.key, self._older = key, dict(older or {})
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
                row |= {name: v for name, v in self._older.items() if name not in row}
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


@contextmanager
def interrupts_as_such() -> Iterator[None]:
    """What comes while compiled code gives its result back is a SystemError about that."""
    try:
        yield
    except SystemError as error:
        why: BaseException | None = error
        while why is not None:
            why = why.__cause__ or why.__context__
            if isinstance(why, KeyboardInterrupt):
                raise KeyboardInterrupt from None
        raise
