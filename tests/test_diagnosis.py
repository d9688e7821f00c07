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
    with pytest.raises(mt.ModelFileError, match="no such file"):
        mt.diagnose("model.pt")
    with pytest.raises(mt.InvalidInputError, match="x must be longer than n_lags = 200"):
        mt.diagnose(network, np.zeros(10), n_lags=200)
    with pytest.raises(mt.InvalidInputError, match="y must be None without x"):
        mt.diagnose(network, y=np.zeros(10))
    with pytest.raises(mt.InvalidInputError, match="x must be of shape"):
        mt.diagnose(network, np.zeros((300, 2)))
    with pytest.raises(mt.InvalidInputError, match="n_lags must be an integer of at least 16"):
        mt.diagnose(network, n_lags=3)


def test_eigenvalues_of_a_linear_network():
    params = {"weight_ih": [[1.0], [0.0]], "weight_hh": [[0.5, -0.4], [0.4, 0.5]]}
    params |= {"bias_ih": np.zeros(2), "bias_hh": np.zeros(2)}
    report = mt.diagnose(networks.RNN(params, activation="identity"))
    np.testing.assert_allclose(np.sort_complex(report.eigenvalues), [0.5 - 0.4j, 0.5 + 0.4j])
    assert report.spectrum_of == "the linear recurrence"
    assert report.gates == {}


def test_eigenvalues_along_data(noise):
    params = {"weight_ih": [[1.0]], "weight_hh": [[0.5]], "bias_ih": [0.1], "bias_hh": [0.0]}
    report = mt.diagnose(networks.RNN(params), noise)
    h = networks.RNN(params).forward(noise)[0][:, 0]
    points = np.unique(np.linspace(300, 599, 16).astype(int))
    expected = 0.5 * np.mean(1.0 - h[points] ** 2)  # d tanh(v) / dv = 1 - tanh(v)^2
    np.testing.assert_allclose(report.eigenvalues, [expected])
    assert "averaged" in report.spectrum_of


def step_by_step_gates(cell, x):
    """Gates of an LSTM and the moving d of MRNN and MLSTM, a step at a time."""
    state, found = cell.initial_state(1), []
    for now in x:
        if isinstance(cell, networks.LSTM):
            p = cell.params
            v = p["weight_ih"] @ now + p["bias_ih"] + p["weight_hh"] @ state[0][0] + p["bias_hh"]
            found.append(1.0 / (1.0 + np.exp(-np.split(v, 4)[1])))
        state = cell.step(now[np.newaxis], state)[1]
        if not isinstance(cell, networks.LSTM):
            found.append(state[cell.state_names.index("d")][0])
    return np.ravel(found)


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        (networks.LSTM, "forget gate"),
        (networks.MRNN, "memory parameter d"),
        (networks.MLSTM, "memory parameter d"),
    ],
)
def test_gates_are_those_of_the_steps(cell, name, noise):
    network = cell.initialise(1, 3, 1, rng=4, filter_length=20)
    gates = mt.diagnose(network, noise).gates
    np.testing.assert_allclose(gates[name], step_by_step_gates(network, noise), rtol=1e-10)


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        (networks.GRU, {"reset gate", "update gate"}),
        (networks.MIST, {"reset gate"}),
        (networks.RWA, set()),
    ],
)
def test_gates_of_each_cell(cell, names, noise):
    report = mt.diagnose(cell.initialise(1, 2, 1, rng=5, filter_length=16), noise)
    assert set(report.gates) == names
    assert all(v.shape == (1200,) and 0.0 < v.min() <= v.max() < 1.0 for v in report.gates.values())
    json.dumps(report.to_dict())


def test_gates_of_layers_have_their_number():
    layers = [networks.GRU.initialise(1, 2, rng=0), networks.LSTM.initialise(2, 2, 1, rng=1)]
    report = mt.diagnose(networks.Sequential(layers))
    assert next(iter(report.gates)) == "layer 0 reset gate"
    assert "layer 1 forget gate" in report.gates
    assert report.to_dict()["gates"]["layer 0 reset gate"]["max"] < 1.0
    assert len(report.to_dict()["eigenvalues"]) == 6


