"""What goes on inside a network along data: eigenvalues of its recurrence, values of its gates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memtools._validate import FloatArray
from memtools.networks.activations import sigmoid
from memtools.networks.cells import GRU, LSTM, RNN
from memtools.networks.memory_cells import MLSTM, MRNN
from memtools.networks.network import Cell, Network, State
from memtools.networks.stacks import Bidirectional, Sequential
from memtools.networks.tangents import STEP, flatten, is_linear, loop_matrix, unflatten

# A Jacobian of a larger state costs more than it shows.
_LARGEST_STATE = 600
_N_ANCHORS = 30
_MOST_STEPS = 2000
# cell -> blocks of its stacked gate weights, names of the logistic ones
_GATES: tuple[tuple[type[Network], int, dict[str, int]], ...] = (
    (LSTM, 4, {"input": 0, "forget": 1, "output": 3}),
    (GRU, 3, {"reset": 0, "update": 1}),
    (MLSTM, 3, {"input": 0, "output": 2}),
)


def recurrence_eigenvalues(network: Network, x: FloatArray) -> tuple[NDArray[np.complex128], str]:
    """Eigenvalues of the map from one state to the next, and what they are eigenvalues of.

    Of the matrix itself for a linear network; else of the Jacobian d s_t / d s_{t-1}, averaged
    over 30 times along data of shape (n_steps, n_input).  None for a network without a state,
    one that sees the future, or a state of more than 600 numbers.
    """
    none = np.empty(0, dtype=complex)
    if isinstance(network, Bidirectional) or not 0 < _state_size(network) <= _LARGEST_STATE:
        return none, ""
    if isinstance(network, Sequential) and any(
        isinstance(layer, Bidirectional) for layer in network.layers
    ):
        return none, ""
    if is_linear(network):
        return np.linalg.eigvals(loop_matrix(network, False)).astype(complex), "state matrix"
    if isinstance(network, RNN) and not x.any():
        return np.linalg.eigvals(network.params["weight_hh"]).astype(complex), "recurrent weights"
    jacobian = np.mean(list(_jacobians(network, x[:_MOST_STEPS])), axis=0)
    return np.linalg.eigvals(jacobian).astype(complex), "mean Jacobian of the state on the input"


def _state_size(network: Network) -> int:
    return int(flatten(network.initial_state(1)).shape[1])


def _jacobians(network: Network, x: FloatArray) -> list[FloatArray]:
    """d s_t / d s_{t-1} at evenly spaced times after the first tenth."""
    like = network.initial_state(1)
    size = _state_size(network)
    anchors = set(np.linspace(len(x) // 10, len(x) - 1, min(_N_ANCHORS, len(x))).astype(int))
    state, found = like, []
    for t, now in enumerate(x):
        if t in anchors:
            seeds = flatten(state) + 1j * STEP * np.eye(size)
            inputs = np.repeat(now[np.newaxis].astype(complex), size, axis=0)
            after = flatten(network.step(inputs, unflatten(seeds, like))[1])
            found.append(after.imag.T / STEP)
        state = network.step(now[np.newaxis], state)[1]
    return found


def gate_values(network: Network, x: FloatArray) -> dict[str, FloatArray]:
    """Values of the gates of the first gated layer along data, pooled over its units.

    For MRNN and MLSTM with a memory parameter that varies, "memory parameter d" too.  Empty for
    networks without gates.
    """
    layers = network.layers if isinstance(network, Sequential) else (network,)
    seen = x[:_MOST_STEPS]
    for layer in layers:
        found = _gates_of(layer, seen)
        if found:
            return found
        seen = layer.forward(seen)[0]
    return {}


def _gates_of(cell: Network, x: FloatArray) -> dict[str, FloatArray]:
    blocks = next((entry for entry in _GATES if isinstance(cell, entry[0])), None)
    varies = isinstance(cell, MRNN | MLSTM) and not cell.fixed_d
    if not isinstance(cell, Cell) or (blocks is None and not varies):
        return {}
    hidden, orders = _states(cell, x)
    values = {}
    if blocks is not None:
        _, n_blocks, gates = blocks
        p = cell.params
        bias = p["bias"] if "bias" in p else p["bias_ih"] + p["bias_hh"]
        drive = x @ p["weight_ih"].T + hidden @ p["weight_hh"].T + bias
        parts = np.split(sigmoid(drive), n_blocks, axis=-1)
        values = {f"{name} gate": parts[block].ravel() for name, block in gates.items()}
    if varies:
        values["memory parameter d"] = orders.ravel()
    return values


def _states(cell: Cell, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Hidden units before, and memory parameters (where they vary) after, each step."""
    state: State = cell.initial_state(1)
    hidden, orders = [], []
    for now in x:
        hidden.append(state[cell.state_names.index("h")][0])
        state = cell.step(now[np.newaxis], state)[1]
        if "d" in cell.state_names:
            orders.append(state[cell.state_names.index("d")][0])
    return np.array(hidden), np.array(orders)
