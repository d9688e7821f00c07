"""What everyday files are made of: numbers drawn here, dates, and how cells are written."""

import csv
import io
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

N_OBS = 60
_RNG = np.random.default_rng(20)
LEVEL = np.round(50.0 + np.cumsum(_RNG.standard_normal(N_OBS)), 2)
LEVEL[::7] += 0.01  # decimals in most cells
LEVEL = np.round(LEVEL, 2)
EXACT = _RNG.standard_normal(N_OBS)  # all 17 digits
COUNTS = _RNG.integers(20, 90, N_OBS).astype(float)
LARGE = np.round(1000.0 + 40_000.0 * _RNG.random(N_OBS), 2)
DAYS = pd.date_range("2019-03-01", periods=N_OBS, freq="D")
WEEKDAYS = pd.bdate_range("2019-03-01", periods=N_OBS + 3).delete([20, 35, 36])
HOURS = pd.date_range("2019-03-01", periods=N_OBS, freq="h")
MONTHS = pd.period_range("2010-01", periods=N_OBS, freq="M")
YEARS = range(1901, 1901 + N_OBS)


@dataclass
class Case:
    """A file, the question, and the answer: values and first and last label, or an error."""

    name: str
    data: bytes | str
    values: object = None
    ends: tuple[str, str] | None = None
    column: str | None = None
    options: dict = field(default_factory=dict)
    error: str | None = None
    note: str | None = None


def lines(rows, separator=",", end="\n"):
    return end.join(separator.join(map(str, row)) for row in rows) + end


def rows(*columns):
    return list(zip(*columns, strict=True))


def put(values, places, cell):
    """The values with a cell of its own at some places."""
    return [cell if i in places else value for i, value in enumerate(values)]


def gaps_at(places):
    return np.where(np.isin(np.arange(N_OBS), places), np.nan, LEVEL)


def comma(value, digits=2):
    return f"{value:.{digits}f}".replace(".", ",")


def german(value):
    """1.234,50"""
    return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


def text_of(frame, **options):
    return frame.to_csv(**options)


def quoted(rows, **options):
    out = io.StringIO()
    csv.writer(out, **options).writerows(rows)
    return out.getvalue()


DATED = pd.Series(LEVEL, DAYS)
ENDS = ("2019-03-01", "2019-04-29")
QUARTER_ENDS = ("2001Q1", "2015Q4")
MONTH_ENDS = ("2010-01", "2014-12")
YEAR_ENDS = ("1901", "1960")
iso = [f"{day:%Y-%m-%d}" for day in DAYS]
us = [f"{day:%m/%d/%Y}" for day in DAYS]
dotted = [f"{day:%d.%m.%Y}" for day in DAYS]


def dated(labels, values=LEVEL, head="date,x", newest_first=False):
    body = rows(labels, values)
    return head + "\n" + lines(body[::-1] if newest_first else body)
