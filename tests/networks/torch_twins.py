"""The cells in PyTorch, step by step from their formulas: what autograd makes of them.

Each function takes the parameters, one step's input (n_batch, n_input) and the list of what came
before, and returns the hidden units that the read-out sees.
"""

import torch


def affine(p, *pairs, bias):
    """W_1 v_1 + W_2 v_2 + ... + b of (name of W, v)."""
    return sum(v @ p[name].T for name, v in pairs) + p[bias]


def fractional_weights(d, n_lags):
    """w_1(d), ..., w_K(d): w_j = w_{j-1} (j - 1 - d) / j, w_0 = 1."""
    w, rows = torch.ones_like(d), []
    for j in range(1, n_lags + 1):
        w = w * (j - 1 - d) / j
        rows.append(w)
    return rows


def lanes(p, x, filtered, last, sigma):
    m = sigma(affine(p, ("weight_mm", last["m"]), ("weight_fm", filtered), bias="bias_m"))
    h = sigma(affine(p, ("weight_hh", last["h"]), ("weight_xh", x), bias="bias_h"))
    return h, m


def two_lane(p, x, inputs, last, sigma, options):
    filtered = sum(w * v for w, v in zip(p["weight_filter"], reversed(inputs), strict=False))
    return dict(zip("hm", lanes(p, x, filtered, last, sigma), strict=True))


def mrnn(p, x, inputs, last, sigma, options):
    v = p["bias_d"].expand_as(x)
    if not options["fixed_d"]:
        before = [("weight_dd", last["d"]), ("weight_hd", last["h"]), ("weight_md", last["m"])]
        v = affine(p, *before, ("weight_xd", x), bias="bias_d")
    d = 0.5 * torch.sigmoid(v)
    w = fractional_weights(d, min(options["filter_length"], len(inputs)))
    filtered = sum(a * b for a, b in zip(w, reversed(inputs), strict=False))
    h, m = lanes(p, x, filtered, last, sigma)
    return {"h": h, "m": m, "d": d}


def mlstm(p, x, inputs, last, sigma, options):
    gates = affine(p, ("weight_ih", x), ("weight_hh", last["h"]), bias="bias")
    i, g, o = gates.chunk(3, dim=-1)
    v = p["bias_d"].expand_as(i)
    if not options["fixed_d"]:
        before = [("weight_hd", last["h"]), ("weight_dd", last["d"])]
        v = affine(p, *before, ("weight_xd", x), bias="bias_d")
    d = 0.5 * torch.sigmoid(v)
    c = torch.sigmoid(i) * sigma(g)
    w = fractional_weights(d, min(options["filter_length"], len(inputs)))
    for weight, cell in zip(w, reversed(last["cells"]), strict=False):
        c = c - weight * cell
    return {"h": torch.sigmoid(o) * sigma(c), "d": d, "cells": [*last["cells"], c]}


def rwa(p, x, inputs, last, sigma, options):
    u = affine(p, ("weight_xu", x), bias="bias_u")
    g = affine(p, ("weight_xg", x), ("weight_hg", last["h"]), bias="bias_g")
    weight = torch.exp(x @ p["weight_xa"].T + last["h"] @ p["weight_ha"].T)
    n, d = last["n"] + u * torch.tanh(g) * weight, last["weights"] + weight
    return {"h": sigma(n / d), "n": n, "weights": d}


def mist(p, x, inputs, last, sigma, options):
    h, past = last["h"], last["past"]
    a = torch.softmax(affine(p, ("weight_xa", x), ("weight_ha", h), bias="bias_a"), dim=-1)
    r = torch.sigmoid(affine(p, ("weight_xr", x), ("weight_hr", h), bias="bias_r"))
    mixed = torch.zeros_like(h)
    for i in range(a.shape[-1]):
        if 2**i <= len(past):
            mixed = mixed + a[:, i : i + 1] * past[-(2**i)]
    h = sigma(affine(p, ("weight_xh", x), ("weight_hh", r * mixed), bias="bias_h"))
    return {"h": h, "past": [*past, h]}


def rnn(p, x, inputs, last, sigma, options):
    v = affine(p, ("weight_ih", x), ("weight_hh", last["h"]), bias="bias_ih")
    return {"h": sigma(v + p["bias_hh"])}


def lstm(p, x, inputs, last, sigma, options):
    v = affine(p, ("weight_ih", x), ("weight_hh", last["h"]), bias="bias_ih") + p["bias_hh"]
    i, f, g, o = v.chunk(4, dim=-1)
    c = torch.sigmoid(f) * last["c"] + torch.sigmoid(i) * sigma(g)
    return {"h": torch.sigmoid(o) * sigma(c), "c": c}


def gru(p, x, inputs, last, sigma, options):
    h, n = last["h"], last["h"].shape[-1]
    into = affine(p, ("weight_ih", x), bias="bias_ih")
    back = affine(p, ("weight_hh", h), bias="bias_hh")
    r, z = torch.sigmoid(into[:, : 2 * n] + back[:, : 2 * n]).chunk(2, dim=-1)
    inner = r * back[:, 2 * n :]
    if not options["reset_after"]:
        inner = (r * h) @ p["weight_hh"][2 * n :].T + p["bias_hh"][2 * n :]
    new = sigma(into[:, 2 * n :] + inner)
    return {"h": (1.0 - z) * new + z * h}


STEPS = {
    "RNN": rnn,
    "LSTM": lstm,
    "GRU": gru,
    "TwoLaneRNN": two_lane,
    "MRNN": mrnn,
    "MLSTM": mlstm,
    "RWA": rwa,
    "MIST": mist,
}
SIGMA = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "identity": lambda v: v}


def run_cell(cell, p, x):
    """Outputs (n_steps, n_batch, n_output) of one cell, x (n_steps, n_batch, n_input)."""
    step, sigma = STEPS[type(cell).__name__], SIGMA[cell.activation]
    zeros = x.new_zeros(x.shape[1], cell.n_hidden)
    last = dict.fromkeys(("h", "m", "c", "n", "weights"), zeros) | {"cells": [], "past": []}
    last["d"] = x.new_zeros(x.shape[1], p["bias_d"].shape[-1]) if "bias_d" in p else None
    outputs = []
    for t in range(len(x)):
        last |= step(p, x[t], list(x[: t + 1]), last, sigma, cell.options)
        z = last["h"]
        if "weight_hz" in p:
            z = affine(p, ("weight_hz", z), bias="bias_z")
        if "weight_mz" in p:
            z = z + last["m"] @ p["weight_mz"].T
        outputs.append(z)
    z = torch.stack(outputs)
    return torch.softmax(z, dim=-1) if cell.output_activation == "softmax" else z
