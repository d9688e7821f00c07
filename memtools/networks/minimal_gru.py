"""MinimalGRU: a gated cell whose gate looks at the input alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar

import numpy as np

from memtools._validate import FloatArray
from memtools.networks._parameters import Shapes
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

_CANDIDATES = {**ACTIVATIONS, "positive": positive}


class MinimalGRU(Cell):
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

    _shapes: ClassVar[Shapes] = {
        "weight_update": ("H I", "I"),
        "bias_update": ("H", "I"),
        "weight_candidate": ("H I", "I"),
        "bias_candidate": ("H", "I"),
        "weight_hz": ("O H", "H"),
        "bias_z": ("O", "H"),
    }
    state_names = ("h",)
    _activations = tuple(_CANDIDATES)

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, (h,) = self.params, state
        u = sigmoid(x @ p["weight_update"].T + p["bias_update"])
        c = _CANDIDATES[self.activation](x @ p["weight_candidate"].T + p["bias_candidate"])
        h = (1.0 - u) * h + u * c
        return self.read_out(h), (h,)

    def _run_hidden(self, x: FloatArray, *state: FloatArray) -> Tape:
        from memtools.networks import gated_kernels as kernels

        p, h = self.params, with_first(state[0], len(x))
        u = sigmoid(affine(x, p["weight_update"], p["bias_update"]))
        c = _CANDIDATES[self.activation](affine(x, p["weight_candidate"], p["bias_candidate"]))
        kernels.scan(1.0 - u, u * c, h)

        def backward(dh: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            n, total_dh = len(dh), with_first(np.zeros_like(dh[0]), len(dh))
            # what h_t owes to all later steps: the same recurrence backward
            decay = np.concatenate([np.zeros((1, *u.shape[1:])), (1.0 - u[1:n])[::-1]])
            kernels.scan(decay, np.ascontiguousarray(dh[::-1]), total_dh)
            dh = total_dh[:0:-1]
            dv_u = dh * (c[:n] - h[:n]) * u[:n] * (1.0 - u[:n])
            dv_c = activation_slope(self.activation, c[:n], dh * u[:n])
            gradient = {
                "weight_update": product(dv_u, x[:n]),
                "bias_update": total(dv_u),
                "weight_candidate": product(dv_c, x[:n]),
                "bias_candidate": total(dv_c),
            }
            return (
                gradient,
                lambda: owed(dv_u, p["weight_update"]) + owed(dv_c, p["weight_candidate"]),
            )

        return Tape(h[1:], (h[-1].copy(),), backward, {"update gate": u})

    @property
    def constant_gates(self) -> bool:
        return not self.params["weight_update"].any()

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
