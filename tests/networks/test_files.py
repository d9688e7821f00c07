"""Networks read from files equal the frameworks that wrote the files."""

import io
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from memtools import networks
from memtools.exceptions import InvalidInputError, MemtoolsWarning, ModelFileError
from memtools.networks.files import hdf5

# Backend of Keras: PyTorch, so that TensorFlow is not needed.
os.environ.setdefault("KERAS_BACKEND", "torch")
torch = pytest.importorskip("torch")
TOLERANCE = 1e-6


def inputs(n_input, n_batch=3, n_steps=25):
    shape = (n_steps, n_batch, n_input)
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def torch_model(kind, with_read_out=True, **options):
    """A PyTorch network over (n_steps, n_batch, 2), and its outputs."""
    torch.manual_seed(0)
    layer = getattr(torch.nn, kind)(2, 4, **options)
    width = 4 * (2 if options.get("bidirectional") else 1)
    parts = {"rnn": layer}
    if with_read_out:
        parts["output"] = torch.nn.Linear(width, 3)
    model = torch.nn.ModuleDict(parts)
    x = inputs(2)
    with torch.no_grad():
        y = layer(torch.from_numpy(x))[0]
        if with_read_out:
            y = parts["output"](y)
    return model, x, y.numpy()


TORCH = {
    "RNN": ("RNN", {}),
    "RNN relu": ("RNN", {"nonlinearity": "relu"}),
    "LSTM": ("LSTM", {}),
    "LSTM no bias": ("LSTM", {"bias": False}),
    "GRU": ("GRU", {}),
    "LSTM two layers": ("LSTM", {"num_layers": 2}),
    "GRU both ways": ("GRU", {"bidirectional": True}),
    "LSTM two layers both ways": ("LSTM", {"num_layers": 2, "bidirectional": True}),
}
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
    assert network.notes[0].startswith("layers in the order first, second")
    assert network.notes[1] == "tensors not used: embedding.weight"


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
    read = networks.load(tmp_path / "own.npz", cell=name, **given)
    np.testing.assert_array_equal(read.forward(inputs(2))[0], network.forward(inputs(2))[0])


@pytest.fixture(scope="module")
def keras():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("keras")


def keras_layers(keras, case):
    layer = keras.layers
    options = {"return_sequences": True}
    return {
        "LSTM": [layer.LSTM(4, **options), layer.Dense(2)],
        "LSTM relu": [layer.LSTM(4, activation="relu", use_bias=False, **options)],
        "GRU": [layer.GRU(4, name="mine", **options), layer.Dense(2, activation="softmax")],
        "GRU before": [layer.GRU(4, reset_after=False, **options)],
        "SimpleRNN": [layer.SimpleRNN(4, activation="linear", **options), layer.Dropout(0.5)],
        "both ways": [layer.Bidirectional(layer.GRU(3, **options)), layer.Dense(1)],
        "stack": [
            layer.LSTM(4, **options),
            layer.TimeDistributed(layer.Dense(3, activation="tanh")),
            layer.Bidirectional(layer.LSTM(2, **options)),
            layer.LSTM(4, **options),
            layer.Dense(2),
            layer.Dense(1, activation="sigmoid"),
        ],
        "first dense": [layer.Dense(3, activation="relu"), layer.SimpleRNN(2, **options)],
    }[case]


KERAS = ["LSTM", "LSTM relu", "GRU", "GRU before", "SimpleRNN", "both ways", "stack", "first dense"]


@pytest.mark.parametrize("case", KERAS)
@pytest.mark.parametrize("form", ["keras", "h5", "live"])
@pytest.mark.parametrize("functional", [False, True])
@pytest.mark.filterwarnings("ignore")
def test_keras(keras, case, form, functional, tmp_path):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Input((None, 2)), *keras_layers(keras, case)])
    if functional:
        first = keras.Input((None, 2))
        last = first
        for layer in keras_layers(keras, case):
            last = layer(last)
        model = keras.Model(first, last)
    model.set_weights([0.5 * np.random.default_rng(1).normal(size=w.shape) for w in model.weights])
    x = inputs(2)
    y = np.asarray(model(x.swapaxes(0, 1)).detach()).swapaxes(0, 1)
    source = model
    if form != "live":
        source = tmp_path / f"model.{form}"
        model.save(source)
    network = networks.load(source, x=x, y=y)
    np.testing.assert_allclose(network.forward(x)[0], y, rtol=0, atol=TOLERANCE)


