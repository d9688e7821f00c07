"""Files as newcomers write them, thought of after the readers were finished.

They were written to be measured: what was read, refused or wrong at the first run stands in
docs/networks_files.md.
"""

from __future__ import annotations

import json
import pickle
from collections import OrderedDict

import numpy as np
import torch
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file, save_model
from torch import nn

from memtools.networks import load
from tests.networks.foreign.case import Written, case, random
from tests.networks.foreign.onnx_files import Module, exported
from tests.networks.foreign.torch_parts import Recurrent, outputs, saved, seeded, spread

X = random(12, 2, 3, seed=5)
B = random(2, 12, 3, seed=5)


def torch_case(name, build, x=X, told=False, **options):
    @case(f"new: {name}", **options)
    def _(folder):
        seeded(4)
        return saved(folder, spread(build()), x, told)


def run(**parts):
    """A module of parts and the function `run` of them."""
    function = parts.pop("run")
    return lambda: Module(function, **{key: part() for key, part in parts.items()})


torch_case(
    "a forecaster of one variable",
    run(
        run=lambda m, x: m.linear(m.lstm(x)[0][:, -1]),
        lstm=lambda: nn.LSTM(1, 50, batch_first=True),
        linear=lambda: nn.Linear(50, 1),
    ),
    x=random(2, 12, 1),
)
torch_case(
    "a forecaster with two stacked modules and dropout",
    run(
        run=lambda m, x: m.fc(m.drop(m.lstm2(m.drop(m.lstm1(x)[0]))[0])),
        lstm1=lambda: nn.LSTM(3, 8),
        lstm2=lambda: nn.LSTM(8, 6),
        drop=lambda: nn.Dropout(0.3),
        fc=lambda: nn.Linear(6, 1),
    ),
)
torch_case(
    "a classifier whose head is nn.Sequential with one layer",
    run(
        run=lambda m, x: m.head(m.rnn(x)[0]),
        rnn=lambda: nn.GRU(3, 6),
        head=lambda: nn.Sequential(nn.Dropout(0.1), nn.Linear(6, 4)),
    ),
)


