"""ONNX' RNN, LSTM and GRU: as cells of ours, and run literally as their definition says.

Blocks of the LSTM stand in the order i o f c, of the GRU z r h.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.exceptions import ModelFileError
from memtools.networks.activations import ACTIVATIONS
from memtools.networks.cells import GRU, LSTM, RNN
from memtools.networks.files.protobuf import Operation
from memtools.networks.network import Network
from memtools.networks.pointwise import POINTWISE
from memtools.networks.stacks import Bidirectional
from memtools.networks.variant_cells import VariantCell
from memtools.networks.windows import Reversed

# class, its blocks in our order, the default activations
CELLS: dict[str, tuple[type[RNN | LSTM | GRU], tuple[int, ...], tuple[str, ...]]] = {
    "RNN": (RNN, (0,), ("Tanh",)),
    "LSTM": (LSTM, (0, 2, 3, 1), ("Sigmoid", "Tanh", "Tanh")),
    "GRU": (GRU, (1, 0, 2), ("Sigmoid", "Tanh")),
}
NAMES = {
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "Relu": "relu",
    "Softsign": "softsign",
    "Softplus": "softplus",
    "HardSigmoid": "hard_sigmoid_fifth",
    "Elu": "elu",
    "Affine": "identity",
}
# What activation_alpha and activation_beta are unless told, where the function has such.
_DEFAULTS = {"HardSigmoid": (0.2, 0.5), "Elu": (1.0, 0.0), "LeakyRelu": (0.01, 0.0)}
_DEFAULTS |= {"Affine": (1.0, 0.0), "ThresholdedRelu": (1.0, 0.0), "ScaledTanh": (1.0, 1.0)}
# These are operations no more, and programs differ in what they take where it is not told.
_TO_BE_TOLD = ("Affine", "ScaledTanh")


class UnusableError(ModelFileError):
    """An operation that nothing can run: it is damaged, or tells too little."""


def functions_of(op: Operation) -> list[tuple[str, float, float]]:
    """(name, alpha, beta) of each direction's activations, one after the other."""
    default = CELLS[op.kind][2]
    n_directions = 2 if op.attributes.get("direction", "forward") == "bidirectional" else 1
    names = op.attributes.get("activations", list(default) * n_directions)
    if len(names) != len(default) * n_directions:
        raise ModelFileError(f"{op.kind} {op.name!r} with activations {', '.join(names)}")
    alphas = list(op.attributes.get("activation_alpha", []))
    betas = list(op.attributes.get("activation_beta", []))
    found = []
    for name in names:
        known = next((key for key in (*NAMES, *_DEFAULTS) if key.lower() == name.lower()), name)
        alpha, beta = _DEFAULTS.get(known, (0.0, 0.0))
        # the lists have an entry for each function that takes one, in order
        if known in _DEFAULTS:
            if known in _TO_BE_TOLD and not (alphas and betas):
                raise UnusableError(
                    f"{op.kind} {op.name!r} with activation {known}, but no activation_alpha and "
                    "activation_beta, for which programs take different values: write both into "
                    "the file (onnx.helper.make_attribute)"
                )
            alpha = alphas.pop(0) if alphas else alpha
            beta = (
                betas.pop(0) if betas and known in ("HardSigmoid", "Affine", "ScaledTanh") else beta
            )
        found.append((known, float(alpha), float(beta)))
    return found


