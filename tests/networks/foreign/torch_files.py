"""PyTorch's files as users write them."""

from __future__ import annotations

import argparse
import datetime
import pathlib
from collections import OrderedDict
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils import parametrizations, prune

from tests.networks.foreign.case import Written, case, load, random


def seeded(seed: int = 0) -> None:
    torch.manual_seed(seed)


class Recurrent(nn.Module):
    """A recurrent module and layers behind it, applied at every step."""

    def __init__(self, rnn: nn.Module, *head: tuple[str, nn.Module], first: Any = None) -> None:
        super().__init__()
        if first is not None:
            self.first = first
        self.rnn = rnn
        self.names = [name for name, _ in head]
        for name, layer in head:
            setattr(self, name, layer)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if hasattr(self, "first"):
            x = self.first(x)
        x = self.rnn(x)[0]
        for name in self.names:
            x = getattr(self, name)(x)
        return x


def spread(model: nn.Module) -> nn.Module:
    """Weights away from their initial values, batch statistics away from 0 and 1."""
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for tensor in [*model.parameters()]:
            tensor.add_(0.3 * torch.randn(tensor.shape, generator=generator))
        for module in model.modules():
            if hasattr(module, "running_mean") and module.running_mean is not None:
                module.running_mean.normal_(generator=generator)
                module.running_var.uniform_(0.5, 2.0, generator=generator)
    return model.eval()


def outputs(model: nn.Module, x: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        y = model(torch.from_numpy(x))
    return (y[0] if isinstance(y, tuple) else y).numpy()


def saved(folder: Any, model: nn.Module, x: np.ndarray, told: bool = False) -> Written:
    """Its state dict; `told` gives the reader x and y."""
    torch.save(model.state_dict(), folder / "model.pt")
    y = outputs(model, x)
    options = {"x": x, "y": y} if told else {}
    return Written(path=folder / "model.pt", x=x, y=y, options=options, model=model)


def as_onnx(folder: Any, written: Written) -> Any:
    """What errors advise where a state dict tells too little: an ONNX file of the module."""
    path = folder / "advised.onnx"
    x = torch.from_numpy(written.x)
    axes = {"x": {0: "time", 1: "batch"}}
    torch.onnx.export(written.model, (x,), path, dynamo=False, input_names=["x"], dynamic_axes=axes)
    return load(path)


X = random(9, 2, 3)


@case("torch: LSTM and a linear layer, batch_first")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5, batch_first=True), ("fc", nn.Linear(5, 2))))
    return saved(folder, model, random(2, 9, 3))


@case("torch: the last step alone")
def _(folder):
    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(3, 4, num_layers=2)
            self.out = nn.Linear(4, 1)

        def forward(self, x):
            return self.out(self.gru(x)[0][-1])

    seeded()
    return saved(folder, spread(Last()), X)


@case("torch: plain RNN, activation not told", note="tanh, PyTorch's default")
def _(folder):
    seeded()
    return saved(folder, spread(Recurrent(nn.RNN(3, 4), ("fc", nn.Linear(4, 2)))), X)


@case("torch: plain RNN with ReLU, found by x and y")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.RNN(3, 4, nonlinearity="relu"), ("fc", nn.Linear(4, 2))))
    return saved(folder, model, X, told=True)


@case("torch: proj_size, two layers")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 6, num_layers=2, proj_size=4), ("fc", nn.Linear(4, 2))))
    return saved(folder, model, X)


@case("torch: bidirectional, projected")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 6, bidirectional=True, proj_size=2)))
    return saved(folder, model, X)


@case("torch: a linear layer in front", note="layers in the order first, rnn")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 2)), first=nn.Linear(3, 3)))
    return saved(folder, model, X)


@case("torch: a linear layer in front that fits behind as well", note="in the order first, rnn")
def _(folder):
    seeded()
    return saved(folder, spread(Recurrent(nn.LSTM(3, 3), first=nn.Linear(3, 3))), X)


