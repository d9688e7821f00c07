"""Time constants: by hand, against the closed form of their mixture, and refused."""

import numpy as np
import pytest

import memtools as mt
from memtools import networks


def lstm(forget_bias):
    """An LSTM whose forget gates have these biases, half of each in either bias."""
    n = len(forget_bias)
    params = {k: v.copy() for k, v in networks.LSTM.initialise(1, n, rng=0).params.items()}
    for name in ("bias_ih", "bias_hh"):
        params[name][n : 2 * n] = 0.5 * np.asarray(forget_bias)
    return networks.LSTM(params)


def test_time_constants_of_gates_by_hand():
    bias = np.array([-1.0, 0.0, 2.0, 8.0])
    expected = -1.0 / np.log(1.0 / (1.0 + np.exp(-bias)))
    np.testing.assert_allclose(mt.time_constants(lstm(bias)).values, expected, rtol=1e-12)
    gru = networks.GRU.initialise(1, 3, rng=1)
    b = (gru.params["bias_ih"] + gru.params["bias_hh"])[3:6]
    expected = -1.0 / np.log(1.0 / (1.0 + np.exp(-b)))
    np.testing.assert_allclose(mt.time_constants(gru).values, expected, rtol=1e-12)


def test_constants_are_what_the_state_does():
    cell = networks.MinimalGRU.initialise(1, 3, rng=2)
    state = (np.ones((1, 3)),)
    kept = (
        cell.step(np.zeros((1, 1)), state)[1][0]
        - cell.step(np.zeros((1, 1)), (np.zeros((1, 3)),))[1][0]
    )
    np.testing.assert_allclose(np.exp(-1.0 / mt.time_constants(cell).values), kept[0], rtol=1e-12)


def test_modes_of_a_linear_network():
    params = {"weight_ih": np.ones((2, 1)), "weight_hh": np.diag([0.5, -0.9])}
    params |= {"bias_ih": np.zeros(2), "bias_hh": np.zeros(2)}
    values = mt.time_constants(networks.RNN(params, activation="identity")).values
    np.testing.assert_allclose(np.sort(values), [-1.0 / np.log(0.5), -1.0 / np.log(0.9)])


@pytest.mark.slow
def test_inverse_gamma_units_imitate_its_power_law():
    rng = np.random.default_rng(5)
    shape, scale = 0.7, 3.0
    t = 1.0 / rng.gamma(shape, 1.0 / scale, 5000)
    t = np.clip(t, 0.1, 1e7)
    network = lstm(-np.log(np.expm1(1.0 / t)))
    constants = mt.time_constants(network)
    np.testing.assert_allclose(constants.values, t, rtol=1e-6)
    # the standard error of the shape is about shape / sqrt(n) times a small factor
    assert constants.inverse_gamma.shape == pytest.approx(shape, abs=0.06)
    assert constants.inverse_gamma.scale == pytest.approx(scale, rel=0.15)
    law = constants.imitates
    assert law.last >= 10 * law.first
    assert law.exponent == pytest.approx(shape, abs=0.1)
    assert law.worst < 0.05
    lags = np.arange(law.first, min(law.last, 2000) + 1.0)
    mixture = np.exp(-lags[:, np.newaxis] / t).mean(axis=1)
    ratio = mixture / lags**-law.exponent
    assert ratio.max() / ratio.min() < 1.05 / 0.95


def test_one_time_constant_imitates_nothing():
    constants = mt.time_constants(lstm([3.0, 3.0, 3.0]))
    assert constants.imitates is None
    assert constants.inverse_gamma is None
    assert "no power law" in constants.summary()


def test_layers_are_numbered():
    stack = networks.Sequential(
        [networks.GRU.initialise(1, 2, rng=0), networks.LSTM.initialise(2, 3, rng=1)]
    )
    constants = mt.time_constants(stack)
    assert constants.layers.tolist() == [0, 0, 1, 1, 1]
    assert list(constants.to_frame().columns) == ["layer", "time_constant"]


def test_networks_without_gates_are_refused():
    with pytest.raises(mt.InvalidInputError, match="LSTM, GRU"):
        mt.time_constants(networks.RNN.initialise(1, 2, rng=0))


def test_the_report_has_them_and_draws_them(tmp_path):
    report = mt.diagnose(lstm([1.0, 2.0, 6.0]))
    np.testing.assert_array_equal(
        report.time_constants.values, mt.time_constants(lstm([1.0, 2.0, 6.0])).values
    )
    assert report.time_constants.summary() in report.summary()
    assert "How long the units keep" in report.to_html()
    assert mt.diagnose(networks.RNN.initialise(1, 2, 1, rng=0)).time_constants is None