@pytest.mark.filterwarnings("ignore")
def test_keras_gives_its_last_step(keras, tmp_path):
    model = keras.Sequential([keras.layers.Input((None, 2)), keras.layers.LSTM(3)])
    model.save(tmp_path / "last.keras")
    x = inputs(2)
    y = np.asarray(model(x.swapaxes(0, 1)).detach())
    network = networks.load(tmp_path / "last.keras", x=x, y=y)
    assert "last output only" in network.notes[0]
    model.save_weights(tmp_path / "bare.weights.h5")
    with pytest.raises(ModelFileError, match=r"save the whole model with model\.save"):
        networks.load(tmp_path / "bare.weights.h5")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda k: [k.LSTM(2, recurrent_activation="tanh")], "recurrent_activation 'tanh'"),
        (lambda k: [k.LSTM(2, activation="gelu")], "activation 'gelu'; known are linear"),
        (lambda k: [k.LSTM(2, go_backwards=True)], "goes backwards"),
        (lambda k: [k.Bidirectional(k.LSTM(2), merge_mode="sum")], "merge_mode 'sum'"),
        (lambda k: [k.Conv1D(2, 3), k.LSTM(2)], "of class Conv1D; known are LSTM"),
        (lambda k: [k.Dense(2)], "no recurrent layer in the model; it has InputLayer, Dense"),
    ],
)
def test_keras_models_that_do_not_fit(keras, build, message, tmp_path):
    model = keras.Sequential([keras.layers.Input((9, 2)), *build(keras.layers)])
    model.save(tmp_path / "model.keras")
    with pytest.raises(ModelFileError, match=message):
        networks.load(tmp_path / "model.keras")


@pytest.mark.filterwarnings("ignore")
def test_keras_branches_are_refused(keras, tmp_path):
    first = keras.Input((None, 2))
    one, two = (keras.layers.LSTM(2, return_sequences=True)(first) for _ in range(2))
    keras.Model(first, keras.layers.Add()([one, two])).save(tmp_path / "branch.keras")
    with pytest.raises(ModelFileError, match="a model with branches"):
        networks.load(tmp_path / "branch.keras")


@pytest.mark.filterwarnings("ignore")
def test_hdf5_reader_equals_h5py(keras, tmp_path):
    h5py = pytest.importorskip("h5py")
    model = keras.Sequential([keras.layers.Input((None, 2)), *keras_layers(keras, "stack")])
    model.save(tmp_path / "model.h5")
    root = hdf5.File((tmp_path / "model.h5").read_bytes()).root

    def compare(name, item):
        node = root[name]
        for key, value in item.attrs.items():
            np.testing.assert_array_equal(node.attributes[key], value)
        if isinstance(item, h5py.Dataset):
            np.testing.assert_array_equal(node.array(name), item[()])

    with h5py.File(tmp_path / "model.h5") as file:
        file.visititems(compare)
        assert root.attributes == dict(file.attrs)
    with h5py.File(tmp_path / "wide.h5", "w") as file:  # a tree of several levels
        for i in range(700):
            file[f"group/item{i}"] = np.arange(i)
        file.attrs["fixed"] = np.array([b"ab", b"c"])
    root = hdf5.File((tmp_path / "wide.h5").read_bytes()).root
    assert root.attributes["fixed"] == ["ab", "c"]
    for i in (0, 1, 350, 699):
        np.testing.assert_array_equal(root[f"group/item{i}"].array("item"), np.arange(i))