@case("torch: an embedding in front", note="the inputs are its vectors")
def _(folder):
    class Tokens(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(11, 3)
            self.lstm = nn.LSTM(3, 4)
            self.out = nn.Linear(4, 11)

    seeded()
    model = spread(Tokens())
    torch.save(model.state_dict(), folder / "m.pt")
    with torch.no_grad():
        y = model.out(model.lstm(torch.from_numpy(X))[0]).numpy()
    return Written(path=folder / "m.pt", x=X, y=y)


def _told_relu(folder, written):
    return load(written.path, read_out=["fc1", "relu", "fc2"])


@case("torch: fc1, ReLU, fc2", refused="what stands between", follow=_told_relu)
def _(folder):
    seeded()
    head = ("fc1", nn.Linear(5, 4)), ("act", nn.ReLU()), ("fc2", nn.Linear(4, 2))
    return saved(folder, spread(Recurrent(nn.LSTM(3, 5), *head)), X)


@case("torch: fc1, tanh, fc2, found by x and y")
def _(folder):
    seeded()
    head = ("fc1", nn.Linear(5, 4)), ("act", nn.Tanh()), ("fc2", nn.Linear(4, 2))
    model = spread(Recurrent(nn.GRU(3, 5), *head))
    return saved(folder, model, X, told=True)


@case("torch: fc1, ReLU, fc2, the module itself")
def _(folder):
    seeded()
    head = ("fc1", nn.Linear(5, 4)), ("act", nn.ReLU()), ("fc2", nn.Linear(4, 2))
    model = spread(Recurrent(nn.LSTM(3, 5), *head))
    return Written(path=model, x=X, y=outputs(model, X))


@case("torch: a sigmoid behind the head, found by x and y")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 1)), ("act", nn.Sigmoid())))
    return saved(folder, model, X, told=True)


@case(
    "torch: two heads",
    refused="choose one by read_out=",
    follow=lambda folder, w: load(w.path, read_out="value"),
)
def _(folder):
    class Heads(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm, self.policy, self.value = nn.LSTM(3, 5), nn.Linear(5, 4), nn.Linear(5, 1)

        def forward(self, x):
            return self.value(self.lstm(x)[0])

    seeded()
    return saved(folder, spread(Heads()), X)


class Parallel(nn.Module):
    def __init__(self, n=3):
        super().__init__()
        self.left, self.right = nn.LSTM(n, n), nn.LSTM(n, n)

    def forward(self, x):
        return self.left(x)[0] + self.right(x)[0]


@case("torch: two networks side by side", refused="side by side", follow=as_onnx)
def _(folder):
    seeded()
    return saved(folder, spread(Parallel()), X)


class Seq2Seq(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.GRU(3, 3), nn.GRU(3, 3)
        self.out = nn.Linear(3, 2)

    def forward(self, x):
        return self.encoder(x)[0]


@case(
    "torch: encoder and decoder",
    refused="side by side",
    follow=lambda f, w: load(w.path, prefix="encoder."),
)
def _(folder):
    seeded()
    return saved(folder, spread(Seq2Seq()), X)


@case("torch: a stack lstm1, lstm2 of different sizes", note="in the order lstm1, lstm2")
def _(folder):
    class Stack(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm1, self.lstm2, self.fc = nn.LSTM(3, 5), nn.LSTM(5, 4), nn.Linear(4, 1)

        def forward(self, x):
            return self.fc(self.lstm2(self.lstm1(x)[0])[0])

    seeded()
    return saved(folder, spread(Stack()), X)


@case("torch: layer normalisation behind the recurrence", note="layer normalisation")
def _(folder):
    seeded()
    head = ("norm", nn.LayerNorm(5)), ("fc", nn.Linear(5, 2))
    return saved(folder, spread(Recurrent(nn.LSTM(3, 5), *head)), X)


@case("torch: batch normalisation in front", note="batch normalisation")
def _(folder):
    class Normed(nn.Module):
        def __init__(self):
            super().__init__()
            self.bn, self.gru, self.fc = nn.BatchNorm1d(3), nn.GRU(3, 4), nn.Linear(4, 2)

        def forward(self, x):
            return self.fc(self.gru(self.bn(x.permute(1, 2, 0)).permute(2, 0, 1))[0])

    seeded()
    return saved(folder, spread(Normed()), X)


class Convolved(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.lstm = nn.Conv1d(3, 4, 3, padding=1), nn.LSTM(4, 5)
        self.fc = nn.Linear(5, 2)

    def forward(self, x):
        x = self.conv(x.permute(1, 2, 0)).permute(2, 0, 1)
        return self.fc(self.lstm(x)[0])


@case("torch: a convolution in front", refused="also conv", follow=as_onnx)
def _(folder):
    seeded()
    return saved(folder, spread(Convolved()), X)


@case("torch: weight_norm, old form", note="weight_norm")
def _(folder):
    seeded()
    lstm = spread(nn.LSTM(3, 5))
    for name in ("weight_hh_l0", "weight_ih_l0"):
        nn.utils.weight_norm(lstm, name)
    with torch.no_grad():
        lstm.weight_hh_l0_g.mul_(1.5)
    return saved(folder, lstm, X)


@case("torch: parametrisations of a head: weight_norm, spectral_norm")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.GRU(3, 5), ("fc", nn.Linear(5, 5)), ("norm", nn.LayerNorm(5))))
    model.fc = parametrizations.weight_norm(model.fc)
    with torch.no_grad():
        model.fc.parametrizations.weight.original0.mul_(1.5)
    return saved(folder, model, X)


@case("torch: orthogonal recurrent weights", note="orthogonal")
def _(folder):
    seeded()
    cell = spread(nn.RNNCell(3, 4))
    cell = parametrizations.orthogonal(cell, "weight_hh")
    with torch.no_grad():
        cell.parametrizations.weight_hh.original.add_(0.4 * torch.randn(4, 4))
    h, y = torch.zeros(2, 4), []
    with torch.no_grad():
        for step in torch.from_numpy(X):
            h = cell(step, h)
            y.append(h.numpy())
    torch.save(cell.state_dict(), folder / "cell.pt")
    return Written(path=folder / "cell.pt", x=X, y=np.stack(y))


@case("torch: a head under spectral_norm, both forms", note="spectral norm")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 4))))
    model.fc = nn.utils.spectral_norm(model.fc)
    model.train()
    outputs(model, X)  # a power step in training, as its users have done
    return saved(folder, model.eval(), X)


