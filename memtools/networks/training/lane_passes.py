"""Two-lane networks with the tape of their last forward pass: TwoLaneRNN, MRNNF, MRNN."""

from __future__ import annotations

import numpy as np

from memtools import fractional
from memtools._validate import FloatArray
from memtools.networks.activations import OUTPUT_ACTIVATIONS
from memtools.networks.network import State
from memtools.networks.past import extend, filter_sequence, newest
from memtools.networks.training import _kernels
from memtools.networks.training.cell_passes import (
    CellPasses,
    Gradient,
    contiguous,
    product,
    total,
    with_first,
)
from memtools.networks.training.losses import activation_slope


class LanePasses(CellPasses):
    """Two lanes, h fed with the inputs and m with a filter of them of fixed weights."""

    def _filter_weights(self) -> FloatArray:
        """(K, n_input), the weight of the current input first."""
        return self.p["weight_filter"]

    def _filter_gradient(self, d_weights: FloatArray) -> Gradient:
        return {"weight_filter": d_weights}

    def forward(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, (h, m, past) = self.p, state
        self.x, self._series = x, extend(past, len(x))
        self._series[past.shape[1] :] = x
        self._filtered = filter_sequence(self._series, self._filter_weights())
        self._h, self._m = with_first(h, len(x)), with_first(m, len(x))
        inputs = x @ p["weight_xh"].T + p["bias_h"], self._filtered @ p["weight_fm"].T + p["bias_m"]
        _kernels.rnn_forward(inputs[0], self.weight_t("weight_hh"), self._h, self.code)
        _kernels.rnn_forward(inputs[1], self.weight_t("weight_mm"), self._m, self.code)
        v = self._h[1:] @ p["weight_hz"].T + self._m[1:] @ p["weight_mz"].T + p["bias_z"]
        self._z = OUTPUT_ACTIVATIONS[self.cell.output_activation](v)
        end = self._h[-1].copy(), self._m[-1].copy(), newest(self._series, past.shape[1])
        return self._z, end

    def backward(self, dz: FloatArray) -> tuple[FloatArray, Gradient]:
        p, w = self.p, self._filter_weights()
        dv = activation_slope(self.cell.output_activation, self._z, dz)
        dv_h, dv_m = contiguous(dv @ p["weight_hz"]), contiguous(dv @ p["weight_mz"])
        _kernels.rnn_backward(self._h, contiguous(p["weight_hh"]), dv_h, self.code)
        _kernels.rnn_backward(self._m, contiguous(p["weight_mm"]), dv_m, self.code)
        gradient = lane_gradient(self, dv, dv_h, dv_m, self._h, self._m, self._filtered)
        d_filtered = dv_m @ p["weight_fm"]
        windows = np.lib.stride_tricks.sliding_window_view(self._series, len(w), axis=0)
        d_weights = np.einsum("tbi,tbik->ki", d_filtered, windows)[::-1]
        dx = dv_h @ p["weight_xh"]
        for j in range(min(len(w), len(dx))):
            dx[: len(dx) - j] += w[j] * d_filtered[j:]
        return dx, gradient | self._filter_gradient(d_weights)


def lane_gradient(
    passes: CellPasses,
    dv: FloatArray,
    dv_h: FloatArray,
    dv_m: FloatArray,
    h: FloatArray,
    m: FloatArray,
    filtered: FloatArray,
) -> Gradient:
    """Gradient of the parameters that all two-lane networks share."""
    return {
        "weight_mm": product(dv_m, m[:-1]),
        "bias_m": total(dv_m),
        "weight_fm": product(dv_m, filtered),
        "weight_hh": product(dv_h, h[:-1]),
        "bias_h": total(dv_h),
        "weight_xh": product(dv_h, passes.x),
        "weight_hz": product(dv, h[1:]),
        "bias_z": total(dv),
        "weight_mz": product(dv, m[1:]),
    }


class FixedMRNNPasses(LanePasses):
    """MRNNF: the weights of the filter are those of (1 - B)^d."""

    def _filter_weights(self) -> FloatArray:
        return fractional.weights(self.cell.d, self.cell.filter_length + 1)[:, 1:].T

    def _filter_gradient(self, d_weights: FloatArray) -> Gradient:
        return {"bias_d": logit_gradient(self.cell.d, d_weights)}


def logit_gradient(d: FloatArray, d_weights: FloatArray) -> FloatArray:
    """From the derivatives in the weights of lags 1..K, (K, n), to those in the logit of 2 d."""
    slopes = fractional.weight_slopes(d, len(d_weights) + 1)[:, 1:]
    return np.einsum("ki,ik->i", d_weights, slopes) * d * (1.0 - 2.0 * d)


class MovingMRNNPasses(CellPasses):
    """MRNN: d moves with the joint state (d, h, m)."""

    def forward(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, (h, m, d, past) = self.p, state
        self.x, self._series = x, extend(past, len(x))
        self._series[past.shape[1] :] = x
        drives = x @ p["weight_xd"].T + p["bias_d"], x @ p["weight_xh"].T + p["bias_h"]
        drive = np.concatenate([*drives, np.broadcast_to(p["bias_m"], drives[1].shape)], axis=-1)
        self._joint = with_first(np.concatenate([d, h, m], axis=-1), len(x))
        self._filtered, self._slope = np.empty(x.shape), np.empty(x.shape)
        self._recurrent = recurrent_matrix(p)
        weights_t = contiguous(self._recurrent.T), self.weight_t("weight_fm")
        tape = self._series, self._joint, self._filtered, self._slope
        _kernels.mrnn_forward(drive, *weights_t, *tape, self.code)
        _, h, m = self._split(self._joint)
        v = h[1:] @ p["weight_hz"].T + m[1:] @ p["weight_mz"].T + p["bias_z"]
        self._z = OUTPUT_ACTIVATIONS[self.cell.output_activation](v)
        d, h, m = (part.copy() for part in self._split(self._joint[-1]))
        return self._z, (h, m, d, newest(self._series, past.shape[1]))

    def backward(self, dz: FloatArray) -> tuple[FloatArray, Gradient]:
        p = self.p
        dv = activation_slope(self.cell.output_activation, self._z, dz)
        no_d = np.zeros(self.x.shape)
        adjoint = np.concatenate([no_d, dv @ p["weight_hz"], dv @ p["weight_mz"]], axis=-1)
        d_filtered, d_series = np.empty(self.x.shape), np.zeros(self._series.shape)
        tape = self._joint, self._slope, adjoint, d_filtered, d_series
        weight_fm = contiguous(p["weight_fm"])
        _kernels.mrnn_backward(self._recurrent, weight_fm, *tape, self.code)
        d, h, m = self._split(self._joint)
        dv_d, dv_h, dv_m = self._split(adjoint)
        gradient = lane_gradient(self, dv, dv_h, dv_m, h, m, self._filtered)
        gradient |= {
            "weight_dd": product(dv_d, d[:-1]),
            "bias_d": total(dv_d),
            "weight_hd": product(dv_d, h[:-1]),
            "weight_md": product(dv_d, m[:-1]),
            "weight_xd": product(dv_d, self.x),
        }
        dx = d_series[self.cell.filter_length - 1 :]
        return dx + dv_h @ p["weight_xh"] + dv_d @ p["weight_xd"], gradient

    def _split(self, joint: FloatArray) -> list[FloatArray]:
        n_input = self.cell.n_input
        return np.split(joint, [n_input, n_input + self.cell.n_hidden], axis=-1)


def recurrent_matrix(p: dict[str, FloatArray]) -> FloatArray:
    """What (d, h, m) adds to the pre-activations of its next value, but for the filter."""
    n_hidden, n_input = p["weight_fm"].shape
    none = np.zeros((n_hidden, n_hidden))
    return np.block(
        [
            [p["weight_dd"], p["weight_hd"], p["weight_md"]],
            [np.zeros((n_hidden, n_input)), p["weight_hh"], none],
            [np.zeros((n_hidden, n_input)), none, p["weight_mm"]],
        ]
    )
