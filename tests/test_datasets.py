"""The bundled series are what they say."""

import subprocess
import sys

import numpy as np
import pytest

import memtools as mt


@pytest.mark.parametrize(
    ("name", "n_obs", "first", "label"),
    [
        ("nile", 100, 1120.0, 1871),
        ("sunspots", 309, 5.0, 1700),
        ("vix", 1259, 13.76, "2014-01-03"),
        ("sp500", 5030, np.log(1244.780029 / 1228.099976), "1999-01-05"),
        ("sp500_abs", 5030, abs(np.log(1244.780029 / 1228.099976)), "1999-01-05"),
    ],
)
def test_load(name, n_obs, first, label):
    series = mt.datasets.load(name)
    assert series.name == name
    assert len(series) == n_obs
    assert series.iloc[0] == pytest.approx(first, rel=1e-12)
    assert str(series.index[0]).startswith(str(label))
    assert np.isfinite(series).all()


def test_every_name_is_described():
    assert all(len(mt.datasets.describe(name)) > 20 for name in mt.datasets.names())


def test_unknown_name_lists_the_known():
    with pytest.raises(mt.InvalidInputError, match="'nile', 'sunspots'"):
        mt.datasets.load("niles")


def test_names_load_no_package():
    code = (
        "import sys, memtools as mt; [mt.datasets.describe(name) for name in mt.datasets.names()];"
        "assert not {'statsmodels', 'arch', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
