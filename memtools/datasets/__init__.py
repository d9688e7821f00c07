"""Series to try things on: some come with packages that memtools depends on, the paper's are
downloaded when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from memtools import _validate
from memtools.datasets.downloads import DOWNLOADS, find

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def _nile() -> Series:
    from statsmodels.datasets import nile

    return _by_year(nile.load_pandas().data, "year", "volume")


def _sunspots() -> Series:
    from statsmodels.datasets import sunspots

    return _by_year(sunspots.load_pandas().data, "YEAR", "SUNACTIVITY")


def _by_year(frame: DataFrame, year: str, column: str) -> Series:
    return frame.set_index(frame[year].astype(np.int64))[column]


def _vix() -> Series:
    from arch.data import vix

    return vix.load()["vix"].dropna()


def _sp500() -> Series:
    from arch.data import sp500

    return np.log(sp500.load()["Adj Close"]).diff().iloc[1:]


@dataclass(frozen=True)
class _Bundled:
    """How a series is loaded, what it is and where it comes from."""

    load: Callable[[], Series]
    description: str
    source: str


_SP500 = "Yahoo Finance, with the arch package"
_BUNDLED = {
    "nile": _Bundled(
        _nile,
        "Annual flow of the Nile at Aswan, 1871-1970, 1e8 cubic metres",
        "Durbin and Koopman (2012), with the statsmodels package",
    ),
    "sunspots": _Bundled(
        _sunspots,
        "Yearly mean sunspot number, 1700-2008",
        "NOAA, with the statsmodels package",
    ),
    "vix": _Bundled(
        _vix,
        "CBOE volatility index, daily close, 2014-2018, percent",
        "CBOE through FRED, with the arch package",
    ),
    "sp500": _Bundled(_sp500, "Daily log returns of the S&P 500, 1999-2018", _SP500),
    "sp500_abs": _Bundled(
        lambda: _sp500().abs(), "Absolute daily log returns of the S&P 500, 1999-2018", _SP500
    ),
}


def names() -> list[str]:
    """Names of the series that :func:`load` knows."""
    return [*_BUNDLED, *(name for name in DOWNLOADS if name != "reviews")]


def describe(name: str) -> str:
    """What a series is and where it comes from.

    Parameters
    ----------
    name : str
        One of :func:`names`.
    """
    _validate.as_choice(name, "name", names())
    if name in DOWNLOADS:
        return f"{DOWNLOADS[name].description} (Zhao et al., 2020; downloaded when asked for)"
    bundled = _BUNDLED[name]
    return f"{bundled.description} ({bundled.source})"


def path_of(name: str) -> Path:
    """The file of a downloadable data set, fetched if need be.

    Parameters
    ----------
    name : {"arfima", "DJI", "traffic", "tree7", "reviews"}

    Returns
    -------
    Path
        In the folder that the environment variable MEMTOOLS_DATA names, else in the user's
        cache; its SHA-256 is the published one.

    Raises
    ------
    DownloadError
        Where it cannot be fetched.
    """
    return find(_validate.as_choice(name, "name", [*DOWNLOADS]))


def load(name: str) -> Series:
    """A series by name.

    Parameters
    ----------
    name : {"nile", "sunspots", "vix", "sp500", "sp500_abs", "arfima", "DJI", "traffic", "tree7"}
        The last four, the paper's, are found as :func:`path_of` says.

    Returns
    -------
    pandas.Series
        Indexed by year or date (the paper's by position), named `name`; missing days
        (holidays in vix) are left out.

    Raises
    ------
    InvalidInputError
        Where there is no such series.
    DownloadError
        Where it is one of the paper's and cannot be fetched.

    Examples
    --------
    >>> import memtools as mt
    >>> flow = mt.datasets.load("nile")
    >>> len(flow), float(flow.iloc[0])
    (100, 1120.0)
    """
    import pandas as pd

    _validate.as_choice(name, "name", names())
    if name in DOWNLOADS:
        return pd.read_csv(find(name), usecols=["x"])["x"].astype(np.float64).rename(name)
    return _BUNDLED[name].load().astype(np.float64).rename(name)
