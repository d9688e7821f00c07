"""MinimalGRU: a gated cell whose gate looks at the input alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar

import numpy as np

from memtools._validate import FloatArray
from memtools.networks._parameters import READ_OUT, Shapes
from memtools.networks.activations import ACTIVATIONS, activation_slope, positive, sigmoid
from memtools.networks.network import State
from memtools.networks.recurrent_cell import Cell
from memtools.networks.tangents import spectral_radius
from memtools.networks.tapes import (
    Gradient,
    Tape,
    affine,
    owed,
    product,
    total,
    with_first,
)
from memtools.results.networks import ErgodicityReport

CANDIDATES = {**ACTIVATIONS, "positive": positive}
GATE_AND_CANDIDATE: Shapes = {
    "weight_update": ("H I", "I"),
    "bias_update": ("H", "I"),
    "weight_candidate": ("H I", "I"),
    "bias_candidate": ("H", "I"),
}


_INPUTS = ("update", "candidate")


class InputGated(Cell):
    """A cell whose gate u and candidate c are of the input alone."""

    @property
    def constant_gates(self) -> bool:
        return not self.params["weight_update"].any()

    def _gate_and_candidate(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        u, c = (affine(x, self.params[f"weight_{k}"], self.params[f"bias_{k}"]) for k in _INPUTS)
        return sigmoid(u), CANDIDATES[self.activation](c)

    def _back(
        self, x: FloatArray, u: FloatArray, c: FloatArray, du: FloatArray, dc: FloatArray
    ) -> tuple[Gradient, Callable[[], FloatArray]]:
        """From the adjoints of u and c, both of the first steps."""
        p, n = self.params, len(du)
        adjoints = du * u[:n] * (1.0 - u[:n]), activation_slope(self.activation, c[:n], dc)
        dv = dict(zip(_INPUTS, adjoints, strict=True))
        gradient = {f"weight_{k}": product(v, x[:n]) for k, v in dv.items()}
        gradient |= {f"bias_{k}": total(v) for k, v in dv.items()}
        return gradient, lambda: np.sum([owed(v, p[f"weight_{k}"]) for k, v in dv.items()], axis=0)


class MinimalGRU(InputGated):
    """Minimal gated recurrent unit: gate and candidate of the input alone.

    h_t = (1 - u_t) h_{t-1} + u_t c_t,  u_t = s(W_u x_t + b_u),  c_t = sigma(W_c x_t + b_c),
    z_t = g(W_hz h_t + b_z), s the logistic function.

    Parameters
    ----------
    params : mapping of str to array_like
        weight_update (H, I), bias_update (H,), weight_candidate (H, I), bias_candidate (H,); and,
        unless the outputs are the hidden units, weight_hz (O, H), bias_z (O,).
    activation : {"tanh", "sigmoid", "relu", "identity", "positive"}
        Of the candidate; the paper's minGRU has "identity", its version in log space "positive":
        v + 1/2 for v >= 0, else s(v) (appendix B.3).
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"}

    Notes
    -----
    The state is (h,), of shape (n_batch, H).  Along given inputs it is linear in h: a product of
    gates, one unit for itself.

    References
    ----------
    Feng, L., Tung, F., Ahmed, M. O., Bengio, Y. and Hajimirsadeghi, H. (2024). Were RNNs all we
    needed? arXiv 2410.01201, section 3.1.

    Examples
    --------
    >>> import numpy as np
    >>> from memtools import networks
    >>> cell = networks.MinimalGRU.initialise(1, 2, 1, rng=0)
    >>> outputs, state = cell.forward(np.ones((5, 1)))
    >>> outputs.shape
    (5, 1)
    """

    _shapes: ClassVar[Shapes] = {**GATE_AND_CANDIDATE, **READ_OUT}
    state_names = ("h",)
    _activations = tuple(CANDIDATES)

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        (u, c), (h,) = self._gate_and_candidate(x), state
        h = (1.0 - u) * h + u * c
        return self.read_out(h), (h,)

    def _run_hidden(self, x: FloatArray, *state: FloatArray) -> Tape:
        from memtools.networks import gated_kernels as kernels

        (u, c), h = self._gate_and_candidate(x), with_first(state[0], len(x))
        kernels.scan(1.0 - u, u * c, h)

        def backward(dh: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            n, total_dh = len(dh), with_first(np.zeros_like(dh[0]), len(dh))
            # what h_t owes to all later steps: the same recurrence backward
            decay = np.concatenate([np.zeros((1, *u.shape[1:])), (1.0 - u[1:n])[::-1]])
            kernels.scan(decay, np.ascontiguousarray(dh[::-1]), total_dh)
            dh = total_dh[:0:-1]
            return self._back(x, u, c, dh * (c[:n] - h[:n]), dh * u[:n])

        return Tape(h[1:], (h[-1].copy(),), backward, {"update gate": u})

    def rates(self) -> FloatArray:
        return np.logaddexp(0.0, self.params["bias_update"])  # -log(1 - s(b))

    def theorem(self, input_bound: float, feedback: bool) -> ErgodicityReport:
        """Theorem 1: |h| <= (1 - u) |h'| + u |c| with u between its bounds for bounded inputs."""
        p, n = self.params, self.n_hidden
        reach = input_bound * np.abs(p["weight_update"]).sum(axis=1)
        kept = 1.0 - sigmoid(p["bias_update"] - reach)
        matrix = np.diag(kept)
        if feedback and not self.bounded and self.output_bound(math.inf) == math.inf:
            taken = sigmoid(p["bias_update"] + reach)[:, np.newaxis] * np.abs(p["weight_candidate"])
            lower = np.hstack([taken, matrix])
            read = np.abs(p["weight_hz"]) if "weight_hz" in p else np.eye(n)
            matrix = np.vstack([read @ lower, lower])
        radius = spectral_radius(matrix)
        values = {"spectral radius of N, gates at their bounds": radius}
        reason = f"Inputs bounded by {input_bound:g}."
        return ErgodicityReport.of(radius < 1.0, "Theorem 1", radius, values, reason)
