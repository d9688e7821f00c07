"""What every result shares: plain dictionaries, text tables, a notebook face."""

from __future__ import annotations

import dataclasses
import importlib
import math
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from memtools.results.tables import Table, notebook_html


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
    return f"{value:.{digits}f}"


class Result:
    """Base of the frozen result dataclasses."""

    def summary(self) -> str:
        """The result as text for people."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """The result in plain JSON-ready types; numbers that are not finite become None.

        Fields whose metadata say ``plain=False`` are left out.
        """
        fields = [f for f in dataclasses.fields(self) if f.metadata.get("plain", True)]  # type: ignore[arg-type]
        return {f.name: plain(getattr(self, f.name)) for f in fields}

    def tables(self) -> list[Table]:
        """The numbers as tables of text, for pages and notebooks."""
        return []

    def _headline(self) -> tuple[str, list[str]]:
        """What stands above the tables: a line, and remarks."""
        first, *rest = (line.strip() for line in self.summary().splitlines())
        return first, [line.removeprefix("- ") for line in rest if line]

    def _repr_html_(self) -> str:
        return notebook_html(*self._headline(), self.tables())


def write_report(result: Result, path: str | os.PathLike[str]) -> None:
    """The page of a result: the writer is above us, and is loaded when it is called."""
    importlib.import_module("memtools.reports").write_report(result, path)
