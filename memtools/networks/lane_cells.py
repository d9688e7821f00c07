"""Two-lane networks: MRNN, whose memory lane has a filter, and TwoLaneRNN with free weights."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import numpy as np

from memtools import fractional
from memtools._validate import FloatArray
from memtools.networks._parameters import Shapes
from memtools.networks.activations import (
    ACTIVATIONS,
    OUTPUT_ACTIVATIONS,
    activation_slope,
    sigmoid,
)
from memtools.networks.filter_cells import FilterCell
from memtools.networks.filter_patterns import memory_parameter
from memtools.networks.filter_theorems import beyond_theorem_1
from memtools.networks.input_filters import InputFilter, input_filter_of
from memtools.networks.network import KernelsOfOne, State
from memtools.networks.packing import Packing, packed_filter, packed_lane
from memtools.networks.recurrent_cell import Cell
from memtools.networks.tapes import (
    Array,
    FilterBackward,
    Gradient,
    Run,
    Tape,
    affine,
    contiguous,
    extend,
    filter_sequence,
    lower,
    named_gradient,
    newest,
    owed,
    run_lane,
    with_first,
)
from memtools.results.networks import ErgodicityReport

_LANES: Shapes = {
    "weight_mm": ("H H", "H"),
    "bias_m": ("H", "H"),
    "weight_fm": ("H I", "I"),
    "weight_hh": ("H H", "H"),
    "bias_h": ("H", "H"),
    "weight_xh": ("H I", "I"),
    "weight_hz": ("O H", "H"),
    "bias_z": ("O", "H"),
    "weight_mz": ("O H", "H"),
}


_BIASES = {"bias_d": "d_d", "bias_m": "m_m", "bias_h": "h_h", "bias_z": "h_z"}


def author_name(key: str) -> str:
    """weight_xh is x_h.weight of the paper's authors; biases stand with the lane's own weight."""
    kind, _, pair = key.partition("_")
    return f"{_BIASES[key]}.bias" if kind == "bias" else f"{pair[0]}_{pair[1]}.weight"


class Lane(NamedTuple):
    """States of a lane before and after each step."""

    before: FloatArray
    after: FloatArray


# dL/dh, dL/dm from above, dL/dd of the last state -> dL/dh, dL/dm of the pre-activations, the
# filter's gradient and dL/dx, and what d owes to the first state
LanesBackward = Callable[..., tuple[Array, Array, Gradient, Callable[[], Array], tuple[Any, ...]]]


class LaneCell(Cell):
    """Two lanes, h fed with the inputs and m with a filter of them; here of constant weights."""

    _optional: ClassVar[tuple[str, ...]] = ()
    _bounded_by = "Theorem 1"
    in_segments = True

    def _lanes(
        self, x: FloatArray, filtered: FloatArray, h: FloatArray, m: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Hidden and memory lane and their read-out: (z, h, m)."""
        p, sigma = self.params, ACTIVATIONS[self.activation]
        m = sigma(m @ p["weight_mm"].T + p["bias_m"] + filtered @ p["weight_fm"].T)
        h = sigma(h @ p["weight_hh"].T + p["bias_h"] + x @ p["weight_xh"].T)
        z = h @ p["weight_hz"].T + m @ p["weight_mz"].T + p["bias_z"]
        return OUTPUT_ACTIVATIONS[self.output_activation](z), h, m

    @abstractmethod
    def _constant_filter(self) -> tuple[FloatArray, Callable[[FloatArray], Gradient]]:
        """Weights (K, n_input), and from their adjoints to the gradient."""

    def record(self, x: FloatArray, state: State) -> Tape:
        p, (h_before, m_before, past) = self.params, state
        series = extend(past, len(x))
        series[past.shape[1] :] = x
        w, gradient_of = self._constant_filter()
        filtered, filter_back = filter_sequence(series, w)
        v_h = affine(x, p["weight_xh"], p["bias_h"])
        v_m = affine(filtered, p["weight_fm"], p["bias_m"])
        h = run_lane(v_h, p["weight_hh"], h_before, self._code)
        m = run_lane(v_m, p["weight_mm"], m_before, self._code)
        end = *h.end, *m.end, newest(series, past.shape[1])
        return self._tape(x, filtered, h, m, self._back(h, m, filter_back, gradient_of), end)

    def record_packed(self, x: Array, packing: Packing) -> Tape:
        p, (w, gradient_of) = self.params, self._constant_filter()
        filtered, filter_back = packed_filter(x, w, packing)
        v_h = affine(x, p["weight_xh"], p["bias_h"])
        v_m = affine(filtered, p["weight_fm"], p["bias_m"])
        h = packed_lane(v_h, p["weight_hh"], self.activation, packing)
        m = packed_lane(v_m, p["weight_mm"], self.activation, packing)
        return self._tape(x, filtered, h, m, self._back(h, m, filter_back, gradient_of))

    def _back(
        self,
        h: Run,
        m: Run,
        filter_back: FilterBackward,
        gradient_of: Callable[[FloatArray], Gradient],
    ) -> LanesBackward:
        def back(dh: Array, dm: Array) -> Any:
            dh, dm = h.back(dh), m.back(dm)
            d_w, dx = filter_back(owed(dm, self.params["weight_fm"]))
            return dh, dm, gradient_of(d_w), dx, (0.0, 0.0)

        return back

    def _tape(
        self,
        x: Array,
        filtered: Array,
        h: Run | Lane,
        m: Run | Lane,
        back: LanesBackward,
        end: State = (),
        **gates: Array,
    ) -> Tape:
        """Both lanes with their read-out."""
        p, g = self.params, self.output_activation
        v = affine(h.after, p["weight_hz"], p["bias_z"]) + affine(m.after, p["weight_mz"])
        z = OUTPUT_ACTIVATIONS[g](v)

        def through(dz: Array, after: State) -> Any:
            dv = activation_slope(g, z[: len(dz)], dz)
            above = owed(dv, p["weight_hz"]), owed(dv, p["weight_mz"])
            for adjoint, later in zip(above, after, strict=False):
                adjoint[-1] += later
            dh, dm, gradient, from_filter, owed_d = back(*above, *after[2:-1])
            read = {"x": x, "f": filtered, "h": h.before, "m": m.before}
            gradient |= named_gradient(_LANES, {"h": dh, "m": dm}, read)
            gradient |= named_gradient(_LANES, {"z": dv}, {"h": h.after, "m": m.after})
            return gradient, dh, dm, from_filter, owed_d

        def backward(dz: Array) -> tuple[Gradient, Callable[[], Array]]:
            gradient, dh, _, from_filter, _ = through(dz, ())
            return gradient, lambda: owed(dh, p["weight_xh"]) + from_filter()

        def between(dz: Array, after: State) -> tuple[Gradient, State]:
            gradient, dh, dm, _, (of_h, of_m, *of_d) = through(dz, after)
            of_h = of_h + owed(dh[:1], p["weight_hh"])[0]
            of_m = of_m + owed(dm[:1], p["weight_mm"])[0]
            return gradient, (of_h, of_m, *of_d, after[-1])  # no parameter changes past inputs

        return Tape(z, end, backward, gates, between)


