"""Forward and backward pass of any network: cells, Linear, Sequential, Bidirectional."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.cells import GRU, LSTM, RNN
from memtools.networks.history_cells import MIST, RWA
from memtools.networks.memory_cells import MLSTM, MRNN, TwoLaneRNN
from memtools.networks.network import Cell, Network, State
from memtools.networks.stacks import Bidirectional, Linear, Sequential
from memtools.networks.training.cell_passes import (
    CellPasses,
    Gradient,
    GRUPasses,
    LSTMPasses,
    RNNPasses,
    product,
    total,
)
from memtools.networks.training.history_passes import (
    FixedMLSTMPasses,
    MISTPasses,
    MovingMLSTMPasses,
    RWAPasses,
)
from memtools.networks.training.lane_passes import FixedMRNNPasses, LanePasses, MovingMRNNPasses
from memtools.networks.training.losses import activation_slope
from memtools.networks.training.passes import unflatten

_PASSES: dict[type[Cell], type[CellPasses]] = {
    RNN: RNNPasses,
    LSTM: LSTMPasses,
    GRU: GRUPasses,
    TwoLaneRNN: LanePasses,
    RWA: RWAPasses,
    MIST: MISTPasses,
}
_FILTER_PASSES: dict[tuple[type[Cell], bool], type[CellPasses]] = {
    (MRNN, True): FixedMRNNPasses,
    (MRNN, False): MovingMRNNPasses,
    (MLSTM, True): FixedMLSTMPasses,
    (MLSTM, False): MovingMLSTMPasses,
}


class Layer(Protocol):
    """A network with the tape of its last forward pass."""

    def forward(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        """Outputs (n_steps, n_batch, n_output) and the state after the last step."""

    def backward(self, dz: FloatArray) -> tuple[FloatArray, Gradient]:
        """dL/dx and the gradient, given dL/dz."""


class LayeredNetwork:
    """Any network as `Passes`."""

    def __init__(self, network: Network) -> None:
        layer_of(network)  # refuse early what has no backward pass
        self._network, self._n_steps = network, 0

    def forward(
        self, theta: FloatArray, x: FloatArray, state: State | None = None
    ) -> tuple[FloatArray, State | None]:
        network = self._network.replace(unflatten(self._network, theta))
        self._layer, self._n_steps = layer_of(network), len(x)
        return self._layer.forward(x, network.initial_state(x.shape[1]) if state is None else state)

    def backward(self, theta: FloatArray, x: FloatArray, dz: FloatArray) -> FloatArray:
        padded = np.zeros((self._n_steps, *dz.shape[1:]))
        padded[: len(dz)] = dz  # steps that follow have no part in the loss
        gradient = self._layer.backward(padded)[1]
        return np.concatenate([gradient[name].ravel() for name in self._network.params])


def layer_of(network: Network) -> Layer:
    """The layer that runs a network backward."""
    if isinstance(network, Sequential):
        return SequentialLayer(network)
    if isinstance(network, Bidirectional):
        return BidirectionalLayer(network)
    if isinstance(network, Linear):
        return LinearLayer(network)
    if isinstance(network, Cell) and type(network) in _PASSES:
        return _PASSES[type(network)](network)
    if isinstance(network, MRNN | MLSTM):
        return _FILTER_PASSES[type(network), network.fixed_d](network)
    raise InvalidInputError("network", "made of the cells and layers of memtools", repr(network))


class LinearLayer:
    def __init__(self, network: Linear) -> None:
        self._network = network

    def forward(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        self._x, self._z = x, self._network.step(x, state)[0]
        return self._z, state

    def backward(self, dz: FloatArray) -> tuple[FloatArray, Gradient]:
        dv = activation_slope(self._network.output_activation, self._z, dz)
        gradient = {"weight": product(dv, self._x), "bias": total(dv)}
        return dv @ self._network.params["weight"], gradient


class SequentialLayer:
    def __init__(self, network: Sequential) -> None:
        self._layers = [layer_of(layer) for layer in network.layers]

    def forward(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        end = []
        for layer, part in zip(self._layers, state, strict=True):
            x, after = layer.forward(x, part)
            end.append(after)
        return x, tuple(end)

    def backward(self, dz: FloatArray) -> tuple[FloatArray, Gradient]:
        gradient: Gradient = {}
        for i in reversed(range(len(self._layers))):
            dz, own = self._layers[i].backward(dz)
            gradient |= {f"{i}.{name}": value for name, value in own.items()}
        return dz, gradient


class BidirectionalLayer:
    def __init__(self, network: Bidirectional) -> None:
        self._ahead, self._back = layer_of(network.forward_layer), layer_of(network.backward_layer)
        self._n_ahead = network.forward_layer.n_output

    def forward(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        ahead, end_ahead = self._ahead.forward(x, state[0])
        back, end_back = self._back.forward(np.ascontiguousarray(x[::-1]), state[1])
        return np.concatenate([ahead, back[::-1]], axis=-1), (end_ahead, end_back)

    def backward(self, dz: FloatArray) -> tuple[FloatArray, Gradient]:
        dx, ahead = self._ahead.backward(dz[..., : self._n_ahead])
        dx_back, back = self._back.backward(dz[::-1, :, self._n_ahead :])
        gradient = {f"forward.{name}": value for name, value in ahead.items()}
        return dx + dx_back[::-1], gradient | {f"backward.{name}": v for name, v in back.items()}
