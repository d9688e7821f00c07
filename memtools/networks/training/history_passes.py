"""MLSTM, RWA and MIST with the tape of their last forward pass."""

from __future__ import annotations

import numpy as np

from memtools import fractional
from memtools._validate import FloatArray
from memtools.networks.network import State
from memtools.networks.past import extend, newest
from memtools.networks.training.cell_passes import (
    Gradient,
    ReadOutPasses,
    contiguous,
    product,
    total,
    with_first,
)
from memtools.networks.training.history import _kernels
from memtools.networks.training.lane_passes import logit_gradient


class FixedMLSTMPasses(ReadOutPasses):
    def _run(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        h, past = state
        n_lags = self.cell.filter_length
        self._gates = x @ self.p["weight_ih"].T + self.p["bias"]
        self._cells, self._states = extend(past, len(x)), with_first(h, len(x))
        self._w = contiguous(fractional.weights(self.cell.d, n_lags + 1)[:, 1:].T)
        weights = self.weight_t("weight_hh"), self._w
        _kernels.mlstm_fixed_forward(self._gates, *weights, self._states, self._cells, self.code)
        return self._states[1:], (self._states[-1].copy(), newest(self._cells, n_lags))

    def _run_back(self, adjoint: FloatArray) -> tuple[FloatArray, Gradient]:
        d_w, weight = np.zeros_like(self._w), contiguous(self.p["weight_hh"])
        tape = self._gates, weight, self._w, self._cells
        _kernels.mlstm_fixed_backward(*tape, adjoint, d_w, self.code)
        gradient = gate_gradient(self._gates, self.x, self._states[:-1])
        gradient["bias_d"] = logit_gradient(self.cell.d, d_w)
        return self._gates @ self.p["weight_ih"], gradient


def gate_gradient(dv: FloatArray, x: FloatArray, before: FloatArray) -> Gradient:
    """Gradient of the gates i, g, o."""
    return {"weight_ih": product(dv, x), "weight_hh": product(dv, before), "bias": total(dv)}


class MovingMLSTMPasses(ReadOutPasses):
    def _run(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, (h, d, past), n_lags = self.p, state, self.cell.filter_length
        self._gates, drive = x @ p["weight_ih"].T + p["bias"], x @ p["weight_xd"].T + p["bias_d"]
        self._cells, self._states = extend(past, len(x)), with_first(h, len(x))
        self._d, self._slope = with_first(d, len(x)), np.empty_like(drive)
        weight_hh_t, weight_hd_t = self.weight_t("weight_hh"), self.weight_t("weight_hd")
        recurrence = drive, weight_hd_t, self.weight_t("weight_dd"), n_lags
        tape = self._states, self._d, self._cells, self._slope
        _kernels.mlstm_forward(self._gates, weight_hh_t, *recurrence, *tape, self.code)
        end = self._states[-1].copy(), self._d[-1].copy(), newest(self._cells, n_lags)
        return self._states[1:], end

    def _run_back(self, adjoint: FloatArray) -> tuple[FloatArray, Gradient]:
        p, dv_d = self.p, np.empty_like(self._slope)
        weights = [contiguous(p[f"weight_{name}"]) for name in ("hh", "hd", "dd")]
        tape = self.cell.filter_length, self._d, self._cells, self._slope
        _kernels.mlstm_backward(self._gates, *weights, *tape, adjoint, dv_d, self.code)
        gradient = gate_gradient(self._gates, self.x, self._states[:-1])
        gradient |= {
            "bias_d": total(dv_d),
            "weight_xd": product(dv_d, self.x),
            "weight_hd": product(dv_d, self._states[:-1]),
            "weight_dd": product(dv_d, self._d[:-1]),
        }
        return self._gates @ p["weight_ih"] + dv_d @ p["weight_xd"], gradient


class RWAPasses(ReadOutPasses):
    def _run(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, (h, n, d, largest) = self.p, state
        self._u, a = x @ p["weight_xu"].T + p["bias_u"], x @ p["weight_xa"].T
        self._g = x @ p["weight_xg"].T + p["bias_g"]
        self._old, self._new = np.empty_like(a), np.empty_like(a)
        self._old[0] = largest
        self._states = np.stack([with_first(part, len(x)) for part in (h, n, d)])
        weights_t = self.weight_t("weight_hg"), self.weight_t("weight_ha")
        tape = self._states, self._old, self._new
        largest = _kernels.rwa_forward(self._u, self._g, a, *weights_t, *tape, self.code)
        return self._states[0, 1:], (*self._states[:, -1].copy(), largest)

    def _run_back(self, adjoint: FloatArray) -> tuple[FloatArray, Gradient]:
        p, x, before = self.p, self.x, self._states[0, :-1]
        weights = contiguous(p["weight_hg"]), contiguous(p["weight_ha"])
        tape = self._states, self._old, self._new
        _kernels.rwa_backward(self._u, self._g, *weights, *tape, adjoint, self.code)
        du, dg, da = self._u, self._g, self._new  # adjoints by now
        gradient = {
            "weight_xu": product(du, x),
            "bias_u": total(du),
            "weight_xg": product(dg, x),
            "weight_hg": product(dg, before),
            "bias_g": total(dg),
            "weight_xa": product(da, x),
            "weight_ha": product(da, before),
        }
        return du @ p["weight_xu"] + dg @ p["weight_xg"] + da @ p["weight_xa"], gradient


class MISTPasses(ReadOutPasses):
    def _run(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, (past,), self._n_past = self.p, state, self.cell.delays[-1]
        self._past = extend(past, len(x))
        self._a, self._r, v = (x @ p[f"weight_x{k}"].T + p[f"bias_{k}"] for k in "arh")
        self._mixed = np.empty_like(self._r)
        weights_t = [self.weight_t(f"weight_h{lane}") for lane in "arh"]
        tape = self._past, self._mixed
        _kernels.mist_forward(self._a, self._r, v, *weights_t, *tape, self.code)
        return self._past[self._n_past :], (newest(self._past, self._n_past),)

    def _run_back(self, adjoint: FloatArray) -> tuple[FloatArray, Gradient]:
        p, n_past, x = self.p, self._n_past, self.x
        gated, d_past = self._r * self._mixed, np.zeros_like(self._past)
        d_past[n_past:] = adjoint
        weights = [contiguous(p[f"weight_h{lane}"]) for lane in "arh"]
        tape = self._past, self._mixed, d_past
        _kernels.mist_backward(self._a, self._r, *weights, *tape, self.code)
        before, gradient, dx = self._past[n_past - 1 : -1], {}, np.zeros_like(x)
        adjoints = {"a": (self._a, before), "r": (self._r, before), "h": (d_past[n_past:], gated)}
        for lane, (dv, held) in adjoints.items():
            gradient[f"weight_x{lane}"] = product(dv, x)
            gradient[f"weight_h{lane}"] = product(dv, held)
            gradient[f"bias_{lane}"] = total(dv)
            dx += dv @ p[f"weight_x{lane}"]
        return dx, gradient