def onnx_model(case):
    """A graph made by hand with ONNX's own helpers, and its inputs."""
    onnx = pytest.importorskip("onnx")
    helper, numpy_helper = onnx.helper, onnx.numpy_helper
    kind, _, rest = case.partition(" ")
    rng = np.random.default_rng(0)
    n_blocks = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind]
    both = "both" in rest
    n_directions = 2 if both else 1

    def constant(name, *shape):
        values = (0.5 * rng.normal(size=shape)).astype(np.float32)
        return numpy_helper.from_array(values, name)

    weights = [
        constant("W", n_directions, 4 * n_blocks, 2),
        constant("R", n_directions, 4 * n_blocks, 4),
        constant("B", n_directions, 8 * n_blocks),
        constant("V", 4 * n_directions, 3),
        constant("b", 3),
        numpy_helper.from_array(np.array([0, 0, -1]), "flat"),
    ]
    options = {"hidden_size": 4, "direction": "bidirectional" if both else "forward"}
    if "reset" in rest:
        options["linear_before_reset"] = 1
    if "relu" in rest:
        options["activations"] = ["Relu"]
    nodes = [
        helper.make_node(kind, ["x", "W", "R", "B"], ["Y", "Y_h"], **options),
        helper.make_node("Transpose", ["Y"], ["T"], perm=[0, 2, 1, 3]),
        helper.make_node("Reshape", ["T", "flat"], ["F"]),
        helper.make_node("MatMul", ["F", "V"], ["P"]),
        helper.make_node("Add", ["b", "P"], ["A"]),
        helper.make_node("Sigmoid", ["A"], ["y"]),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "graph",
        [value("x", onnx.TensorProto.FLOAT, ["n", "b", 2])],
        [value("y", onnx.TensorProto.FLOAT, None)],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    return model.SerializeToString(), inputs(2)


ONNX = ["RNN", "RNN relu", "RNN both", "LSTM", "LSTM both", "GRU", "GRU reset", "GRU reset both"]


@pytest.mark.parametrize("case", ONNX)
def test_onnx(case, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    data, x = onnx_model(case)
    (tmp_path / "model.onnx").write_bytes(data)
    y = runtime.InferenceSession(data).run(None, {"x": x})[0]
    network = networks.load(tmp_path / "model.onnx", x=x, y=y)
    np.testing.assert_allclose(network.forward(x)[0], y, rtol=0, atol=TOLERANCE)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", TORCH)
@pytest.mark.parametrize("folded", [True, False])
def test_onnx_from_torch(case, folded, tmp_path):
    pytest.importorskip("onnx")
    kind, options = TORCH[case]
    model, x, y = torch_model(kind, **options)

    class Whole(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.parts = model

        def forward(self, x):
            return self.parts["output"](self.parts["rnn"](x)[0])

    path = tmp_path / "model.onnx"
    torch.onnx.export(
        Whole(), (torch.from_numpy(x),), path, dynamo=False, do_constant_folding=folded
    )
    network = networks.load(path, x=x, y=y)
    np.testing.assert_allclose(network.forward(x)[0], y, rtol=0, atol=TOLERANCE)


def test_what_the_file_does_not_tell_is_asked_for(tmp_path):
    model, x, y = torch_model("RNN")
    torch.save(model.state_dict(), tmp_path / "rnn.pt")
    with pytest.raises(ModelFileError, match="pass activation='tanh'"):
        networks.load(tmp_path / "rnn.pt")
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
        (state_of(weight_hr_l0=np.zeros((2, 4))), {}, "without projection"),
        (state_of() | {"other.weight": np.zeros((1, 4))}, {}, "one read-out; got 2: output.weight"),
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
    with pytest.raises(ModelFileError, match="networks in model, ema: choose one with prefix="):
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
    note = networks.LSTM.from_torch_names(state_of(), filter_length=5).notes
    assert note == ("no filter in this network: filter_length not used",)


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


def test_reading_needs_no_framework(tmp_path):
    model, _, _ = torch_model("LSTM")
    torch.save(model.state_dict(), tmp_path / "model.pt")
    code = (
        "import sys; from memtools import networks\n"
        f"networks.load({str(tmp_path / 'model.pt')!r})\n"
        "assert not {'torch', 'keras', 'onnx', 'h5py', 'pickle5'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
