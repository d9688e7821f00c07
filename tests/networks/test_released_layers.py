"""Today's sequence mixers: files and outputs of the programs that released them."""

import json
from pathlib import Path

import numpy as np
import pytest

import memtools as mt
from memtools import networks
from memtools.networks.files import safetensors
from memtools.networks.linear_recurrence import LinearRecurrence
from memtools.networks.registry import RELEASED

FOLDER = Path(__file__).parents[1] / "golden" / "todays_layers"
GOLDEN = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
KINDS = {
    "s4d": "S4D",
    "lru": "LRU",
    "mamba": "Mamba",
    "rwkv4": "RWKV4",
    "rg_lru": "RGLRU",
    "mamba2": "Mamba2",
    "xlstm_large": "MLSTMLargeBlock",
    "xlstm": "MLSTMBlock",
    "rwkv6": "RWKV6",
}
EVERY = [(name, prefix) for name in GOLDEN for prefix in GOLDEN[name]["values"]]
LAYERS = [layer for layer in EVERY if layer[0] in KINDS]
LAST = [(name, list(GOLDEN[name]["values"])[-1]) for name in KINDS]
X = np.random.default_rng(0).standard_normal((100, 8)).astype(np.float32).astype(float)


def tensors_of(name, prefix=""):
    tensors, _ = safetensors.read((FOLDER / f"{name}.safetensors").read_bytes())
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def layer_of(name, prefix):
    return networks.load(FOLDER / f"{name}.safetensors", prefix=prefix)


def every_layer():
    return [layer_of(name, prefix) for name, prefix in LAST]


def test_every_kind_has_its_golden_file():
    found = {type(layer_of(*layer)).__name__ for layer in LAYERS}
    assert found == set(RELEASED) - {"CausalConvolution"}
    for golden in GOLDEN.values():
        assert {"program", "version", "command", "date", "inputs", "values"} <= set(golden)


@pytest.mark.parametrize(("name", "prefix"), EVERY)
def test_reproduces_the_program_that_wrote_the_file(name, prefix):
    """Within 1e-5 of the largest output: initial values first, then trained-like large ones."""
    layer, wanted = layer_of(name, prefix), np.array(GOLDEN[name]["values"][prefix])
    outputs, _ = layer.forward(X)
    assert np.abs(outputs - wanted).max() < 1e-5 * max(1.0, np.abs(wanted).max())
    assert wanted.std() > 1e-3


@pytest.mark.parametrize("name", GOLDEN)
def test_reads_the_same_from_a_torch_file(name, tmp_path):
    torch = pytest.importorskip("torch")
    prefix = next(iter(GOLDEN[name]["values"]))
    state = {k: torch.as_tensor(np.array(v)) for k, v in tensors_of(name).items()}
    torch.save({"model": state}, tmp_path / "layers.pt")
    read = networks.load(tmp_path / "layers.pt", prefix=f"model.{prefix}")
    np.testing.assert_array_equal(read.forward(X)[0], layer_of(name, prefix).forward(X)[0])


@pytest.mark.parametrize(("name", "prefix"), LAST)
def test_runs_in_pieces_in_batches_and_by_steps(name, prefix):
    layer = layer_of(name, prefix)
    whole = layer.forward(X)[0]
    size = np.abs(whole).max()
    first, state = layer.forward(X[:9])
    parts = np.concatenate([first, layer.forward(X[9:], state)[0]])
    np.testing.assert_allclose(parts, whole, atol=1e-11 * size)
    np.testing.assert_allclose(layer.forward(X, compiled=False)[0], whole, atol=1e-11 * size)
    both = layer.forward(np.stack([X, X[::-1]], axis=1))[0]
    np.testing.assert_allclose(both[:, 0], whole, atol=1e-11 * size)


@pytest.mark.parametrize("name", KINDS)
def test_a_file_of_several_layers_asks_for_one(name):
    prefixes = list(GOLDEN[name]["values"])
    with pytest.raises(mt.ModelFileError, match=f"got {len(prefixes)} layers") as caught:
        networks.load(FOLDER / f"{name}.safetensors")
    assert all(prefix in str(caught.value) for prefix in prefixes)
    assert "prefix=" in str(caught.value)