def two_lanes(w):
    """A linear MRNNF whose output 0 is its filter lane and output 1 its plain lane."""
    params = {"weight_mm": [[w]], "bias_m": [0.0], "weight_fm": [[1.0]], "weight_hh": [[w]]}
    params |= {"bias_h": [0.0], "weight_xh": [[1.0]], "weight_hz": [[0.0], [1.0]]}
    params |= {"bias_z": [0.0, 0.0], "weight_mz": [[1.0], [0.0]], "bias_d": [0.0]}
    options = {"filter_length": 1000, "fixed_d": True, "activation": "identity"}
    return networks.MRNN(params, **options)


@pytest.mark.parametrize("w", [0.5, 0.98])
def test_one_entry_with_a_power_law_decides(w):
    report = mt.diagnose(two_lanes(w))
    assert report.verdict == "long memory"
    assert report.entry == (0, 0)
    assert report.decay.d == pytest.approx(0.25, abs=0.02)
    assert any("disagree" in reason for reason in report.reasons)


def test_slowest_of_exponential_entries_is_shown():
    params = {"weight_ih": np.eye(2), "weight_hh": np.diag([0.5, 0.9])}
    params |= {"bias_ih": np.zeros(2), "bias_hh": np.zeros(2)}
    report = mt.diagnose(networks.RNN(params, activation="identity"))
    assert report.entry == (1, 1)
    assert report.decay.rate == pytest.approx(-np.log(0.9), rel=1e-3)
    assert any("agree" in reason for reason in report.reasons)


def test_zero_weights():
    params = {"weight_ih": [[0.0]], "weight_hh": [[0.5]], "bias_ih": [0.0], "bias_hh": [0.0]}
    linear = mt.diagnose(networks.RNN(params, activation="identity"))
    assert linear.verdict == "short memory"
    assert any("ignore the inputs" in reason for reason in linear.reasons)
    dead = {"weight_ih": [[1.0]], "weight_hh": [[0.5]], "bias_ih": [-1.0], "bias_hh": [0.0]}
    report = mt.diagnose(networks.RNN(dead, activation="relu"))  # silent at rest, not elsewhere
    assert report.verdict == "undecided"
    json.dumps(report.to_dict())


def test_a_slow_mode_is_no_memory_of_the_output():
    # Local Whittle takes a half-life of five steps for memory, rival explanations do not.
    slow = {"weight_ih": [[1.0]], "weight_hh": [[0.5 ** (1.0 / 5.0)]]}
    slow |= {"bias_ih": [0.0], "bias_hh": [0.0]}
    report = mt.diagnose(networks.RNN(slow, activation="identity"))
    said = next(reason for reason in report.reasons if reason.startswith("White noise in"))
    assert report.verdict == "short memory"
    assert report.output_memory.d > 0.2
    assert "has short memory (AR(1))" in said
    assert "slow mode" in said


def test_own_process(noise):
    network = networks.LSTM.initialise(1, 2, 1, rng=0)
    report = mt.diagnose(network, noise)
    assert report.process_memory.test(0.0).pvalue > 1e-3
    assert "own process" in report.summary()
    assert mt.diagnose(networks.LSTM.initialise(1, 2, 3, rng=0)).process_memory is None
    explosive = {"weight_ih": [[1.0]], "weight_hh": [[0.5]], "bias_ih": [0.0], "bias_hh": [0.0]}
    report = mt.diagnose(networks.RNN(explosive, activation="identity"))
    assert report.process_memory is None
    assert any("explodes" in reason for reason in report.reasons)


# white noise in: the output resonates, its d is found at a bound
@pytest.mark.parametrize("seed", range(8))
def test_a_rotation_is_persistent_and_the_border_undecided(seed):
    rng = np.random.default_rng(seed)
    q = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    params = {"weight_ih": rng.standard_normal((6, 1)), "weight_hh": q}
    params |= {"bias_ih": np.zeros(6), "bias_hh": np.zeros(6)}
    params |= {"weight_hz": np.zeros((2, 6)), "bias_z": np.zeros(2)}
    params["weight_hz"][:, :2] = np.eye(2)
    report = mt.diagnose(networks.RNN(params, activation="identity"))
    assert report.verdict == "persistent"
    assert report.theorem.verdict == "undecided"
    assert not any("own process is" in reason for reason in report.reasons)  # 1 input, 2 outputs
    assert not any("Give data" in line for line in report.advice)
