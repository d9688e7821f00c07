"""diagnose(): verdicts on networks whose memory is known, and its report."""

import json

import numpy as np
import pytest

import memtools as mt
from memtools import networks


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(0).standard_normal((600, 1))


@pytest.mark.parametrize("cell", [networks.RNN, networks.LSTM, networks.GRU])
def test_short_memory(cell, noise):
    report = mt.diagnose(cell.initialise(1, 2, 1, rng=0), noise)
    assert report.verdict == "short memory"
    assert report.theorem.verdict == "geometrically ergodic"
    assert report.lyapunov[0] < 0.0
    assert report.residual_memory is not None


@pytest.mark.parametrize("cell", [networks.MRNN, networks.MLSTM])
def test_long_memory_up_to_the_filter(cell, noise):
    network = cell.initialise(1, 2, 1, rng=3, filter_length=80, fixed_d=True)
    report = mt.diagnose(network, noise)
    assert report.verdict == "long memory"
    assert report.decay.d == pytest.approx(0.25, abs=0.06)
    assert 70 <= report.decay.crossover_lag <= 85


def test_residual_keeps_long_memory():
    x = mt.fracint(np.random.default_rng(1).standard_normal(4000), 0.4)
    params = {"weight_ih": [[0.1]], "weight_hh": [[0.1]], "bias_ih": [0.0], "bias_hh": [0.0]}
    report = mt.diagnose(networks.RNN(params), 0.1 * x)
    assert report.residual_memory.test(0.0, "greater").pvalue < 0.05
    assert any("MRNN" in line for line in report.advice)


def test_report_is_plain_and_repeatable():
    network = networks.Sequential(
        [networks.GRU.initialise(2, 3, rng=0), networks.LSTM.initialise(3, 2, 1, rng=1)]
    )
    one, other = mt.diagnose(network), mt.diagnose(network)
    assert one.summary() == other.summary()
    assert json.loads(json.dumps(one.to_dict()))["verdict"] == one.verdict
    assert one.residual_memory is None


def test_bad_input_is_named():
    network = networks.LSTM.initialise(1, 1, 1, rng=0)
    with pytest.raises(mt.InvalidInputError, match="network must be a network"):
        mt.diagnose("model.pt")
    with pytest.raises(mt.InvalidInputError, match="x must be longer than n_lags = 200"):
        mt.diagnose(network, np.zeros(10))
    with pytest.raises(mt.InvalidInputError, match="x must be of shape"):
        mt.diagnose(network, np.zeros((300, 2)))
    with pytest.raises(mt.InvalidInputError, match="n_lags must be an integer of at least 16"):
        mt.diagnose(network, n_lags=3)