class MRNN(FilterCell, LaneCell):
    """Memory-augmented RNN (``fixed_d=True``: MRNNF).

    F_i = sum_{j=1}^{K} w_j(d_{t,i}) x_{t-j+1,i}, w_j(d) the weights of (1 - B)^d,
    d_t = 1/2 s(W_dd d_{t-1} + W_hd h_{t-1} + W_md m_{t-1} + W_xd x_t + b_d) or 1/2 s(b_d),
    m_t = sigma(W_mm m_{t-1} + W_fm F + b_m),  h_t = sigma(W_hh h_{t-1} + W_xh x_t + b_h),
    z_t = g(W_hz h_t + W_mz m_t + b_z).

    Parameters
    ----------
    params : mapping of str to array_like
        weight_mm (H, H), bias_m (H,), weight_fm (H, I), weight_hh (H, H), bias_h (H,),
        weight_xh (H, I), weight_hz (O, H), bias_z (O,), weight_mz (O, H), bias_d (I,); unless
        `fixed_d` also weight_dd (I, I), weight_hd (I, H), weight_md (I, H), weight_xd (I, I).
    filter_length : int or math.inf
        K, the number of lags kept; w_1 = -d multiplies the current input.  ``math.inf`` keeps
        the whole past.
    filter : {"fractional", "free", "tempered", "seasonal", "two-scale", "log-periodic"}
        The pattern of the weights; all but (1 - B)^d ask for `fixed_d` and K lags, and have
        other parameters besides or instead of bias_d.
    fixed_d : bool
        True keeps d constant in time.
    activation : {"tanh", "sigmoid", "relu", "identity"}
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"}
        The paper's g; the authors' MRNNF code has "tanh" here.

    Notes
    -----
    The state is (h, m, d, past): (n_batch, H), (n_batch, H), (n_batch, I) and
    (n_batch, K - 1, I), the newest of the past inputs first; of the whole past its modes.  With
    `fixed_d` it has no d.

    References
    ----------
    Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML, section 4.
    """

    _filtered = ("I", "I")
    reads_inputs = True
    _past: InputFilter

    @staticmethod
    def _filter_of(length: float) -> InputFilter:
        return input_filter_of(length)

    @classmethod
    def _shapes_around(cls, own: Shapes, fixed_d: bool) -> Shapes:
        if fixed_d:
            return {**own, **_LANES}
        moving = dict.fromkeys(("weight_hd", "weight_md"), ("I H", "H"))
        square = ("I I", "I")
        return {"weight_dd": square, **own, **moving, "weight_xd": square, **_LANES}

    @property
    def state_names(self) -> tuple[str, ...]:  # type: ignore[override]
        return ("h", "m", "past") if self.fixed_d else ("h", "m", "d", "past")

    def initial_state(self, n_batch: int) -> State:
        h, m = np.zeros((n_batch, self.n_hidden)), np.zeros((n_batch, self.n_hidden))
        past = self._past.no_past(n_batch, self.n_input, before=1)
        return (h, m, past) if self.fixed_d else (h, m, np.zeros((n_batch, self.n_input)), past)

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p = self.params
        h, m, *d_before, past = state
        d = None
        if not self.fixed_d:
            v = d_before[0] @ p["weight_dd"].T + h @ p["weight_hd"].T + m @ p["weight_md"].T
            d = 0.5 * sigmoid(v + x @ p["weight_xd"].T + p["bias_d"])
        window, past = self._past.seen(x, past)
        z, h, m = self._lanes(x, self._value(window, d), h, m)
        return z, (h, m, *([] if d is None else [d]), past)

    def _authors_names(self, p: dict[str, FloatArray]) -> dict[str, FloatArray]:
        constant = self.fixed_d and "bias_d" in p
        named = {"b_d": p.pop("bias_d")[np.newaxis]} if constant else {}
        return named | {f"mrnn_cell.{author_name(key)}": value for key, value in p.items()}

    def _constant_filter(self) -> tuple[FloatArray, Callable[[FloatArray], Gradient]]:
        return self._lags().T, lambda d_w: self._pattern.gradient(self.params, d_w)

    def record(self, x: FloatArray, state: State) -> Tape:
        if self._constant:
            return super().record(x, state)
        h, m, *d, past = state
        return self._record_moving(x, h, m, d[0] if d else np.zeros((len(h), self.n_input)), past)

    def _record_moving(
        self, x: FloatArray, h: FloatArray, m: FloatArray, d: FloatArray, past: FloatArray
    ) -> Tape:
        from memtools.networks import lane_kernels as kernels

        p, code, one = self.params, self._code, h.size == d.size == 1
        table, left = self._past.laid_out(x, past)
        d, h, m = (with_first(part, len(x)) for part in (d, h, m))
        w_xd, *moving = self._moving(*(f"weight_{k}d" for k in "xdhm"))
        v_h, v_d = affine(x, p["weight_xh"], p["bias_h"]), affine(x, w_xd, p["bias_d"])
        filtered, slope = np.empty_like(x), np.empty_like(x)
        weights = [*(p[f"weight_{name}"] for name in ("hh", "mm", "fm")), *moving]
        recurrent = [*(contiguous(w.T) for w in weights), contiguous(p["bias_m"][np.newaxis])]
        tape = *lower(one, v_h, v_d), table[0, 0] if one else table
        sequences = lower(one, d, h, m, filtered, slope)
        kernels.mrnn_forward(*tape, tuple(lower(one, *recurrent)), *sequences, code)

        def back(dh: FloatArray, dm: FloatArray, *d_after: FloatArray) -> Any:
            n, dh, dm = len(dh), np.ascontiguousarray(dh), np.ascontiguousarray(dm)
            dd, d_filtered = np.empty_like(x[:n]), np.empty_like(x[:n])
            recurrent = tuple(lower(one, *map(contiguous, weights)))
            last = d_after[0] if d_after else np.zeros_like(d[0])
            tape = lower(one, d, h, m, slope, d_filtered, last)
            kernels.mrnn_backward(*lower(one, dh, dm, dd), recurrent, *tape, code)
            gradient = named_gradient(p, {"d": dd}, {"x": x, "h": h, "m": m, "d": d})

            def dx() -> FloatArray:
                return self._past.of_inputs(d[1 : n + 1], d_filtered) + owed(dd, w_xd)

            owed_d = [owed(dd[:1], weight)[0] for weight in (*moving[1:], moving[0])]
            return dh, dm, gradient, dx, tuple(owed_d[: 2 if self.fixed_d else 3])

        both = Lane(h[:-1], h[1:]), Lane(m[:-1], m[1:])
        end: State = (h[-1].copy(), m[-1].copy(), d[-1].copy(), left)
        if self.fixed_d:
            return self._tape(x, filtered, *both, back, (*end[:2], left))
        return self._tape(x, filtered, *both, back, end, **{"memory parameter d": d[1:]})  # type: ignore[arg-type]

    @property
    def kernels_of_one(self) -> KernelsOfOne | None:  # type: ignore[override]
        known = self._is_one and self.filter == "fractional"
        return (self._one_forward, self._one_backward) if known else None

    def _one_forward(self, theta: FloatArray, x: FloatArray, code: int) -> tuple[FloatArray, Any]:
        from memtools.networks import lane_kernels as kernels

        table = self._past.laid_out(x[:, np.newaxis, np.newaxis], self.initial_state(1)[-1])[0]
        if not self.fixed_d:
            return kernels.mrnn_one_forward(theta, x, table[0, 0], code)
        filtered, slope = self._past.along_d(table[0, 0], float(memory_parameter(theta[0])))
        v, states = kernels.lanes_one_forward(theta[1:], x, filtered, code)
        return v, (filtered, slope, states)

    def _one_backward(
        self, theta: FloatArray, x: FloatArray, tape: Any, dz: FloatArray, code: int
    ) -> FloatArray:
        from memtools.networks import lane_kernels as kernels

        if not self.fixed_d:
            return kernels.mrnn_one_backward(theta, x, tape, dz, code)
        filtered, slope, states = tape
        lanes, adjoints = kernels.lanes_one_backward(theta[1:], x, filtered, states, dz, code)
        d = memory_parameter(theta[0])
        d_logit = (adjoints @ slope[: len(dz)]) * d * (1.0 - 2.0 * d)
        return np.concatenate([[d_logit], lanes])

    def theorem(self, input_bound: float, feedback: bool) -> ErgodicityReport | None:
        cut = math.isfinite(self.filter_length)
        return super().theorem(input_bound, feedback) if cut else beyond_theorem_1()

    def absolute_twin(self) -> TwoLaneRNN | None:
        if math.isinf(self.filter_length):
            return None
        p = {key: np.abs(value) for key, value in self.params.items()}
        if self.fixed_d:
            w = np.abs(self._lags().T)
        else:  # for each lag its largest modulus over 0 < d < 1/2
            grid = np.linspace(0.0, 0.5, 501)[1:]
            each = np.abs(fractional.weights(grid, int(self.filter_length) + 1)[:, 1:])
            w = np.repeat(1.001 * each.max(axis=0)[:, np.newaxis], self.n_input, axis=1)
        lanes = {key: p[key] for key in _LANES}
        return TwoLaneRNN({"weight_filter": w, **lanes}, activation="identity")


