"""The paper's cells with a memory filter, and its two-lane network with free filter weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from memtools import _validate, fractional
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks._parameters import Shapes
from memtools.networks.activations import ACTIVATIONS, OUTPUT_ACTIVATIONS, sigmoid
from memtools.networks.network import Cell, State
from memtools.networks.past import extend, filter_sequence, newest

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
    def d(self) -> FloatArray:
        """Constant memory parameter, 0 < d < 1/2, one a filtered dimension.

        Where d moves with the state, its value at d = 0, h = 0, x = 0.
        """
        return 0.5 * sigmoid(self.params["bias_d"])

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


def two_lanes(
    cell: Cell, x: FloatArray, filtered: FloatArray, h: FloatArray, m: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Hidden and memory lane and their read-out: (z, h, m)."""
    p, sigma = cell.params, ACTIVATIONS[cell.activation]
    m = sigma(m @ p["weight_mm"].T + p["bias_m"] + filtered @ p["weight_fm"].T)
    h = sigma(h @ p["weight_hh"].T + p["bias_h"] + x @ p["weight_xh"].T)
    z = h @ p["weight_hz"].T + m @ p["weight_mz"].T + p["bias_z"]
    return OUTPUT_ACTIVATIONS[cell.output_activation](z), h, m


def run_two_lanes(
    cell: Cell, x: FloatArray, filtered: FloatArray, h: FloatArray, m: FloatArray
) -> FloatArray:
    """Outputs of both lanes over a whole sequence; h and m are updated in place."""
    from memtools.networks import _kernels

    p, lanes = cell.params, np.empty((2, *x.shape[:2], cell.n_hidden))
    h_inputs = x @ p["weight_xh"].T + p["bias_h"]
    m_inputs = filtered @ p["weight_fm"].T + p["bias_m"]
    _kernels.rnn(h_inputs, cell._transposed("weight_hh"), h, cell._code, lanes[0])
    _kernels.rnn(m_inputs, cell._transposed("weight_mm"), m, cell._code, lanes[1])
    z = lanes[0] @ p["weight_hz"].T + lanes[1] @ p["weight_mz"].T + p["bias_z"]
    return OUTPUT_ACTIVATIONS[cell.output_activation](z)


class MRNN(FilterCell):
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
    _optional: ClassVar[tuple[str, ...]] = ()

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
        z, h, m = two_lanes(self, x, filtered, h, m)
        return z, (h, m, *([] if self.fixed_d else [d]), window[:, :-1])

    def _run_compiled(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        h, m, *d, past = state
        series = extend(past, len(x))
        series[past.shape[1] :] = x
        past = newest(series, past.shape[1])
        if not self.fixed_d:
            outputs, (h, m, d) = self._run_moving(x, series, h, m, d[0])
            return outputs, (h, m, d, past)
        w = fractional.weights(self.d, self.filter_length + 1)[:, 1:].T
        return run_two_lanes(self, x, filter_sequence(series, w), h, m), (h, m, past)

    def _run_moving(
        self, x: FloatArray, series: FloatArray, h: FloatArray, m: FloatArray, d: FloatArray
    ) -> tuple[FloatArray, State]:
        from memtools.networks import _kernels

        p, n_hidden, n_input = self.params, self.n_hidden, self.n_input
        zeros = np.zeros((n_hidden, n_hidden))
        recurrent_t = np.block(
            [
                [p["weight_dd"].T, np.zeros((n_input, 2 * n_hidden))],
                [p["weight_hd"].T, p["weight_hh"].T, zeros],
                [p["weight_md"].T, zeros, p["weight_mm"].T],
            ]
        )
        drives = [x @ p["weight_xd"].T + p["bias_d"], x @ p["weight_xh"].T + p["bias_h"]]
        drive = np.concatenate([*drives, np.broadcast_to(p["bias_m"], drives[1].shape)], axis=-1)
        joint, lanes = np.concatenate([d, h, m], axis=-1), np.empty((*x.shape[:2], 2 * n_hidden))
        weight_fm_t = self._transposed("weight_fm")
        _kernels.mrnn_d(drive, recurrent_t, weight_fm_t, series, joint, self._code, lanes)
        weight_z_t = np.concatenate([p["weight_hz"].T, p["weight_mz"].T])
        d, h, m = np.split(joint, [n_input, n_input + n_hidden], axis=-1)
        z = OUTPUT_ACTIVATIONS[self.output_activation](lanes @ weight_z_t + p["bias_z"])
        return z, (h, m, d)


class TwoLaneRNN(Cell):
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
    _optional: ClassVar[tuple[str, ...]] = ()
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
        z, h, m = two_lanes(self, x, filtered, h, m)
        return z, (h, m, window[:, :-1])

    def _run_compiled(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        h, m, past = state
        series = extend(past, len(x))
        series[past.shape[1] :] = x
        filtered = filter_sequence(series, self.params["weight_filter"])
        return run_two_lanes(self, x, filtered, h, m), (h, m, newest(series, past.shape[1]))


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

    def _run_compiled(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        from memtools.networks import _kernels

        p, (h, *d, past) = self.params, state
        cells, hidden = extend(past, len(x)), np.empty((*x.shape[:2], self.n_hidden))
        inputs, weight_hh_t = x @ p["weight_ih"].T + p["bias"], self._transposed("weight_hh")
        if self.fixed_d:
            w = np.array(fractional.weights(self.d, self.filter_length + 1)[:, 1:].T, order="C")
            _kernels.mlstm(inputs, weight_hh_t, w, h, cells, self._code, hidden)
        else:
            drive = x @ p["weight_xd"].T + p["bias_d"]
            recurrent_t = self._transposed("weight_hd"), self._transposed("weight_dd")
            before = h, d[0], cells, self._code
            _kernels.mlstm_d(inputs, weight_hh_t, drive, *recurrent_t, *before, hidden)
        return self.read_out(hidden), (h, *d, newest(cells, self.filter_length))
