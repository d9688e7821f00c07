"""GRU and minimal GRU whose state is integrated fractionally instead of being averaged."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar

import numpy as np

from memtools._validate import FloatArray
from memtools.networks._parameters import READ_OUT, Shapes
from memtools.networks.activations import sigmoid
from memtools.networks.constant_filters import ConstantFilterCell
from memtools.networks.filter_theorems import beyond_theorem_1, by_weights
from memtools.networks.memory_filters import modes_along, tables
from memtools.networks.minimal_gru import GATE_AND_CANDIDATE, InputGated
from memtools.networks.network import State
from memtools.networks.tangents import spectral_radius
from memtools.networks.tapes import (
    Gradient,
    Tape,
    by_channel,
    contiguous,
    extend,
    gates_of,
    newest,
    owed,
    owed_weights,
    product,
    times,
    total,
    with_first,
)
from memtools.results.networks import ErgodicityReport


class IntegratedCell(ConstantFilterCell):
    """A gated cell whose state h is (1 - B)^-d of what its gates let in.

    As MLSTM makes of LSTM's c_t = f_t c_{t-1} + i_t g_t the cell (1 - B)^d c_t = i_t g_t (Zhao et
    al., 2020, section 4), here GRU's h_t = (1 - u_t) h_{t-1} + u_t n_t becomes
    (1 - B)^d h_t = u_t n_t: what the gate keeps of the last state gives way to the filter.
    """

    _filtered = ("H", "H")
    reads_inputs = False

    def _kernel_filter(
        self, past: FloatArray, n_steps: int
    ) -> tuple[tuple[FloatArray, FloatArray, FloatArray], Callable[[FloatArray], FloatArray]]:
        """Weights, fading and past as the kernels take them; given the states, the past left."""
        w = self._weights()
        if self.whole:
            modes = np.array(past.transpose(0, 2, 1), order="C")
            return (w, tables()[1], modes), lambda h: contiguous(modes.transpose(0, 2, 1))
        n_lags = past.shape[1]
        series = by_channel(extend(past, n_steps))
        left = lambda h: newest(series.transpose(2, 0, 1), n_lags)  # noqa: E731
        return (contiguous(w[:, ::-1]), np.zeros(0), series), left

    def _no_adjoints(self, n_batch: int, n_steps: int) -> FloatArray:
        w = self._weights().shape[1]
        return np.zeros((n_batch, self.n_hidden, w if self.whole else w + n_steps))

    def _owed_filter(self, past: FloatArray, h: FloatArray, dh: FloatArray) -> Gradient:
        """Gradient of the filter's parameters; states h (n_steps, n_batch, n), adjoints dh."""
        n = len(dh)
        if self.whole:  # the filter of step t read the modes of t - 1
            table = modes_along(h[:n], past)[0]
            before = np.concatenate([past.transpose(0, 2, 1)[:, :, np.newaxis], table], axis=2)
            return self._filter_gradient(-np.einsum("bntm,tbn->mn", before[:, :, :n], dh))
        series = extend(past, n)
        series[past.shape[1] :] = h[:n]
        return self._filter_gradient(-owed_weights(by_channel(series), dh, past.shape[1]))

    @abstractmethod
    def _gain(self) -> FloatArray:
        """Moduli of what the new part owes to the state before, (H, H)."""

    @abstractmethod
    def _taken(self) -> FloatArray:
        """Likewise to the input, (H, I)."""

    def theorem(self, input_bound: float, feedback: bool) -> ErgodicityReport | None:
        """Theorem 1: |h_t| <= sum_j |w_j| |h_{t-j}| + |u_t n_t|, the gate u_t at most 1.

        A bounded candidate leaves the filter alone; else the positive linear system that
        dominates is stable if and only if it is so without its delays.
        """
        if self.whole:
            return beyond_theorem_1()
        w = self._lags()
        grows = self._gain() if not self.bounded else np.zeros((self.n_hidden, self.n_hidden))
        if feedback and not self.bounded and self.output_bound(math.inf) == math.inf:
            p = self.params
            read = np.abs(p["weight_hz"]) if "weight_hz" in p else np.eye(self.n_hidden)
            grows = grows + self._taken() @ read
        if not grows.any():
            return by_weights(w, self.filter)
        radius = spectral_radius(np.diag(np.abs(w).sum(axis=1)) + grows)
        values = {"spectral radius of N, gates at 1": radius}
        told = [] if radius < 1.0 else ["The sufficient condition fails; that proves nothing."]
        return ErgodicityReport.of(radius < 1.0, "Theorem 1", radius, values, *told)

    def output_bound(self, input_bound: float) -> float:
        """The state may be as large as 1 over one less the moduli of the filter's weights."""
        one = super().output_bound(input_bound)
        if self.output_activation in ("tanh", "sigmoid", "softmax") or math.isinf(one):
            return one
        left = 1.0 - (1.0 if self.whole else float(np.abs(self._lags()).sum(axis=1).max()))
        return one / left if left > 0.0 else math.inf