def test_the_list_of_layers_is_cut_at_ten():
    one = tensors_of("rwkv4", "rwkv.blocks.0.attention.")
    many = {f"blocks.{i}.att.{k}": v for i in range(24) for k, v in one.items()}
    with pytest.raises(mt.ModelFileError, match=r"24 layers .*blocks\.9\.att\. and 14 more"):
        networks.load(many)


@pytest.mark.parametrize("name", KINDS)
def test_one_layer_among_others_needs_no_prefix(name):
    prefix = list(GOLDEN[name]["values"])[-1]
    kept = {k: v for k, v in tensors_of(name).items() if k.startswith(prefix)}
    kept["embedding.weight"] = np.zeros((7, 8))
    layer = networks.load(kept)
    assert "left out: embedding.weight" in layer.notes[0]
    np.testing.assert_array_equal(layer.forward(X)[0], layer_of(name, prefix).forward(X)[0])


@pytest.mark.parametrize(("name", "prefix"), LAST)
def test_a_renamed_tensor_is_refused_by_its_name(name, prefix):
    own = tensors_of(name, prefix)
    for tensor in own:
        changed = {f"{k}_moved" if k == tensor else k: v for k, v in own.items()}
        with pytest.raises(mt.ModelFileError) as caught:
            networks.load(changed)
        assert f"{tensor}_moved" in str(caught.value)
        assert f"no tensor '{tensor}'" in str(caught.value) or f"also {tensor}" in str(caught.value)


@pytest.mark.parametrize(("name", "prefix"), LAST)
def test_a_misshapen_tensor_is_refused_by_its_name(name, prefix):
    layer = layer_of(name, prefix)
    for tensor, value in layer.params.items():
        wrongs = [value[..., None]]
        if tensor != "conv_1d.w":  # of any width
            wrongs.append(np.repeat(value, 2, axis=0))
        for wrong in wrongs:
            with pytest.raises(mt.InvalidInputError, match="tensor '"):
                type(layer)({**layer.params, tensor: wrong}, **layer.options)


@pytest.mark.parametrize("name", KINDS)
def test_cell_is_said_by_name_or_class(name):
    prefix = next(iter(GOLDEN[name]["values"]))
    path, kind = FOLDER / f"{name}.safetensors", KINDS[name]
    for cell in (kind.lower(), RELEASED[kind]):
        assert type(networks.load(path, cell, prefix=prefix)).__name__ == kind
    other = "S4D" if kind != "S4D" else "Mamba"
    with pytest.raises(mt.ModelFileError, match=f"tensors of {other}"):
        networks.load(path, other, prefix=prefix)


def test_saved_and_initial_layers_come_back(tmp_path):
    made = [kind.initialise(8, 4, rng=0) for kind in RELEASED.values()]
    made.append(networks.CausalConvolution.initialise(8, 3, 8, dilation=2, rng=0))
    for layer in [*made, *every_layer()]:
        networks.save(layer, tmp_path / "layer.safetensors")
        again = networks.load(tmp_path / "layer.safetensors")
        assert repr(again) == repr(layer)
        np.testing.assert_array_equal(again.forward(X)[0], layer.forward(X)[0])
        assert layer.from_params(layer.params, **layer.options).n_output == 8
        assert layer.from_torch_names(layer.params).n_input == 8


def test_a_tree_of_flax():
    """minimal-LRU's own checkpoints are trees, their names joined by strokes."""
    layer = layer_of("lru", "encoder.layers_1.seq.")
    tree = {f"params/encoder/layers_1/seq/{k}": v for k, v in layer.params.items()}
    np.testing.assert_array_equal(networks.load(tree).forward(X)[0], layer.forward(X)[0])


def test_the_feed_forward_part_beside_time_mixing_is_no_layer():
    own = networks.RWKV4.initialise(8, 8, rng=0).params
    full = {f"blocks.0.att.{k}": v for k, v in own.items()}
    full |= {f"blocks.0.ffn.time_mix_{k}": np.ones((1, 1, 8)) for k in "kr"}
    names = ("key", "receptance", "value")
    full |= {f"blocks.0.ffn.{name}.weight": np.ones((8, 8)) for name in names}
    assert "blocks.0.att." in networks.load(full).notes[0]


