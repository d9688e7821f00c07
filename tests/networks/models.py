"""Small networks of other frameworks, for the tests of the readers."""

import numpy as np
import pytest

# Single precision over 25 steps.
TOLERANCE = 1e-6


def inputs(n_input, n_batch=3, n_steps=25):
    shape = (n_steps, n_batch, n_input)
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def torch_model(kind, with_read_out=True, **options):
    """A PyTorch network over (n_steps, n_batch, 2), and its outputs."""
    torch = pytest.importorskip("torch")
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
