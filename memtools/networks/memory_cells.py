"""MLSTM, and what it shares with MRNN: a filter of K lags."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

import numpy as np

from memtools import _validate, fractional
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks import whole_past
from memtools.networks._parameters import Shapes
from memtools.networks.activations import ACTIVATIONS, sigmoid
from memtools.networks.network import State
from memtools.networks.packing import Packing, packed_mlstm
from memtools.networks.recurrent_cell import Cell
from memtools.networks.tapes import (
    Array,
    Gradient,
    Tape,
    affine,
    blocks_of,
    by_channel,
    contiguous,
    extend,
    gates_of,
    lower,
    lower_series,
    named_gradient,
    newest,
    owed,
    product,
    total,
    with_first,
)
from memtools.results.networks import ErgodicityReport


class FilterCell(Cell):
    """A cell with a filter of K lags or of the whole past; d constant or moving with the state."""

    _fixed_shapes: ClassVar[Shapes]
    has_filter = True

    def __init__(
        self,
        params: Mapping[str, Any],
        *,
        filter_length: float | None = None,
        fixed_d: bool = False,
        **options: Any,
    ) -> None:
        if filter_length is None:
            allowed = "an integer (the number K of lags; the parameters do not tell it) or math.inf"
            raise InvalidInputError("filter_length", allowed, "None")
        self.filter_length = whole_past.as_filter_length(filter_length)
        self.fixed_d = _validate.as_flag(fixed_d, "fixed_d")
        super().__init__(params, **options)

    @classmethod
    def option_names(cls) -> tuple[str, ...]:
        return *super().option_names(), "filter_length", "fixed_d"

    @property
    def may_be_linear(self) -> bool:
        return self.fixed_d

    @property
    def packs(self) -> bool:  # type: ignore[override]
        return self.fixed_d and not self.whole_past

    @property
    def whole_past(self) -> bool:
        """The filter is not cut."""
        return math.isinf(self.filter_length)

    @property
    def d(self) -> FloatArray:
        """Constant memory parameter, 0 < d < 1/2, one a filtered dimension.

        Where d moves with the state, its value at d = 0, h = 0, x = 0.
        """
        return 0.5 * sigmoid(self.params["bias_d"])

    def _lags(self) -> tuple[FloatArray, FloatArray]:
        """Weights of lags 1..K of (1 - B)^d and their derivatives in d, (n, K)."""
        both = fractional.weights_and_slopes(self.d, int(self.filter_length) + 1)
        w, slopes = (each[:, 1:].astype(self.params["bias_d"].dtype, copy=False) for each in both)
        return w, slopes

    def _logit_gradient(self, d_w: FloatArray, slopes: FloatArray) -> FloatArray:
        """From the adjoints of the weights of the lags, (K, n), to those of the logit of 2 d."""
        d = self.d
        return np.einsum("ki,ik->i", d_w, slopes) * d * (1.0 - 2.0 * d)

    @property
    def _inverse(self) -> FloatArray:
        return 1.0 / np.arange(1.0, (1 if self.whole_past else self.filter_length) + 1.0)

    def _moving(self, *names: str) -> list[FloatArray]:
        """Weights that move d: zeros where it is constant."""
        p, n = self.params, len(self.params["bias_d"])
        width = {"h": self.n_hidden, "m": self.n_hidden, "d": n, "x": self.n_input}
        return [p[name] if name in p else np.zeros((n, width[name[7]])) for name in names]

    def _no_past(self, n_batch: int, n: int, lags_less: int = 0) -> FloatArray:
        if self.whole_past:
            return whole_past.no_past(n_batch, n)
        return np.zeros((n_batch, int(self.filter_length) - lags_less, n))

    def _with_newest(self, newest: FloatArray, past: FloatArray) -> FloatArray:
        if self.whole_past:
            return whole_past.fade(past, newest)
        return np.concatenate([newest[:, np.newaxis], past[:, :-1]], axis=1)

    def _filtered(self, window: FloatArray, d: FloatArray) -> FloatArray:
        """The filter of a past, newest first, or of its modes."""
        if self.whole_past:
            return whole_past.filtered(window, d)
        w = fractional.weights(d, int(self.filter_length) + 1)[..., 1:]
        one: FloatArray = np.einsum("bkh,hk->bh" if d.ndim == 1 else "bkh,bhk->bh", window, w)
        return one

    @classmethod
    def _shapes_for(cls, options: Mapping[str, Any]) -> Shapes:
        return cls._fixed_shapes if options.get("fixed_d", False) else cls._shapes

    @classmethod
    def _initialised(
        cls, params: dict[str, FloatArray], sizes: Mapping[str, int], options: dict[str, Any]
    ) -> Self:
        if options.get("fixed_d", False):
            params["bias_d"] = np.zeros_like(params["bias_d"])
        return cls(params, filter_length=sizes["K"] or math.inf, **options)


def beyond_theorem_1() -> ErgodicityReport:
    """Of a filter that is not cut."""
    reason = "The filter has the whole past and the moduli of its weights sum to 1: theorem 1 asks"
    reason += " for a filter of K lags, whose weights sum to less."
    values = {"sum of |w_j(d)|, all j >= 1": 1.0}
    return ErgodicityReport.of(False, "Theorem 1", 1.0, values, reason)


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

    _fixed_shapes: ClassVar[Shapes] = {
        "weight_ih": ("3H I", "I+H"),
        "weight_hh": ("3H H", "I+H"),
        "bias": ("3H", "I+H"),
        "bias_d": ("H", "I+2H"),
        "weight_hz": ("O H", "H"),
        "bias_z": ("O", "H"),
    }
    _shapes: ClassVar[Shapes] = {
        **_fixed_shapes,
        "weight_xd": ("H I", "I+2H"),
        "weight_hd": ("H H", "I+2H"),
        "weight_dd": ("H H", "I+2H"),
    }

    _n_blocks = 3
    _gate_blocks: ClassVar[Mapping[str, int]] = {"input gate": 0, "output gate": 2}

    @property
    def state_names(self) -> tuple[str, ...]:  # type: ignore[override]
        return ("h", "past") if self.fixed_d else ("h", "d", "past")

    def initial_state(self, n_batch: int) -> State:
        h = np.zeros((n_batch, self.n_hidden))
        past = self._no_past(n_batch, self.n_hidden)
        return (h, past) if self.fixed_d else (h, np.zeros_like(h), past)

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, sigma = self.params, ACTIVATIONS[self.activation]
        h, *d_before, past = state
        d = self.d
        if not self.fixed_d:
            v = x @ p["weight_xd"].T + h @ p["weight_hd"].T + d_before[0] @ p["weight_dd"].T
            d = 0.5 * sigmoid(v + p["bias_d"])
        v = x @ p["weight_ih"].T + h @ p["weight_hh"].T + p["bias"]
        i, g, o = np.split(v, 3, axis=-1)
        c = sigmoid(i) * sigma(g) - self._filtered(past, d)
        h = sigmoid(o) * sigma(c)
        past = self._with_newest(c, past)
        return self.read_out(h), (h, *([] if self.fixed_d else [d]), past)

    def _run_hidden(self, x: FloatArray, *state: FloatArray) -> Tape:
        h, *d, past = state
        v = gates_of(x, self.params["weight_ih"], self.params["bias"], 3)
        hidden = with_first(h, len(x))
        if self.fixed_d and not self.whole_past:
            return self._run_fixed(x, v, hidden, by_channel(extend(past, len(x))))
        return self._run_moving(x, v, hidden, past, d[0] if d else np.zeros_like(h))

    def _run_fixed(
        self, x: FloatArray, v: FloatArray, hidden: FloatArray, cells: FloatArray
    ) -> Tape:
        from memtools.networks import memory_kernels as kernels

        p, code, d, (w, slopes) = self.params, self._code, self.d, self._lags()
        one, n_lags = hidden[0].size == 1, int(self.filter_length)
        memory, memory_slope = np.zeros((2, *cells.shape[:2], cells.shape[2] + n_lags + 1))
        lags = lower_series(one, contiguous(w), contiguous(slopes))
        weights = blocks_of(p["weight_hh"], 3, True)
        series = lower_series(one, cells, memory, memory_slope)
        gates, outs = lower(one, v, weights), np.empty_like(hidden[1:])
        if cells[..., :n_lags].any():
            for filtered, weight in zip(series[1:], lags, strict=True):
                kernels.spread_past(filtered, weight, series[0])
        kernels.mlstm_fixed_forward(*gates, *lags, *lower(one, hidden, outs), *series, code)

        def backward(dh: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            dd, d_cells = np.empty_like(dh), np.zeros_like(cells)
            gates = lower(one, v, blocks_of(p["weight_hh"], 3, False))
            tape = lower_series(one, contiguous(w[:, ::-1]), memory_slope, d_cells)
            more = lower(one, outs, np.ascontiguousarray(dh), dd)
            kernels.mlstm_fixed_backward(*gates, *tape, *more, code)
            gradient = {"bias_d": total(dd) * d * (1.0 - 2.0 * d)}
            dv = v[:, : len(dh)]
            return self._gradient(dv, x, hidden) | gradient, lambda: owed(dv, p["weight_ih"])

        end = hidden[-1].copy(), newest(cells.transpose(2, 0, 1), n_lags)
        return Tape(hidden[1:], end, backward, self._gates(v))

    def _run_packed(self, x: Array, packing: Packing) -> Tape:
        p, (w, slopes) = self.params, self._lags()
        lags, d_w = contiguous(w.T), np.zeros_like(w.T, order="C")
        v = affine(x, p["weight_ih"], p["bias"])
        run = packed_mlstm(v, p["weight_hh"], lags, d_w, self.activation, packing)

        def backward(dh: Array) -> tuple[Gradient, Callable[[], Array]]:
            dv = run.back(dh)
            gradient = {"bias_d": self._logit_gradient(d_w, slopes)}
            return self._gradient(dv, x, run.before) | gradient, lambda: owed(dv, p["weight_ih"])

        return Tape(run.after, (), backward)

    def _run_moving(
        self, x: FloatArray, v: FloatArray, hidden: FloatArray, past: FloatArray, d: FloatArray
    ) -> Tape:
        from memtools.networks import memory_kernels as kernels

        code, inverse, one = self._code, self._inverse, hidden[0].size == 1
        w_xd, *moving = self._moving("weight_xd", "weight_hd", "weight_dd")
        d, v_d = with_first(d, len(x)), affine(x, w_xd, self.params["bias_d"])
        cells = None if self.whole_past else by_channel(extend(past, len(x)))
        reads, left = self._series(cells, past, one)
        slope, outs = np.empty_like(v_d), np.empty_like(v_d)
        w_hh = self.params["weight_hh"]
        weights = blocks_of(w_hh, 3, True), v_d, *(contiguous(w.T) for w in moving)
        tape = *lower(one, v, *weights, hidden, d, outs), reads, *lower(one, slope)
        kernels.mlstm_forward(*tape, inverse, code)

        def backward(dh: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            n, dv_d = len(dh), np.empty_like(dh)
            weights = blocks_of(w_hh, 3, False), *map(contiguous, moving)
            tape = lower(one, v, *weights, d, outs, slope)
            nothing = None if cells is None else np.zeros_like(cells)
            d_cells, _ = self._series(nothing, np.zeros_like(past), one)
            more = lower(one, np.ascontiguousarray(dh), dv_d)
            kernels.mlstm_backward(*tape, d_cells, *more, inverse, code)
            dv = v[:, :n]
            own = named_gradient(self.params, {"d": dv_d}, {"x": x, "h": hidden, "d": d})
            gradient = self._gradient(dv, x, hidden) | own
            return gradient, lambda: owed(dv, self.params["weight_ih"]) + owed(dv_d, w_xd)

        gates = self._gates(v)
        if self.fixed_d:
            return Tape(hidden[1:], (hidden[-1].copy(), left()), backward, gates)
        gates |= {"memory parameter d": d[1:]}
        return Tape(hidden[1:], (hidden[-1].copy(), d[-1].copy(), left()), backward, gates)

    def _series(
        self, cells: FloatArray | None, past: FloatArray, one: bool
    ) -> tuple[Any, Callable[[], FloatArray]]:
        """What the kernels read: cells in order of time or modes; and the past at the end."""
        if cells is None:
            modes = whole_past.now(past)
            reads: Any = whole_past.of_one(modes) if one else modes
            return reads, lambda: whole_past.as_state(modes[0], self.n_hidden)
        n_lags = int(self.filter_length)
        return lower_series(one, cells)[0], lambda: newest(cells.transpose(2, 0, 1), n_lags)

    def torch_names(self) -> dict[str, FloatArray]:
        """As the authors' modules name them, a constant d beside the cell."""
        p, named = self.params, {}
        weights = np.split(np.concatenate([p["weight_ih"], p["weight_hh"]], axis=1), 3)
        for letter, weight, bias in zip("ico", weights, np.split(p["bias"], 3), strict=True):
            named[f"mlstm_cell.{letter}_gate.weight"] = weight
            named[f"mlstm_cell.{letter}_gate.bias"] = bias
        if self.fixed_d:
            named["d_values"] = p["bias_d"][np.newaxis]
        else:
            weight = np.concatenate([p["weight_xd"], p["weight_hd"], p["weight_dd"]], axis=1)
            named |= {"mlstm_cell.f_gate.weight": weight, "mlstm_cell.f_gate.bias": p["bias_d"]}
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
        if self.whole_past:
            return beyond_theorem_1()
        if not self.bounded:
            return None
        d = self.d.max() if self.fixed_d else 0.5
        weight = 1.0 - float(np.prod(1.0 - d / np.arange(1.0, self.filter_length + 1.0)))
        reason = (
            f"The filter is cut at K = {self.filter_length} lags: without the cut the sum is 1."
        )
        values = {f"sum of |w_j({d:.3g})|, j = 1..K": weight}
        return ErgodicityReport.of(True, "Theorem 1", weight, values, reason)
