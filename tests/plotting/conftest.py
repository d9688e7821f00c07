"""Results to draw, and Axes that pyplot does not know of."""

import os

import numpy as np
import pandas as pd
import pytest

os.environ["MPLBACKEND"] = "Agg"

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

import memtools as mt
from memtools import networks

HOSTILE = "<img src=x onerror=alert(1)> $\\frac{$ 100%_x^ \x00\n" + "z" * 50


@pytest.fixture(autouse=True)
def pyplot_and_style_are_left_alone():
    before = dict(mpl.rcParams)
    yield
    plt.close("all")
    assert dict(mpl.rcParams) == before


@pytest.fixture
def ax():
    return Figure(layout="constrained").subplots()


@pytest.fixture(scope="session")
def dated():
    """Long memory by the day, 600 observations."""
    values = mt.simulate(mt.ARFIMAProcess(d=0.35), 600, rng=3)
    return pd.Series(values, pd.date_range("2020-01-01", periods=600), name="flow")


@pytest.fixture(scope="session")
def portrait(dated):
    return mt.portray(dated)


@pytest.fixture(scope="session")
def hostile(dated):
    return mt.portray(dated.to_numpy(), name=HOSTILE)


@pytest.fixture(scope="session")
def fit(dated):
    return mt.ARFIMA(dated, (1, 0)).fit(method="whittle")


@pytest.fixture(scope="session")
def reports():
    """Diagnosed networks on white noise, by cell."""
    noise = np.random.default_rng(0).standard_normal((600, 1))
    cells = {
        "RNN": networks.RNN.initialise(1, 6, 1, rng=0),
        "LSTM": networks.LSTM.initialise(1, 3, 1, rng=0),
        "MRNN": networks.MRNN.initialise(1, 2, 1, rng=3, filter_length=80, fixed_d=True),
    }
    return {name: mt.diagnose(network, noise) for name, network in cells.items()}


@pytest.fixture(scope="session")
def training():
    x = np.random.default_rng(1).standard_normal((80, 1))
    network = networks.RNN.initialise(1, 2, 1, rng=0)
    return mt.train(network, x[:39], x[1:40], (x[40:79], x[41:80]), n_epochs=12)
