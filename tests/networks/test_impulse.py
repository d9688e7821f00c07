"""Impulse weights against definitions, differences and each other."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

import memtools as mt
from memtools import networks
from memtools.networks.tangents import push

CELLS = [
    (networks.RNN, {}),
    (networks.RNN, {"activation": "relu"}),
    (networks.LSTM, {}),
    (networks.LSTM, {"activation": "sigmoid"}),
    (networks.GRU, {}),
    (networks.GRU, {"reset_after": False}),
    (networks.RWA, {}),
    (networks.MIST, {}),
    (networks.MRNN, {}),
    (networks.MRNN, {"fixed_d": True}),
    (networks.MLSTM, {}),
    (networks.MLSTM, {"fixed_d": True}),
    (networks.TwoLaneRNN, {}),
]


@pytest.mark.parametrize(("cell", "options"), CELLS)
def test_push_is_the_derivative(cell, options):
    network = cell.initialise(2, 3, 2, rng=0, filter_length=8, **options)
    rng = np.random.default_rng(1)
    x, dx = rng.standard_normal((2, 6, 1, 2))
    size, state = 1e-6, network.initial_state(1)
    tangent = tuple(np.zeros_like(part) for part in state)
    high, low = (network.forward(x + sign * size * dx)[0] for sign in (1.0, -1.0))
    for t in range(len(x)):
        dz, state, tangent = push(network, x[t], dx[t], state, tangent)
        np.testing.assert_allclose(dz, (high[t] - low[t]) / (2.0 * size), atol=1e-8)


def test_closed_form_of_a_linear_network():
    network = networks.RNN.initialise(2, 3, 2, rng=0, activation="identity")
    p = network.params
    weights = mt.impulse_weights(network, n_lags=6)
    assert weights.method == "closed form"
    assert weights.values.shape == (7, 2, 2)
    for k in range(7):
        power = np.linalg.matrix_power(p["weight_hh"], k)
        np.testing.assert_allclose(weights.values[k], p["weight_hz"] @ power @ p["weight_ih"])


@pytest.mark.parametrize("d", [0.1, 0.4])
def test_linear_mrnnf_has_the_slope_of_theorem_3(d):
    bias_d = np.log(2.0 * d / (1.0 - 2.0 * d))
    params = {"weight_mm": [[0.3]], "bias_m": [0.0], "weight_fm": [[1.0]], "weight_hh": [[0.5]]}
    params |= {"bias_h": [0.0], "weight_xh": [[1.0]], "weight_hz": [[0.2]], "bias_z": [0.0]}
    params |= {"weight_mz": [[1.0]], "bias_d": [bias_d]}
    options = {"filter_length": 2000, "fixed_d": True, "activation": "identity"}
    weights = mt.impulse_weights(networks.MRNN(params, **options), n_lags=1000).values[:, 0, 0]
    k = np.arange(200, 1001)
    slope = np.polyfit(np.log(k), np.log(np.abs(weights[200:])), 1)[0]
    assert slope == pytest.approx(-(d + 1.0), rel=0.02)


def test_mlstmf_with_constant_gates_has_long_memory_and_lstm_has_not():
    long = {"weight_ih": [[0.0], [1.0], [0.0]], "weight_hh": np.zeros((3, 1))}
    long |= {"bias": [0.0, 0.0, 0.0], "bias_d": [0.0]}
    options = {"filter_length": 500, "fixed_d": True, "activation": "identity"}
    weights = mt.impulse_weights(networks.MLSTM(long, **options)).values[:, 0, 0]
    # two gates of one half, and the weights of (1 - B)^-d, d = 1/4
    np.testing.assert_allclose(weights, 0.25 * mt.fracdiff_weights(-0.25, 200), rtol=1e-10)
    assert mt.classify_decay(weights).verdict == "polynomial"
    short = {"weight_ih": [[0.0], [0.0], [1.0], [0.0]], "weight_hh": np.zeros((4, 1))}
    short |= {"bias_ih": [0.0, 2.0, 0.0, 0.0], "bias_hh": np.zeros(4)}
    weights = mt.impulse_weights(networks.LSTM(short, activation="identity")).values[:, 0, 0]
    np.testing.assert_allclose(weights[1:] / weights[:-1], 1.0 / (1.0 + np.exp(-2.0)))
    assert mt.classify_decay(weights).verdict == "exponential"


def test_perturbations_agree_with_jacobians():
    network = networks.GRU.initialise(1, 3, 1, rng=0)
    x = np.random.default_rng(0).standard_normal(400)
    one = mt.impulse_weights(network, x, n_lags=20)
    other = mt.impulse_weights(lambda u: network.forward(u)[0], x, n_lags=20)
    spread = np.hypot(one.stderr, other.stderr)
    assert np.all(np.abs(one.values - other.values) < 5.0 * spread + 1e-9)


def test_regression_agrees_with_the_closed_form():
    network = networks.RNN.initialise(1, 2, 1, rng=3, activation="identity")
    exact = mt.impulse_weights(network, n_lags=30)
    found = mt.impulse_weights(lambda u: network.forward(u)[0], n_lags=30, method="regression")
    bent = networks.RNN.initialise(1, 2, 1, rng=3)
    assert np.abs(found.values - exact.values).max() < 1e-6
    noisy = mt.impulse_weights(bent, n_lags=30, method="regression")
    assert np.all(noisy.stderr > 0.0)


def test_lyapunov_exponent_of_a_linear_network():
    network = networks.RNN.initialise(1, 4, 1, rng=0, activation="identity")
    sizes = np.sort(np.abs(np.linalg.eigvals(network.params["weight_hh"])))[::-1]
    found = networks.lyapunov_exponent(network, np.zeros((3000, 1)), n_exponents=4)[0]
    np.testing.assert_allclose(found.sum(), np.log(sizes).sum(), rtol=1e-8)
    assert found[0] == pytest.approx(np.log(sizes[0]), abs=0.01)


def test_s4d_kernel_is_its_recurrence():
    rng = np.random.default_rng(0)
    log_dt, log_a, a_imag = rng.uniform(-3, -1, 2), rng.standard_normal((2, 3)), np.ones((2, 3))
    c = rng.standard_normal((2, 3, 2))
    kernel = networks.s4d_kernel(log_dt, log_a, a_imag, c, 40)
    a = -np.exp(log_a) + 1j * a_imag
    step = np.exp(a * np.exp(log_dt)[:, np.newaxis])
    state = (step - 1.0) / a
    for k in range(41):
        output = 2.0 * ((c[..., 0] + 1j * c[..., 1]) * state).real.sum(axis=1)
        np.testing.assert_allclose(kernel[k], output, rtol=1e-10)
        state = step * state


def test_large_lstm_runs():
    network = networks.LSTM.initialise(1, 128, 1, rng=0)
    x = np.random.default_rng(0).standard_normal((400, 1))
    weights = mt.impulse_weights(network, x, n_lags=300)
    assert np.isfinite(weights.values).all()


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ((np.ones((300, 2)), 10), "x must be of shape"),
        ((np.ones(10), 20), "x must be longer than n_lags"),
        ((None, -1), "n_lags must be an integer"),
    ],
)
def test_bad_input_is_named(arguments, match):
    network = networks.RNN.initialise(1, 2, 1, rng=0)
    with pytest.raises(mt.InvalidInputError, match=match):
        mt.impulse_weights(network, *arguments)


def test_what_is_not_causal_is_refused():
    one = networks.RNN.initialise(1, 2, rng=0)
    with pytest.raises(mt.InvalidInputError, match="causal"):
        mt.impulse_weights(networks.Bidirectional(one, one))
    with pytest.raises(mt.InvalidInputError, match="causal"):
        mt.impulse_weights(lambda x: x[::-1], np.random.default_rng(0).standard_normal(99), 20)
    with pytest.raises(mt.InvalidInputError, match="network must be a network or a callable"):
        mt.impulse_weights(3)


def test_step_response_is_the_sum_of_the_weights():
    params = {"weight_ih": [[0.5, -1.0]], "weight_hh": [[0.8]], "bias_ih": [0.3], "bias_hh": [0.0]}
    linear = networks.RNN(params, activation="identity")
    expected = np.cumsum(mt.impulse_weights(linear, n_lags=50).values, axis=0)
    x = np.random.default_rng(0).standard_normal((200, 2))
    for data in (None, x):
        response = mt.impulse_weights(linear, data, 50, method="step")
        np.testing.assert_allclose(response.values, expected, atol=1e-9)
    call = mt.impulse_weights(lambda x: linear.forward(x)[0], None, 50, 2, method="step")
    np.testing.assert_allclose(call.values, expected, atol=1e-9)


def test_step_response_of_a_nonlinear_network_by_hand():
    network = networks.LSTM.initialise(1, 3, 1, rng=2)
    zero, one = np.zeros((540, 1)), np.zeros((540, 1))
    one[500:] = 1.0
    expected = (network.forward(one)[0] - network.forward(zero)[0])[500:]
    response = mt.impulse_weights(network, n_lags=39, method="step")
    np.testing.assert_allclose(response.values[:, :, 0], expected, atol=1e-12)
    assert response.method == "step response, at rest"


def attention(p, floor):
    """Causal attention by (lag + 1)^-p + floor, whatever the inputs say, not normalised."""

    def call(x):
        t = np.arange(len(x))
        lag = t[:, np.newaxis] - t
        scores = np.where(lag >= 0, (np.maximum(lag, 0) + 1.0) ** -p + floor, 0.0)
        return scores @ x

    return call


def test_attention_is_told_by_its_response():
    x = np.random.default_rng(1).standard_normal((500, 1))
    report = mt.diagnose(attention(0.8, 0.02), x, n_lags=200)
    assert report.verdict == "long memory"
    assert report.decay.rate == pytest.approx(0.8, abs=0.05)
    assert report.decay.floor is not None
    flat = mt.diagnose(lambda x: np.cumsum(x, axis=0), x, n_lags=200)
    assert flat.verdict == "persistent"


def test_the_figure_and_the_log_of_the_guide_run():
    torch = pytest.importorskip("torch")
    guide = (Path(__file__).parents[2] / "docs" / "guide_networks.md").read_text()
    (block,) = re.findall(r"```python\n(mt\.plotting\.plot_impulse_weights.*?)```", guide, re.S)
    x, log = np.random.default_rng(0).standard_normal((450, 1)), []
    names = {"mt": mt, "math": math, "x": x, "model": networks.LSTM.initialise(1, 2, 1, rng=0)}
    exec(block, names)
    torch.manual_seed(0)
    names["log_memory"](torch.nn.LSTM(1, 2), x, log)
    assert 0.0 < log[0]["half_life"] < 50.0
    assert log[0]["d"] is None
