"""Gate values of the cells along data."""

from __future__ import annotations

import numpy as np

from memtools._validate import FloatArray
from memtools.networks.activations import sigmoid
from memtools.networks.cells import GRU, LSTM
from memtools.networks.history_cells import MIST
from memtools.networks.memory_cells import MLSTM, MRNN
from memtools.networks.network import Cell, Network
from memtools.networks.stacks import Sequential

# gate -> rows of the pre-activations that hold it
_LSTM = {"input gate": 0, "forget gate": 1, "output gate": 3}
_GRU = {"reset gate": 0, "update gate": 1}
_MLSTM = {"input gate": 0, "output gate": 2}


def gate_values(network: Network, x: FloatArray) -> dict[str, FloatArray]:
    """Values of each gate at all steps and units, from the zero state.

    Parameters
    ----------
    network : Network
        Causal.
    x : ndarray, shape (n_steps, n_input)

    Returns
    -------
    dict of str to ndarray
        One-dimensional arrays, steps first; empty for cells without gates.  The moving memory
        parameter d of MRNN and MLSTM is listed too.  Of several layers, each has its number
        before the name of the gate.
    """
    if not isinstance(network, Sequential):
        return _of_cell(network, x)
    found: dict[str, FloatArray] = {}
    for number, layer in enumerate(network.layers):
        found |= {f"layer {number} {name}": v for name, v in _of_cell(layer, x).items()}
        x = layer.forward(x)[0]
    return found


def _of_cell(cell: Network, x: FloatArray) -> dict[str, FloatArray]:
    if isinstance(cell, LSTM):
        return _blocks(_logits(cell, x), 4, _LSTM)
    if isinstance(cell, GRU):
        return _blocks(_logits(cell, x), 3, _GRU)
    if isinstance(cell, MIST):
        p, before = cell.params, _hidden_before(cell, x)
        v = x @ p["weight_xr"].T + before @ p["weight_hr"].T + p["bias_r"]
        return {"reset gate": sigmoid(v).ravel()}
    if isinstance(cell, MLSTM):
        return _blocks(_logits(cell, x), 3, _MLSTM) | _moving_d(cell, x)
    return _moving_d(cell, x) if isinstance(cell, MRNN) else {}


def _blocks(logits: FloatArray, n: int, gates: dict[str, int]) -> dict[str, FloatArray]:
    parts = np.split(logits, n, axis=1)
    return {name: sigmoid(parts[block]).ravel() for name, block in gates.items()}


def _hidden_before(cell: Cell, x: FloatArray) -> FloatArray:
    """Hidden units one step before each input: the outputs of the cell without its read-out."""
    params = {key: value for key, value in cell.params.items() if key not in cell._optional}
    h = type(cell)(params, **cell.options).forward(x)[0]
    return np.concatenate([np.zeros((1, cell.n_hidden)), h[:-1]])


def _logits(cell: Cell, x: FloatArray) -> FloatArray:
    p = cell.params
    v = x @ p["weight_ih"].T + _hidden_before(cell, x) @ p["weight_hh"].T
    return v + sum(p[name] for name in ("bias", "bias_ih", "bias_hh") if name in p)


def _moving_d(cell: MRNN | MLSTM, x: FloatArray) -> dict[str, FloatArray]:
    if cell.fixed_d:
        return {}
    p = cell.params
    if isinstance(cell, MLSTM):
        drive = _hidden_before(cell, x) @ p["weight_hd"].T
    else:
        h, m = np.split(_lanes_before(cell, x), 2, axis=1)
        drive = h @ p["weight_hd"].T + m @ p["weight_md"].T
    drive += x @ p["weight_xd"].T + p["bias_d"]
    d, values = np.zeros(drive.shape[1]), np.empty_like(drive)
    for t, now in enumerate(drive):
        d = 0.5 * sigmoid(now + p["weight_dd"] @ d)
        values[t] = d
    return {"memory parameter d": values.ravel()}


def _lanes_before(cell: MRNN, x: FloatArray) -> FloatArray:
    """Both lanes one step before each input: read out by the identity."""
    eye = np.eye(2 * cell.n_hidden)
    weight_hz, weight_mz = np.split(eye, 2, axis=1)
    read = {"weight_hz": weight_hz, "weight_mz": weight_mz, "bias_z": np.zeros(len(eye))}
    options = {**cell.options, "output_activation": "identity"}
    lanes = type(cell)({**cell.params, **read}, **options).forward(x)[0]
    return np.concatenate([np.zeros((1, len(eye))), lanes[:-1]])