def cell_of(op: Operation, weight: Callable[[str], FloatArray | None]) -> Network:
    """The operation as a network.

    Parameters
    ----------
    op : Operation
    weight : callable
        From a name to its constant, None where it is none.
    """
    a = op.attributes
    direction = a.get("direction", "forward")
    n_directions = 2 if direction == "bidirectional" else 1
    for name in ("clip", "input_forget"):
        if a.get(name):
            raise ModelFileError(f"{op.kind} {op.name!r} with {name}")
    if len(op.inputs) > 7 and op.inputs[7]:
        raise ModelFileError(f"{op.kind} {op.name!r} with peepholes")
    w, r = (_constant(op, weight, i, label) for i, label in ((1, "W"), (2, "R")))
    if len(w) != n_directions or len(r) != n_directions:
        raise UnusableError(f"{op.kind} {op.name!r}: W of shape {w.shape}")
    kind, order, _ = CELLS[op.kind]
    n_rows = w.shape[1]
    if n_rows % len(order):
        raise UnusableError(f"{op.kind} {op.name!r}: W of shape {w.shape}")
    biases = np.zeros((n_directions, 2 * n_rows))
    if len(op.inputs) > 3 and op.inputs[3]:
        given = weight(op.inputs[3])
        if given is None or given.shape != biases.shape:
            raise UnusableError(f"{op.kind} {op.name!r}: B is no constant of {biases.shape}")
        biases = given

    def arranged(array: FloatArray) -> FloatArray:
        blocks = np.split(array, len(order))
        return np.concatenate([blocks[i] for i in order])

    each = np.array_split(np.arange(len(functions_of(op))), n_directions)
    cells = [
        _activated(
            op,
            kind,
            {
                "weight_ih": arranged(w[i]),
                "weight_hh": arranged(r[i]),
                "bias_ih": arranged(biases[i][:n_rows]),
                "bias_hh": arranged(biases[i][n_rows:]),
            },
            [functions_of(op)[k] for k in each[i]],
        )
        for i in range(n_directions)
    ]
    if direction == "reverse":
        return Reversed(cells[0])
    return cells[0] if n_directions == 1 else Bidirectional(*cells)


def _constant(
    op: Operation, weight: Callable[[str], FloatArray | None], position: int, label: str
) -> FloatArray:
    value = weight(op.inputs[position])
    if value is None or value.ndim != 3:
        raise ModelFileError(f"{op.kind} {op.name!r}: {label} is no constant of three axes")
    return value


def _activated(
    op: Operation,
    kind: type[RNN | LSTM | GRU],
    params: dict[str, FloatArray],
    functions: list[tuple[str, float, float]],
) -> Network:
    """The cell with its activations."""
    names = [_our_name(*function) for function in functions]
    gate, states = (names[0], names[1:]) if len(names) > 1 else ("sigmoid", names)
    if not all(names) or len(set(states)) != 1:
        shown = ", ".join(name for name, _, _ in functions)
        raise ModelFileError(f"{op.kind} {op.name!r} with activations {shown}")
    options: dict[str, Any] = {}
    if op.kind == "GRU":
        options["reset_after"] = bool(op.attributes.get("linear_before_reset", 0))
    if gate == "sigmoid" and states[0] in ACTIVATIONS:
        return kind(params, activation=states[0], **options)
    return VariantCell(kind(params, **options), activation=states[0], gate_activation=gate)


def _our_name(name: str, alpha: float, beta: float) -> str:
    """Our name of an activation with these factors; empty if it has none."""

    def are(a: float, b: float) -> bool:  # as the file has them, in single precision
        return np.float32(alpha) == np.float32(a) and np.float32(beta) == np.float32(b)

    if name == "HardSigmoid" and are(1.0 / 6.0, 0.5):
        return "hard_sigmoid"
    return NAMES.get(name, "") if are(*_DEFAULTS.get(name, (alpha, beta))) else ""


# -- the literal run -------------------------------------------------------------------------------


