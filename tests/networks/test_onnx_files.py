"""ONNX files, made by hand and by PyTorch's exporter, equal ONNX Runtime."""

import numpy as np
import pytest

from memtools import networks
from memtools.exceptions import ModelFileError
from tests.networks.models import TOLERANCE, TORCH, inputs, onnx_model, torch_model

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
    torch = pytest.importorskip("torch")
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


def onnx_graph(nodes, outputs=("y",), floats=False, **constants):
    """A graph x -> outputs with the weights of an LSTM of two hidden units beside it."""
    onnx = pytest.importorskip("onnx")
    value, kind = onnx.helper.make_tensor_value_info, onnx.TensorProto.FLOAT
    rng = np.random.default_rng(0)
    shapes = {"W": (1, 8, 2), "R": (1, 8, 2), "B": (1, 16), "P": (1, 6), "V": (2, 3), "b": (3,)}
    arrays = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    arrays |= {"axis": np.array([1]), "last": np.array(-1), **constants}
    weights = [onnx.numpy_helper.from_array(array, name) for name, array in arrays.items()]
    if floats:  # typed fields in place of raw bytes
        weights = [
            onnx.helper.make_tensor(w.name, w.data_type, w.dims, arrays[w.name].reshape(-1))
            for w in weights
        ]
    operations = [
        onnx.helper.make_node(op, inputs.split(" "), results.split(), **options)
        for op, inputs, results, options in nodes
    ]
    results = [value(name, kind, None) for name in outputs]
    graph = onnx.helper.make_graph(
        operations, "graph", [value("x", kind, ["n", "b", 2])], results, weights
    )
    opset = [onnx.helper.make_opsetid("", 14)]
    return onnx.helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


LSTM_NODES = [
    ("LSTM", "x W R B", "Y Y_h Y_c", {"hidden_size": 2}),
    ("Squeeze", "Y axis", "h", {}),
]


@pytest.mark.parametrize(
    ("nodes", "outputs"),
    [
        ([*LSTM_NODES, ("MatMul", "h V", "y", {})], ["y"]),
        (
            [*LSTM_NODES, ("MatMul", "h V", "p", {}), ("Softmax", "p", "y", {"axis": -1})],
            ["y", "Y_c"],
        ),
        ([*LSTM_NODES[:1], ("Squeeze", "Y axis", "y", {})], ["y"]),
        ([*LSTM_NODES, ("Gather", "h last", "g", {}), ("Gemm", "g V b", "y", {})], ["y"]),
        ([*LSTM_NODES[:1], ("Identity", "Y_h", "y", {})], ["y"]),
        (
            [
                ("MatMul", "x U", "u", {}),
                ("Tanh", "u", "v", {}),
                ("LSTM", "v W R", "y", {"hidden_size": 2}),
            ],
            ["y"],
        ),
    ],
)
@pytest.mark.parametrize("floats", [False, True])
def test_onnx_graphs(nodes, outputs, floats, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    data = onnx_graph(nodes, outputs, floats, U=np.eye(2, dtype=np.float32) + 1)
    x = inputs(2)
    y = runtime.InferenceSession(data).run(None, {"x": x})[0]
    (tmp_path / "model.onnx").write_bytes(data)
    network = networks.load(tmp_path / "model.onnx")
    own = network.forward(x)[0]
    last_only = any(op == "Gather" or "Y_h" in given for op, given, _, _ in nodes)
    assert any("every step" in note for note in network.notes) is last_only
    own = own[-1] if last_only else own
    np.testing.assert_allclose(own, y.reshape(own.shape), rtol=0, atol=TOLERANCE)


ODD_GRAPHS = {
    "clip": [("LSTM", "x W R B", "y", {"hidden_size": 2, "clip": 1.0})],
    "peepholes": [("LSTM", "x W R B    P", "y", {"hidden_size": 2})],
    "backward": [("LSTM", "x W R B", "y", {"hidden_size": 2, "direction": "reverse"})],
    "relu gates": [("LSTM", "x W R B", "y", {"hidden_size": 2, "activations": ["Relu"] * 3})],
    "elu units": [
        ("LSTM", "x W R B", "y", {"hidden_size": 2, "activations": ["Sigmoid", "Elu", "Elu"]})
    ],
    "hard gates": [
        (
            "LSTM",
            "x W R B",
            "y",
            {"hidden_size": 2, "activations": ["HardSigmoid", "Tanh", "Tanh"]},
        )
    ],
    "cell state": [("LSTM", "x W R B", "p q y", {"hidden_size": 2})],
    "added": [*LSTM_NODES, ("Add", "h k", "y", {})],
    "added twice": [
        *LSTM_NODES,
        ("MatMul", "h V", "p", {}),
        ("Add", "p b", "q", {}),
        ("Add", "q b", "y", {}),
    ],
    "scaled": [*LSTM_NODES, ("Mul", "h k", "s", {}), ("MatMul", "s V", "y", {})],
    "squared": [*LSTM_NODES, ("Mul", "h h", "y", {})],
    "elu": [*LSTM_NODES, ("Elu", "h", "y", {})],
}


@pytest.mark.parametrize("name", ODD_GRAPHS)
def test_onnx_graphs_with_more_than_plain_cells(name, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    data = onnx_graph(ODD_GRAPHS[name], k=np.array([0.5, -2.0], dtype=np.float32))
    (tmp_path / "model.onnx").write_bytes(data)
    x = inputs(2)
    y = runtime.InferenceSession(data).run(None, {"x": x})[0]
    network = networks.load(tmp_path / "model.onnx")
    own = network.forward(x)[0]
    if name == "cell state":  # one output for the whole sequence
        own = own[-1]
    scale = max(1.0, np.abs(y).max())
    np.testing.assert_allclose(own, y.reshape(own.shape), rtol=0, atol=10 * TOLERANCE * scale)
    assert network.notes if not isinstance(network, networks.Network) else True


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([("LSTM", "x W R b", "y", {"hidden_size": 2})], r"B is no constant of \(1, 16\)"),
        ([("GRU", "x W R B", "y", {"hidden_size": 2})], "W of shape"),
        ([*LSTM_NODES, ("MatMul", "V h", "y", {})], "a product without a weight matrix"),
        ([("LSTM", "z W R B", "y", {"hidden_size": 2})], "no way back"),
    ],
)
def test_onnx_graphs_that_do_not_fit(nodes, message, tmp_path):
    data = onnx_graph(nodes, U=np.eye(2, dtype=np.float32))
    (tmp_path / "model.onnx").write_bytes(data)
    with pytest.raises(ModelFileError, match=message):
        networks.load(tmp_path / "model.onnx")


