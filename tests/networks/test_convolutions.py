"""Causal convolutions and the minimal GRU, by hand and from the files of their programs."""

from pathlib import Path

import numpy as np
import pytest

import memtools as mt
from memtools import networks
from memtools.networks.files import safetensors

FOLDER = Path(__file__).parents[1] / "golden" / "todays_layers"
X = np.random.default_rng(0).standard_normal((100, 8)).astype(np.float32).astype(float)


def tensors_of(name, prefix=""):
    tensors, _ = safetensors.read((FOLDER / f"{name}.safetensors").read_bytes())
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def delayed(dilation, activation="identity"):
    rng = np.random.default_rng(6)
    params = {"weight": rng.standard_normal((2, 3, 4)), "bias": rng.standard_normal(2)}
    return networks.CausalConvolution(params, dilation=dilation, output_activation=activation)


@pytest.mark.parametrize("dilation", [1, 5])
def test_a_convolution_is_its_sum(dilation):
    layer, x = delayed(dilation, "tanh"), np.random.default_rng(7).standard_normal((40, 3))
    padded = np.concatenate([np.zeros((3 * dilation, 3)), x])
    wanted = np.array(
        [
            sum(layer.params["weight"][:, :, j] @ padded[t + j * dilation] for j in range(4))
            for t in range(40)
        ]
    )
    wanted = np.tanh(wanted + layer.params["bias"])
    np.testing.assert_allclose(layer.forward(x)[0], wanted, atol=1e-13)
    first, state = layer.forward(x[:13])
    parts = np.concatenate([first, layer.forward(x[13:], state)[0]])
    np.testing.assert_allclose(parts, wanted, atol=1e-13)
    np.testing.assert_allclose(layer.forward(x, compiled=False)[0], wanted, atol=1e-13)


def test_many_taps_step_by_step_are_the_whole_run():
    rng = np.random.default_rng(11)
    layer = networks.CausalConvolution({"weight": rng.standard_normal((2, 1, 50))}, dilation=2)
    x = rng.standard_normal((90, 3, 1))
    wanted, state = layer.forward(x)[0], layer.initial_state(3)
    for now, value in zip(x, wanted, strict=True):
        found, state = layer.step(now, state)
        np.testing.assert_allclose(found, value, atol=1e-13)


@pytest.mark.parametrize(
    ("dilation", "activation"), [(1, "identity"), (40, "identity"), (7, "relu")]
)
def test_memory_of_a_convolution_ends_exactly(dilation, activation):
    layer = delayed(dilation, activation)
    report = mt.diagnose(layer)
    assert (report.verdict, report.decay.verdict) == ("short memory", "finite")
    assert report.decay.crossover_lag == 3 * dilation
    assert f"ends exactly at lag {3 * dilation}" in report.summary()
    assert "half-life" not in report.summary()
    if activation == "identity":
        weights = mt.impulse_weights(layer, n_lags=130)
        assert weights.method == "closed form"
        np.testing.assert_array_equal(weights.values[0], layer.params["weight"][:, :, -1])
        np.testing.assert_array_equal(weights.values[3 * dilation], layer.params["weight"][:, :, 0])
        assert np.count_nonzero(weights.values.any(axis=(1, 2))) == 4


def test_a_forecasting_convolution_has_a_process_of_its_own():
    slow = networks.CausalConvolution({"weight": [[[0.5, 0.3]]]}, dilation=2)
    assert mt.ergodicity(slow).verdict == "geometrically ergodic"
    fast = networks.CausalConvolution({"weight": [[[0.5, 0.8]]]}, dilation=2)
    assert mt.ergodicity(fast).verdict == "not ergodic"
    bent = networks.CausalConvolution({"weight": [[[0.5, 0.3]]]}, output_activation="relu")
    assert mt.ergodicity(bent).verdict == "geometrically ergodic"


def test_a_temporal_convolutional_network_ends_at_its_receptive_field():
    network = networks.load(FOLDER / "tcn.safetensors", prefix="large.")
    report = mt.diagnose(network)
    assert (report.verdict, report.decay.crossover_lag) == ("short memory", 28)
    assert "ends exactly at lag 28" in report.summary()
    assert "dilations 1, 2, 4" in " ".join(network.notes)
    assert (mt.time_constants(network).values == 0.0).all()
    x = X.copy()
    x[0] += 1.0
    change = np.abs(network.forward(x)[0] - network.forward(X)[0]).max(axis=1)
    assert change[:29].any()
    assert not change[29:].any()


@pytest.mark.parametrize("tensor", ["network.1.conv2.bias", "network.1.downsample.weight"])
def test_a_renamed_tensor_of_a_convolution_is_refused(tensor):
    own = tensors_of("tcn", "large.")
    if tensor not in own:
        own[tensor] = np.zeros((6, 8, 1))
        own["network.1.downsample.bias"] = np.zeros(6)
    changed = {f"{k}_moved" if k == tensor else k: v for k, v in own.items()}
    with pytest.raises(mt.ModelFileError, match=tensor):
        networks.load(changed)


def test_one_convolution_by_its_own_name():
    weights = {"conv1d.weight": np.ones((2, 1, 3)), "conv1d.bias": np.zeros(2)}
    layer = networks.load(weights, "CausalConvolution")
    assert (layer.n_input, layer.n_output, layer.last_lag) == (1, 2, 2)
    assert "dilation=1 taken" in layer.notes[0]


def test_the_minimal_gru_of_the_papers_listing():
    rng = np.random.default_rng(8)
    shapes = {"linear_z.weight": (5, 8), "linear_z.bias": 5}
    shapes |= {"linear_h.weight": (5, 8), "linear_h.bias": 5}
    p = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    layer = networks.load(p)
    assert isinstance(layer, networks.MinimalGRU)
    assert "candidate is linear" in layer.notes[0]
    h, wanted = np.zeros(5), []
    for x in X:
        z = 1.0 / (1.0 + np.exp(-(p["linear_z.weight"] @ x + p["linear_z.bias"])))
        h = (1.0 - z) * h + z * (p["linear_h.weight"] @ x + p["linear_h.bias"])
        wanted.append(h)
    np.testing.assert_allclose(layer.forward(X)[0], wanted, atol=1e-12)
    del p["linear_h.weight"]
    with pytest.raises(mt.ModelFileError, match=r"linear_h\.weight"):
        networks.load(p)
