"""Gradients of every cell against PyTorch's autograd in double precision."""

import math

import numpy as np
import pytest

from memtools import networks
from tests.networks.test_training_gradients import CELLS, cell_of, sequences

torch = pytest.importorskip("torch")


def assert_equals_autograd(network, loss="mse", **extent):
    from tests.networks.torch_twins import run_cell

    x, y = sequences(network, loss, **extent)
    p = {name: torch.tensor(value).requires_grad_() for name, value in network.params.items()}
    layers = network.layers if isinstance(network, networks.Sequential) else [network]
    outputs = torch.tensor(x)
    for i, layer in enumerate(layers):
        own = {name: p[name if layer is network else f"{i}.{name}"] for name in layer.params}
        outputs = run_cell(layer, own, outputs)
    if loss == "mse":
        expected = torch.nn.functional.mse_loss(outputs, torch.tensor(y))
    else:
        labels = torch.tensor(y).flatten()
        log = torch.log(outputs.flatten(0, 1))
        expected = torch.nn.functional.nll_loss(log, labels, ignore_index=-1)
    expected.backward()
    found, gradient = networks.loss_and_gradient(network, x, y, loss=loss)
    # Modes stand for the weights of the whole past within 2e-7 of each.
    whole = any(getattr(layer, "filter_length", None) == math.inf for layer in layers)
    assert found == pytest.approx(expected.item(), rel=1e-6 if whole else 1e-12)
    largest = max(float(value.grad.abs().max()) for value in p.values())
    for name, value in p.items():
        wanted = value.grad.numpy()
        rtol, atol = (0.0, 1e-6 * largest) if whole else (1e-8, 1e-10 * largest)
        np.testing.assert_allclose(gradient[name], wanted, rtol=rtol, atol=atol)


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "identity"])
def test_cell(name, activation):
    assert_equals_autograd(cell_of(name, 2, 3, 2, activation=activation))


@pytest.mark.parametrize("name", CELLS)
def test_scalar_cell(name):
    assert_equals_autograd(cell_of(name, 1, 1, 1), n_batch=1, n_steps=60)


@pytest.mark.parametrize("name", CELLS)
def test_cross_entropy(name):
    network = cell_of(name, 2, 3, 4, output_activation="softmax")
    assert_equals_autograd(network, "cross_entropy")


@pytest.mark.parametrize("name", CELLS)
def test_two_layers(name):
    assert_equals_autograd(networks.Sequential([cell_of(name, 2, 3, 3), cell_of("LSTM", 3, 2, 1)]))
    assert_equals_autograd(
        networks.Sequential([cell_of("LSTM", 2, 3, None), cell_of(name, 3, 2, 1)])
    )