def test_both_spellings_of_the_real_gated_unit():
    """RecurrentGemma's own names, with its layout of the convolution, and Transformers'."""
    prefix = "model.layers.1.temporal_block."
    layer = layer_of("rg_lru", prefix)
    own = {f"blocks.1.recurrent_block.{k}": v for k, v in layer.params.items()}
    assert own["blocks.1.recurrent_block.conv_1d.w"].shape == (4, 12)
    assert tensors_of("rg_lru", prefix)["conv_1d.weight"].shape == (12, 1, 4)
    np.testing.assert_array_equal(networks.load(own).forward(X)[0], layer.forward(X)[0])


def test_the_layout_of_both_backends_of_the_scalar_memory():
    layer = layer_of("xlstm", "blocks.3.xlstm.")
    kernel, bias = (layer.params[f"slstm_cell.{n}_"] for n in ("_recurrent_kernel", "_bias"))
    stored = {
        **layer.params,
        "slstm_cell._recurrent_kernel_": kernel.reshape(2, 4, 16),
        "slstm_cell._bias_": bias.reshape(-1),
    }
    np.testing.assert_array_equal(networks.load(stored).forward(X)[0], layer.forward(X)[0])


@pytest.mark.parametrize("name", ["s4d", "lru"])
def test_kernels_are_the_response_to_an_impulse(name):
    layer = layer_of(name, LAST[[n for n, _ in LAST].index(name)][1])
    linear = {k: v for k, v in layer.params.items() if not k.startswith("output_linear")}
    layer = type(layer)(linear)
    found = mt.impulse_weights(layer, n_lags=99)
    assert found.method == "closed form"
    x = np.zeros((100, 8))
    x[0, 3] = 1.0
    size = np.abs(found.values).max()
    np.testing.assert_allclose(found.values[..., 3], layer.forward(x)[0], atol=1e-12 * size)


def test_kernel_of_s4d_is_its_published_sum():
    layer = networks.S4D.initialise(3, 8, rng=0)
    p = layer.params
    a = -np.exp(p["kernel.log_A_real"]) + 1j * p["kernel.A_imag"]
    step = np.exp(p["kernel.log_dt"])[:, None] * a
    c = p["kernel.C"][..., 0] + 1j * p["kernel.C"][..., 1]
    weights = mt.impulse_weights(layer, n_lags=50).values
    for k in (0, 1, 50):
        wanted = 2.0 * (c * (np.exp(step) - 1.0) / a * np.exp(k * step)).sum(axis=1).real
        wanted += p["D"] * (k == 0)
        np.testing.assert_allclose(np.diag(weights[k]), wanted, rtol=1e-10, atol=1e-12)
        assert not (weights[k] - np.diag(np.diag(weights[k]))).any()


@pytest.mark.parametrize("name", ["mamba", "mamba2", "rg_lru", "rwkv6"])
def test_mean_log_decay_is_the_lyapunov_exponent(name):
    """Exact for a diagonal recurrence; here against the QR method on the state's Jacobians."""
    layer = layer_of(*LAST[[n for n, _ in LAST].index(name)])
    x = np.random.default_rng(2).standard_normal((600, 8))
    exponent, stderr = networks.lyapunov_exponent(layer, x)
    wanted = layer.log_decays(x).max()
    assert exponent[0] == pytest.approx(wanted, abs=4.0 * stderr[0] + 0.02 * abs(wanted))


def test_no_input_within_the_bound_decays_slower_than_the_theorem_says():
    rng = np.random.default_rng(3)
    for layer in every_layer():
        if not isinstance(layer, LinearRecurrence):
            continue
        slowest = layer._largest_log_decay(0.5).max()
        for x in (rng.uniform(-0.5, 0.5, (200, 8)), rng.choice([-0.5, 0.5], (200, 8))):
            gates = layer.record(x[:, None], layer.initial_state(1)).gates
            if gates:
                assert np.log(gates["decay"].max()) <= slowest + 1e-12


@pytest.mark.parametrize(("name", "prefix"), LAST)
def test_time_constants_are_those_of_the_base_decays(name, prefix):
    layer = layer_of(name, prefix)
    constants = mt.time_constants(layer)
    if isinstance(layer, LinearRecurrence):
        np.testing.assert_allclose(constants.values, -1.0 / layer.log_decays())
    assert (constants.values > 0.0).all()
    assert "Time constants" in constants.summary()


