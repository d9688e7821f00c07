"""Batches of sequences of unequal lengths through wide layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from memtools._validate import FloatArray
from memtools.networks.cells import LSTM, RNN
from memtools.networks.memory_cells import MLSTM, MRNN, TwoLaneRNN
from memtools.networks.network import Network
from memtools.networks.squashed import Squash, SquashedLSTM
from memtools.networks.stacks import Linear, Sequential
from memtools.networks.training.packed.layers import (
    PackedLanes,
    PackedLayer,
    PackedLinear,
    PackedLSTM,
    PackedMLSTM,
    PackedMRNN,
    PackedRNN,
    PackedSquash,
    PackedSquashedLSTM,
)
from memtools.networks.training.packed.packing import Array, Packing
from memtools.networks.training.passes import unflatten

__all__ = ["Array", "PackedNetwork", "Packing", "can_pack"]

_LAYERS: dict[type[Network], type[PackedLayer]] = {
    RNN: PackedRNN,
    LSTM: PackedLSTM,
    SquashedLSTM: PackedSquashedLSTM,
    TwoLaneRNN: PackedLanes,
    MRNN: PackedMRNN,
    MLSTM: PackedMLSTM,
    Linear: PackedLinear,
    Squash: PackedSquash,
}


def can_pack(network: Network) -> bool:
    """Whether the network has a pass over packed sequences."""
    if isinstance(network, Sequential):
        return all(can_pack(layer) for layer in network.layers)
    return type(network) in _LAYERS and getattr(network, "fixed_d", True)


class PackedNetwork:
    """A network, one layer or a Sequential, as a function of its flat parameters.

    Parameters
    ----------
    network : Network
        With ``can_pack(network)``; its kind counts, not its parameters.
    dtype : data type
        Of the passes; gradients are double precision.
    """

    def __init__(self, network: Network, dtype: Any) -> None:
        self._network, self._dtype = network, dtype
        self._layers: dict[str, PackedLayer] = {}

    def forward(self, theta: FloatArray, x: Array, packing: Packing) -> Array:
        """Outputs (n_rows, n_output) of inputs (n_steps, n_batch, n_input)."""
        network = self._network.replace(unflatten(self._network, theta))
        parts = {"": network}
        if isinstance(network, Sequential):
            parts = {f"{label}.": part for label, part in network.parts.items()}
        self._layers = {
            prefix: _LAYERS[type(part)](part, self._dtype) for prefix, part in parts.items()
        }
        rows = x[packing.mask].astype(self._dtype, copy=False)
        for layer in self._layers.values():
            rows = layer.forward(rows, packing)
        return rows

    def backward(self, dz: Array) -> FloatArray:
        """Gradient in theta, given dL/dz of the last forward pass."""
        gradient: dict[str, Array] = {}
        for prefix, layer in reversed(self._layers.items()):
            dz, own = layer.backward(dz)
            gradient |= {prefix + name: value for name, value in own.items()}
        flat = [gradient[name].ravel() for name in self._network.params]
        return np.concatenate(flat).astype(np.float64, copy=False)
