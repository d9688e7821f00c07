"""The memory filter in GRUs, a state space and a convolution: definitions, theorems, files."""

import itertools
import json
import math
import subprocess
import sys

import numpy as np
import pytest

import memtools as mt
from memtools import networks
from memtools.networks.registry import cell_named
from memtools.networks.tapes import flatten

CELLS = mt.replication.FURTHER
INTEGRATED = ("MGRU", "MMinimalGRU")
READING = ("FractionalStateSpace", "FractionalConvolution")
LENGTHS = (12, math.inf)
LOGIT = math.log(0.6 / 0.4)  # d = 0.3


def drawn(kind, sizes=(2, 3, 2), n_lags=12, **options):
    cell, _ = cell_named(kind)
    network = cell.initialise(*sizes, rng=1, filter_length=n_lags, **options)
    rng = np.random.default_rng(2)
    return network.replace(
        {k: v + 0.3 * rng.standard_normal(v.shape) for k, v in network.params.items()}
    )


def data(n_steps=40, n_batch=2, n_input=2, n_output=2):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n_steps, n_batch, n_input))
    return x, rng.standard_normal((n_steps, n_batch, n_output))


@pytest.mark.parametrize(("kind", "n_lags"), list(itertools.product(CELLS, LENGTHS)))
def test_compiled_passes_are_the_step_and_states_carry_on(kind, n_lags):
    network, (x, _) = drawn(kind, n_lags=n_lags), data()
    outputs, end = network.forward(x)
    by_step, end_by_step = network.forward(x, compiled=False)
    np.testing.assert_allclose(outputs, by_step, rtol=0, atol=1e-13)
    np.testing.assert_allclose(flatten(end), flatten(end_by_step), rtol=0, atol=1e-11)
    first, state = network.forward(x[:17])
    later = network.forward(x[17:], state)[0]
    np.testing.assert_allclose(np.concatenate([first, later]), outputs, rtol=0, atol=1e-13)


