"""Forecasts by networks, and linear models as networks."""

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from memtools import networks

X = mt.simulate(mt.ARFIMAProcess(ar=[0.5], d=0.3, ma=[0.2]), 1500, rng=3)


@pytest.mark.parametrize(
    ("ar", "d", "ma"),
    [((), 0.3, ()), ((0.5,), 0.3, (0.2,)), ((), 0.1, (0.4, 0.3)), ((0.5, -0.2), 0.45, ()),
     ((0.5,), -0.2, (0.3,)), ((0.6,), 0.0, ())],
)  # fmt: skip
def test_an_arfima_model_is_a_network(ar, d, ma):
    """Its one-step forecasts are those by the AR weights, of which none is left out."""
    network = networks.arfima_network(ar, d, ma)
    weights = -mt.ARFIMAProcess(ar=ar, d=d, ma=ma).ar_weights(len(X))[1:]
    wanted = np.convolve(X, weights)[: len(X)]
    told = network.forward(X[:, np.newaxis])[0][:, 0]
    n = len(X) if 0.0 < d < 0.5 else 1000  # lags of a convolution
    np.testing.assert_allclose(told[:n], wanted[:n], rtol=0, atol=1e-4)


def test_an_arfima_network_has_the_memory_of_its_model():
    report = mt.diagnose(networks.arfima_network([0.5], 0.3))
    assert report.verdict == "long memory"
    assert report.decay.d == pytest.approx(0.3)
    assert report.decay.crossover_lag is None
    assert mt.diagnose(networks.arfima_network([0.5])).verdict == "short memory"


@pytest.mark.parametrize("intervals", ["simulation", "conformal"])
def test_forecasts_and_intervals_are_those_of_the_model(intervals):
    network = networks.arfima_network([0.5], 0.3, [0.2])
    future = networks.forecast(network, X, 10, intervals=intervals, n_paths=4000)
    exact = mt.ARFIMA(X, (1, 1), trend="n").fit("css").get_forecast(10)
    psi = mt.ARFIMAProcess(ar=[0.5], d=0.3, ma=[0.2]).ma_weights(9)
    errors = np.sqrt(np.cumsum(psi**2))
    np.testing.assert_allclose(future.se_mean, errors, rtol=0.1)
    np.testing.assert_allclose(future.predicted_mean, exact.predicted_mean, atol=0.25 * errors[-1])
    low, high = future.confidence_interval(0.9)
    np.testing.assert_allclose(high - low, 2 * 1.645 * errors, rtol=0.15)
    assert (np.diff(future.conf_int(0.5), axis=1) > 0.0).all()


def test_errors_are_told_by_the_first_step():
    """Conformal intervals of one step: order statistics of the one-step errors."""
    network = networks.arfima_network([0.5], 0.3)
    future = networks.forecast(network, X, 1, intervals="conformal", n_errors=199)
    told = network.forward(X[:, np.newaxis])[0][:, 0]
    errors = np.sort(X[-199:] - told[-200:-1])
    low, high = future.confidence_interval(0.9)
    assert low[0] == pytest.approx(told[-1] + errors[9])
    assert high[0] == pytest.approx(told[-1] + errors[189])


def test_labels_and_scale_go_on():
    x = pd.Series(5.0 + 2.0 * X[:200], pd.date_range("2001-01", periods=200, freq="MS"))
    network = networks.arfima_network([0.5], 0.3)
    network.scale = 5.0, 7.0
    future = networks.forecast(network, x, 3, rng=1)
    assert future.predicted_mean.index[0] == pd.Timestamp("2017-09-01")
    bare = networks.forecast(networks.arfima_network([0.5], 0.3), X[:200], 3, rng=1)
    np.testing.assert_allclose(future.predicted_mean, 5.0 + 2.0 * bare.predicted_mean)
    newest_first = networks.forecast(network, x[::-1], 3, rng=1)
    pd.testing.assert_frame_equal(future.to_frame(), newest_first.to_frame())
    assert list(future.to_frame().columns) == ["mean", "mean_se", "mean_ci_lower", "mean_ci_upper"]