@case("torch: pruned", note="pruned by its mask")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 2))))
    prune.l1_unstructured(model.fc, "weight", amount=0.4)
    prune.random_unstructured(model.rnn, "weight_hh_l0", amount=0.3)
    outputs(model, X)
    y = outputs(model, X)
    torch.save(model.state_dict(), folder / "m.pt")
    return Written(path=folder / "m.pt", x=X, y=y)


@case("torch: AWD-LSTM's raw weights", note="WeightDrop")
def _(folder):
    seeded()
    lstm = spread(nn.LSTM(3, 5))
    state = OrderedDict(lstm.state_dict())
    y = outputs(lstm, X)
    state["weight_hh_l0_raw"] = state["weight_hh_l0"].clone()
    state["weight_hh_l0"] = nn.functional.dropout(state["weight_hh_l0"], 0.5)
    torch.save({f"rnns.0.module.{k}": v for k, v in state.items()}, folder / "awd.pth")
    return Written(path=folder / "awd.pth", x=X, y=y)


@case("torch: a checkpoint with everything beside the weights")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 2))))
    optimiser = torch.optim.Adam(model.parameters())
    checkpoint = {
        "epoch": 3,
        "args": argparse.Namespace(lr=0.1, path=pathlib.PurePosixPath("runs/a")),
        "time": datetime.datetime(2025, 1, 2),
        "best": np.float64(0.25),
        "history": [np.float32(1.0), {1, 2}],
        "model_state_dict": model.state_dict(),
        "optimizer_state_dict": optimiser.state_dict(),
    }
    torch.save(checkpoint, folder / "last.ckpt")
    return Written(path=folder / "last.ckpt", x=X, y=outputs(model, X))


@case("torch: DataParallel, SWA's counter and batch statistics")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.GRU(3, 5), ("fc", nn.Linear(5, 2))))
    swa = torch.optim.swa_utils.AveragedModel(model)
    torch.save(swa.state_dict(), folder / "swa.pt")
    return Written(path=folder / "swa.pt", x=X, y=outputs(model, X))


@case("torch: half precision, bfloat16")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 2)))).bfloat16().float()
    torch.save({k: v.bfloat16() for k, v in model.state_dict().items()}, folder / "m.pt")
    return Written(path=folder / "m.pt", x=X, y=outputs(model, X))


@case("torch: safetensors, sorted by name", note="layers in the order")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("decoder", nn.Linear(5, 2))))
    save_file(model.state_dict(), folder / "m.safetensors")
    return Written(path=folder / "m.safetensors", x=X, y=outputs(model, X))


def _in_order(folder, written):
    return load(written.path, read_out=["first", "rnn"])


@case(
    "torch: safetensors, a layer that fits on both sides",
    refused="order of",
    follow=_in_order,
)
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 3), first=nn.Linear(3, 3)))
    save_file(model.state_dict(), folder / "m.safetensors")
    return Written(path=folder / "m.safetensors", x=X, y=outputs(model, X))


def _shards(folder, model):
    import json

    state = dict(model.state_dict())
    names = list(state)
    half = len(names) // 2
    files = {1: names[:half], 2: names[half:]}
    places = {}
    for number, own in files.items():
        name = f"model-{number:05d}-of-00002.safetensors"
        save_file({key: state[key] for key in own}, folder / name)
        places |= dict.fromkeys(own, name)
    text = json.dumps({"metadata": {"total_size": 1}, "weight_map": places})
    (folder / "model.safetensors.index.json").write_text(text)


