"""ONNX files: of PyTorch's two exporters, and with the operations of others written by hand."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from tests.networks.foreign.case import Written, case, load, random
from tests.networks.foreign.torch_files import Recurrent, X, outputs, seeded, spread


def exported(folder, model, x, **options):
    axes = {"x": {0: "time", 1: "batch"}} if x.ndim == 3 else {"x": {0: "time"}}
    path = folder / "model.onnx"
    options = {"dynamo": False, "dynamic_axes": axes, **options}
    torch.onnx.export(model, (torch.from_numpy(x),), path, input_names=["x"], **options)
    return Written(path=path, x=x, y=outputs(model, x), model=model)


class Module(nn.Module):
    """Parts given by name, run by a function of them."""

    def __init__(self, run, **parts):
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)
        self.run = run

    def forward(self, x):
        return self.run(self, x)


@case("onnx: LSTM and a linear layer")
def _(folder):
    seeded()
    return exported(folder, spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 2)))), X)


@case("onnx: bidirectional GRU of two layers, batch_first")
def _(folder):
    seeded()
    gru = nn.GRU(3, 4, num_layers=2, bidirectional=True, batch_first=True)
    return exported(folder, spread(Recurrent(gru, ("fc", nn.Linear(8, 2)))), random(2, 9, 3))


@case("onnx: the last step, fc1, ReLU, fc2", note="every step")
def _(folder):
    def run(m, x):
        return m.b(torch.relu(m.a(m.rnn(x)[0][-1])))

    seeded()
    model = Module(run, rnn=nn.LSTM(3, 5), a=nn.Linear(5, 4), b=nn.Linear(4, 2))
    return exported(folder, spread(model), X)


@case("onnx: weights in a file beside it, as torch 2.9 writes")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 2))))
    written = exported(folder, model, X)
    whole = onnx.load(written.path)
    onnx.save(
        whole,
        folder / "model.onnx",
        save_as_external_data=True,
        location="model.onnx.data",
        size_threshold=0,
    )
    return written


@case("onnx: dynamo's exporter, which unrolls or calls")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 2))))
    path = folder / "model.onnx"
    shapes = {"x": {0: torch.export.Dim("time"), 1: torch.export.Dim("batch")}}
    torch.onnx.export(model, (torch.from_numpy(X),), path, dynamic_shapes=shapes)
    return Written(path=path, x=X, y=outputs(model, X))


@case("onnx: mean over time", note="pool")
def _(folder):
    def run(m, x):
        return m.fc(m.rnn(x)[0].mean(0))

    seeded()
    return exported(folder, spread(Module(run, rnn=nn.GRU(3, 5), fc=nn.Linear(5, 2))), X)


@case("onnx: mean over the features is no pool", refused="", note="")
def _(folder):
    def run(m, x):
        return m.rnn(x)[0].mean(-1, keepdim=True)

    seeded()
    return exported(folder, spread(Module(run, rnn=nn.GRU(3, 5))), X)


@case("onnx: some of the features chosen")
def _(folder):
    def run(m, x):
        return m.rnn(x)[0][..., 1:3]

    seeded()
    return exported(folder, spread(Module(run, rnn=nn.GRU(3, 5))), X)


@case("onnx: softmax over time is no softmax over features")
def _(folder):
    def run(m, x):
        return torch.softmax(m.rnn(x)[0], 0)

    seeded()
    return exported(folder, spread(Module(run, rnn=nn.GRU(3, 5))), X)


@case("onnx: time turned round before the recurrence")
def _(folder):
    def run(m, x):
        return m.rnn(x.flip(0))[0].flip(0)

    seeded()
    return exported(folder, spread(Module(run, rnn=nn.GRU(3, 5))), X)


@case("onnx: batch and features exchanged between layers")
def _(folder):
    def run(m, x):
        return m.two(m.rnn(x)[0].transpose(1, 2).transpose(1, 2))[0]

    seeded()
    return exported(folder, spread(Module(run, rnn=nn.GRU(3, 5), two=nn.LSTM(5, 2))), X)


@case("onnx: a constant initial state")
def _(folder):
    def run(m, x):
        return m.rnn(x, m.h.expand(-1, x.shape[1], -1).contiguous())[0]

    seeded()
    model = Module(run, rnn=nn.GRU(3, 5))
    model.register_buffer("h", torch.randn(1, 1, 5))
    return exported(folder, spread(model), X)


@case("onnx: rounded outputs")
def _(folder):
    def run(m, x):
        return (4 * m.rnn(x)[0]).to(torch.int32).float()

    seeded()
    return exported(folder, spread(Module(run, rnn=nn.GRU(3, 5))), X)


@case("onnx: residual connection and layer normalisation")
def _(folder):
    def run(m, x):
        h = m.first(x)
        return m.fc(m.norm(h + m.rnn(h)[0]))

    seeded()
    parts = {"first": nn.Linear(3, 5), "rnn": nn.LSTM(5, 5), "norm": nn.LayerNorm(5)}
    return exported(folder, spread(Module(run, **parts, fc=nn.Linear(5, 2))), X)


@case("onnx: two branches joined")
def _(folder):
    def run(m, x):
        return m.fc(torch.cat([m.a(x)[0], m.b(x)[0]], -1))

    seeded()
    parts = {"a": nn.LSTM(3, 4), "b": nn.GRU(3, 2)}
    return exported(folder, spread(Module(run, **parts, fc=nn.Linear(6, 2))), X)


@case("onnx: a convolution in front, run as a black box", note="black box")
def _(folder):
    def run(m, x):
        return m.rnn(m.conv(x.permute(1, 2, 0)).permute(2, 0, 1))[0]

    seeded()
    model = Module(run, conv=nn.Conv1d(3, 4, 3, padding=1), rnn=nn.LSTM(4, 5))
    return exported(folder, spread(model), X)


@case("onnx: attention over the outputs, run as a black box", note="black box")
def _(folder):
    def run(m, x):
        h = m.rnn(x)[0].transpose(0, 1)
        return (torch.softmax(h @ h.transpose(1, 2), -1) @ h).transpose(0, 1)

    seeded()
    return exported(folder, spread(Module(run, rnn=nn.GRU(3, 5))), X)


@case("onnx: an embedding in front", note="the inputs are its vectors")
def _(folder):
    def run(m, x):
        return m.out(m.rnn(m.embed(x))[0])

    seeded()
    parts = {"embed": nn.Embedding(11, 3), "rnn": nn.LSTM(3, 5), "out": nn.Linear(5, 11)}
    model = spread(Module(run, **parts))
    tokens = torch.randint(0, 11, (9, 2))
    path = folder / "m.onnx"
    axes = {"x": {0: "time", 1: "batch"}}
    torch.onnx.export(model, (tokens,), path, dynamo=False, input_names=["x"], dynamic_axes=axes)
    with torch.no_grad():
        y = model.out(model.rnn(torch.from_numpy(X))[0]).numpy()
    return Written(path=path, x=X, y=y)


# -- operations of other exporters, written by hand, run by ONNX Runtime ---------------------------


def graph(folder, nodes, constants, x=X, shape=("t", "b", 3), opset=17):
    value, kind = helper.make_tensor_value_info, TensorProto.FLOAT
    arrays = {key: np.asarray(array) for key, array in constants.items()}
    arrays = {k: a.astype(np.float32) if a.dtype.kind == "f" else a for k, a in arrays.items()}
    body = helper.make_graph(
        [helper.make_node(op, i.split(" "), o.split(), **a) for op, i, o, a in nodes],
        "graph",
        [value("x", kind, list(shape))],
        [value("y", kind, None)],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    y = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": x})[0]
    return Written(path=folder / "model.onnx", x=x, y=y)


def weights(kind="LSTM", n_hidden=4, n_directions=1, seed=0, n_input=3):
    rng = np.random.default_rng(seed)
    n = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind] * n_hidden
    shapes = {"W": (n, n_input), "R": (n, n_hidden), "B": (2 * n,)}
    return {k: rng.normal(size=(n_directions, *s)) for k, s in shapes.items()}


AXIS = {"axis": np.array([1])}
H4 = {"hidden_size": 4}


@case("onnx: initial_h and initial_c are constants")
def _(folder):
    states = {"h": random(1, 1, 4), "c": random(1, 1, 4, seed=1)}
    nodes = [("LSTM", "x W R B  h c", "Y", H4), ("Squeeze", "Y axis", "y", {})]
    return graph(folder, nodes, weights() | states | AXIS, random(9, 1, 3), ("t", 1, 3))


@case("onnx: a constant state for each of a batch", refused="alike for every sequence")
def _(folder):
    nodes = [("GRU", "x W R B  h", "Y", H4), ("Squeeze", "Y axis", "y", {})]
    state = {"h": random(1, 2, 4)}
    return graph(folder, nodes, weights("GRU") | state | AXIS, shape=("t", 2, 3))


@case("onnx: sequence_lens is a constant", note="black box")
def _(folder):
    nodes = [("GRU", "x W R B n", "Y", H4), ("Squeeze", "Y axis", "y", {})]
    lengths = {"n": np.array([4], dtype=np.int32)}
    constants = weights("GRU") | lengths | AXIS
    return graph(folder, nodes, constants, random(9, 1, 3), ("t", 1, 3))


@case("onnx: sequence_lens of full length")
def _(folder):
    nodes = [("GRU", "x W R B n", "Y", H4), ("Squeeze", "Y axis", "y", {})]
    lengths = {"n": np.array([9, 9], dtype=np.int32)}
    return graph(folder, nodes, weights("GRU") | lengths | AXIS, shape=(9, 2, 3))


@case("onnx: as tf2onnx writes a bidirectional layer (batch first, two operations)")
def _(folder):
    back = {f"{k}b": v for k, v in weights(seed=1).items()}
    nodes = [
        ("Transpose", "x", "xt", {"perm": [1, 0, 2]}),
        ("LSTM", "xt W R B", "F", H4),
        ("LSTM", "xt Wb Rb Bb", "G", {**H4, "direction": "reverse"}),
        ("Squeeze", "F axis", "f", {}),
        ("Squeeze", "G axis", "g", {}),
        ("Transpose", "f", "ft", {"perm": [1, 0, 2]}),
        ("Transpose", "g", "gt", {"perm": [1, 0, 2]}),
        ("Concat", "ft gt", "y", {"axis": 2}),
    ]
    return graph(folder, nodes, weights() | back | AXIS, random(2, 9, 3), ("b", "t", 3))


@case("onnx: as tf2onnx reverses by ReverseSequence")
def _(folder):
    lengths = {"n": np.array([9, 9], dtype=np.int64)}
    turn = {"time_axis": 0, "batch_axis": 1}
    nodes = [
        ("ReverseSequence", "x n", "xr", turn),
        ("LSTM", "xr W R B", "Y", H4),
        ("Squeeze", "Y axis", "s", {}),
        ("ReverseSequence", "s n", "y", turn),
    ]
    return graph(folder, nodes, weights() | lengths | AXIS, shape=(9, 2, 3))


@case("onnx: Keras 2's hard_sigmoid gates")
def _(folder):
    functions = {"activations": ["HardSigmoid", "Tanh", "Tanh"]}
    nodes = [("LSTM", "x W R B", "Y", {**H4, **functions}), ("Squeeze", "Y axis", "y", {})]
    return graph(folder, nodes, weights() | AXIS)


@case("onnx: hard_sigmoid of another slope")
def _(folder):
    functions = {"activations": ["HardSigmoid", "Tanh"], "activation_alpha": [0.3]}
    nodes = [("GRU", "x W R B", "Y", {**H4, **functions}), ("Squeeze", "Y axis", "y", {})]
    return graph(folder, nodes, weights("GRU") | AXIS)


@case("onnx: clipped, with peepholes", note="black box")
def _(folder):
    p = {"P": random(1, 12)}
    nodes = [
        ("LSTM", "x W R B    P", "Y", {**H4, "clip": 0.8}),
        ("Squeeze", "Y axis", "y", {}),
    ]
    return graph(folder, nodes, weights() | p | AXIS)


@case("onnx: reset before the product, ReLU units")
def _(folder):
    functions = {"activations": ["Sigmoid", "Relu"]}
    nodes = [("GRU", "x W R B", "Y", {**H4, **functions}), ("Squeeze", "Y axis", "y", {})]
    return graph(folder, nodes, weights("GRU") | AXIS)


@case("onnx: one direction of two chosen")
def _(folder):
    nodes = [
        ("LSTM", "x W R B", "Y", {**H4, "direction": "bidirectional"}),
        ("Gather", "Y one", "y", {"axis": 1}),
    ]
    constants = weights(n_directions=2) | {"one": np.array(0)}
    return graph(folder, nodes, constants)


@case("onnx: every second step", refused="an output at every step")
def _(folder):
    nodes = [
        ("LSTM", "x W R B", "Y", H4),
        ("Squeeze", "Y axis", "s", {}),
        ("Slice", "s from to first two", "y", {}),
    ]
    numbers = {"from": [0], "to": [2**31], "first": [0], "two": [2]}
    return graph(folder, nodes, weights() | AXIS | {k: np.array(v) for k, v in numbers.items()})


@case("onnx: a Loop over the steps, run as a black box", note="black box")
def _(folder):
    value, f, i, b = helper.make_tensor_value_info, TensorProto.FLOAT, TensorProto.INT64, 9
    body = helper.make_graph(
        [
            helper.make_node("Gather", ["x", "i"], ["xt"], axis=0),
            helper.make_node("MatMul", ["xt", "U"], ["u"]),
            helper.make_node("MatMul", ["h", "V"], ["v"]),
            helper.make_node("Add", ["u", "v"], ["s"]),
            helper.make_node("Tanh", ["s"], ["h1"]),
            helper.make_node("Identity", ["cond"], ["cond1"]),
            helper.make_node("Identity", ["h1"], ["out"]),
        ],
        "body",
        [value("i", i, []), value("cond", b, []), value("h", f, None)],
        [value("cond1", b, []), value("h1", f, None), value("out", f, None)],
    )
    nodes = [
        ("Shape", "x", "n", {"start": 0, "end": 1}),
        ("Squeeze", "n", "steps", {}),
        ("Gather", "x zero", "x0", {"axis": 0}),
        ("MatMul", "x0 Z", "h0", {}),
        ("Loop", "steps yes h0", "hT y", {"body": body}),
    ]
    rng = np.random.default_rng(0)
    constants = {
        "U": rng.normal(size=(3, 4)),
        "V": 0.5 * rng.normal(size=(4, 4)),
        "Z": np.zeros((3, 4)),
        "zero": np.array(0),
        "yes": np.array(True),
    }
    return graph(folder, nodes, constants)


@case("onnx: its data file is missing", refused="is not beside it", follow=lambda f, w: _back(f))
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 2))))
    written = exported(folder, model, X)
    onnx.save(
        onnx.load(written.path),
        folder / "model.onnx",
        save_as_external_data=True,
        location="weights.bin",
        size_threshold=0,
    )
    (folder / "weights.bin").rename(folder / "elsewhere.bin")
    return written


def _back(folder):
    (folder / "elsewhere.bin").rename(folder / "weights.bin")
    return load(folder / "model.onnx")
