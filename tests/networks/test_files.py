"""State dicts in every container equal PyTorch; names of the authors and our own; refusals."""

import io
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from memtools import networks
from memtools.exceptions import InvalidInputError, MemtoolsWarning, ModelFileError
from tests.networks.models import TOLERANCE, TORCH, inputs, torch_model

torch = pytest.importorskip("torch")
each_torch = pytest.mark.parametrize("case", TORCH)


def read_options(case):
    kind, options = TORCH[case]
    return {"activation": options.get("nonlinearity", "tanh")} if kind == "RNN" else {}


@each_torch
@pytest.mark.parametrize("form", ["zip", "legacy", "safetensors", "npz", "checkpoint", "live"])
@pytest.mark.parametrize("with_read_out", [True, False])
def test_torch(case, form, with_read_out, tmp_path):
    kind, options = TORCH[case]
    model, x, y = torch_model(kind, with_read_out, **options)
    state, path = model.state_dict(), tmp_path / "model.pt"
    if form == "zip":
        torch.save(state, path)
    elif form == "legacy":
        torch.save(state, path, _use_new_zipfile_serialization=False)
    elif form == "safetensors":
        pytest.importorskip("safetensors.torch").save_file(state, path)
    elif form == "npz":
        np.savez_compressed(path.with_suffix(".npz"), **{k: v.numpy() for k, v in state.items()})
        path = path.with_suffix(".npz")
    elif form == "checkpoint":
        optimizer = torch.optim.Adam(model.parameters())
        for parameter in model.parameters():
            parameter.grad = torch.zeros_like(parameter)
        optimizer.step()
        parts = {"epoch": 3, "model_state_dict": state, "optimizer": optimizer.state_dict()}
        torch.save({**parts, "loss": 0.5, "best": None, "sizes": torch.Size([2, 4])}, path)
    source = model if form == "live" else path
    given = {} if form == "live" else read_options(case)
    network = networks.load(source, x=x, y=y, **given)
    np.testing.assert_allclose(network.forward(x)[0], y, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("dtype", ["float64", "float16", "bfloat16"])
@pytest.mark.parametrize("form", ["pt", "safetensors"])
def test_other_precisions(dtype, form, tmp_path):
    model, x, _ = torch_model("LSTM")
    model = model.to(getattr(torch, dtype))
    path = tmp_path / f"model.{form}"
    if form == "pt":
        torch.save(model.state_dict(), path)
    else:
        pytest.importorskip("safetensors.torch").save_file(model.state_dict(), path)
    model = model.double()
    with torch.no_grad():
        y = model["output"](model["rnn"](torch.from_numpy(x).double())[0]).numpy()
    np.testing.assert_allclose(networks.load(path).forward(x)[0], y, rtol=0, atol=1e-12)


def test_views_and_shared_storages(tmp_path):
    model, x, y = torch_model("LSTM", with_read_out=False)
    state = {k: v.clone() for k, v in model.state_dict().items()}
    weight = state["rnn.weight_ih_l0"]
    state["rnn.weight_ih_l0"] = weight.T.contiguous().T  # strides of the transpose
    both = torch.cat([state["rnn.bias_ih_l0"], state["rnn.bias_hh_l0"]])
    state["rnn.bias_ih_l0"], state["rnn.bias_hh_l0"] = both[:16], both[16:]
    state["rnn.weight_hh_l0"] = torch.nn.Parameter(state["rnn.weight_hh_l0"])
    torch.save(state, tmp_path / "views.pt")
    network = networks.load(tmp_path / "views.pt")
    np.testing.assert_allclose(network.forward(x)[0], y, rtol=0, atol=TOLERANCE)


def test_cells_stacked_by_hand(tmp_path):
    torch.manual_seed(0)
    model = torch.nn.ModuleDict(
        {
            "embedding": torch.nn.Embedding(9, 5),
            "first": torch.nn.LSTMCell(2, 4),
            "second": torch.nn.GRUCell(4, 5),
            "head": torch.nn.Linear(5, 1, bias=False),
        }
    )
    x = inputs(2)
    h, c, g, y = torch.zeros(3, 4), torch.zeros(3, 4), torch.zeros(3, 5), []
    with torch.no_grad():
        for step in torch.from_numpy(x):
            h, c = model["first"](step, (h, c))
            g = model["second"](h, g)
            y.append(model["head"](g))
    torch.save(model.state_dict(), tmp_path / "stack.pt")
    network = networks.load(tmp_path / "stack.pt")
    np.testing.assert_allclose(network.forward(x)[0], torch.stack(y), rtol=0, atol=TOLERANCE)
    assert network.notes[0].startswith("embedding (9, 5) left out: the inputs are its vectors")
    assert network.notes[1].startswith("layers in the order first, second, head")


def authors_names(network):
    """Parameters under the names of the authors' cells."""
    p = {key: value.astype(np.float32) for key, value in network.params.items()}
    if isinstance(network, networks.MRNN):
        named = {"b_d": p.pop("bias_d")[None]} if network.fixed_d else {}
        lanes = {"bias_m": "m_m", "bias_h": "h_h", "bias_z": "h_z", "bias_d": "d_d"}
        for key, value in p.items():
            kind, _, pair = key.partition("_")
            lane = lanes[key] if kind == "bias" else "_".join(pair)
            named[f"mrnn_cell.{lane}.{kind}"] = value
        return named | {"mrnn_cell.weight_ih": np.zeros((3, 2), np.float32)}
    weights = np.concatenate([p["weight_ih"], p["weight_hh"]], axis=1)
    named = {"mlstm_cell.output.weight": p["weight_hz"], "mlstm_cell.output.bias": p["bias_z"]}
    for letter, weight, bias in zip(
        "ico", np.split(weights, 3), np.split(p["bias"], 3), strict=True
    ):
        named[f"mlstm_cell.{letter}_gate.weight"] = weight
        named[f"mlstm_cell.{letter}_gate.bias"] = bias
    if network.fixed_d:
        return named | {"d_values": p["bias_d"][None]}
    gate = np.concatenate([p["weight_xd"], p["weight_hd"], p["weight_dd"]], axis=1)
    return named | {"mlstm_cell.f_gate.weight": gate, "mlstm_cell.f_gate.bias": p["bias_d"]}


@pytest.mark.parametrize("fixed_d", [False, True])
@pytest.mark.parametrize("cell", [networks.MRNN, networks.MLSTM])
def test_the_authors_names(cell, fixed_d, tmp_path):
    g = "tanh" if cell is networks.MRNN and fixed_d else "identity"
    options = {"filter_length": 9, "fixed_d": fixed_d, "output_activation": g}
    network = cell.initialise(2, 3, 1, rng=0, **options)
    x, named = inputs(2), authors_names(network)
    expected, _ = network.forward(x)
    by_name = cell.from_torch_names(named, filter_length=9, output_activation=g)
    older = {key.replace("_cell", "cell").replace("_gate", "gate"): v for key, v in named.items()}
    older = {key.replace("m_m", "mm").replace("x_h.", "xh."): v for key, v in older.items()}
    np.savez(tmp_path / "named.npz", **named)
    read = networks.load(tmp_path / "named.npz", filter_length=9)
    again = networks.load(older, filter_length=9)
    for other in (by_name, read, again):
        np.testing.assert_allclose(other.forward(x)[0], expected, rtol=0, atol=TOLERANCE)
        assert type(other) is cell
        assert other.fixed_d is fixed_d
    unused = "tensors not used: mrnn_cell.weight_ih" in read.notes
    assert unused is (cell is networks.MRNN)
    with pytest.raises(ModelFileError, match="filter_length must be an integer"):
        networks.load(tmp_path / "named.npz")
    name = min(key for key in named if key.startswith("m") and not key.endswith("weight_ih"))
    with pytest.raises(InvalidInputError, match=name.replace(".", r"\.")):
        cell.from_torch_names({k: v for k, v in named.items() if k != name}, filter_length=9)


OWN = {
    "RNN": (networks.RNN, {"activation": "relu"}),
    "LSTM": (networks.LSTM, {}),
    "GRU": (networks.GRU, {}),
    "MRNN": (networks.MRNN, {}),
    "MRNNF": (networks.MRNN, {"fixed_d": True}),
    "RNN2": (networks.TwoLaneRNN, {}),
    "MLSTM": (networks.MLSTM, {}),
    "MLSTMF": (networks.MLSTM, {"fixed_d": True}),
    "RWA": (networks.RWA, {}),
    "MIST": (networks.MIST, {}),
}


@pytest.mark.parametrize("name", OWN)
def test_our_own_names(name, tmp_path):
    cell, options = OWN[name]
    network = cell.initialise(2, 3, 2, rng=0, filter_length=6, **options)
    np.savez(tmp_path / "own.npz", **network.params)
    given = {k: v for k, v in options.items() if k == "activation"}
    if hasattr(network, "filter_length") and name != "RNN2":
        given["filter_length"] = 6
    for kind in (name, None):
        read = networks.load(tmp_path / "own.npz", cell=kind, **given)
        np.testing.assert_array_equal(read.forward(inputs(2))[0], network.forward(inputs(2))[0])


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_equinox_names(kind):
    cell = getattr(networks, kind).initialise(2, 3, rng=0)
    p, n = dict(cell.params), 3
    named = {"cell.weight_ih": p["weight_ih"], "cell.weight_hh": p["weight_hh"]}
    if kind == "LSTM":
        named["cell.bias"] = p["bias_ih"] + p["bias_hh"]
    else:  # reset and update gates know the sum of the biases only
        gates = p["bias_ih"][: 2 * n] + p["bias_hh"][: 2 * n]
        named["cell.bias"] = np.concatenate([gates, p["bias_ih"][2 * n :]])
        named["cell.bias_n"] = p["bias_hh"][2 * n :]
    x = inputs(2)
    again = networks.load(named).forward(x)[0]
    np.testing.assert_allclose(again, cell.forward(x)[0], rtol=0, atol=1e-14)


def test_what_the_file_does_not_tell_is_asked_for(tmp_path):
    model, x, y = torch_model("RNN")
    torch.save(model.state_dict(), tmp_path / "rnn.pt")
    assert "tanh, PyTorch's default, is taken" in networks.load(tmp_path / "rnn.pt").notes[0]
    with pytest.raises(ModelFileError, match="does not reproduce y: they differ by up to"):
        networks.load(tmp_path / "rnn.pt", activation="relu", x=x, y=y)
    network = networks.load(tmp_path / "rnn.pt", activation="tanh", x=x, y=y[-1])
    assert network.n_output == 3


def test_biases_near_one_outside_the_forget_gate_are_reported(tmp_path):
    cell = networks.LSTM.initialise(2, 8, rng=0)
    for block, suspicious in enumerate([True, False, True, True]):
        bias = np.zeros((4, 8))
        bias[block] = 1.0
        np.savez(tmp_path / "order.npz", **{**cell.params, "bias_ih": bias.reshape(-1)})
        if suspicious:
            with pytest.warns(MemtoolsWarning, match=f"stand in block {'ifgo'[block]}, not in f"):
                networks.load(tmp_path / "order.npz")
        else:
            networks.load(tmp_path / "order.npz")


def state_of(kind="LSTM", **changes):
    model, _, _ = torch_model(kind)
    state = {key: value.numpy() for key, value in model.state_dict().items()}
    for key, value in changes.items():
        name = "rnn." + key
        if value is None:
            del state[name]
        else:
            state[name] = value
    return state


@pytest.mark.parametrize(
    ("state", "options", "message"),
    [
        (state_of(weight_hh_l0=None), {}, "'rnn.weight_hh_l0'"),
        (state_of(bias_hh_l0=None), {}, "'rnn.bias_hh_l0'"),
        (state_of(weight_hh_l0=np.zeros((16, 5))), {}, "'rnn.weight_hh_l0' must be of shape"),
        (state_of(weight_ih_l0=np.full((16, 2), np.nan)), {}, "'rnn.weight_ih_l0' must be finite"),
        (state_of(weight_ih_l0=np.zeros(16)), {}, "'rnn.weight_ih_l0' must be 2-D"),
        (state_of(weight_ih_l0=np.zeros((8, 2))), {}, r"params\['weight_hh'\] must be of shape"),
        (state_of(weight_ih_l2=np.zeros((16, 4))), {}, "must be layers _l0, _l1"),
        (state_of(weight_hr_l0=np.zeros((2, 4))), {}, "a projection that fits"),
        (
            state_of() | {"other.weight": np.zeros((1, 4))},
            {},
            r"2 read-outs \(output, other\): choose one by read_out=",
        ),
        (
            {"conv.weight": np.zeros((3, 2, 5))},
            {},
            r"found: conv.weight|got conv.weight \(3, 2, 5\)",
        ),
        ({}, {}, "no tensors"),
        (state_of(), {"cell": "GRU"}, "tensors of GRU; got those of LSTM"),
        (state_of(), {"prefix": "decoder."}, "no tensors with prefix 'decoder.'"),
        (
            state_of() | {"b.weight_hh": np.zeros((3, 3)), "b.weight_ih": np.zeros((3, 9))},
            {},
            "feed",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_named(state, options, message):
    with pytest.raises(ModelFileError, match=message):
        networks.load(state, **options)


def test_several_networks_in_one_checkpoint(tmp_path):
    model, x, y = torch_model("LSTM")
    other = {key: 2 * value for key, value in model.state_dict().items()}
    torch.save({"model": model.state_dict(), "ema": other}, tmp_path / "two.pt")
    with pytest.raises(ModelFileError, match="networks in model, ema: choose one by prefix="):
        networks.load(tmp_path / "two.pt")
    network = networks.load(tmp_path / "two.pt", prefix="model.")
    np.testing.assert_allclose(network.forward(x)[0], y, rtol=0, atol=TOLERANCE)
    recurrent = networks.load(tmp_path / "two.pt", prefix="model.rnn")
    assert recurrent.n_output == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cell": "LSTMM"}, "cell must be one of 'RNN', 'LSTM'"),
        ({"activation": "softmax"}, "activation must be one of"),
        ({"filter_length": 0}, "filter_length must be an integer of at least 1"),
        ({"output_activation": "elu"}, "output_activation must be one of"),
        ({"prefix": 3}, "prefix must be a string"),
        ({"x": np.zeros((3, 2))}, "y must be given with the other"),
        ({"x": np.zeros((3, 2)), "y": np.zeros((3, 9))}, "y must be of shape"),
        ({"x": np.zeros((3, 9)), "y": np.zeros((3, 9))}, "x must be of shape"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(InvalidInputError, match=message):
        networks.load(state_of(), **arguments)
    with pytest.raises(InvalidInputError, match="path must be a path, a torch module"):
        networks.load(3.0)


def test_unknown_options_of_from_torch_names():
    with pytest.raises(TypeError, match="unknown option 'activatoin'"):
        networks.LSTM.from_torch_names(state_of(), activatoin="tanh")
    notes = networks.LSTM.from_torch_names(state_of(), filter_length=5).notes
    assert notes[0] == "no filter in this network: filter_length not used"


def test_whole_modules_and_programs_are_refused_with_advice(tmp_path):
    model, _, _ = torch_model("LSTM")
    torch.save(model, tmp_path / "module.pt")
    with pytest.raises(ModelFileError, match=r"torch\.save\(model\.state_dict\(\), path\)"):
        networks.load(tmp_path / "module.pt")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("script/data.pkl", b"")
        archive.writestr("script/code/main.py", b"")
    (tmp_path / "script.pt").write_bytes(buffer.getvalue())
    with pytest.raises(ModelFileError, match="TorchScript"):
        networks.load(tmp_path / "script.pt")


UNLIKE = {
    "an array": (lambda w: w.numpy(), "'output.weight' is a NumPy array among PyTorch's"),
    "no numbers": (lambda w: w.to("meta"), "weights of an unusual type"),
    "negated": (lambda w: (1j * w.double()).conj().imag, r"save tensor\.resolve_neg\(\)"),
    "complex": (lambda w: w.to(torch.complex64), "weights of type ComplexFloatStorage; known are"),
    "quantised": (lambda w: w.to(torch.int8), r"'output\.weight' must be of floating .* got int8"),
}


@pytest.mark.parametrize("kind", UNLIKE)
def test_no_tensor_is_lost_or_turned(kind, tmp_path):
    change, message = UNLIKE[kind]
    state = dict(torch_model("LSTM")[0].state_dict())
    state["output.weight"] = change(state["output.weight"])
    torch.save(state, tmp_path / "model.pt")
    with pytest.raises(ModelFileError, match=message):
        networks.load(tmp_path / "model.pt")


def test_an_archive_of_other_things_is_told_by_what_is_in_it(tmp_path):
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(ModelFileError, match=r"an archive of xl/workbook\.xml, which is none of"):
        networks.load(tmp_path / "book.xlsx")


def test_reading_needs_no_framework(tmp_path):
    model, _, _ = torch_model("LSTM")
    torch.save(model.state_dict(), tmp_path / "model.pt")
    code = (
        "import sys; from memtools import networks\n"
        f"networks.load({str(tmp_path / 'model.pt')!r})\n"
        "assert not {'torch', 'keras', 'onnx', 'h5py', 'pickle5'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
