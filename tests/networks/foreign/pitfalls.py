"""Kinds that were once read wrong without a word."""

from __future__ import annotations

import torch
from torch import nn

from tests.networks.foreign.case import Written, case, random
from tests.networks.foreign.onnx_by_hand import AXIS, H4, graph, weights
from tests.networks.foreign.onnx_files import Module, exported
from tests.networks.foreign.torch_parts import Recurrent, X, outputs, saved, seeded, spread


def live(name, build, x=X, **options):
    @case(f"pitfall: {name}, itself", **options)
    def _(folder):
        seeded()
        model = spread(build())
        return Written(path=model, x=x, y=outputs(model, x), model=model)


def onnx(name, run, x=X, axes=None, **parts):
    @case(f"pitfall: {name}, ONNX", note=parts.pop("note", ""), refused=parts.pop("refused", ""))
    def _(folder):
        seeded()
        model = spread(Module(run, **{key: part() for key, part in parts.items()}))
        return exported(folder, model, x, **({"dynamic_axes": axes} if axes else {}))


live(
    "code that depends on the length",
    lambda: Module(lambda m, x: m.r(x)[0] * (2.0 if len(x) > 20 else 1.0), r=nn.GRU(3, 4)),
    note="run as a function",
)
live(
    "a second LSTM that is not used",
    lambda: Module(
        lambda m, x: m.f(m.r(x)[0]), r=nn.LSTM(3, 3), s=nn.LSTM(3, 3), f=nn.Linear(3, 2)
    ),
    note="in the order r, f",
)
live(
    "an encoder and a decoder",
    lambda: Module(lambda m, x: m.d(x, m.e(x)[1])[0], e=nn.GRU(3, 4), d=nn.GRU(3, 4)),
    note="it is not causal",
)
onnx(
    "softmax over the batch",
    lambda m, x: torch.softmax(m.r(x)[0], 1),
    r=lambda: nn.GRU(3, 5),
    note="depend on each other",
)
onnx(
    "centred over the batch, batch first",
    lambda m, x: m.r(x)[0] - m.r(x)[0].mean(0, keepdim=True),
    x=random(2, 9, 3),
    r=lambda: nn.GRU(3, 5, batch_first=True),
    note="taken as (batch, time, input)",
)
onnx(
    "a fixed length, a free batch",
    lambda m, x: m.r(m.c(x.transpose(1, 2)).transpose(1, 2))[0][:, -1],
    x=random(2, 9, 3),
    axes={"x": {0: "batch"}},
    c=lambda: nn.Conv1d(3, 3, 3, padding=1),
    r=lambda: nn.GRU(3, 4, batch_first=True),
    refused="time axis is dynamic",
)


class Normed(nn.Module):
    def __init__(self, norm, name):
        super().__init__()
        self.rnn, self.name = nn.LSTM(3, 6), name
        setattr(self, name, norm)

    def forward(self, x):
        return getattr(self, self.name)(self.rnn(x)[0].permute(1, 2, 0)).permute(2, 0, 1)


@case("pitfall: group normalisation", refused="gn.weight")
def _(folder):
    seeded()
    return saved(folder, spread(Normed(nn.GroupNorm(2, 6), "gn")), X)


@case("pitfall: batch normalisation without moments", refused="bn.weight")
def _(folder):
    seeded()
    norm = nn.BatchNorm1d(6, track_running_stats=False)
    return saved(folder, spread(Normed(norm, "bn")), X)


@case("pitfall: a norm that could be another", note="it could be group or batch normalisation")
def _(folder):
    seeded()
    return saved(folder, spread(Recurrent(nn.LSTM(3, 6), ("norm", nn.LayerNorm(6)))), X)


@case("pitfall: a part by prefix, its initial state beside it", note="h0 may be an initial state")
def _(folder):
    class Started(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru, self.fc = nn.GRU(3, 5), nn.Linear(5, 2)
            self.h0 = nn.Parameter(torch.randn(1, 1, 5))

    seeded()
    model = spread(Started())
    torch.save(model.state_dict(), folder / "m.pt")
    options = {"prefix": "gru"}
    return Written(path=folder / "m.pt", x=X, y=outputs(model.gru, X), options=options)


@case("pitfall: prefix of one of two alike", note="left out by prefix=")
def _(folder):
    seeded()
    model = spread(nn.ModuleDict({"model": nn.LSTM(3, 5), "model_ema": nn.LSTM(3, 5)}))
    torch.save(model.state_dict(), folder / "m.pt")
    y = outputs(model["model"], X)
    return Written(path=folder / "m.pt", x=X, y=y, options={"prefix": "model"})


def activated(kind, name, told):
    @case(f"pitfall: {kind} with {name}" + (", told" if told else ""),
          refused="" if told or name == "LeakyRelu" else "activation_alpha")  # fmt: skip
    def _(folder):
        gates = ["Sigmoid"] * (kind != "RNN")
        units = [name] * (2 if kind == "LSTM" else 1)
        numbers = {"activation_alpha": [0.7] * len(units), "activation_beta": [0.9] * len(units)}
        options = {**H4, "activations": gates + units} | (numbers if told else {})
        nodes = [(kind, "x W R B", "Y", options), ("Squeeze", "Y axis", "y", {})]
        written = graph(folder, nodes, weights(kind) | AXIS)
        if told:
            return written
        (folder / "told").mkdir()
        nodes[0][3].update(numbers)
        told_file = graph(folder / "told", nodes, weights(kind) | AXIS)
        from memtools import networks

        ways = {"write both into the file": lambda: networks.load(told_file.path) and None}
        return Written(
            path=written.path, x=X, y=written.y, ways=ways if name != "LeakyRelu" else {}
        )


for _kind in ("RNN", "GRU", "LSTM"):
    for _name in ("ScaledTanh", "Affine"):
        activated(_kind, _name, True)
activated("RNN", "ScaledTanh", False)
activated("RNN", "LeakyRelu", False)
