"""What every result shares: plain dictionaries, text tables, a notebook face."""

from __future__ import annotations

import dataclasses
import math
import os
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

import memtools
from memtools.results.intervals import ConfidenceInterval, normal_interval
from memtools.results.tables import Table, notebook_html

if TYPE_CHECKING:
    from pandas import DataFrame

# Metadata of fields that figures are drawn from: too large for `to_dict`.
DRAWN = {"plain": False}
_SCALARS = (str, bool, int, float, np.number)


def plain(value: Any) -> Any:
    """JSON-ready twin of a value: floats, ints, str, lists and dicts; not finite becomes None."""
    if isinstance(value, Result):
        return value.to_dict()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, str) else str(value)


def number(value: float | None, digits: int = 4) -> str:
    """A number as a person reads it; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "-"
    return f"{value:z.{digits}f}"  # no minus before a zero


class Result:
    """Base of the frozen result dataclasses: `print` shows the summary, `repr` one line."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # In the class itself, or the dataclass would write its own, arrays and all.
        if "__repr__" not in cls.__dict__:
            cls.__repr__ = Result.__repr__  # type: ignore[method-assign]

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        shown = {f.name: getattr(self, f.name) for f in _fields(self) if f.repr}
        parts = [f"{name}={_shown(v)}" for name, v in shown.items() if isinstance(v, _SCALARS)]
        line = f"{type(self).__name__}({', '.join(parts)})"
        return textwrap.shorten(line, 160, placeholder=" ...)")

    def summary(self) -> str:
        """A line, remarks and tables, as text for people."""
        title, lines = self._headline()
        tables = [table.text() for table in self.tables()]
        return "\n".join([title, *(f"  {line}" for line in lines), *tables])

    def to_dict(self) -> dict[str, Any]:
        """The result in plain JSON-ready types; numbers that are not finite become None.

        What figures are drawn from (fields whose metadata are `DRAWN`) is left out.
        """
        return {f.name: plain(getattr(self, f.name)) for f in _fields(self) if f.metadata != DRAWN}

    def tables(self) -> list[Table]:
        """The numbers as tables of text, for pages and notebooks."""
        return []

    def _headline(self) -> tuple[str, list[str]]:
        """What stands above the tables: a line, and remarks.

        A class writes this, or `summary` where that says more than headline and tables.
        """
        first, *rest = (line.strip() for line in self.summary().splitlines())
        return first, [line.removeprefix("- ") for line in rest if line]

    # Functions of plotting that draw the result in a notebook.
    _drawn_by: ClassVar[tuple[str, ...]] = ()

    def _repr_html_(self) -> str:
        face = notebook_html(*self._headline(), self.tables())
        if not self._drawn_by:
            return face
        figures = memtools._registered("drawer of faces").notebook_figures(self, self._drawn_by)
        return f"<div>{figures}{face}</div>"


def _fields(result: Result) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(result)  # type: ignore[arg-type]


def _shown(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


class LongTable(Result):
    """A result whose fields of one length are the columns of a table."""

    _index: ClassVar[str]
    _columns: ClassVar[tuple[str, ...]]

    def to_frame(self) -> DataFrame:
        """The table, a row an entry of its index."""
        import pandas as pd

        columns = {name: getattr(self, name) for name in self._columns}
        index = pd.Index(getattr(self, self._index), name=self._index)
        return pd.DataFrame(columns, index=index)


class WithInterval(Result):
    """A result with an estimate of d and its standard error."""

    d: float | None
    stderr: float

    def confidence_interval(self, level: float = 0.95) -> ConfidenceInterval[float]:
        """Two-sided normal interval d -/+ z * stderr; NaN where there is no d.

        Parameters
        ----------
        level : float
            Coverage probability, 0.5 or more.

        Returns
        -------
        ConfidenceInterval
            With fields `low` and `high`.
        """
        return normal_interval(math.nan if self.d is None else self.d, self.stderr, level)

    def to_dict(self) -> dict[str, Any]:
        """Everything, with the 95% interval of d, in plain JSON-ready types."""
        return super().to_dict() | plain(self.confidence_interval()._asdict())


class PageResult(Result):
    """A result that has a page of its own."""

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the result with its figures as one page.

        Parameters
        ----------
        path : str or path-like
            Ends in .html, .pdf, .png or .md, whose figures lie beside it.

        Raises
        ------
        OutputFileError
            Where the file cannot be written; nothing is left half done.
        """
        memtools._registered("writer of pages").write(self, path)

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """The page in HTML.

        Parameters
        ----------
        path : str or path-like, optional
            Ends in .html; `write` makes other kinds of files.

        Returns
        -------
        str or None
            The page where no path is given.

        Raises
        ------
        OutputFileError
            Where the file cannot be written; nothing is left half done.
        """
        return memtools._registered("writer of pages").to_html(self, path)
