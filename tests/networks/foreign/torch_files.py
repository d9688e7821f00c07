"""State dicts of PyTorch's modules: which layers, in which order."""

from __future__ import annotations

import torch
from torch import nn

from tests.networks.foreign.case import Written, case, random
from tests.networks.foreign.torch_parts import Recurrent, X, outputs, saved, seeded, spread


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


@case("torch: fc1, ReLU, fc2", refused="what stands between")
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


@case("torch: two networks side by side", refused="side by side")
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


@case("torch: a convolution in front", refused="also conv")
def _(folder):
    seeded()
    return saved(folder, spread(Convolved()), X)


@case(
    "torch: a learned initial state",
    refused="h0",
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