torch_case(
    "a classifier whose head is nn.Sequential with two layers",
    run(
        run=lambda m, x: m.head(m.rnn(x)[0]),
        rnn=lambda: nn.GRU(3, 6),
        head=lambda: nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 4)),
    ),
    refused="what stands between",
)
torch_case(
    "the same, x and y given",
    run(
        run=lambda m, x: m.head(m.rnn(x)[0]),
        rnn=lambda: nn.GRU(3, 6),
        head=lambda: nn.Sequential(nn.Linear(6, 5), nn.GELU(), nn.Linear(5, 4)),
    ),
    told=True,
)
torch_case(
    "layers in nn.Sequential numbered 0, 2",
    run(
        run=lambda m, x: m.net[1](m.net[0](x)[0]),
        net=lambda: nn.ModuleList([nn.LSTM(3, 6), nn.Linear(6, 2)]),
    ),
)
torch_case(
    "input projection with tanh, x and y given",
    run(
        run=lambda m, x: m.out(m.rnn(torch.tanh(m.inp(x)))[0]),
        inp=lambda: nn.Linear(3, 5),
        rnn=lambda: nn.LSTM(5, 6),
        out=lambda: nn.Linear(6, 2),
    ),
    told=True,
)
torch_case(
    "a Siamese pair of LSTMs joined by concatenation, x and y given",
    run(
        run=lambda m, x: m.fc(torch.cat([m.a(x)[0], m.b(x)[0]], -1)),
        a=lambda: nn.LSTM(3, 4),
        b=lambda: nn.LSTM(3, 4),
        fc=lambda: nn.Linear(8, 2),
    ),
    told=True,
)
torch_case(
    "the same without x and y",
    run(
        run=lambda m, x: m.fc(torch.cat([m.a(x)[0], m.b(x)[0]], -1)),
        a=lambda: nn.LSTM(3, 4),
        b=lambda: nn.LSTM(3, 4),
        fc=lambda: nn.Linear(8, 2),
    ),
    refused="side by side",
)
torch_case(
    "attention pooling over a GRU",
    run(
        run=lambda m, x: (torch.softmax(m.score(m.rnn(x)[0]), 0) * m.rnn(x)[0]).sum(0),
        rnn=lambda: nn.GRU(3, 6),
        score=lambda: nn.Linear(6, 1),
    ),
    told=True,
    refused="does not reproduce y",
)
torch_case(
    "multi-head attention behind an LSTM",
    run(
        run=lambda m, x: m.attention(m.rnn(x)[0], m.rnn(x)[0], m.rnn(x)[0])[0],
        rnn=lambda: nn.LSTM(3, 6),
        attention=lambda: nn.MultiheadAttention(6, 2),
    ),
    refused="also attention.in_proj_weight",
)
torch_case("a bare bidirectional GRU", lambda: nn.GRU(3, 5, num_layers=2, bidirectional=True))
torch_case(
    "a bare projected LSTM, batch first",
    lambda: nn.LSTM(3, 6, proj_size=3, batch_first=True),
    x=B,
)
torch_case(
    "group normalisation",
    run(
        run=lambda m, x: m.fc(m.norm(m.rnn(x)[0].permute(1, 2, 0)).permute(2, 0, 1)),
        rnn=lambda: nn.LSTM(3, 6),
        norm=lambda: nn.BatchNorm1d(6),
        fc=lambda: nn.Linear(6, 2),
    ),
)
torch_case(
    "residual LSTM layers, x and y given",
    run(
        run=lambda m, x: x + m.rnn(x)[0],
        rnn=lambda: nn.LSTM(3, 3),
    ),
    told=True,
    refused="does not reproduce y",
)
torch_case(
    "learned positional table beside",
    run(
        run=lambda m, x: m.rnn(x + m.position.weight[: len(x), None])[0],
        position=lambda: nn.Embedding(12, 3),
        rnn=lambda: nn.GRU(3, 5),
    ),
    told=True,
    refused="does not reproduce y",
)
torch_case(
    "the mean over time",
    run(
        run=lambda m, x: m.fc(m.rnn(x)[0].mean(0)),
        rnn=lambda: nn.GRU(3, 5),
        fc=lambda: nn.Linear(5, 2),
    ),
    told=True,
    refused="does not reproduce y",
)


@case("new: EMA and model in one checkpoint", refused="choose one by prefix=")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 2))))
    state = model.state_dict()
    torch.save({"model": {key: 2 * v for key, v in state.items()}, "ema": state}, folder / "m.pt")
    path = folder / "m.pt"
    ways = {"networks in model, ema": lambda: load(path, prefix="ema")}
    return Written(path=path, x=X, y=outputs(model, X), ways=ways)


@case("new: a pickle of NumPy arrays", refused="numpy.savez")
def _(folder):
    seeded()
    model = spread(nn.GRU(3, 5))
    arrays = {key: value.numpy() for key, value in model.state_dict().items()}
    (folder / "m.pkl").write_bytes(pickle.dumps(arrays))

    def by_name():
        np.savez(folder / "m.npz", **pickle.loads((folder / "m.pkl").read_bytes()))
        return load(folder / "m.npz")

    ways = {"numpy.savez(path, **arrays)": by_name}
    return Written(path=folder / "m.pkl", x=X, y=outputs(model, X), ways=ways)


@case("new: safetensors of a compiled module in DataParallel")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5, num_layers=2), ("head", nn.Linear(5, 3))))
    state = {f"_orig_mod.module.{key}": v for key, v in model.state_dict().items()}
    save_file(state, folder / "m.safetensors")
    return Written(path=folder / "m.safetensors", x=X, y=outputs(model, X))


@case("new: save_model of safetensors")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.GRU(3, 5), ("decoder", nn.Linear(5, 3, bias=False))))
    save_model(model, str(folder / "m.safetensors"))
    return Written(path=folder / "m.safetensors", x=X, y=outputs(model, X))


@case("new: float64 arrays in safetensors by NumPy")
def _(folder):
    seeded()
    model = spread(nn.LSTM(3, 5)).double()
    with torch.no_grad():
        y = model(torch.from_numpy(X).double())[0].numpy()
    save_arrays({key: v.numpy() for key, v in model.state_dict().items()}, folder / "m.safetensors")
    return Written(path=folder / "m.safetensors", x=X, y=y)


