"""Models that the readers were not tuned to: PyTorch's modules and their files.

They were written to be measured: what was read, refused or wrong at the first run stands in
docs/networks_files.md.
"""

from __future__ import annotations

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils import rnn as packed

from tests.networks.foreign.case import Written, case, random
from tests.networks.foreign.onnx_files import Module, exported
from tests.networks.foreign.torch_parts import outputs, saved, seeded, spread

T = random(14, 2, 3, seed=11)  # time first
B = random(2, 14, 3, seed=11)


def file_case(name, build, x=T, told=False, **options):
    """The state dict of a module."""

    @case(f"fresh: {name}, its file", **options)
    def _(folder):
        seeded(8)
        return saved(folder, spread(build()), x, told)


def live_case(name, build, x=T, **options):
    """The module itself."""

    @case(f"fresh: {name}, itself", **options)
    def _(folder):
        seeded(8)
        model = spread(build())
        return Written(path=model, x=x, y=outputs(model, x), model=model)


def onnx_case(name, build, x=T, **options):
    """An ONNX file of it."""

    @case(f"fresh: {name}, ONNX", **options)
    def _(folder):
        seeded(8)
        return exported(folder, spread(build()), x)


class Block(nn.Module):
    """A residual block of a normalised LSTM, as speech models stack them."""

    def __init__(self, size):
        super().__init__()
        self.norm, self.rnn = nn.LayerNorm(size), nn.LSTM(size, size)

    def forward(self, x):
        return x + self.rnn(self.norm(x))[0]


