"""The paper's cells with a memory filter, and its two-lane network with free filter weights."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from memtools import _validate, fractional
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks._parameters import Shapes
from memtools.networks.activations import (
    ACTIVATIONS,
    OUTPUT_ACTIVATIONS,
    activation_slope,
    sigmoid,
)
from memtools.networks.network import Cell, State
from memtools.networks.packing import Packing, packed_lane, packed_mlstm
from memtools.networks.past import FilterBackward, by_channel, extend, filter_sequence, newest
from memtools.networks.tapes import (
    Array,
    Gradient,
    Run,
    Tape,
    affine,
    blocks_of,
    contiguous,
    gates_of,
    lower,
    lower_series,
    owed,
    product,
    run_lane,
    total,
    with_first,
)
from memtools.results.networks import Condition, ErgodicityReport

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


class FilterCell(Cell):
    """A cell with a filter of K lags; constant d or one that moves with the state."""

    _fixed_shapes: ClassVar[Shapes]
    has_filter = True

    def __init__(
        self,
        params: Mapping[str, Any],
        *,
        filter_length: int | None = None,
        fixed_d: bool = False,
        **options: Any,
    ) -> None:
        if filter_length is None:
            allowed = "an integer (the number K of lags; the parameters do not tell it)"
            raise InvalidInputError("filter_length", allowed, "None")
        self.filter_length = _validate.as_integer(filter_length, "filter_length", 1)
        self.fixed_d = _validate.as_flag(fixed_d, "fixed_d")
        super().__init__(params, **options)

    @property
    def options(self) -> dict[str, Any]:
        own = {"filter_length": self.filter_length, "fixed_d": self.fixed_d}
        return {**super().options, **own}

    @property
    def may_be_linear(self) -> bool:
        return self.fixed_d

    @property
    def packs(self) -> bool:  # type: ignore[override]
        return self.fixed_d

    @property
    def d(self) -> FloatArray:
        """Constant memory parameter, 0 < d < 1/2, one a filtered dimension.

        Where d moves with the state, its value at d = 0, h = 0, x = 0.
        """
        return 0.5 * sigmoid(self.params["bias_d"])

    def _lags(self) -> tuple[FloatArray, FloatArray]:
        """Weights of lags 1..K of (1 - B)^d and their derivatives in d, (n, K)."""
        n, dtype = self.filter_length + 1, self.params["bias_d"].dtype
        both = fractional.weights(self.d, n), fractional.weight_slopes(self.d, n)
        w, slopes = (each[:, 1:].astype(dtype, copy=False) for each in both)
        return w, slopes

    @property
    def _inverse(self) -> FloatArray:
        return 1.0 / np.arange(1.0, self.filter_length + 1.0)

    @classmethod
    def _shapes_for(cls, options: Mapping[str, Any]) -> Shapes:
        return cls._fixed_shapes if options.get("fixed_d", False) else cls._shapes

    @classmethod
    def _initialised(
        cls, params: dict[str, FloatArray], sizes: Mapping[str, int], options: dict[str, Any]
    ) -> Self:
        if options.get("fixed_d", False):
            params["bias_d"] = np.zeros_like(params["bias_d"])
        return cls(params, filter_length=sizes["K"], **options)


class Lane(NamedTuple):
    """States of a lane before and after each step."""

    before: FloatArray
    after: FloatArray


# dL/dh and dL/dm from above -> those of the pre-activations, gradient of the filter, dL/dx by it
LanesBackward = Callable[[Array, Array], tuple[Array, Array, Gradient, Callable[[], Array]]]


class LaneCell(Cell):
    """Two lanes, h fed with the inputs and m with a filter of them; here of constant weights."""

    _optional: ClassVar[tuple[str, ...]] = ()
    _bounded_by = "Theorem 1"

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
    def _filter_weights(self) -> FloatArray:
        """(K, n_input)."""

    @abstractmethod
    def _filter_gradient(self, d_w: FloatArray) -> Gradient:
        """From the adjoints of these weights."""

    def record(self, x: FloatArray, state: State) -> Tape:
        p, (h_before, m_before, past) = self.params, state
        series = extend(past, len(x))
        series[past.shape[1] :] = x
        filtered, filter_back = filter_sequence(series, self._filter_weights())
        v_h = affine(x, p["weight_xh"], p["bias_h"])
        v_m = affine(filtered, p["weight_fm"], p["bias_m"])
        h = run_lane(v_h, p["weight_hh"], h_before, self._code)
        m = run_lane(v_m, p["weight_mm"], m_before, self._code)
        end = *h.end, *m.end, newest(series, past.shape[1])
        return self._tape(x, filtered, h, m, self._back(h, m, filter_back), end)

    def record_packed(self, x: Array, packing: Packing) -> Tape:
        p, w, mask = self.params, self._filter_weights(), packing.mask
        series = np.zeros((len(mask) + len(w) - 1, packing.n_batch, self.n_input), x.dtype)
        series[len(w) - 1 :][mask] = x[:, 0]
        filtered, padded_back = filter_sequence(series, w)
        filtered = filtered[mask][:, np.newaxis]

        def filter_back(adjoint: Array) -> tuple[Array, Callable[[], Array]]:
            padded = np.zeros((*mask.shape, adjoint.shape[2]), adjoint.dtype)
            padded[mask] = adjoint[:, 0]
            d_w, dx = padded_back(padded)
            return d_w, lambda: dx()[mask][:, np.newaxis]

        v_h = affine(x, p["weight_xh"], p["bias_h"])
        v_m = affine(filtered, p["weight_fm"], p["bias_m"])
        h = packed_lane(v_h, p["weight_hh"], self.activation, packing)
        m = packed_lane(v_m, p["weight_mm"], self.activation, packing)
        return self._tape(x, filtered, h, m, self._back(h, m, filter_back))

    def _back(self, h: Run, m: Run, filter_back: FilterBackward) -> LanesBackward:
        def back(dh: Array, dm: Array) -> tuple[Array, Array, Gradient, Callable[[], Array]]:
            dh, dm = h.back(dh), m.back(dm)
            d_w, dx = filter_back(owed(dm, self.params["weight_fm"]))
            return dh, dm, self._filter_gradient(d_w), dx

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

        def backward(dz: Array) -> tuple[Gradient, Callable[[], Array]]:
            n, dv = len(dz), activation_slope(g, z[: len(dz)], dz)
            above = owed(dv, p["weight_hz"]), owed(dv, p["weight_mz"])
            dh, dm, gradient, from_filter = back(*above)
            gradient |= {
                "weight_mm": product(dm, m.before[:n]),
                "bias_m": total(dm),
                "weight_fm": product(dm, filtered[:n]),
                "weight_hh": product(dh, h.before[:n]),
                "bias_h": total(dh),
                "weight_xh": product(dh, x[:n]),
                "weight_hz": product(dv, h.after[:n]),
                "bias_z": total(dv),
                "weight_mz": product(dv, m.after[:n]),
            }
            return gradient, lambda: owed(dh, p["weight_xh"]) + from_filter()

        return Tape(z, end, backward, gates)


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
    filter_length : int
        K, the number of lags kept; w_1 = -d multiplies the current input.
    fixed_d : bool
        True keeps d constant in time.
    activation : {"tanh", "sigmoid", "relu", "identity"}
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"}
        The paper's g; the authors' MRNNF code has "tanh" here.

    Notes
    -----
    The state is (h, m, d, past): (n_batch, H), (n_batch, H), (n_batch, I) and
    (n_batch, K - 1, I), the newest of the past inputs first.  With `fixed_d` it has no d.

    References
    ----------
    Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML, section 4.
    """

    _fixed_shapes: ClassVar[Shapes] = {"bias_d": ("I", "I"), **_LANES}
    _shapes: ClassVar[Shapes] = {
        "weight_dd": ("I I", "I"),
        "bias_d": ("I", "I"),
        "weight_hd": ("I H", "H"),
        "weight_md": ("I H", "H"),
        "weight_xd": ("I I", "I"),
        **_LANES,
    }

    @property
    def state_names(self) -> tuple[str, ...]:  # type: ignore[override]
        return ("h", "m", "past") if self.fixed_d else ("h", "m", "d", "past")

    def initial_state(self, n_batch: int) -> State:
        h, m = np.zeros((n_batch, self.n_hidden)), np.zeros((n_batch, self.n_hidden))
        past = np.zeros((n_batch, self.filter_length - 1, self.n_input))
        return (h, m, past) if self.fixed_d else (h, m, np.zeros((n_batch, self.n_input)), past)

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p = self.params
        h, m, *d_before, past = state
        d = self.d
        if not self.fixed_d:
            v = d_before[0] @ p["weight_dd"].T + h @ p["weight_hd"].T + m @ p["weight_md"].T
            d = 0.5 * sigmoid(v + x @ p["weight_xd"].T + p["bias_d"])
        window = np.concatenate([x[:, np.newaxis], past], axis=1)
        w = fractional.weights(d, self.filter_length + 1)[..., 1:]
        filtered = np.einsum("bki,ik->bi" if self.fixed_d else "bki,bik->bi", window, w)
        z, h, m = self._lanes(x, filtered, h, m)
        return z, (h, m, *([] if self.fixed_d else [d]), window[:, :-1])

    def _filter_weights(self) -> FloatArray:
        return self._lags()[0].T

    def _filter_gradient(self, d_w: FloatArray) -> Gradient:
        d = self.d
        return {"bias_d": np.einsum("ki,ik->i", d_w, self._lags()[1]) * d * (1.0 - 2.0 * d)}

    def record(self, x: FloatArray, state: State) -> Tape:
        return super().record(x, state) if self.fixed_d else self._record_moving(x, *state)

    def _record_moving(
        self, x: FloatArray, h: FloatArray, m: FloatArray, d: FloatArray, past: FloatArray
    ) -> Tape:
        from memtools.networks import memory_kernels as kernels

        p, code, inverse, n_past = self.params, self._code, self._inverse, past.shape[1]
        series, one = extend(past, len(x)), h.size == d.size == 1
        series[n_past:] = x
        d, h, m = (with_first(part, len(x)) for part in (d, h, m))
        v_h, v_d = affine(x, p["weight_xh"], p["bias_h"]), affine(x, p["weight_xd"], p["bias_d"])
        filtered, slope = np.empty_like(x), np.empty_like(x)
        weights = [p[f"weight_{name}"] for name in ("hh", "mm", "fm", "dd", "hd", "md")]
        recurrent = [*(contiguous(w.T) for w in weights), contiguous(p["bias_m"][np.newaxis])]
        tape = *lower(one, v_h, v_d), *lower_series(one, by_channel(series))
        sequences = lower(one, d, h, m, filtered, slope)
        kernels.mrnn_forward(*tape, tuple(lower(one, *recurrent)), *sequences, inverse, code)

        def back(dh: FloatArray, dm: FloatArray) -> tuple[FloatArray, FloatArray, Gradient, Any]:
            n, dh, dm = len(dh), np.ascontiguousarray(dh), np.ascontiguousarray(dm)
            dd, d_filtered = np.empty_like(x[:n]), np.empty_like(x[:n])
            recurrent = tuple(lower(one, *map(contiguous, weights)))
            tape = lower(one, d, h, m, slope, d_filtered)
            kernels.mrnn_backward(*lower(one, dh, dm, dd), recurrent, *tape, code)
            gradient = {
                "weight_dd": product(dd, d[:n]),
                "bias_d": total(dd),
                "weight_hd": product(dd, h[:n]),
                "weight_md": product(dd, m[:n]),
                "weight_xd": product(dd, x[:n]),
            }

            def dx() -> FloatArray:
                adjoint = np.zeros((*x.shape[1:], n_past + n))
                values = lower(one, d, d_filtered)
                kernels.filter_backward(*lower_series(one, adjoint), *values, inverse)
                return adjoint[..., n_past:].transpose(2, 0, 1) + owed(dd, p["weight_xd"])

            return dh, dm, gradient, dx

        end = h[-1].copy(), m[-1].copy(), d[-1].copy(), newest(series, n_past)
        both = Lane(h[:-1], h[1:]), Lane(m[:-1], m[1:])
        return self._tape(x, filtered, *both, back, end, **{"memory parameter d": d[1:]})  # type: ignore[arg-type]

    def absolute_twin(self) -> TwoLaneRNN:
        p = {key: np.abs(value) for key, value in self.params.items()}
        d = self.d if self.fixed_d else np.full(self.n_input, 0.5)
        w = np.abs(fractional.weights(d, self.filter_length + 1)[:, 1:].T)
        if not self.fixed_d:  # for each lag its largest modulus over 0 < d < 1/2
            grid = np.linspace(0.0, 0.5, 501)[1:]
            each = np.abs(fractional.weights(grid, self.filter_length + 1)[:, 1:])
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

    def initial_state(self, n_batch: int) -> State:
        h, m = np.zeros((n_batch, self.n_hidden)), np.zeros((n_batch, self.n_hidden))
        return h, m, np.zeros((n_batch, self.filter_length - 1, self.n_input))

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        h, m, past = state
        window = np.concatenate([x[:, np.newaxis], past], axis=1)
        filtered = np.einsum("bki,ki->bi", window, self.params["weight_filter"])
        z, h, m = self._lanes(x, filtered, h, m)
        return z, (h, m, window[:, :-1])

    def _filter_weights(self) -> FloatArray:
        return self.params["weight_filter"]

    def _filter_gradient(self, d_w: FloatArray) -> Gradient:
        return {"weight_filter": d_w}

    def absolute_twin(self) -> TwoLaneRNN:
        return TwoLaneRNN({k: np.abs(v) for k, v in self.params.items()}, activation="identity")


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
    filter_length : int
        K, the number of lags kept.
    fixed_d : bool
        True keeps d constant in time.
    activation : {"tanh", "sigmoid", "relu", "identity"}
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"}

    Notes
    -----
    The state is (h, d, past): (n_batch, H), (n_batch, H) and (n_batch, K, H), the newest of the
    past cells first.  With `fixed_d` it has no d.

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
        past = np.zeros((n_batch, self.filter_length, self.n_hidden))
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
        w = fractional.weights(d, self.filter_length + 1)[..., 1:]
        memory = -np.einsum("bkh,hk->bh" if self.fixed_d else "bkh,bhk->bh", past, w)
        c = memory + sigmoid(i) * sigma(g)
        h = sigmoid(o) * sigma(c)
        past = np.concatenate([c[:, np.newaxis], past[:, :-1]], axis=1)
        return self.read_out(h), (h, *([] if self.fixed_d else [d]), past)

    def _run_hidden(self, x: FloatArray, *state: FloatArray) -> Tape:
        h, *d, past = state
        v = gates_of(x, self.params["weight_ih"], self.params["bias"], 3)
        cells, hidden = by_channel(extend(past, len(x))), with_first(h, len(x))
        run = self._run_fixed if self.fixed_d else self._run_moving
        return run(x, v, hidden, cells, *d)

    def _run_fixed(
        self, x: FloatArray, v: FloatArray, hidden: FloatArray, cells: FloatArray
    ) -> Tape:
        from memtools.networks import memory_kernels as kernels

        p, code, d, (w, slopes) = self.params, self._code, self.d, self._lags()
        one, n_lags = hidden[0].size == 1, self.filter_length
        memory, memory_slope = np.zeros((2, *cells.shape[:2], cells.shape[2] + n_lags + 1))
        lags = lower_series(one, contiguous(w), contiguous(slopes))
        weights = blocks_of(p["weight_hh"], 3, True)
        series = lower_series(one, cells, memory, memory_slope)
        gates = lower(one, v, weights)
        kernels.mlstm_fixed_forward(*gates, *lags, *lower(one, hidden), *series, code)

        def backward(dh: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            dd, d_cells = np.empty_like(dh), np.zeros_like(cells)
            gates = lower(one, v, blocks_of(p["weight_hh"], 3, False))
            tape = lower_series(one, contiguous(w[:, ::-1]), cells, memory_slope, d_cells)
            kernels.mlstm_fixed_backward(
                *gates, *tape, *lower(one, np.ascontiguousarray(dh), dd), code
            )
            gradient = {"bias_d": total(dd) * d * (1.0 - 2.0 * d)}
            dv = v[:, : len(dh)]
            return self._gradient(dv, x, hidden) | gradient, lambda: owed(dv, p["weight_ih"])

        end = hidden[-1].copy(), newest(cells.transpose(2, 0, 1), n_lags)
        return Tape(hidden[1:], end, backward, self._gates(v))

    def _run_packed(self, x: Array, packing: Packing) -> Tape:
        p, d, (w, slopes) = self.params, self.d, self._lags()
        lags, d_w = contiguous(w.T), np.zeros_like(w.T, order="C")
        v = affine(x, p["weight_ih"], p["bias"])
        run = packed_mlstm(v, p["weight_hh"], lags, d_w, self.activation, packing)

        def backward(dh: Array) -> tuple[Gradient, Callable[[], Array]]:
            dv = run.back(dh)
            gradient = {"bias_d": np.einsum("ki,ik->i", d_w, slopes) * d * (1.0 - 2.0 * d)}
            return self._gradient(dv, x, run.before) | gradient, lambda: owed(dv, p["weight_ih"])

        return Tape(run.after, (), backward)

    def _run_moving(
        self, x: FloatArray, v: FloatArray, hidden: FloatArray, cells: FloatArray, d: FloatArray
    ) -> Tape:
        from memtools.networks import memory_kernels as kernels

        p, code, inverse, one = self.params, self._code, self._inverse, hidden[0].size == 1
        d, v_d = with_first(d, len(x)), affine(x, p["weight_xd"], p["bias_d"])
        slope, series = np.empty_like(v_d), lower_series(one, cells)
        moving = [p["weight_hd"], p["weight_dd"]]
        weights = blocks_of(p["weight_hh"], 3, True), v_d, *(contiguous(w.T) for w in moving)
        tape = *lower(one, v, *weights, hidden, d), *series, *lower(one, slope)
        kernels.mlstm_forward(*tape, inverse, code)

        def backward(dh: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            n, dv_d = len(dh), np.empty_like(dh)
            weights = blocks_of(p["weight_hh"], 3, False), *map(contiguous, moving)
            tape = *lower(one, v, *weights, d), *series, *lower(one, slope)
            more = (
                *lower_series(one, np.zeros_like(cells)),
                *lower(one, np.ascontiguousarray(dh), dv_d),
            )
            kernels.mlstm_backward(*tape, *more, inverse, code)
            dv = v[:, :n]
            gradient = self._gradient(dv, x, hidden) | {
                "bias_d": total(dv_d),
                "weight_xd": product(dv_d, x[:n]),
                "weight_hd": product(dv_d, hidden[:n]),
                "weight_dd": product(dv_d, d[:n]),
            }
            return gradient, lambda: owed(dv, p["weight_ih"]) + owed(dv_d, p["weight_xd"])

        end = hidden[-1].copy(), d[-1].copy(), newest(cells.transpose(2, 0, 1), self.filter_length)
        gates = self._gates(v) | {"memory parameter d": d[1:]}
        return Tape(hidden[1:], end, backward, gates)

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
        if not self.bounded:
            return None
        d = self.d.max() if self.fixed_d else 0.5
        weight = 1.0 - float(np.prod(1.0 - d / np.arange(1.0, self.filter_length + 1.0)))
        reason = (
            f"The filter is cut at K = {self.filter_length} lags: without the cut the sum is 1."
        )
        return ErgodicityReport(
            verdict="geometrically ergodic",
            theorem="Theorem 1",
            bound=weight,
            conditions=(Condition(name=f"sum of |w_j({d:.3g})|, j = 1..K", value=weight),),
            reasons=(reason,),
        )
