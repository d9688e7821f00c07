"""MinimalGRU: what a cell in its own file and a line of the registry must be able to do."""

import numpy as np
import pytest

import memtools as mt
from memtools import networks


def cell(n_input=2, n_hidden=3, n_output=2, **options):
    return networks.MinimalGRU.initialise(n_input, n_hidden, n_output, rng=1, **options)


def sequences(n_steps=23, n_batch=2, n=2):
    rng = np.random.default_rng(0)
    return rng.standard_normal((2, n_steps, n_batch, n))


@pytest.mark.parametrize("activation", ["identity", "tanh", "sigmoid", "relu"])
def test_the_compiled_scan_is_the_definition(activation):
    network, (x, _) = cell(activation=activation), sequences()
    whole = network.forward(x)[0]
    np.testing.assert_allclose(whole, network.forward(x, compiled=False)[0], atol=1e-14)
    first, state = network.forward(x[:9])
    parts = np.concatenate([first, network.forward(x[9:], state)[0]])
    np.testing.assert_allclose(parts, whole, atol=1e-14)


@pytest.mark.parametrize("activation", ["identity", "tanh"])
def test_gradient_equals_autograd(activation):
    torch = pytest.importorskip("torch")
    network, (x, y) = cell(activation=activation), sequences()
    p = {k: torch.tensor(np.array(v), requires_grad=True) for k, v in network.params.items()}
    h, outputs = torch.zeros(2, 3, dtype=torch.float64), []
    for row in torch.tensor(x):
        u = torch.sigmoid(row @ p["weight_update"].T + p["bias_update"])
        c = row @ p["weight_candidate"].T + p["bias_candidate"]
        h = (1.0 - u) * h + u * (torch.tanh(c) if activation == "tanh" else c)
        outputs.append(h @ p["weight_hz"].T + p["bias_z"])
    loss = torch.nn.functional.mse_loss(torch.stack(outputs), torch.tensor(y))
    loss.backward()
    found, gradient = networks.loss_and_gradient(network, x, y)
    assert found == pytest.approx(loss.item(), rel=1e-12)
    for name, value in p.items():
        expected = value.grad.numpy()
        np.testing.assert_allclose(gradient[name], expected, rtol=1e-9, atol=1e-12)


def test_a_layer_below_it_is_trained_through_it():
    network = networks.Sequential([networks.GRU.initialise(2, 4, rng=0), cell(4)])
    x, y = sequences()
    _, gradient = networks.loss_and_gradient(network, x, y)
    theta = {k: np.array(v) for k, v in network.params.items()}
    for name in ("0.weight_ih", "1.weight_update"):
        values = []
        for h in (1e-6, -1e-6):
            moved = {**theta, name: theta[name] + h * np.eye(*theta[name].shape)}
            values.append(networks.loss_and_gradient(network.replace(moved), x, y)[0])
        slope = (values[0] - values[1]) / 2e-6
        assert np.trace(gradient[name][: theta[name].shape[1]]) == pytest.approx(
            slope,
            rel=1e-6,
            abs=1e-9,  # of losses of order 1 over steps of 1e-6
        )


def test_is_trained_saved_and_loaded(tmp_path):
    x = np.sin(np.arange(300.0) / 5.0)
    result = networks.train(cell(1, 4, 1), x[:-1], x[1:], n_epochs=60)
    losses = result.history["train_loss"]
    assert losses[-1] < 0.5 * losses[0]
    networks.save(result.network, tmp_path / "cell.safetensors")
    again = networks.load(tmp_path / "cell.safetensors")
    assert repr(again) == repr(result.network)
    np.savez(tmp_path / "cell.npz", **result.network.params)
    for name in (None, "MinimalGRU", "minimalgru"):
        read = networks.load(tmp_path / "cell.npz", name)
        np.testing.assert_array_equal(read.forward(x[:50, None])[0], again.forward(x[:50, None])[0])


def test_constant_gate_forgets_exponentially():
    params = {"weight_update": [[0.0]], "bias_update": [-2.0]}
    params |= {"weight_candidate": [[1.0]], "bias_candidate": [0.0]}
    network = networks.MinimalGRU(params, activation="identity")
    kept = 1.0 / (1.0 + np.exp(-2.0))
    weights = mt.impulse_weights(network, n_lags=100)
    assert weights.method == "closed form"
    np.testing.assert_allclose(weights.values.ravel(), (1.0 - kept) * kept ** np.arange(101.0))
    assert mt.diagnose(network).verdict == "short memory"


@pytest.mark.parametrize("activation", ["identity", "tanh"])
def test_theorem_bounds_what_the_gate_keeps(activation):
    network = cell(activation=activation)
    report = mt.ergodicity(networks.Sequential([network, networks.LSTM.initialise(2, 2, 1, rng=0)]))
    x = np.random.default_rng(0).uniform(-1.0, 1.0, (500, 2))
    gates = mt.diagnose(network, x, n_lags=20).gates["update gate"]
    assert 1.0 - gates.min() <= report.conditions[0].value < 1.0
    twice = mt.ergodicity(network.replace({**network.params, "bias_update": [-1e9] * 3}))
    assert twice.verdict == "undecided"


def test_own_process_of_an_unbounded_cell_may_explode():
    params = {"weight_update": [[0.0]], "bias_update": [0.0]}
    params |= {"weight_candidate": [[1.5]], "bias_candidate": [0.0]}
    linear = mt.ergodicity(networks.MinimalGRU(params, activation="identity"))
    assert linear.verdict == "not ergodic"
    bent = mt.ergodicity(networks.MinimalGRU(params, activation="relu"))
    assert bent.verdict == "undecided"
    assert bent.bound == pytest.approx(linear.bound)


def test_a_cell_of_a_step_alone_runs_and_is_diagnosed():
    class Plain(networks.MinimalGRU):
        _run_hidden = networks.Cell._run_hidden

    whole, plain = cell(), Plain(cell().params)
    x, y = sequences()
    np.testing.assert_allclose(plain.forward(x)[0], whole.forward(x)[0], atol=1e-14)
    assert mt.diagnose(plain).verdict == mt.diagnose(whole).verdict
    with pytest.raises(mt.InvalidInputError, match="made of the cells and layers of memtools"):
        networks.loss_and_gradient(plain, x, y)