def told(alpha, beta):
    """An LSTM whose gates' slope and shift stand in the file."""
    factors = {"activation_alpha": [alpha], "activation_beta": [beta]}
    names = {"activations": ["HardSigmoid", "Tanh", "Tanh"]}
    return [("LSTM", "x W R B", "y", {"hidden_size": 2, **names, **factors})]


def merged(kind):
    branches = [("Mul", "h minus", "m", {}), ("Sigmoid", "h", "s", {})]
    return [*LSTM_NODES, *branches, (kind, "h m s", "y", {})]


READ_AS_LAYERS = {
    "hard_sigmoid, told": told(0.2, 0.5),
    "hard_sigmoid of a sixth": told(1.0 / 6.0, 0.5),
    **{f"{kind} of three": merged(kind) for kind in ("Max", "Min", "Mean", "Sum")},
}


@pytest.mark.parametrize("name", READ_AS_LAYERS)
def test_read_as_layers(name, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    spare = {"spare": np.array([-1], np.int16), "idle": np.array([2**31], np.uint32)}
    data = onnx_graph(READ_AS_LAYERS[name], floats=True, minus=np.float32(-1.0), **spare)
    (tmp_path / "model.onnx").write_bytes(data)
    x = inputs(2)
    y = runtime.InferenceSession(data).run(None, {"x": x})[0]
    network = networks.load(tmp_path / "model.onnx", x=x, y=y)
    assert isinstance(network, networks.Network)


@pytest.mark.parametrize("kind", ["Tanh", "LSTM"])
def test_an_operation_of_another_domain_is_not_onnx_own(kind, tmp_path):
    """A model's own functions may be called as ONNX' operations are."""
    runtime = pytest.importorskip("onnxruntime")
    onnx = pytest.importorskip("onnx")
    nodes = [*LSTM_NODES, ("Tanh", "h", "y", {})]
    model = onnx.load_from_string(onnx_graph(nodes))
    node = next(node for node in model.graph.node if node.op_type == kind)
    node.domain = "mine"
    del node.attribute[:], node.output[1:]
    opset = onnx.helper.make_opsetid("", 14)
    turned = onnx.helper.make_node("Neg", ["x"], ["u"])
    names = ["x", "W", "R", "B"][: len(node.input)]
    inner = onnx.helper.make_node(kind, ["u", *names[1:]], ["v"])
    if kind == "LSTM":
        inner.attribute.append(onnx.helper.make_attribute("hidden_size", 2))
    model.functions.append(
        onnx.helper.make_function("mine", kind, names, ["v"], [turned, inner], [opset])
    )
    model.opset_import.append(onnx.helper.make_opsetid("mine", 1))
    data = model.SerializeToString()
    (tmp_path / "model.onnx").write_bytes(data)
    x = inputs(2)
    y = runtime.InferenceSession(data).run(None, {"x": x})[0]
    network = networks.load(tmp_path / "model.onnx", x=x, y=y)
    assert f"operation mine::{kind}" in network.notes[0]