def run_cell(op: Operation, given: Sequence[NDArray[Any] | None]) -> list[NDArray[Any]]:
    """Y, Y_h (and Y_c) as ONNX defines them, states, lengths and peepholes included."""
    values = [*given, *[None] * (8 - len(given))]
    x, w, r, b, lengths, h0, c0, peepholes = values[:8]
    if x is None or w is None or r is None or x.ndim != 3:
        raise ModelFileError(f"{op.kind} {op.name!r} without its inputs")
    if op.attributes.get("layout", 0):
        x = x.swapaxes(0, 1)
        h0, c0 = (None if s is None else s.swapaxes(0, 1) for s in (h0, c0))
    n_steps, n_batch, _ = x.shape
    direction, n_hidden = op.attributes.get("direction", "forward"), r.shape[2]
    steps = np.full(n_batch, n_steps) if lengths is None else lengths.reshape(-1).astype(int)
    if (steps < 0).any() or (steps > n_steps).any():
        raise ModelFileError(f"{op.kind} {op.name!r} with lengths beyond {n_steps} steps")
    functions = functions_of(op)
    per = len(functions) // len(w)
    outputs, ends = [], []
    for d in range(len(w)):
        reverse = direction == "reverse" or d == 1
        bias = np.zeros(2 * w.shape[1]) if b is None else b[d]
        state = [
            np.zeros((n_batch, n_hidden)) if s is None else np.array(s[d], float) for s in (h0, c0)
        ]
        step = _step(
            op,
            w[d],
            r[d],
            bias,
            functions[d * per : (d + 1) * per],
            None if peepholes is None else peepholes[d],
        )
        y = np.zeros((n_steps, n_batch, n_hidden))
        for k in range(n_steps):
            t = steps - 1 - k if reverse else np.full(n_batch, k)
            alive = (k < steps)[:, np.newaxis]
            t = np.clip(t, 0, n_steps - 1)
            after = step(x[t, np.arange(n_batch)], *state)
            state = [np.where(alive, new, old) for new, old in zip(after, state, strict=True)]
            rows = np.flatnonzero(alive[:, 0])
            y[t[rows], rows] = state[0][rows]
        outputs.append(y)
        ends.append(state)
    y = np.stack(outputs, axis=1)
    finals = [np.stack([end[i] for end in ends]) for i in range(2)]
    if op.attributes.get("layout", 0):
        y = y.transpose(2, 0, 1, 3)
        finals = [final.swapaxes(0, 1) for final in finals]
    return [y, *finals[: 2 if op.kind == "LSTM" else 1]]


def _function(name: str, alpha: float, beta: float) -> Callable[[FloatArray], FloatArray]:
    special: dict[str, Callable[[FloatArray], FloatArray]] = {
        "HardSigmoid": lambda v: np.clip(alpha * v + beta, 0.0, 1.0),
        "LeakyRelu": lambda v: np.where(v >= 0.0, v, alpha * v),
        "Elu": lambda v: np.where(v >= 0.0, v, alpha * (np.exp(np.minimum(v, 0.0)) - 1.0)),
        "Affine": lambda v: alpha * v + beta,
        "ScaledTanh": lambda v: alpha * np.tanh(beta * v),
        "ThresholdedRelu": lambda v: np.where(v > alpha, v, 0.0),
    }
    if name in special:
        return special[name]
    if name not in NAMES:
        raise ModelFileError(f"an activation {name}")
    return POINTWISE[NAMES[name]]


def _step(
    op: Operation,
    w: NDArray[Any],
    r: NDArray[Any],
    bias: NDArray[Any],
    functions: list[tuple[str, float, float]],
    peepholes: NDArray[Any] | None,
) -> Callable[..., list[FloatArray]]:
    """One step of one direction: x, h, c -> h, c."""
    clip = op.attributes.get("clip", 0.0) or np.inf
    f, *others = (_function(*item) for item in functions)
    m = r.shape[1]
    wb, rb = np.split(bias, 2)

    def gate(function: Callable[[FloatArray], FloatArray], v: FloatArray) -> FloatArray:
        return function(np.clip(v, -clip, clip))

    def rnn(x: FloatArray, h: FloatArray, c: FloatArray) -> list[FloatArray]:
        return [gate(f, x @ w.T + h @ r.T + wb + rb), c]

    def lstm(x: FloatArray, h: FloatArray, c: FloatArray) -> list[FloatArray]:
        i, o, forget, g = np.split(x @ w.T + h @ r.T + wb + rb, 4, axis=-1)
        pi, po, pf = np.zeros((3, m)) if peepholes is None else np.split(peepholes, 3)
        i = gate(f, i + pi * c)
        forget = 1.0 - i if op.attributes.get("input_forget") else gate(f, forget + pf * c)
        c = forget * c + i * gate(others[0], g)
        return [gate(f, o + po * c) * others[1](c), c]

    def gru(x: FloatArray, h: FloatArray, c: FloatArray) -> list[FloatArray]:
        a, n = x @ w.T + wb, 2 * m
        gates = gate(f, a[:, :n] + h @ r[:n].T + rb[:n])
        z, reset = np.split(gates, 2, axis=-1)
        if op.attributes.get("linear_before_reset", 0):
            inner = reset * (h @ r[n:].T + rb[n:])
        else:
            inner = (reset * h) @ r[n:].T + rb[n:]
        return [(1.0 - z) * gate(others[0], a[:, n:] + inner) + z * h, c]

    return {"RNN": rnn, "LSTM": lstm, "GRU": gru}[op.kind]