class TwoLaneRNN(LaneCell):
    """Two-lane RNN (the paper's RNN2): MRNNF's graph with K free filter weights an input.

    F_i = sum_{j=0}^{K-1} w_{j,i} x_{t-j,i}; m_t, h_t and z_t as in :class:`MRNN`.

    Parameters
    ----------
    params : mapping of str to array_like
        weight_filter (K, I), the weight of the current input first, and the lanes of MRNN:
        weight_mm (H, H), bias_m (H,), weight_fm (H, I), weight_hh (H, H), bias_h (H,),
        weight_xh (H, I), weight_hz (O, H), bias_z (O,), weight_mz (O, H).
    activation : {"tanh", "sigmoid", "relu", "identity"}
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"}

    Notes
    -----
    The state is (h, m, past): (n_batch, H), (n_batch, H), (n_batch, K - 1, I), newest first.

    References
    ----------
    Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML, section 5.
    """

    _shapes: ClassVar[Shapes] = {"weight_filter": ("K I", "K"), **_LANES}
    packs = True
    state_names = ("h", "m", "past")

    @property
    def filter_length(self) -> int:
        """K, the number of lags of the filter."""
        return self._sizes["K"]

    @property
    def free_lags(self) -> int:  # type: ignore[override]
        return self.filter_length - 1

    def initial_state(self, n_batch: int) -> State:
        h, m = np.zeros((n_batch, self.n_hidden)), np.zeros((n_batch, self.n_hidden))
        return h, m, np.zeros((n_batch, self.filter_length - 1, self.n_input))

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        h, m, past = state
        window = np.concatenate([x[:, np.newaxis], past], axis=1)
        filtered = np.einsum("bki,ki->bi", window, self.params["weight_filter"])
        z, h, m = self._lanes(x, filtered, h, m)
        return z, (h, m, window[:, :-1])

    def _constant_filter(self) -> tuple[FloatArray, Callable[[FloatArray], Gradient]]:
        return self.params["weight_filter"], lambda d_w: {"weight_filter": d_w}

    def absolute_twin(self) -> TwoLaneRNN:
        return TwoLaneRNN({k: np.abs(v) for k, v in self.params.items()}, activation="identity")
