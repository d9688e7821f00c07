"""The cells step by step, written from the papers with plain sums over the past.

Each function takes a network and gives z_t as a function of the inputs x_0, ..., x_t.
"""

import numpy as np

from memtools.fractional import fracdiff_weights


def slow_forward(network, x):
    """Outputs of one sequence."""
    step = _CELLS[type(network).__name__](network)
    return np.array([step(x[: t + 1]) for t in range(len(x))])


def logistic(v):
    return 1.0 / (1.0 + np.exp(-v))


def rnn(network):
    p, h = network.params, np.zeros(network.n_hidden)

    def step(x):
        nonlocal h
        h = np.tanh(p["weight_ih"] @ x[-1] + p["bias_ih"] + p["weight_hh"] @ h + p["bias_hh"])
        return p["weight_hz"] @ h + p["bias_z"]

    return step


def lstm(network):
    p, h, c = network.params, np.zeros(network.n_hidden), np.zeros(network.n_hidden)

    def step(x):
        nonlocal h, c
        v = p["weight_ih"] @ x[-1] + p["bias_ih"] + p["weight_hh"] @ h + p["bias_hh"]
        i, f, g, o = np.split(v, 4)
        c = logistic(f) * c + logistic(i) * np.tanh(g)
        h = logistic(o) * np.tanh(c)
        return p["weight_hz"] @ h + p["bias_z"]

    return step


def gru(network):
    p, n, h = network.params, network.n_hidden, np.zeros(network.n_hidden)

    def step(x):
        nonlocal h
        a = p["weight_ih"] @ x[-1] + p["bias_ih"]
        b = p["weight_hh"] @ h + p["bias_hh"]
        r, u = logistic(a[:n] + b[:n]), logistic(a[n : 2 * n] + b[n : 2 * n])
        inner = r * b[2 * n :]
        if not network.reset_after:
            inner = p["weight_hh"][2 * n :] @ (r * h) + p["bias_hh"][2 * n :]
        h = (1 - u) * np.tanh(a[2 * n :] + inner) + u * h
        return p["weight_hz"] @ h + p["bias_z"]

    return step


def lanes(network, filter_weights):
    """MRNN and the two-lane RNN; `filter_weights(x, h, m)` a row an input, the newest first."""
    p, h, m = network.params, np.zeros(network.n_hidden), np.zeros(network.n_hidden)

    def step(x):
        nonlocal h, m
        w, past = filter_weights(x[-1], h, m), x[::-1].T
        filtered = np.array([a[: len(b)] @ b[: len(a)] for a, b in zip(w, past, strict=True)])
        m = np.tanh(p["weight_mm"] @ m + p["weight_fm"] @ filtered + p["bias_m"])
        h = np.tanh(p["weight_hh"] @ h + p["weight_xh"] @ x[-1] + p["bias_h"])
        return p["weight_hz"] @ h + p["weight_mz"] @ m + p["bias_z"]

    return step


def two_lanes(network):
    return lanes(network, lambda x, h, m: network.params["weight_filter"].T)


def mrnn(network):
    p, d = network.params, np.zeros(network.n_input)

    def weights(x, h, m):
        nonlocal d
        moved = 0.0
        if not network.fixed_d:
            moved = p["weight_dd"] @ d + p["weight_hd"] @ h + p["weight_md"] @ m
            moved = moved + p["weight_xd"] @ x
        d = 0.5 * logistic(moved + p["bias_d"])
        return [fracdiff_weights(value, network.filter_length)[1:] for value in d]

    return lanes(network, weights)


def mlstm(network):
    p, n = network.params, network.n_hidden
    h, d, cells = np.zeros(n), np.zeros(n), []

    def step(x):
        nonlocal h, d
        moved = 0.0
        if not network.fixed_d:
            moved = p["weight_xd"] @ x[-1] + p["weight_hd"] @ h + p["weight_dd"] @ d
        d = 0.5 * logistic(moved + p["bias_d"])
        i, g, o = np.split(p["weight_ih"] @ x[-1] + p["weight_hh"] @ h + p["bias"], 3)
        c = logistic(i) * np.tanh(g)
        for j in range(1, min(network.filter_length, len(cells)) + 1):
            c = c - np.array([fracdiff_weights(value, j)[j] for value in d]) * cells[-j]
        cells.append(c)
        h = logistic(o) * np.tanh(c)
        return p["weight_hz"] @ h + p["bias_z"]

    return step


def rwa(network):
    p, h = network.params, np.zeros(network.n_hidden)
    logs, values = [], []

    def step(x):
        nonlocal h
        g = np.tanh(p["weight_xg"] @ x[-1] + p["weight_hg"] @ h + p["bias_g"])
        logs.append(p["weight_xa"] @ x[-1] + p["weight_ha"] @ h)
        values.append((p["weight_xu"] @ x[-1] + p["bias_u"]) * g)
        share = np.exp(logs)
        h = np.tanh((share * values).sum(axis=0) / share.sum(axis=0))
        return p["weight_hz"] @ h + p["bias_z"]

    return step


def mist(network):
    p, h, past = network.params, np.zeros(network.n_hidden), []

    def step(x):
        nonlocal h
        a = np.exp(p["weight_xa"] @ x[-1] + p["weight_ha"] @ h + p["bias_a"])
        r = logistic(p["weight_xr"] @ x[-1] + p["weight_hr"] @ h + p["bias_r"])
        mixed = np.zeros(network.n_hidden)
        for k in range(len(a)):
            if len(past) >= 2**k:
                mixed += a[k] / a.sum() * past[-(2**k)]
        h = np.tanh(p["weight_xh"] @ x[-1] + p["weight_hh"] @ (r * mixed) + p["bias_h"])
        past.append(h)
        return p["weight_hz"] @ h + p["bias_z"]

    return step


_CELLS = {"RNN": rnn, "LSTM": lstm, "GRU": gru, "TwoLaneRNN": two_lanes, "MRNN": mrnn,
          "MLSTM": mlstm, "RWA": rwa, "MIST": mist}  # fmt: skip
