"""Forward and backward pass of layers over packed sequences, in double or single precision.

A step of a wide layer is a few matrices for BLAS and NumPy's vectorised tanh: at 128 units and 64
sequences as fast as the compiled loops in double precision, twice as fast in single.  Sequences
start from the zero state.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from memtools import fractional
from memtools.networks.activations import ACTIVATIONS, OUTPUT_ACTIVATIONS
from memtools.networks.training.lane_passes import logit_gradient
from memtools.networks.training.losses import activation_slope
from memtools.networks.training.packed import _kernels
from memtools.networks.training.packed.packing import Array, Packing

Gradient = dict[str, Array]


class PackedLayer(ABC):
    """A layer with the tape of its last forward pass."""

    def __init__(self, network: Any, dtype: Any) -> None:
        self.network, self.dtype = network, dtype
        self.p = {name: value.astype(dtype) for name, value in network.params.items()}

    @abstractmethod
    def forward(self, x: Array, packing: Packing) -> Array:
        """Outputs (n_rows, n_output) of inputs (n_rows, n_input)."""

    @abstractmethod
    def backward(self, dz: Array) -> tuple[Array, Gradient]:
        """dL/dx and the gradient, given dL/dz."""


class PackedLinear(PackedLayer):
    def forward(self, x: Array, packing: Packing) -> Array:
        v = x @ self.p["weight"].T + self.p["bias"]
        self._x, self._z = x, OUTPUT_ACTIVATIONS[self.network.output_activation](v)
        return self._z

    def backward(self, dz: Array) -> tuple[Array, Gradient]:
        dv = activation_slope(self.network.output_activation, self._z, dz)
        return dv @ self.p["weight"], {"weight": dv.T @ self._x, "bias": dv.sum(axis=0)}


class PackedSquash(PackedLayer):
    def forward(self, x: Array, packing: Packing) -> Array:
        self._z = np.tanh(x)
        return self._z

    def backward(self, dz: Array) -> tuple[Array, Gradient]:
        return activation_slope("tanh", self._z, dz), {}


class PackedCell(PackedLayer):
    """A cell whose read-out, if it has one, is z = g(W_hz h + b_z)."""

    def forward(self, x: Array, packing: Packing) -> Array:
        self.x, self.packing = x, packing
        self.states = packing.states(self.network.n_hidden, self.dtype)
        self.sigma = ACTIVATIONS[self.network.activation]
        self._run()
        self._z = self.states[packing.n_batch :]
        if "weight_hz" in self.p:
            v = self._z @ self.p["weight_hz"].T + self.p["bias_z"]
            self._z = OUTPUT_ACTIVATIONS[self.network.output_activation](v)
        return self._z

    def backward(self, dz: Array) -> tuple[Array, Gradient]:
        if "weight_hz" not in self.p:
            return self._run_back(dz.copy())
        dv = activation_slope(self.network.output_activation, self._z, dz)
        dx, gradient = self._run_back(dv @ self.p["weight_hz"])
        gradient["weight_hz"] = dv.T @ self.states[self.packing.n_batch :]
        gradient["bias_z"] = dv.sum(axis=0)
        return dx, gradient

    @abstractmethod
    def _run(self) -> None:
        """Fill in the states."""

    @abstractmethod
    def _run_back(self, adjoint: Array) -> tuple[Array, Gradient]:
        """dL/dx and the gradient, given dL/dh from above, which may be written over."""

    def slope(self, value: Array, adjoint: Array) -> Array:
        """dL/dv of sigma(v), given its value and dL/dsigma."""
        return activation_slope(self.network.activation, value, adjoint)

    def torch_gradient(self, dv: Array) -> tuple[Array, Gradient]:
        """dL/dx and the four tensors of PyTorch's cells."""
        bias = dv.sum(axis=0)
        gradient = {
            "weight_ih": dv.T @ self.x,
            "weight_hh": dv.T @ self.states[self.packing.before],
            "bias_ih": bias,
            "bias_hh": bias,
        }
        return dv @ self.p["weight_ih"], gradient


class PackedRNN(PackedCell):
    def _run(self) -> None:
        inputs = self.x @ self.p["weight_ih"].T + (self.p["bias_ih"] + self.p["bias_hh"])
        run_lane(inputs, self.p["weight_hh"], self.states, self)

    def _run_back(self, adjoint: Array) -> tuple[Array, Gradient]:
        run_lane_back(adjoint, self.p["weight_hh"], self.states, self)
        return self.torch_gradient(adjoint)