def test_several_series_keep_their_correlation():
    rng = np.random.default_rng(0)
    shocks = rng.multivariate_normal([0.0, 0.0], [[1.0, 0.8], [0.8, 1.0]], 400)
    zero = {"weight_ih": np.zeros((2, 2)), "weight_hh": np.zeros((2, 2))}
    zero |= {"bias_ih": np.zeros(2), "bias_hh": np.zeros(2)}
    frame = pd.DataFrame(shocks, columns=["a", "b"])
    future = networks.forecast(networks.RNN(zero), frame, 4, n_paths=4000)
    assert future.paths.shape == (4000, 4, 2)
    assert np.corrcoef(future.paths[:, 3].T)[0, 1] == pytest.approx(0.8, abs=0.05)
    assert future.to_frame()["b"]["mean_ci_upper"].iloc[0] == pytest.approx(1.96, abs=0.3)


def test_a_seed_makes_the_paths():
    network = networks.LSTM.initialise(1, 2, 1, rng=0)
    one, other = (networks.forecast(network, X, 5, rng=seed).paths for seed in (1, 2))
    np.testing.assert_array_equal(networks.forecast(network, X, 5, rng=1).paths, one)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("network", "x", "options", "message"),
    [
        (networks.LSTM.initialise(1, 1, 2, rng=0), X, {}, "as many outputs as inputs"),
        (networks.LSTM.initialise(2, 1, 2, rng=0), X, {}, "x must be of shape"),
        (networks.LSTM.initialise(1, 1, 1, rng=0), X[:15], {}, "at least 40 values long"),
        (networks.LSTM.initialise(1, 1, 1, rng=0), X, {"steps": 0}, "steps must be"),
        (networks.LSTM.initialise(1, 1, 1, rng=0), X, {"intervals": "normal"}, "intervals must be"),
        (networks.LSTM.initialise(1, 1, 1, rng=0), X, {"n_errors": 5000}, "n_errors must be"),
        (networks.LSTM.initialise(1, 1, 1, rng=0), X[:60], {"steps": 50, "intervals": "conformal"},
         "values long for 50 steps"),
        (networks.arfima_network([1e200]), X, {"steps": 5}, "grow without bound"),
        (mt.networks.impulse_weights, X, {}, "network must be a network"),
    ],
)  # fmt: skip
def test_what_is_refused(network, x, options, message):
    with pytest.raises(mt.InvalidInputError, match=message):
        networks.forecast(network, x, **{"steps": 2, **options})


def test_few_errors_say_how_wide_they_can_be():
    network = networks.arfima_network([0.5], 0.3)
    future = networks.forecast(network, X, 1, intervals="conformal", n_errors=40)
    with pytest.raises(mt.InvalidInputError, match=r"at most 0\.951 with 40 errors"):
        future.confidence_interval(0.99)
    assert len(future.summary().splitlines()) == 2


def test_scale_and_protocol_are_kept_in_the_file(tmp_path):
    network = networks.arfima_network([0.5], 0.3)
    network.scale, network.protocol = (1.0, 3.5), {"n_train": 80, "model": "ARFIMA"}
    networks.save(network, tmp_path / "net.safetensors")
    found = networks.load(tmp_path / "net.safetensors")
    assert found.scale == (1.0, 3.5)
    assert found.protocol == network.protocol
    x = 1.0 + 2.5 * X
    raw, by_hand = mt.diagnose(found, x), mt.diagnose(networks.arfima_network([0.5], 0.3), X)
    assert raw.residual_memory.d == pytest.approx(by_hand.residual_memory.d)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ('"scale": [2.0, 1.0]', "no two rising numbers"),
        ('"scale": ["a", 1.0]', "could not convert|damaged"),
        ('"protocol": {"n_train": "many"}', "no number of values"),
        ('"protocol": 3', "damaged"),
    ],
)
def test_a_file_that_tells_nonsense_is_refused(tmp_path, told, message):
    network = networks.arfima_network([0.5], 0.3)
    network.scale, network.protocol = (1.0, 2.0), {"n_train": 10}
    path = tmp_path / "net.safetensors"
    networks.save(network, path)
    raw, key = path.read_bytes(), told.split(":")[0].replace('"', '\\"')
    escaped = told.replace('"', '\\"').encode()
    start = raw.index(key.encode())
    length = int.from_bytes(raw[:8], "little")
    end = raw.index(b"]" if b"[" in raw[start : start + 14] else b"}", start) + 1
    header = raw[8:start] + escaped + raw[end : 8 + length]
    path.write_bytes(len(header).to_bytes(8, "little") + header + raw[8 + length :])
    with pytest.raises(mt.ModelFileError, match=message):
        networks.load(path)
