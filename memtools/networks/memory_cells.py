"""MLSTM: an LSTM whose cell is filtered."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from memtools._validate import FloatArray
from memtools.networks._parameters import READ_OUT, Shapes, flatten, unflatten
from memtools.networks.activations import ACTIVATIONS, sigmoid
from memtools.networks.filter_cells import FilterCell
from memtools.networks.filter_theorems import beyond_theorem_1, by_weights
from memtools.networks.network import KernelsOfOne, State
from memtools.networks.packing import Packing, packed_mlstm
from memtools.networks.tapes import (
    Array,
    Gradient,
    Tape,
    affine,
    blocks_of,
    contiguous,
    gates_of,
    lower,
    lower_series,
    named_gradient,
    owed,
    owed_weights,
    product,
    total,
    with_first,
)
from memtools.results.networks import ErgodicityReport


class MLSTM(FilterCell):
    """Memory-augmented LSTM (``fixed_d=True``: MLSTMF).

    With the blocks i, g, o of W_ih x_t + W_hh h_{t-1} + b,
    c_t = s(i) sigma(g) - sum_{j=1}^{K} w_j(d_t) c_{t-j}, w_j(d) the weights of (1 - B)^d,
    d_t = 1/2 s(W_xd x_t + W_hd h_{t-1} + W_dd d_{t-1} + b_d) or 1/2 s(b_d),
    h_t = s(o) sigma(c_t),  z_t = g(W_hz h_t + b_z).

    Parameters
    ----------
    params : mapping of str to array_like
        weight_ih (3H, I), weight_hh (3H, H), bias (3H,), blocks in the order i, g, o;
        bias_d (H,); unless `fixed_d` also weight_xd (H, I), weight_hd (H, H), weight_dd (H, H);
        and, unless the outputs are the hidden units, weight_hz (O, H), bias_z (O,).
    filter_length : int or math.inf
        K, the number of lags kept; ``math.inf`` keeps the whole past.
    filter : {"fractional", "free", "tempered", "seasonal", "two-scale", "log-periodic"}
        The pattern of the weights; all but (1 - B)^d ask for `fixed_d` and K lags, and have
        other parameters besides or instead of bias_d.
    fixed_d : bool
        True keeps d constant in time.
    activation : {"tanh", "sigmoid", "relu", "identity"}
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"}

    Notes
    -----
    The state is (h, d, past): (n_batch, H), (n_batch, H) and (n_batch, K, H), the newest of the
    past cells first; of the whole past its modes.  With `fixed_d` it has no d.

    References
    ----------
    Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML, section 4.
    """

    _filtered = ("H", "I+2H")
    reads_inputs = False
    in_segments = True

    @classmethod
    def _shapes_around(cls, own: Shapes, fixed_d: bool) -> Shapes:
        gates = {
            "weight_ih": ("3H I", "I+H"),
            "weight_hh": ("3H H", "I+H"),
            "bias": ("3H", "I+H"),
        }
        sizes = {} if fixed_d else {"weight_xd": "H I", "weight_hd": "H H", "weight_dd": "H H"}
        moving = {name: (shape, "I+2H") for name, shape in sizes.items()}
        return {**gates, **own, **READ_OUT, **moving}

    _n_blocks = 3
    _gate_blocks: ClassVar[Mapping[str, int]] = {"input gate": 0, "output gate": 2}

    @property
    def state_names(self) -> tuple[str, ...]:  # type: ignore[override]
        return ("h", "past") if self.fixed_d else ("h", "d", "past")

    def initial_state(self, n_batch: int) -> State:
        h = np.zeros((n_batch, self.n_hidden))
        past = self._past.no_past(n_batch, self.n_hidden)
        return (h, past) if self.fixed_d else (h, np.zeros_like(h), past)

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, sigma = self.params, ACTIVATIONS[self.activation]
        h, *d_before, past = state
        d = None
        if not self.fixed_d:
            v = x @ p["weight_xd"].T + h @ p["weight_hd"].T + d_before[0] @ p["weight_dd"].T
            d = 0.5 * sigmoid(v + p["bias_d"])
        v = x @ p["weight_ih"].T + h @ p["weight_hh"].T + p["bias"]
        i, g, o = np.split(v, 3, axis=-1)
        c = sigmoid(i) * sigma(g) - self._value(past, d)
        h = sigmoid(o) * sigma(c)
        past = self._past.seen(c, past)[1]
        return self.read_out(h), (h, *([] if d is None else [d]), past)

    def _run_hidden(self, x: FloatArray, *state: FloatArray) -> Tape:
        h, *d, past = state
        v = gates_of(x, self.params["weight_ih"], self.params["bias"], 3)
        hidden = with_first(h, len(x))
        if self._constant:
            return self._run_fixed(x, v, hidden, past)
        return self._run_moving(x, v, hidden, past, d[0] if d else np.zeros_like(h))

    def _run_fixed(
        self, x: FloatArray, v: FloatArray, hidden: FloatArray, past: FloatArray
    ) -> Tape:
        from memtools.networks import memory_kernels as kernels

        p, code, w, one = self.params, self._code, self._lags(), hidden[0].size == 1
        cells, room, left = self._past.fed(past, len(x))
        n_lags, size = w.shape[1], cells.shape[2] + w.shape[1] + 1
        memory = np.zeros((*cells.shape[:2], size))
        weights = blocks_of(p["weight_hh"], 3, True)
        lags, series, filtered = lower_series(one, contiguous(w), cells, memory)
        gates, outs = lower(one, v, weights), np.empty_like(hidden[1:])
        if cells[..., :n_lags].any():
            kernels.spread_past(filtered, lags, series)
        kernels.mlstm_fixed_forward(*gates, lags, *lower(one, hidden, outs), series, filtered, code)

        def through(dh: FloatArray, past_after: FloatArray | None) -> Any:
            owed_w, d_cells = np.empty_like(dh), room(past_after)
            gates = lower(one, v, blocks_of(p["weight_hh"], 3, False))
            tape = lower_series(one, contiguous(w[:, ::-1]), d_cells)
            more = lower(one, outs, np.ascontiguousarray(dh), owed_w)
            kernels.mlstm_fixed_backward(*gates, *tape, *more, code)
            gradient = self._pattern.gradient(p, owed_weights(cells, owed_w, n_lags))
            dv = v[:, : len(dh)]
            return self._gradient(dv, x, hidden) | gradient, dv, d_cells

        def backward(dh: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            gradient, dv, _ = through(dh, None)
            return gradient, lambda: owed(dv, p["weight_ih"])

        def between(dh: FloatArray, after: State) -> tuple[Gradient, State]:
            dh[-1] += after[0]
            gradient, dv, d_cells = through(dh, after[1])
            return gradient, (owed(dv[:, :1], p["weight_hh"])[0], self._past.owed_past(d_cells))

        end = hidden[-1].copy(), left()
        return Tape(hidden[1:], end, backward, self._gates(v), between)

    def _run_packed(self, x: Array, packing: Packing) -> Tape:
        p, w = self.params, self._lags()
        lags, d_w = contiguous(w.T), np.zeros_like(w.T, order="C")
        v = affine(x, p["weight_ih"], p["bias"])
        run = packed_mlstm(v, p["weight_hh"], lags, d_w, self.activation, packing)

        def backward(dh: Array) -> tuple[Gradient, Callable[[], Array]]:
            dv = run.back(dh)
            gradient = self._pattern.gradient(p, d_w)
            return self._gradient(dv, x, run.before) | gradient, lambda: owed(dv, p["weight_ih"])

        return Tape(run.after, (), backward)

    def _run_moving(
        self, x: FloatArray, v: FloatArray, hidden: FloatArray, past: FloatArray, d: FloatArray
    ) -> Tape:
        from memtools.networks import memory_kernels as kernels

        code, inverse, one = self._code, self._past.inverse, hidden[0].size == 1
        w_xd, *moving = self._moving("weight_xd", "weight_hd", "weight_dd")
        d, v_d = with_first(d, len(x)), affine(x, w_xd, self.params["bias_d"])
        lower_one = self._past.of_one if one else lambda reads: reads
        reads, room, left = self._past.fed(past, len(x))
        slope, outs = np.empty_like(v_d), np.empty_like(v_d)
        w_hh = self.params["weight_hh"]
        weights = blocks_of(w_hh, 3, True), v_d, *(contiguous(w.T) for w in moving)
        tape = *lower(one, v, *weights, hidden, d, outs), lower_one(reads), *lower(one, slope)
        kernels.mlstm_forward(*tape, inverse, code)

        def through(dh: FloatArray, d_after: FloatArray, past_after: FloatArray | None) -> Any:
            dv_d, adjoints = np.empty_like(dh), room(past_after)
            weights = tuple(lower(one, blocks_of(w_hh, 3, False), *map(contiguous, moving)))
            tape = *lower(one, v), weights, *lower(one, d, outs, slope)
            more = lower(one, np.ascontiguousarray(dh), dv_d, d_after)
            kernels.mlstm_backward(*tape, lower_one(adjoints), *more, inverse, code)
            dv = v[:, : len(dh)]
            own = named_gradient(self.params, {"d": dv_d}, {"x": x, "h": hidden, "d": d})
            return self._gradient(dv, x, hidden) | own, dv, dv_d, adjoints

        def backward(dh: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            gradient, dv, dv_d, _ = through(dh, np.zeros_like(d[0]), None)
            return gradient, lambda: owed(dv, self.params["weight_ih"]) + owed(dv_d, w_xd)

        def between(dh: FloatArray, after: State) -> tuple[Gradient, State]:
            dh[-1] += after[0]
            d_after = np.zeros_like(d[0]) if self.fixed_d else after[1]
            gradient, dv, dv_d, adjoints = through(dh, d_after, after[-1])
            of_h, of_d = (owed(dv_d[:1], weight)[0] for weight in moving)
            of_h += owed(dv[:, :1], w_hh)[0]
            of_past = self._past.owed_past(adjoints)
            return gradient, (of_h, of_past) if self.fixed_d else (of_h, of_d, of_past)

        gates = self._gates(v)
        end: State = (hidden[-1].copy(), d[-1].copy(), left())
        if self.fixed_d:
            return Tape(hidden[1:], (end[0], end[2]), backward, gates, between)
        return Tape(hidden[1:], end, backward, gates | {"memory parameter d": d[1:]}, between)

    @property
    def kernels_of_one(self) -> KernelsOfOne | None:  # type: ignore[override]
        return (self._one_forward, self._one_backward) if self._is_one else None

    def _one_forward(self, theta: FloatArray, x: FloatArray, code: int) -> tuple[FloatArray, Any]:
        from memtools.networks import memory_kernels as kernels

        if self._constant:
            own = unflatten({k: self.params[k] for k in self._pattern.shapes}, theta[9:-2])
            w = self._pattern.weights(own, int(self.filter_length))[0]
            rest = np.concatenate([theta[:9], theta[-2:]])
            v, tape = kernels.mlstm_fixed_one_forward(rest, x, w, code)
            return v, (tape, own, rest, w)
        if self.fixed_d:
            theta = np.concatenate([theta, np.zeros(3)])
        reads, room, _ = self._past.fed(self._past.no_past(1, 1), len(x))
        cells, lags = self._past.of_one(reads), self._past.inverse
        v, tape = kernels.mlstm_one_forward(theta, x, cells, lags, code)
        return v, (tape, room, theta)

    def _one_backward(
        self, theta: FloatArray, x: FloatArray, tape: Any, dz: FloatArray, code: int
    ) -> FloatArray:
        from memtools.networks import memory_kernels as kernels

        if self._constant:
            states, own, rest, w = tape
            found, d_w = kernels.mlstm_fixed_one_backward(rest, x, w, states, dz, code)
            of_own = flatten(self._pattern.gradient(own, d_w[:, np.newaxis]))
            return np.concatenate([found[:9], of_own, found[9:]])
        states, room, all_of = tape
        room, lags = self._past.of_one(room(None)), self._past.inverse
        found = kernels.mlstm_one_backward(all_of, x, states, room, dz, lags, code)
        return found[: len(theta)]

    def _authors_names(self, p: dict[str, FloatArray]) -> dict[str, FloatArray]:
        named = {}
        weights = np.split(np.concatenate([p["weight_ih"], p["weight_hh"]], axis=1), 3)
        for letter, weight, bias in zip("ico", weights, np.split(p["bias"], 3), strict=True):
            named[f"mlstm_cell.{letter}_gate.weight"] = weight
            named[f"mlstm_cell.{letter}_gate.bias"] = bias
        if not self.fixed_d:
            weight = np.concatenate([p["weight_xd"], p["weight_hd"], p["weight_dd"]], axis=1)
            named |= {"mlstm_cell.f_gate.weight": weight, "mlstm_cell.f_gate.bias": p["bias_d"]}
        elif "bias_d" in p:
            named["d_values"] = p["bias_d"][np.newaxis]
        if "weight_hz" in p:
            named |= {"mlstm_cell.output.weight": p["weight_hz"]}
            named |= {"mlstm_cell.output.bias": p["bias_z"]}
        return named

    def _gradient(self, dv: FloatArray, x: FloatArray, hidden: FloatArray) -> Gradient:
        """Gradient of the gates i, g, o."""
        n = dv.shape[-3]
        return {
            "weight_ih": product(dv, x[:n]),
            "weight_hh": product(dv, hidden[:n]),
            "bias": total(dv),
        }

    def theorem(self, input_bound: float, feedback: bool) -> ErgodicityReport | None:
        """Theorem 1 by the sum of the moduli of the filter weights."""
        if math.isinf(self.filter_length):
            return beyond_theorem_1()
        if not self.bounded:
            return None
        if self.filter != "fractional":
            return by_weights(self._lags(), self.filter)
        d = self.d.max() if self.fixed_d else 0.5
        weight = self._past.sum_of_moduli(d)
        reason = (
            f"The filter is cut at K = {self.filter_length} lags: without the cut the sum is 1."
        )
        values = {f"sum of |w_j({d:.3g})|, j = 1..K": weight}
        return ErgodicityReport.of(True, "Theorem 1", weight, values, reason)