def run_lane(inputs: Array, weight: Array, states: Array, cell: Any) -> None:
    """h_t = sigma(inputs_t + W h_{t-1})."""
    weight_t = np.ascontiguousarray(weight.T)
    for rows, before, after, _ in cell.packing.steps:
        states[after] = cell.sigma(inputs[rows] + states[before] @ weight_t)


def run_lane_back(adjoint: Array, weight: Array, states: Array, cell: Any) -> None:
    """`adjoint` comes as dL/dh_t from above and leaves as that of the pre-activation."""
    later = np.zeros((cell.packing.n_batch, adjoint.shape[1]), adjoint.dtype)
    for rows, _, after, n in reversed(cell.packing.steps):
        adjoint[rows] = cell.slope(states[after], adjoint[rows] + later[:n])
        np.dot(adjoint[rows], weight, out=later[:n])


class PackedLSTM(PackedCell):
    _squash = False  # h_t = tanh(s(o) sigma(c_t))

    def _run(self) -> None:
        p, n = self.p, self.network.n_hidden
        self._gates = self.x @ p["weight_ih"].T + (p["bias_ih"] + p["bias_hh"])
        self._cells, weight_t = np.zeros_like(self.states), np.ascontiguousarray(p["weight_hh"].T)
        for rows, before, after, _ in self.packing.steps:
            gate = self._gates[rows]
            gate += self.states[before] @ weight_t
            i, f, g, o = np.split(gate, 4, axis=1)
            logistic(gate[:, : 2 * n])
            logistic(o)
            g[:] = self.sigma(g)
            self._cells[after] = f * self._cells[before] + i * g
            h = o * self.sigma(self._cells[after])
            self.states[after] = np.tanh(h) if self._squash else h

    def _run_back(self, adjoint: Array) -> tuple[Array, Gradient]:
        weight, n_batch = self.p["weight_hh"], self.packing.n_batch
        later, dc_later = np.zeros((2, n_batch, self.network.n_hidden), self.dtype)
        for rows, before, after, n in reversed(self.packing.steps):
            gate = self._gates[rows]
            i, f, g, o = np.split(gate, 4, axis=1)
            out = self.sigma(self._cells[after])
            dh = adjoint[rows] + later[:n]
            if self._squash:
                dh = activation_slope("tanh", self.states[after], dh)
            dc = dc_later[:n] + self.slope(out, dh * o)
            np.multiply(dc, f, out=dc_later[:n])
            dg = self.slope(g, dc * i)
            i *= dc * g * (1.0 - i)
            f *= dc * self._cells[before] * (1.0 - f)
            g[:] = dg
            o *= dh * out * (1.0 - o)
            np.dot(gate, weight, out=later[:n])
        return self.torch_gradient(self._gates)


class PackedSquashedLSTM(PackedLSTM):
    _squash = True


def logistic(v: Array) -> None:
    """In place, by tanh so that no argument overflows."""
    v *= 0.5
    np.tanh(v, out=v)
    v *= 0.5
    v += 0.5


def lag_weights(cell: Any, dtype: Any) -> Array:
    """(K, n) weights of (1 - B)^d from lag 1 on."""
    w = fractional.weights(cell.d, cell.filter_length + 1)[:, 1:].T
    return np.array(w, dtype, order="C")


