"""ONNX files with the operations of other exporters, run by ONNX Runtime."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from memtools.networks import load
from tests.networks.foreign.case import Written, case, random
from tests.networks.foreign.onnx_files import exported
from tests.networks.foreign.torch_parts import Recurrent, X, seeded, spread


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
    written = graph(folder, nodes, weights("GRU") | state | AXIS, shape=("t", 2, 3))
    session = onnxruntime.InferenceSession(written.path.read_bytes())

    def of_one(x):
        both = np.repeat(x[:, np.newaxis].astype(np.float32), 2, axis=1)
        return session.run(None, {"x": both})[0][:, 0]

    return replace(written, model=of_one)


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


@case("onnx: every second step", note="fewer outputs than steps")
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


@case("onnx: its data file is missing", refused="is not beside it")
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

    def back():
        (folder / "elsewhere.bin").rename(folder / "weights.bin")
        return load(written.path)

    return replace(written, model=None, ways={"keep the model's data file beside it": back})