class MGRU(IntegratedCell):
    """Memory-augmented GRU, of a constant d.

    With the blocks r, u, n of a = W_ih x_t + b and e = W_hh h_{t-1},
    h_t = s(a_u + e_u) n_t - sum_{j=1}^{K} w_j(d) h_{t-j}, w_j(d) the weights of (1 - B)^d,
    n_t = sigma(a_n + s(a_r + e_r) (e_n + b_n)),  d = 1/2 s(b_d),  z_t = g(W_hz h_t + b_z).

    Parameters
    ----------
    params : mapping of str to array_like
        weight_ih (3H, I), weight_hh (3H, H), bias (3H,), blocks in the order r, u, n; bias_n
        (H,), bias_d (H,); and, unless the outputs are the hidden units, weight_hz (O, H),
        bias_z (O,).
    filter_length : int or math.inf
        K, the number of lags kept; ``math.inf`` keeps the whole past.
    filter : {"fractional", "free", "tempered", "seasonal", "two-scale", "log-periodic"}
        The pattern of the weights; all but (1 - B)^d ask for K lags.
    fixed_d : bool
        True: d is constant in time.
    activation : {"tanh", "sigmoid", "relu", "identity"}
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"}

    Notes
    -----
    The state is (h, past), (n_batch, H) and (n_batch, K, H), newest first; of the whole past its
    modes.

    References
    ----------
    Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML, section 4 (of LSTM's cell).
    Cho, K. et al. (2014). Learning phrase representations using RNN encoder-decoder for
    statistical machine translation. EMNLP, 1724-1734.

    Examples
    --------
    >>> import memtools as mt
    >>> network = mt.networks.MGRU.initialise(1, 1, 1, rng=0, filter_length=100)
    >>> mt.ergodicity(network).verdict
    'geometrically ergodic'
    """

    _n_blocks = 3
    _gate_blocks: ClassVar[Mapping[str, int]] = {"reset gate": 0, "update gate": 1}
    state_names = ("h", "past")

    @classmethod
    def _shapes_around(cls, own: Shapes, fixed_d: bool) -> Shapes:
        gates = {
            "weight_ih": ("3H I", "H"),
            "weight_hh": ("3H H", "H"),
            "bias": ("3H", "H"),
            "bias_n": ("H", "H"),
        }
        return {**gates, **own, **READ_OUT}

    def initial_state(self, n_batch: int) -> State:
        h = np.zeros((n_batch, self.n_hidden))
        return h, self._past.no_past(n_batch, self.n_hidden)

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, (h, past) = self.params, state
        a_r, a_u, a_n = np.split(times(x, p["weight_ih"]) + p["bias"], 3, axis=-1)
        e_r, e_u, e_n = np.split(times(h, p["weight_hh"]), 3, axis=-1)
        n = self.sigma(a_n + sigmoid(a_r + e_r) * (e_n + p["bias_n"]))
        h = sigmoid(a_u + e_u) * n - self._value(past, None)
        return self.read_out(h), (h, self._past.seen(h, past)[1])

    def _run_hidden(self, x: FloatArray, *state: FloatArray) -> Tape:
        from memtools.networks import memory_gru_kernels as kernels

        p, code, size, (h, past) = self.params, self._code, self.n_hidden, state
        v, hidden = gates_of(x, p["weight_ih"], p["bias"], 3), with_first(h, len(x))
        w_hh, inner = p["weight_hh"].reshape(3, size, size), np.empty_like(hidden[1:])
        (w, fading, series), left = self._kernel_filter(past, len(x))
        of_gates = contiguous(w_hh), contiguous(p["bias_n"])
        kernels.mgru_forward(v, *of_gates, w, fading, series, hidden, inner, code)

        def backward(dh: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            n, dh = len(dh), np.array(dh, order="C")
            adjoints = self._no_adjoints(dh.shape[1], len(x))
            kernels.mgru_backward(v, of_gates[0], w, fading, adjoints, inner, dh, code)
            dv, d_inner = v[:, :n], inner[:n]
            gradient = {
                "weight_ih": product(dv, x[:n]),
                "weight_hh": product(dv, hidden[:n]),
                "bias": total(dv),
                "bias_n": total(d_inner),
            }
            gradient["weight_hh"][2 * size :] = product(d_inner, hidden[:n])
            own = self._owed_filter(past, hidden[1:], dh)
            return gradient | own, lambda: owed(dv, p["weight_ih"])

        return Tape(hidden[1:], (hidden[-1].copy(), left(hidden)), backward, self._gates(v))

    def _gain(self) -> FloatArray:
        return np.abs(self.params["weight_hh"][2 * self.n_hidden :])

    def _taken(self) -> FloatArray:
        return np.abs(self.params["weight_ih"][2 * self.n_hidden :])


class MMinimalGRU(IntegratedCell, InputGated):
    """Memory-augmented minimal GRU, of a constant d: gate and candidate of the input alone.

    h_t = u_t c_t - sum_{j=1}^{K} w_j(d) h_{t-j}, w_j(d) the weights of (1 - B)^d,
    u_t = s(W_u x_t + b_u),  c_t = sigma(W_c x_t + b_c),  d = 1/2 s(b_d),  z_t = g(W_hz h_t + b_z).

    Parameters
    ----------
    params : mapping of str to array_like
        weight_update (H, I), bias_update (H,), weight_candidate (H, I), bias_candidate (H,),
        bias_d (H,); and, unless the outputs are the hidden units, weight_hz (O, H), bias_z (O,).
    filter_length : int or math.inf
        K, the number of lags kept; ``math.inf`` keeps the whole past.
    filter : {"fractional", "free", "tempered", "seasonal", "two-scale", "log-periodic"}
        The pattern of the weights; all but (1 - B)^d ask for K lags.
    fixed_d : bool
        True: d is constant in time.
    activation : {"tanh", "sigmoid", "relu", "identity"}
        Of the candidate.
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"}

    Notes
    -----
    The state is (past,), (n_batch, K, H), newest first; of the whole past its modes.  The state is
    a linear filter of u_t c_t and never fed back to the gates: without a cut its weights are those
    of (1 - B)^-d whatever the gates do.

    References
    ----------
    Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML, section 4 (of LSTM's cell).
    Feng, L., Tung, F., Ahmed, M. O., Bengio, Y. and Hajimirsadeghi, H. (2024). Were RNNs all we
    needed? arXiv 2410.01201, section 3.1.

    Examples
    --------
    >>> import memtools as mt
    >>> network = mt.networks.MMinimalGRU.initialise(1, 1, 1, rng=0, filter_length=100)
    >>> report = mt.diagnose(network)
    >>> report.verdict, round(report.decay.rate, 3), report.decay.crossover_lag
    ('long memory', 0.75, 100)
    """

    state_names = ("past",)

    @classmethod
    def _shapes_around(cls, own: Shapes, fixed_d: bool) -> Shapes:
        return {**GATE_AND_CANDIDATE, **own, **READ_OUT}

    def initial_state(self, n_batch: int) -> State:
        return (self._past.no_past(n_batch, self.n_hidden),)

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        (u, c), (past,) = self._gate_and_candidate(x), state
        h = u * c - self._value(past, None)
        return self.read_out(h), (self._past.seen(h, past)[1],)

    def _run_hidden(self, x: FloatArray, *state: FloatArray) -> Tape:
        from memtools.networks.memory_gru_kernels import integrate

        (u, c), (past,) = self._gate_and_candidate(x), state
        (w, fading, series), left = self._kernel_filter(past, len(x))
        h = np.empty_like(u)
        integrate(u * c, w, fading, series, h)

        def backward(dh: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            n = len(dh)  # the adjoints go the same way from the end
            reverse, adjoints = np.empty_like(dh), self._no_adjoints(dh.shape[1], n)
            integrate(np.ascontiguousarray(dh[::-1]), w, fading, adjoints, reverse)
            dh = np.ascontiguousarray(reverse[::-1])
            gradient, dx = self._back(x, u, c, dh * c[:n], dh * u[:n])
            return gradient | self._owed_filter(past, h, dh), dx

        return Tape(h, (left(h),), backward, {"update gate": u})

    feeds_back = False

    def _gain(self) -> FloatArray:
        return np.zeros((self.n_hidden, self.n_hidden))

    def _taken(self) -> FloatArray:
        return np.abs(self.params["weight_candidate"])