def test_base_decays_by_hand():
    p = layer_of("mamba", "backbone.layers.1.mixer.").params
    dt = np.log1p(np.exp(p["dt_proj.bias"]))
    longest = 1.0 / (dt * np.exp(p["A_log"]).min(axis=1))
    found = mt.time_constants(networks.Mamba(p)).values.reshape(p["A_log"].shape)
    np.testing.assert_allclose(found.max(axis=1), longest, rtol=1e-9)
    p = layer_of("rwkv4", "rwkv.blocks.1.attention.").params
    found = mt.time_constants(networks.RWKV4(p)).values
    np.testing.assert_allclose(found, np.exp(-p["time_decay"]), rtol=1e-9)
    p = layer_of("xlstm_large", "backbone.blocks.1.mlstm_layer.").params
    f = 15.0 * np.tanh(p["fgate_preact.bias"] / 15.0)
    found = mt.time_constants(networks.MLSTMLargeBlock(p)).values
    np.testing.assert_allclose(found, 1.0 / np.log1p(np.exp(-f)), rtol=1e-9)


def without_fade(name, prefix, **moved):
    layer = layer_of(name, prefix)
    params = dict(layer.params)
    for tensor, value in moved.items():
        tensor = tensor.replace("__", ".")
        params[tensor] = np.full_like(params[tensor], value)
    return type(layer)(params, **layer.options)


def test_verdicts():
    """Every recurrence with |a| < 1 has short memory; at 1 to rounding it persists."""
    for name, prefix in LAST:
        report = mt.diagnose(layer_of(name, prefix), n_lags=40)
        assert report.verdict == "short memory", name
        assert report.theorem.verdict == "geometrically ergodic", name
        assert "has no process of its own" in report.summary()
    lasting = without_fade("lru", "encoder.layers_0.seq.", nu_log=-40.0)
    report = mt.diagnose(lasting, n_lags=40)
    assert (report.verdict, report.theorem.verdict) == ("persistent", "undecided")
    lasting = without_fade("mamba", "backbone.layers.1.mixer.", A_log=-60.0)
    report = mt.diagnose(lasting, n_lags=40)
    assert (report.verdict, report.theorem.verdict) == ("persistent", "undecided")


def test_data_move_the_decays():
    layer = layer_of("mamba2", "backbone.layers.1.mixer.")
    x = np.random.default_rng(4).standard_normal((300, 8))
    base, seen = (mt.diagnose(layer, data, n_lags=40) for data in (None, x))
    assert "gates at their biases" in base.reasons[0]
    assert "on average along the data" in seen.reasons[0]
    assert np.exp(layer.log_decays(x).max()) == pytest.approx(np.abs(seen.eigenvalues).max())
    assert seen.impulse.method.endswith("Jacobians along the data")
    assert base.impulse.method.endswith("Jacobians along standard normal inputs")
    assert seen.residual_memory is None
    assert seen.process_memory is None


def test_jacobians_are_those_of_small_changes():
    rng = np.random.default_rng(5)
    for layer in every_layer():
        x = rng.standard_normal((30, 8))
        found = mt.impulse_weights(layer, x, n_lags=29).values
        e = 1e-5
        for column in (0, 5):
            up, down = x.copy(), x.copy()
            up[0, column] += e
            down[0, column] -= e
            change = (layer.forward(up)[0] - layer.forward(down)[0]) / (2.0 * e)
            np.testing.assert_allclose(
                found[..., column], change, atol=1e-5 * np.abs(change).max(), rtol=1e-4
            )


def test_a_wide_layer_is_followed_from_some_inputs(monkeypatch):
    monkeypatch.setattr("memtools.networks.impulse._MOST_PUSHED", 20_000)
    layer = layer_of("mamba", "backbone.layers.1.mixer.")
    report = mt.diagnose(layer, n_lags=40)
    assert report.verdict == "short memory"
    assert report.impulse.values.shape == (41, 8, 4)
    assert "Of 8 inputs the first 4 were followed" in " ".join(report.reasons)
