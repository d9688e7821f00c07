"""Gate values of the cells along data."""

from __future__ import annotations

import numpy as np

from memtools._validate import FloatArray
from memtools.networks.network import Network


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
    inputs = np.ascontiguousarray(x[:, np.newaxis])
    gates = network.record(inputs, network.initial_state(1)).gates
    return {name: values.ravel() for name, values in gates.items()}
