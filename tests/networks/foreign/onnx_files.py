"""ONNX files of PyTorch's two exporters."""

from __future__ import annotations

import onnx
import torch
from torch import nn

from tests.networks.foreign.case import Written, case, random
from tests.networks.foreign.torch_parts import Recurrent, X, outputs, seeded, spread


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