@case("torch: sharded safetensors by their index")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 2))))
    _shards(folder, model)
    return Written(path=folder / "model.safetensors.index.json", x=X, y=outputs(model, X))


@case(
    "torch: one shard alone",
    refused="part 1 of 2",
    follow=lambda f, w: load(f / "model.safetensors.index.json"),
)
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 2))))
    _shards(folder, model)
    return Written(path=folder / "model-00001-of-00002.safetensors", x=X, y=outputs(model, X))


def _state_saved(folder, written):
    torch.save(torch.load(written.path, weights_only=False).state_dict(), folder / "state.pt")
    return load(folder / "state.pt")


@case("torch: a whole pickled module", refused="torch.save(model.state_dict()", follow=_state_saved)
def _(folder):
    seeded()
    model = spread(nn.LSTM(3, 5))
    torch.save(model, folder / "whole.pt")
    return Written(path=folder / "whole.pt", x=X, y=outputs(model, X))


def _script_state(folder, written):
    torch.save(torch.jit.load(written.path).state_dict(), folder / "state.pt")
    return load(folder / "state.pt")


@case("torch: TorchScript", refused="TorchScript", follow=_script_state)
def _(folder):
    seeded()
    model = spread(nn.GRU(3, 5))
    torch.jit.trace(model, (torch.from_numpy(X),)).save(folder / "script.pt")
    return Written(path=folder / "script.pt", x=X, y=outputs(model, X))


def _float_again(folder, written):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 2))))
    torch.save(model.state_dict(), folder / "float.pt")
    return load(folder / "float.pt")


@case("torch: dynamically quantised", refused="quantised weights", follow=_float_again)
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 2))))
    y = outputs(model, X)
    small = torch.ao.quantization.quantize_dynamic(model, {nn.LSTM, nn.Linear}, torch.qint8)
    torch.save(small.state_dict(), folder / "int8.pt")
    return Written(path=folder / "int8.pt", x=X, y=y)


@case(
    "torch: a learned initial state",
    refused="h0",
    follow=as_onnx,
)
def _(folder):
    class Started(nn.Module):
        def __init__(self):
            super().__init__()
            self.h0 = nn.Parameter(torch.randn(1, 1, 5))
            self.gru, self.fc = nn.GRU(3, 5), nn.Linear(5, 2)

        def forward(self, x):
            return self.fc(self.gru(x, self.h0.expand(-1, x.shape[1], -1).contiguous())[0])

    seeded()
    return saved(folder, spread(Started()), X)


@case("torch: cells stacked by hand")
def _(folder):
    class Cells(nn.Module):
        def __init__(self):
            super().__init__()
            self.cells = nn.ModuleList([nn.LSTMCell(3, 4), nn.LSTMCell(4, 4), nn.LSTMCell(4, 4)])
            self.fc = nn.Linear(4, 2)

        def forward(self, x):
            states, ys = [None] * 3, []
            for step in x:
                h = step
                for i, cell in enumerate(self.cells):
                    states[i] = cell(h, states[i])
                    h = states[i][0]
                ys.append(self.fc(h))
            return torch.stack(ys)

    seeded()
    return saved(folder, spread(Cells()), X)


@case("torch: npz by PyTorch's names")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5, num_layers=2), ("fc", nn.Linear(5, 2))))
    np.savez(folder / "m.npz", **{k: v.numpy() for k, v in model.state_dict().items()})
    return Written(path=folder / "m.npz", x=X, y=outputs(model, X), options={"cell": "lstm"})


@case("torch: the old container, bias=False", note="biases are zero")
def _(folder):
    seeded()
    model = spread(nn.GRU(3, 5, bias=False))
    torch.save(model.state_dict(), folder / "m.pt", _use_new_zipfile_serialization=False)
    return Written(path=folder / "m.pt", x=X, y=outputs(model, X))


@case("torch: Lightning's checkpoint with hyper-parameters")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 2))))
    state = {f"net.{key}": value for key, value in model.state_dict().items()}
    checkpoint = {
        "state_dict": state,
        "hyper_parameters": {"lr": 1e-3, "device": torch.device("cpu"), "dtype": torch.float32},
        "optimizer_states": [{"state": {0: {"exp_avg": torch.zeros(3, 3)}}}],
        "callbacks": {"ModelCheckpoint": {"best": torch.tensor(0.5)}},
        "lr_schedulers": [],
    }
    torch.save(checkpoint, folder / "epoch=3.ckpt")
    return Written(path=folder / "epoch=3.ckpt", x=X, y=outputs(model, X))
