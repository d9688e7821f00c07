"""What every result shares: plain dictionaries, text tables, a notebook face."""

from __future__ import annotations

import dataclasses
import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


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


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns padded with blanks, first column left, others right, a rule below the header."""
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        first = row[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        return "  ".join([first, *rest]).rstrip()

    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    return "\n".join([line(header), rule, *(line(row) for row in rows)])


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

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.summary())}</pre>"