class Blocks(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Linear(3, 4)
        self.blocks = nn.ModuleList(Block(4) for _ in range(3))
        self.out = nn.Linear(4, 2)

    def forward(self, x):
        x = self.inp(x)
        for block in self.blocks:
            x = block(x)
        return self.out(x)


class Tied(nn.Module):
    """A language model whose read-out is its embedding."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(9, 5)
        self.rnn = nn.LSTM(5, 5, batch_first=True)
        self.out = nn.Linear(5, 9, bias=False)
        self.out.weight = self.embed.weight

    def forward(self, tokens):
        return self.out(self.rnn(self.embed(tokens))[0])


class Cells(nn.Module):
    """A cell in a loop, with an output fed back as part of the next input."""

    def __init__(self):
        super().__init__()
        self.cell, self.out = nn.GRUCell(5, 6), nn.Linear(6, 2)

    def forward(self, x):
        h, y, ys = x.new_zeros(x.shape[1], 6), x.new_zeros(x.shape[1], 2), []
        for step in x:
            h = self.cell(torch.cat([step, y], -1), h)
            y = self.out(h)
            ys.append(y)
        return torch.stack(ys)


class Packed(nn.Module):
    """Sequences packed and padded again inside."""

    def __init__(self):
        super().__init__()
        self.rnn, self.fc = nn.GRU(3, 5, batch_first=True), nn.Linear(5, 2)

    def forward(self, x):
        lengths = torch.full((len(x),), x.shape[1])
        given = packed.pack_padded_sequence(x, lengths, batch_first=True)
        return self.fc(packed.pad_packed_sequence(self.rnn(given)[0], batch_first=True)[0])


class Summed(nn.Module):
    """Both directions, their outputs added."""

    def __init__(self):
        super().__init__()
        self.rnn, self.fc = nn.LSTM(3, 4, bidirectional=True), nn.Linear(4, 2)

    def forward(self, x):
        a, b = self.rnn(x)[0].chunk(2, -1)
        return self.fc(a + b)


class Permuted(nn.Module):
    """Takes the batch first, runs time first."""

    def __init__(self):
        super().__init__()
        self.rnn, self.fc = nn.LSTM(3, 4), nn.Linear(4, 1)

    def forward(self, x):
        return self.fc(self.rnn(x.permute(1, 0, 2))[0][-1])


class Univariate(nn.Module):
    """Takes (batch, time) and adds the axis itself."""

    def __init__(self):
        super().__init__()
        self.rnn, self.fc = nn.GRU(1, 6, batch_first=True), nn.Linear(6, 1)

    def forward(self, x):
        return self.fc(self.rnn(x.unsqueeze(-1))[0]).squeeze(-1)


class Own(nn.Module):
    """A minimal recurrence of its own parameters."""

    def __init__(self):
        super().__init__()
        self.w, self.u = nn.Linear(3, 5), nn.Linear(5, 5, bias=False)
        self.decay = nn.Parameter(torch.full((5,), 0.5))

    def forward(self, x):
        h, ys = x.new_zeros(x.shape[1], 5), []
        for step in x:
            h = torch.sigmoid(self.decay) * h + torch.tanh(self.w(step) + self.u(h))
            ys.append(h)
        return torch.stack(ys)


class Hidden(nn.Module):
    """Gives its last hidden states of two layers side by side."""

    def __init__(self):
        super().__init__()
        self.rnn, self.fc = nn.GRU(3, 4, num_layers=2, batch_first=True), nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(torch.cat(list(self.rnn(x)[1]), -1))


class Skipped(nn.Module):
    """The input beside the hidden units in the read-out, LeakyReLU, dropout."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 4, dropout=0.3, num_layers=2)
        self.head = nn.Sequential(
            nn.Linear(7, 6), nn.LeakyReLU(0.1), nn.Dropout(0.5), nn.Linear(6, 1)
        )

    def forward(self, x):
        return self.head(torch.cat([self.rnn(x)[0], x], -1))


class Autoencoder(nn.Module):
    """The last hidden state, repeated, decoded."""

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.LSTM(3, 4), nn.LSTM(4, 5)
        self.out = nn.Linear(5, 3)

    def forward(self, x):
        h = self.encoder(x)[1][0][-1]
        return self.out(self.decoder(h.expand(len(x), -1, -1))[0])


class Differenced(nn.Module):
    """Steps less than were given."""

    def __init__(self):
        super().__init__()
        self.rnn, self.fc = nn.GRU(3, 5), nn.Linear(5, 2)

    def forward(self, x):
        return self.fc(self.rnn(x[1:] - x[:-1])[0])


class Dictionary(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.ModuleDict({"rnn": nn.RNN(3, 5, nonlinearity="relu")})
        self.heads = nn.ModuleDict({"mean": nn.Linear(5, 1), "scale": nn.Linear(5, 1)})

    def forward(self, x):
        h = self.backbone["rnn"](x)[0]
        return {name: head(h) for name, head in self.heads.items()}


def normed():
    return Module(
        lambda m, x: m.b(m.n(torch.relu(m.a(m.rnn(x)[0])))),
        b=nn.Linear(6, 2),
        n=nn.LayerNorm(6),
        a=nn.Linear(5, 6),
        rnn=nn.LSTM(3, 5),
    )


live_case("residual blocks in a ModuleList", Blocks)
file_case("residual blocks in a ModuleList", Blocks, refused="side by side")
onnx_case("residual blocks in a ModuleList", Blocks)
live_case("outputs fed back", Cells)
live_case("packed inside", Packed, B)
file_case("packed inside", Packed, B)
live_case("directions summed", Summed)
file_case("directions summed", Summed, refused="do not feed each other")
onnx_case("directions summed", Summed)
live_case("batch first, time first inside", Permuted, B)
onnx_case("batch first, time first inside", Permuted, B)
live_case("a recurrence of its own", Own, note="run as a function")
onnx_case("two last hidden states", Hidden, B)
live_case("two last hidden states", Hidden, B)
live_case("inputs beside the hidden units", Skipped)
file_case("inputs beside the hidden units", Skipped, refused="do not feed each other")
onnx_case("inputs beside the hidden units", Skipped)
live_case("autoencoder", Autoencoder, note="not causal")
onnx_case("autoencoder", Autoencoder)
live_case("differences of the inputs", Differenced, note="fewer outputs")
onnx_case("differences of the inputs", Differenced)
live_case("parts declared backward", normed)
file_case("parts declared backward", normed, told=True)
onnx_case("parts declared backward", normed)


@case("fresh: two heads in a dictionary, itself")
def _(folder):
    seeded(8)
    model = spread(Dictionary())
    with torch.no_grad():
        y = model(torch.from_numpy(T))["mean"].numpy()
    return Written(path=model, x=T, y=y, model=model)


@case("fresh: two heads in a dictionary, its file", refused="2 read-outs")
def _(folder):
    seeded(8)
    model = spread(Dictionary())
    torch.save(model.state_dict(), folder / "m.pt")
    with torch.no_grad():
        y = model(torch.from_numpy(T))["mean"].numpy()
    options = {"activation": "relu"}
    return Written(path=folder / "m.pt", x=T, y=y, model=model, options=options)


@case("fresh: a tied language model, itself", note="the inputs are its vectors")
def _(folder):
    seeded(8)
    model = spread(Tied())
    x = random(2, 14, 5, seed=3)
    with torch.no_grad():
        y = model.out(model.rnn(torch.from_numpy(x))[0]).numpy()
    return Written(path=model, x=x, y=y)


@case("fresh: a tied language model, safetensors", note="the inputs are its vectors")
def _(folder):
    seeded(8)
    model = spread(Tied())
    x = random(2, 14, 5, seed=3)
    save_file({k: v.clone() for k, v in model.state_dict().items()}, folder / "m.safetensors")
    with torch.no_grad():
        y = model.out(model.rnn(torch.from_numpy(x))[0]).numpy()
    return Written(path=folder / "m.safetensors", x=x, y=y)


@case("fresh: a univariate forecaster of (batch, time), itself")
def _(folder):
    seeded(8)
    model = spread(Univariate())
    x = random(2, 14, 1, seed=3)
    return Written(path=model, x=x, y=outputs(model, x[..., 0]))


@case("fresh: half precision in a compiled DataParallel checkpoint with its optimiser")
def _(folder):
    seeded(8)
    model = spread(nn.Sequential(nn.LSTM(3, 5))[0].half().float())
    state = {f"_orig_mod.module.rnn.{k}": v.half() for k, v in model.state_dict().items()}
    optimiser = torch.optim.AdamW(model.parameters())
    model(torch.from_numpy(T))[0].sum().backward()
    optimiser.step()
    model.load_state_dict({k.rpartition(".")[2]: v.float() for k, v in state.items()})
    torch.save({"net": state, "optim": optimiser.state_dict(), "step": 3}, folder / "c.tar")
    return Written(path=folder / "c.tar", x=T, y=outputs(model, T))


@case("fresh: the new ONNX exporter, batch first, dynamic")
def _(folder):
    seeded(8)
    model = spread(Module(lambda m, x: m.f(m.r(x)[0]), r=nn.GRU(3, 4, batch_first=True),
                          f=nn.Linear(4, 2)))  # fmt: skip
    shapes = ({0: torch.export.Dim("batch"), 1: torch.export.Dim("time")},)
    path = folder / "m.onnx"
    torch.onnx.export(model, (torch.from_numpy(B),), path, dynamic_shapes=(shapes[0],))
    return Written(path=path, x=B, y=outputs(model, B))
