"""How PyTorch's users save: weights in parts, checkpoints, shards, containers."""

from __future__ import annotations

import argparse
import datetime
import json
import pathlib
from collections import OrderedDict

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils import parametrizations, prune

from memtools.networks import load
from tests.networks.foreign.case import Written, case
from tests.networks.foreign.torch_parts import Recurrent, X, outputs, saved, seeded, spread


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


@case(
    "torch: safetensors, a layer that fits on both sides",
    refused="order of",
)
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 3), first=nn.Linear(3, 3)))
    save_file(model.state_dict(), folder / "m.safetensors")
    return Written(path=folder / "m.safetensors", x=X, y=outputs(model, X), model=model)


def _shards(folder, model):

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
)
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 2))))
    _shards(folder, model)
    index = folder / "model.safetensors.index.json"
    ways = {f"give its index, {index.name}": lambda: load(index)}
    part = folder / "model-00001-of-00002.safetensors"
    return Written(path=part, x=X, y=outputs(model, X), ways=ways)


@case("torch: a whole pickled module", refused="torch.save(model.state_dict()")
def _(folder):
    seeded()
    model = spread(nn.LSTM(3, 5))
    torch.save(model, folder / "whole.pt")
    return Written(path=folder / "whole.pt", x=X, y=outputs(model, X), model=model)


@case("torch: TorchScript", refused="TorchScript")
def _(folder):
    seeded()
    model = spread(nn.GRU(3, 5))
    torch.jit.trace(model, (torch.from_numpy(X),)).save(folder / "script.pt")
    model = torch.jit.load(folder / "script.pt")
    return Written(path=folder / "script.pt", x=X, y=outputs(model, X), model=model)


@case("torch: dynamically quantised", refused="quantised weights")
def _(folder):
    seeded()
    model = spread(Recurrent(nn.LSTM(3, 5), ("fc", nn.Linear(5, 2))))
    y = outputs(model, X)
    torch.save(model.state_dict(), folder / "float.pt")
    float_model = model
    small = torch.ao.quantization.quantize_dynamic(model, {nn.LSTM, nn.Linear}, torch.qint8)
    torch.save(small.state_dict(), folder / "int8.pt")
    ways = {"save them before quantising": lambda: load(folder / "float.pt")}
    return Written(path=folder / "int8.pt", x=X, y=y, model=float_model, ways=ways)


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