class PackedMLSTM(PackedCell):
    """MLSTMF: the memory parameter is constant."""

    def _run(self) -> None:
        p, n_batch = self.p, self.packing.n_batch
        self._gates, self._w = (
            self.x @ p["weight_ih"].T + p["bias"],
            lag_weights(self.network, self.dtype),
        )
        self._cells = np.zeros_like(self.states[n_batch:])
        weight_t, memory = (
            np.ascontiguousarray(p["weight_hh"].T),
            np.empty_like(self.states[:n_batch]),
        )
        for t, (rows, before, after, n) in enumerate(self.packing.steps):
            gate = self._gates[rows]
            gate += self.states[before] @ weight_t
            i, g, o = np.split(gate, 3, axis=1)
            logistic(i)
            logistic(o)
            g[:] = self.sigma(g)
            _kernels.filter_step(self._cells, self.packing.offsets, t, self._w, 1, memory[:n])
            self._cells[rows] = i * g - memory[:n]
            self.states[after] = o * self.sigma(self._cells[rows])

    def _run_back(self, adjoint: Array) -> tuple[Array, Gradient]:
        later, offsets = np.zeros_like(self.states[: self.packing.n_batch]), self.packing.offsets
        d_cells, d_w = np.zeros_like(self._cells), np.zeros_like(self._w)
        for t in reversed(range(len(self.packing.steps))):
            rows, _, _, n = self.packing.steps[t]
            gate = self._gates[rows]
            i, g, o = np.split(gate, 3, axis=1)
            out = self.sigma(self._cells[rows])
            dh = adjoint[rows] + later[:n]
            d_cells[rows] += self.slope(out, dh * o)
            dc = d_cells[rows]
            dg = self.slope(g, dc * i)
            i *= dc * g * (1.0 - i)
            g[:] = dg
            o *= dh * out * (1.0 - o)
            _kernels.filter_step_backward(self._cells, offsets, t, self._w, 1, -dc, d_cells, d_w)
            np.dot(gate, self.p["weight_hh"], out=later[:n])
        dv = self._gates
        gradient = {
            "weight_ih": dv.T @ self.x,
            "weight_hh": dv.T @ self.states[self.packing.before],
            "bias": dv.sum(axis=0),
            "bias_d": logit_gradient(self.network.d, d_w),
        }
        return dv @ self.p["weight_ih"], gradient


class PackedLanes(PackedLayer):
    """Two lanes, h fed with the inputs and m with a filter of them."""

    def _filter_weights(self) -> Array:
        return self.p["weight_filter"]

    def _filter_gradient(self, d_w: Array) -> Gradient:
        return {"weight_filter": d_w}

    def slope(self, value: Array, adjoint: Array) -> Array:
        return activation_slope(self.network.activation, value, adjoint)

    def forward(self, x: Array, packing: Packing) -> Array:
        p, n = self.p, self.network.n_hidden
        self.x, self.packing, self._w = x, packing, self._filter_weights()
        self.sigma, self._filtered = ACTIVATIONS[self.network.activation], np.empty_like(x)
        _kernels.filter_all(x, packing.offsets, self._w, 0, self._filtered)
        self._h, self._m = packing.states(n, self.dtype), packing.states(n, self.dtype)
        run_lane(x @ p["weight_xh"].T + p["bias_h"], p["weight_hh"], self._h, self)
        run_lane(self._filtered @ p["weight_fm"].T + p["bias_m"], p["weight_mm"], self._m, self)
        h, m = self._h[packing.n_batch :], self._m[packing.n_batch :]
        v = h @ p["weight_hz"].T + m @ p["weight_mz"].T + p["bias_z"]
        self._z = OUTPUT_ACTIVATIONS[self.network.output_activation](v)
        return self._z

    def backward(self, dz: Array) -> tuple[Array, Gradient]:
        p, before, n_batch = self.p, self.packing.before, self.packing.n_batch
        dv = activation_slope(self.network.output_activation, self._z, dz)
        dv_h, dv_m = dv @ p["weight_hz"], dv @ p["weight_mz"]
        run_lane_back(dv_h, p["weight_hh"], self._h, self)
        run_lane_back(dv_m, p["weight_mm"], self._m, self)
        dx, d_w, adjoint = dv_h @ p["weight_xh"], np.zeros_like(self._w), dv_m @ p["weight_fm"]
        _kernels.filter_all_backward(self.x, self.packing.offsets, self._w, 0, adjoint, dx, d_w)
        gradient = {
            "weight_mm": dv_m.T @ self._m[before],
            "bias_m": dv_m.sum(axis=0),
            "weight_fm": dv_m.T @ self._filtered,
            "weight_hh": dv_h.T @ self._h[before],
            "bias_h": dv_h.sum(axis=0),
            "weight_xh": dv_h.T @ self.x,
            "weight_hz": dv.T @ self._h[n_batch:],
            "bias_z": dv.sum(axis=0),
            "weight_mz": dv.T @ self._m[n_batch:],
        }
        return dx, gradient | self._filter_gradient(d_w)


class PackedMRNN(PackedLanes):
    """MRNNF: the weights of the filter are those of (1 - B)^d."""

    def _filter_weights(self) -> Array:
        return lag_weights(self.network, self.dtype)

    def _filter_gradient(self, d_w: Array) -> Gradient:
        return {"bias_d": logit_gradient(self.network.d, d_w)}
