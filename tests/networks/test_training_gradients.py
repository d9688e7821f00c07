"""Gradients of the compiled back-propagation, against differences and against PyTorch."""

import math

import numpy as np
import pytest

from memtools import networks
from memtools.exceptions import InvalidInputError
from memtools.networks._parameters import flatten, unflatten
from memtools.networks.training.data import LOSSES
from memtools.networks.training.objective import run_at

CELLS = {
    "RNN": (networks.RNN, {}),
    "RNN2": (networks.TwoLaneRNN, {}),
    "RWA": (networks.RWA, {}),
    "MIST": (networks.MIST, {}),
    "MRNNF": (networks.MRNN, {"fixed_d": True}),
    "MRNN": (networks.MRNN, {}),
    "LSTM": (networks.LSTM, {}),
    "MLSTMF": (networks.MLSTM, {"fixed_d": True}),
    "MLSTM": (networks.MLSTM, {}),
    "GRU": (networks.GRU, {}),
    "GRU, reset before": (networks.GRU, {"reset_after": False}),
    "MRNN, whole past": (networks.MRNN, {"filter_length": math.inf}),
    "MLSTMF, whole past": (networks.MLSTM, {"filter_length": math.inf, "fixed_d": True}),
    "MLSTM, whole past": (networks.MLSTM, {"filter_length": math.inf}),
}
TWO_LANES = ("RNN2", "MRNNF", "MRNN", "MRNN, whole past")


def cell_of(name, n_input, n_hidden, n_output, **options):
    kind, own = CELLS[name]
    options = {"filter_length": 7, **own, **options}
    return kind.initialise(n_input, n_hidden, n_output, rng=1, **options)


def sequences(network, loss="mse", n_batch=2, n_steps=23):
    rng = np.random.default_rng(3)
    x = rng.standard_normal((n_steps, n_batch, network.n_input))
    if loss == "mse":
        return x, rng.standard_normal((n_steps, n_batch, network.n_output))
    labels = rng.integers(0, network.n_output, (n_steps, n_batch))
    return x, np.where(rng.random(labels.shape) < 0.5, labels, -1)


def assert_gradient(network, loss="mse", **extent):
    """Against the plain NumPy forward pass and fourth-order differences of the compiled one."""
    x, y = sequences(network, loss, **extent)
    theta = flatten(network.params)

    def value(at, compiled=True):
        outputs, _ = network.replace(unflatten(network.params, at)).forward(x, compiled=compiled)
        return LOSSES[loss](outputs, y)[0]

    def slope(direction, h=1e-4):
        steps = [value(theta + k * h * direction) for k in (-2, -1, 1, 2)]
        return (steps[0] - 8 * steps[1] + 8 * steps[2] - steps[3]) / (12 * h)

    found, gradient = networks.loss_and_gradient(network, x, y, loss=loss)
    assert found == pytest.approx(value(theta, compiled=False), rel=1e-12)
    assert list(gradient) == list(network.params)
    assert all(gradient[k].shape == v.shape for k, v in network.params.items())
    expected = np.array([slope(e) for e in np.eye(len(theta))])
    actual = np.concatenate([v.ravel() for v in gradient.values()])
    np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-7 * np.abs(expected).max())


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "identity"])
def test_gradient_of_a_cell(name, activation):
    assert_gradient(cell_of(name, 2, 3, 2, activation=activation))


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("g", ["identity", "tanh", "sigmoid"])
def test_gradient_of_a_scalar_cell(name, g):
    assert_gradient(cell_of(name, 1, 1, 1, output_activation=g), n_batch=1)


@pytest.mark.parametrize("name", CELLS)
def test_cross_entropy(name):
    network = cell_of(name, 2, 3, 4, output_activation="softmax")
    assert_gradient(network, "cross_entropy")


@pytest.mark.parametrize("name", CELLS)
def test_two_layers(name):
    first = cell_of(name, 2, 3, 3)
    assert_gradient(networks.Sequential([first, cell_of("LSTM", 3, 2, 1)]))
    assert_gradient(networks.Sequential([cell_of("LSTM", 2, 3, None), cell_of(name, 3, 2, 1)]))


