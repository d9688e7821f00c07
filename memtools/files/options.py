"""How a file is to be read where it does not say so itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from memtools import _validate
from memtools.exceptions import InvalidInputError

DATE_ORDERS = ("day-first", "month-first")
ORIENTS = ("columns", "rows")


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """What the user told of a file; None where the file is to speak for itself.

    Attributes
    ----------
    separator, decimal, thousands : str
        One character each.
    header : bool
        Whether the first line holds names.
    na : sequence of str
        Further cells that stand for a missing value ("-9999"); "none" keeps suspected ones.
    dates : {"day-first", "month-first"}
        How 03/04/2020 is read.
    orient : {"columns", "rows"}
        Whether a series is a column or a row of an array.
    sheet, variable : str
        Which sheet of a workbook, which variable of a .mat, NetCDF, Zarr, HDF5 or EDF file.
    blank_is_gap : bool
        A blank line among those of a single column is a missing value.
    """

    separator: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    header: bool | None = None
    na: Sequence[str] = ()
    dates: str | None = None
    orient: str | None = None
    sheet: str | None = None
    variable: str | None = None
    blank_is_gap: bool = False

    def __post_init__(self) -> None:
        for name in ("separator", "decimal", "thousands"):
            value = getattr(self, name)
            if name == "separator" and value in ("\\t", "tab"):
                value = "\t"
                object.__setattr__(self, name, value)
            if value is not None and (not isinstance(value, str) or len(value) != 1):
                raise InvalidInputError(name, "one character", repr(value))
        if self.decimal is not None and self.decimal not in ".,":
            raise InvalidInputError("decimal", "'.' or ','", repr(self.decimal))
        if self.decimal is not None and self.decimal == self.thousands:
            raise InvalidInputError("thousands", "another mark than decimal", repr(self.thousands))
        _validate.as_choice(self.dates, "dates", (*DATE_ORDERS, None))
        _validate.as_choice(self.orient, "orient", (*ORIENTS, None))
        if isinstance(self.na, str | float | int):
            object.__setattr__(self, "na", (str(self.na),))
        object.__setattr__(self, "na", tuple(str(code) for code in self.na))

    @property
    def keeps_fill_values(self) -> bool:
        """True where a suspected code of missing values is to stay a number."""
        return "none" in self.na