@pytest.mark.parametrize(("kind", "n_lags"), list(itertools.product(CELLS, LENGTHS)))
def test_gradients_of_weights_and_of_inputs_are_those_of_the_step(kind, n_lags):
    """By differences of the definition; the layer below is reached through the inputs."""
    below = networks.RNN.initialise(2, 2, rng=3)
    network, (x, y) = networks.Sequential([below, drawn(kind, n_lags=n_lags)]), data(25)
    _, gradient = networks.loss_and_gradient(network, x, y)
    rng = np.random.default_rng(5)
    for name, value in network.params.items():
        direction, h = rng.standard_normal(value.shape), 1e-3
        losses = [
            ((network.replace(network.params | {name: value + k * h * direction})
              .forward(x, compiled=False)[0] - y) ** 2).mean()
            for k in (-2, -1, 1, 2)
        ]  # fmt: skip
        slope = (losses[0] - 8 * losses[1] + 8 * losses[2] - losses[3]) / (12 * h)
        assert float((gradient[name] * direction).sum()) == pytest.approx(slope, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("kind", CELLS)
def test_later_steps_have_no_part_in_the_gradient(kind):
    """A backward pass over fewer steps than the forward one."""
    network, (x, y) = drawn(kind), data()
    short = network.record(x[:9], network.initial_state(2))
    whole = network.record(x, network.initial_state(2))
    expected, actual = (tape.backward(y[:9].copy())[0] for tape in (short, whole))
    for name, value in expected.items():
        np.testing.assert_allclose(actual[name], value, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", INTEGRATED)
def test_gradient_equals_autograd(kind):
    torch = pytest.importorskip("torch")
    network, (x, y) = drawn(kind), data()
    p = {k: torch.tensor(np.array(v), requires_grad=True) for k, v in network.params.items()}
    d, w = 0.5 * torch.sigmoid(p["bias_d"]), []
    for j in range(1, 13):
        w.append((j - 1 - d) / j * (w[-1] if w else 1.0))
    past, outputs = [torch.zeros(2, 3, dtype=torch.float64)] * 12, []
    for row in torch.tensor(x):
        if kind == "MGRU":
            a = (row @ p["weight_ih"].T + p["bias"]).split(3, dim=1)
            e = (past[0] @ p["weight_hh"].T).split(3, dim=1)
            new = torch.tanh(a[2] + torch.sigmoid(a[0] + e[0]) * (e[2] + p["bias_n"]))
            gate = torch.sigmoid(a[1] + e[1])
        else:
            new = torch.tanh(row @ p["weight_candidate"].T + p["bias_candidate"])
            gate = torch.sigmoid(row @ p["weight_update"].T + p["bias_update"])
        h = gate * new - sum(w_j * h_j for w_j, h_j in zip(w, past, strict=True))
        past = [h, *past[:-1]]
        outputs.append(h @ p["weight_hz"].T + p["bias_z"])
    loss = torch.nn.functional.mse_loss(torch.stack(outputs), torch.tensor(y))
    loss.backward()
    found, gradient = networks.loss_and_gradient(network, x, y)
    assert found == pytest.approx(loss.item(), rel=1e-12)
    for name, value in p.items():
        np.testing.assert_allclose(gradient[name], value.grad.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", CELLS)
def test_a_moving_d_is_refused(kind):
    with pytest.raises(mt.InvalidInputError, match="fixed_d must be True"):
        drawn(kind, fixed_d=False)
    with pytest.raises(mt.InvalidInputError, match="filter_length is a number"):
        drawn(kind, n_lags=math.inf, filter="free")


def test_sizes_of_a_convolution_are_told_and_checked():
    network = networks.FractionalConvolution.initialise(1, 2, 1, rng=0, n_layers=2, width=3)
    assert network.params["weight_hh"].shape == (2, 3, 2, 2)
    assert [part.shape[1] for part in network.initial_state(1)[1]] == [4, 8]
    for wrong in ({"n_layers": 0}, {"width": 1.5}):
        with pytest.raises(mt.InvalidInputError, match=next(iter(wrong))):
            networks.FractionalConvolution.initialise(1, 2, 1, rng=0, **wrong)


# -- Definition 3: the decay that is proved -------------------------------------------------------


def linear_gru(feedback, n_lags=math.inf):
    """h = (1 - B)^-d of x_t + c h_{t-1}, the gates at one half: c is a quarter of the feedback."""
    params = {"weight_ih": [[0.0], [0.0], [2.0]], "weight_hh": [[0.0], [0.0], [feedback]]}
    params |= {"bias": np.zeros(3), "bias_n": [0.0], "bias_d": [LOGIT]}
    return networks.MGRU(params, filter_length=n_lags, activation="identity")


def test_states_without_feedback_weigh_the_past_like_a_fractional_integral():
    exact = mt.ARFIMAProcess(d=0.3).ma_weights(2000)
    params = {"weight_update": [[0.0]], "bias_update": [0.0], "bias_candidate": [0.0]}
    params |= {"weight_candidate": [[2.0]], "bias_d": [LOGIT]}
    minimal = networks.MMinimalGRU(params, filter_length=math.inf, activation="identity")
    for network in (linear_gru(0.0), minimal):
        weights = mt.impulse_weights(network, n_lags=2000).values.ravel()
        np.testing.assert_allclose(weights, exact, rtol=1e-5)
        report = mt.diagnose(network)
        assert report.verdict == "long memory"
        assert report.decay.rate == pytest.approx(0.7)
        assert report.decay.crossover_lag is None


def test_feedback_turns_the_integral_into_the_filter_s_own_law():
    """1 / ((1 - z)^d - c z) at z = 1, c = -1: 1 - (1 - z)^d + (1 - z)^2d - ..., like -w_k(d)."""
    network, k = linear_gru(-4.0), 2000
    weights = mt.impulse_weights(network, n_lags=k).values.ravel()
    terms = [(-1.0) ** m * mt.fracdiff_weights(0.3 * m, k)[k] for m in (1, 2, 3, 4, 5)]
    assert weights[k] == pytest.approx(sum(terms), rel=0.02)
    report = mt.diagnose(network)
    assert report.verdict == "long memory"
    assert report.decay.rate == pytest.approx(1.3)
    assert "or k^-1.3 once what is fed back rules" in report.summary()


def test_feedback_of_the_state_s_own_sign_lets_an_uncut_one_grow():
    """The counter-example: for any c > 0 a root of (1 - z)^d = c z lies in (0, 1); cut, for c
    above prod (1 - d / j)."""
    border = float(np.prod(1.0 - 0.3 / np.arange(1.0, 201.0)))
    below, above = (linear_gru(4.0 * c, n_lags=200) for c in (0.95 * border, 1.05 * border))
    assert mt.diagnose(below).verdict == "long memory"
    assert mt.diagnose(above).verdict == "growing"
    weights = mt.impulse_weights(linear_gru(3.0 * border), n_lags=4000).values.ravel()
    assert weights[-1] > 10.0 * weights[1000]


def test_a_convolution_of_the_filter_weighs_the_past_as_the_filter_does():
    """Where the sum of its taps is not 0."""
    network = networks.FractionalConvolution.initialise(
        1, 3, 1, rng=4, filter_length=math.inf, activation="identity"
    )
    network = network.replace(dict(network.params) | {"bias_d": np.array([LOGIT])})
    p = network.params
    gain = p["weight_fh"].sum(axis=0)
    for w in p["weight_hh"]:
        gain = gain + w.sum(axis=0) @ gain
    weights = mt.impulse_weights(network, n_lags=1000).values[:, 0, 0]
    ratio = weights[1000] / mt.fracdiff_weights(0.3, 1001)[1001]
    assert ratio == pytest.approx((p["weight_hz"] @ gain).item(), rel=0.05)
    report = mt.diagnose(network)
    assert (report.verdict, report.decay.crossover_lag) == ("long memory", None)
    assert report.decay.rate == pytest.approx(1.3)


def test_a_state_space_of_the_filter_weighs_the_past_as_the_filter_does():
    network = networks.FractionalStateSpace.initialise(1, 3, 1, rng=4, filter_length=math.inf)
    p = dict(network.params) | {"bias_d": np.array([LOGIT]), "bias_rate": np.zeros(3)}
    network = network.replace(p)
    gain = p["weight_hz"] @ (p["weight_fh"] / -np.expm1(-1.0)) + p["weight_fz"]
    weights = mt.impulse_weights(network, n_lags=2000).values[:, 0, 0]
    ratio = weights[2000] / mt.fracdiff_weights(0.3, 2001)[2001]
    assert ratio == pytest.approx(gain.item(), rel=1e-2)
    np.testing.assert_allclose(mt.time_constants(network).values, np.ones(3))


def test_a_filter_that_is_not_read_leaves_short_memory():
    """The other half of theorem 3: without the filter's part the weights are exponential."""
    network = networks.FractionalStateSpace.initialise(1, 2, 1, rng=0)
    p = dict(network.params) | {"weight_fh": np.zeros((2, 1)), "weight_fz": np.zeros((1, 1))}
    assert mt.diagnose(network.replace(p)).verdict == "short memory"


# -- ergodicity -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CELLS)
def test_theorem_1_for_the_cut_filter_and_none_for_the_whole_past(kind):
    for seed in range(5):
        sizes, rng = (1, 2, 1), np.random.default_rng(seed)
        network = drawn(kind, sizes, 50, output_activation="tanh")
        p = {k: 2.0 * rng.standard_normal(v.shape) for k, v in network.params.items()}
        network = network.replace(p)
        assert mt.ergodicity(network).verdict == "geometrically ergodic"
        whole = type(network)(p, **{**network.options, "filter_length": math.inf})
        assert mt.ergodicity(whole).verdict == "undecided"
        y = mt.simulate_network(network, 200, rng=seed)
        assert np.abs(y).max() < 10.0


@pytest.mark.parametrize("kind", READING)
def test_an_unbounded_loop_needs_a_gain_below_one(kind):
    options = {"output_activation": "relu"}
    if kind == "FractionalConvolution":
        options["activation"] = "relu"
    network = drawn(kind, (1, 2, 1), 20, **options)
    for scale, verdict in ((0.01, "geometrically ergodic"), (5.0, "undecided")):
        p = dict(network.params)
        p |= {k: scale * v for k, v in p.items() if k.startswith("weight") and k[-1] == "z"}
        report = mt.ergodicity(network.replace(p))
        assert report.verdict == verdict
        assert (report.bound < 1.0) == (verdict == "geometrically ergodic")


@pytest.mark.parametrize("kind", INTEGRATED)
def test_unbounded_candidates_need_a_small_loop(kind):
    network = drawn(kind, (1, 2, 1), 20, activation="relu")
    names = ("weight_hh", "weight_ih", "weight_candidate")
    for scale, verdict in ((0.01, "geometrically ergodic"), (30.0, "undecided")):
        p = {k: scale * v if k in names else v for k, v in network.params.items()}
        assert mt.ergodicity(network.replace(p)).verdict == verdict


def test_linear_networks_with_the_whole_past_are_not_called_ergodic():
    """The modes forget, the filter they stand for does not: ARFIMA(1, 0.3, 0) has long memory."""
    for network in (networks.arfima_network([0.5], 0.3), linear_gru(-1.0)):
        assert network.is_linear
        assert mt.ergodicity(network).verdict == "undecided"
    two = networks.Sequential([networks.arfima_network([0.5], 0.3), linear_gru(-1.0)])
    assert mt.ergodicity(two).verdict == "undecided"


# -- files and the command line --------------------------------------------------------------------


def run(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "memtools", *map(str, arguments)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("kind", CELLS)
def test_trained_diagnosed_and_forecast_from_its_file_alone(kind, tmp_path):
    x = 40.0 + 5.0 * mt.simulate(mt.ARFIMAProcess(d=0.4), 400, rng=1)
    series, model = tmp_path / "x.csv", tmp_path / "net.safetensors"
    series.write_text("level\n" + "\n".join(map(str, x)))
    said = run("train", series, "--cell", kind.lower(), "--filter-length", 30,
               "--epochs", 60, "-o", model)  # fmt: skip
    assert "validation RMSE of level" in said
    network = networks.load(model)
    assert type(network).__name__ == kind
    assert network.scale == pytest.approx((x.min(), x.max()))
    report = json.loads(run("diagnose", model, "--data", series, "--json"))
    assert report["verdict"] == "long memory"
    future = run("forecast", series, "--network", model, "--steps", 3)
    assert "mean_ci_lower" in future


@pytest.mark.slow
def test_the_winner_s_file_tells_scale_and_protocol(tmp_path):
    x = 40.0 + 5.0 * mt.simulate(mt.ARFIMAProcess(d=0.4), 300, rng=1)
    series, model = tmp_path / "x.csv", tmp_path / "net.safetensors"
    series.write_text("level\n" + "\n".join(map(str, x)))
    run("train", series, "--cell", "auto", "--filter-length", 30, "--epochs", 5, "-o", model)
    network = networks.load(model)
    assert network.scale is not None
    assert network.protocol["rolling_rmse"] > 0.0
    assert "Verdict" in run("diagnose", model) + run("diagnose", model, "--data", series)
    future = json.loads(run("forecast", series, "--network", model, "--steps", 3, "--json"))
    low, high = x.min() - 20.0, x.max() + 20.0  # on the scale of the series
    assert all(low < row["mean"] < high for row in future["forecast"])