@pytest.mark.parametrize("name", [name for name in CELLS if name not in TWO_LANES])
def test_without_read_out(name):
    assert_gradient(cell_of(name, 2, 3, None))


def test_both_directions_and_a_linear_layer():
    both = networks.Bidirectional(cell_of("GRU", 2, 3, None), cell_of("LSTM", 2, 2, None))
    weight = np.random.default_rng(0).standard_normal((2, 5))
    params = {"weight": weight, "bias": [0.1, -0.2]}
    linear = networks.Linear.from_params(params, output_activation="sigmoid")
    assert_gradient(networks.Sequential([both, linear]))


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu", "identity"])
def test_one_unit_is_as_many(name, activation):
    """Numbers a step; all of it in one compiled call where that wins; arrays for a batch."""
    network = cell_of(name, 1, 1, 1, activation=activation)
    x, y = sequences(network, n_batch=1, n_steps=60)
    found, gradient = networks.loss_and_gradient(network, x, y)
    outputs, _, backward = run_at(network, flatten(network.params), x)
    loss, slopes = LOSSES["mse"](outputs, y)
    pair = (np.repeat(part, 2, axis=1) for part in (x, y))
    expected, of_pair = networks.loss_and_gradient(network, *pair)
    assert found == pytest.approx(expected, rel=1e-13)
    assert loss == pytest.approx(expected, rel=1e-13)
    general = flatten(of_pair)
    for actual in (flatten(gradient), backward(slopes)):
        np.testing.assert_allclose(actual, general, rtol=1e-9, atol=1e-12 * np.abs(general).max())


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("extent", [(1, 1, 1, 1), (2, 3, 2, 2)])
def test_later_steps_have_no_part_in_the_loss(name, extent):
    *sizes, n_batch = extent
    network = cell_of(name, *sizes)
    x, y = sequences(network, n_batch=n_batch)
    theta, n = flatten(network.params), 9
    (_, _, whole), (outputs, _, short) = (run_at(network, theta, part) for part in (x, x[:n]))
    _, slopes = LOSSES["mse"](outputs, y[:n])
    np.testing.assert_allclose(whole(1.0 * slopes), short(slopes), rtol=1e-12)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_gradient_equals_autograd(kind):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    module = getattr(torch.nn, kind)(3, 4).double()
    state = {name: value.detach().numpy() for name, value in module.named_parameters()}
    network = getattr(networks, kind).from_torch_names(state)
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((30, 2, 3)), rng.standard_normal((30, 2, 4))
    loss = torch.nn.functional.mse_loss(module(torch.tensor(x))[0], torch.tensor(y))
    loss.backward()
    found, gradient = networks.loss_and_gradient(network, x, y)
    assert found == pytest.approx(loss.item(), rel=1e-12)
    for name, value in module.named_parameters():
        expected = value.grad.numpy()
        np.testing.assert_allclose(
            gradient[name.removesuffix("_l0")], expected, rtol=1e-8, atol=1e-8 * expected.std()
        )


@pytest.mark.parametrize(
    ("x", "y", "loss", "message"),
    [
        (np.ones((5, 3)), np.ones((5, 2)), "mse", "x must be of shape"),
        (np.ones((5, 2)), np.ones((4, 2)), "mse", "y must be as long as x"),
        (np.ones((5, 2)), np.full((5, 2), np.nan), "mse", "y must be finite"),
        (np.ones((5, 2)), np.ones((5, 2)), "mae", "loss must be one of"),
        (np.ones((5, 2)), np.ones(5), "cross_entropy", "output_activation='softmax'"),
    ],
)
def test_refuses(x, y, loss, message):
    with pytest.raises(InvalidInputError, match=message):
        networks.loss_and_gradient(cell_of("LSTM", 2, 3, 2), x, y, loss=loss)


@pytest.mark.parametrize("labels", [[0.5] * 5, [2] * 5, [-2] * 5, [-1] * 5])
def test_refuses_other_labels(labels):
    network = cell_of("RNN", 1, 3, 2, output_activation="softmax")
    with pytest.raises(InvalidInputError, match="class numbers"):
        networks.loss_and_gradient(network, np.ones(5), labels, loss="cross_entropy")