@case("new: npz with short names")
def _(folder):
    seeded()
    cell = spread(nn.GRU(3, 5))
    state = {key.removesuffix("_l0"): v.numpy() for key, v in cell.state_dict().items()}
    named = {
        f"rnn_{key.replace('weight', 'w').replace('bias', 'b')}": v for key, v in state.items()
    }
    np.savez_compressed(folder / "m.npz", **named)
    return Written(path=folder / "m.npz", x=X, y=outputs(cell, X))


@case("new: the state dict of a ScriptModule's copy, OrderedDict in a list")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 2))))
    torch.save([OrderedDict(model.state_dict()), {"epoch": 3}], folder / "m.pt")
    return Written(path=folder / "m.pt", x=X, y=outputs(model, X))


@case("new: a Hugging Face folder", refused="give a file in it")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 2))))
    (folder / "hub").mkdir()
    (folder / "hub/config.json").write_text(json.dumps({"model_type": "lstm"}))
    save_file(model.state_dict(), folder / "hub/model.safetensors")
    file = folder / "hub/model.safetensors"
    ways = {f"give a file in it, such as {file}": lambda: load(file)}
    return Written(path=folder / "hub", x=X, y=outputs(model, X), ways=ways)


@case("new: its configuration given in place of the weights", refused="give the model's file")
def _(folder):
    seeded()
    model = spread(nn.LSTM(3, 5))
    (folder / "config.json").write_text(json.dumps({"model_type": "lstm"}))
    save_file(model.state_dict(), folder / "model.safetensors")
    ways = {"give the model's file of weights": lambda: load(folder / "model.safetensors")}
    return Written(path=folder / "config.json", x=X, y=outputs(model, X), ways=ways)


def onnx_new(name, function, parts, x=X, **options):
    @case(f"new: {name}", **options)
    def _(folder):
        seeded(6)
        return exported(folder, spread(Module(function, **{n: p() for n, p in parts.items()})), x)


onnx_new(
    "ONNX, residual stack",
    lambda m, x: m.c(m.b(m.a(x)[0])[0] + m.a(x)[0]),
    {"a": lambda: nn.LSTM(3, 4), "b": lambda: nn.LSTM(4, 4), "c": lambda: nn.Linear(4, 1)},
)
onnx_new(
    "ONNX, last hidden state of both directions",
    lambda m, x: m.c(torch.cat([m.a(x)[1][0], m.a(x)[1][1]], -1)),
    {"a": lambda: nn.GRU(3, 4, bidirectional=True), "c": lambda: nn.Linear(8, 1)},
)
onnx_new(
    "ONNX, centred and scaled inputs",
    lambda m, x: m.c(m.a((x - 0.5) / 2.0)[0] * 3.0 + 1.0),
    {"a": lambda: nn.GRU(3, 4), "c": lambda: nn.Linear(4, 1)},
)
onnx_new(
    "ONNX, cumulative sum of outputs",
    lambda m, x: torch.cumsum(m.a(x)[0], 0),
    {"a": lambda: nn.GRU(3, 4)},
    note="black box",
)
onnx_new(
    "ONNX, first step of the outputs",
    lambda m, x: m.a(x)[0][0],
    {"a": lambda: nn.LSTM(3, 4, bidirectional=True)},
)
onnx_new(
    "ONNX, a head of GELU and layer norm",
    lambda m, x: m.d(m.n(nn.functional.gelu(m.c(m.a(x)[0])))),
    {
        "a": lambda: nn.LSTM(3, 4),
        "c": lambda: nn.Linear(4, 5),
        "n": lambda: nn.LayerNorm(5),
        "d": lambda: nn.Linear(5, 2),
    },
)
onnx_new(
    "ONNX, the outputs squared",
    lambda m, x: m.a(x)[0] ** 2,
    {"a": lambda: nn.RNN(3, 4)},
)
onnx_new(
    "ONNX, a fixed batch and length",
    lambda m, x: m.c(m.a(x)[0]),
    {"a": lambda: nn.LSTM(3, 4), "c": lambda: nn.Linear(4, 2)},
)
