"""Feedforward and linear networks of the inputs and of a fractional filter of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.networks._parameters import READ_OUT, Shapes
from memtools.networks.activations import ACTIVATIONS, OUTPUT_ACTIVATIONS, activation_slope
from memtools.networks.constant_filters import ConstantFilterCell
from memtools.networks.filter_theorems import beyond_theorem_1
from memtools.networks.network import State
from memtools.networks.recurrent_cell import BOUNDED
from memtools.networks.tangents import spectral_radius
from memtools.networks.tapes import (
    Gradient,
    Tape,
    affine,
    extend,
    named_gradient,
    newest,
    owed,
    product,
    times,
    total,
    with_first,
)
from memtools.results.networks import ErgodicityReport

_N_LAYERS, _WIDTH = 4, 2  # of a convolution, where they are not told


class FractionalInputCell(ConstantFilterCell):
    """A cell that reads x_t and F_t, F_t = sum_{j=1}^{K} w_j x_{t-j+1} input by input."""

    _filtered = ("I", "I")
    reads_inputs = True

    def _collapsed(self) -> FloatArray:
        """Moduli of what outputs owe to inputs of all lags, (O, I): the gain of constant signs."""
        raise NotImplementedError

    def _moduli(self) -> FloatArray:
        return np.abs(self._lags()).sum(axis=1)

    def theorem(self, input_bound: float, feedback: bool) -> ErgodicityReport | None:
        """Theorem 1; the state forgets by itself, so that only the way round can grow.

        Along that way |M| is dominated by a positive linear system with delays, which is stable
        if and only if it is so without the delays (Haddad and Chellaboina, 2004, Systems and
        Control Letters 51, 355-361).
        """
        if self.whole:
            return beyond_theorem_1()
        if not feedback or self.output_bound(math.inf) < math.inf:
            reason = f"The state forgets by itself; the filter is cut at K = {self.filter_length}."
            return ErgodicityReport.of(True, "Theorem 1", self._own_radius(), {}, reason)
        radius = spectral_radius(self._collapsed())
        values = {"spectral radius of the gain, moduli of the weights": radius}
        told = [] if radius < 1.0 else ["The sufficient condition fails; that proves nothing."]
        return ErgodicityReport.of(radius < 1.0, "Theorem 1", radius, values, *told)

    def _own_radius(self) -> float:
        """Largest modulus of the recurrence about the filter."""
        return 0.0


class FractionalStateSpace(FractionalInputCell):
    """Linear state space of the inputs and of their fractional filter.

    F_t = sum_{j=1}^{K} w_j(d) x_{t-j+1}, w_j(d) the weights of (1 - B)^d,  d = 1/2 s(b_d),
    h_t = a h_{t-1} + W_xh x_t + W_fh F_t,  a = exp(-exp(b_a)) unit by unit,
    z_t = g(W_hz h_t + W_xz x_t + W_fz F_t + b_z).

    Parameters
    ----------
    params : mapping of str to array_like
        bias_rate (H,), the b_a; weight_xh (H, I), weight_fh (H, I), weight_hz (O, H),
        weight_xz (O, I), weight_fz (O, I), bias_z (O,), bias_d (I,).
    filter_length : int or math.inf
        K, the number of lags kept; w_1 = -d multiplies the current input.  ``math.inf`` keeps
        the whole past.
    filter : {"fractional", "free", "tempered", "seasonal", "two-scale", "log-periodic"}
        The pattern of the weights; all but (1 - B)^d ask for K lags.
    fixed_d : bool
        True: d is constant in time.
    activation : {"identity"}
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"}

    Notes
    -----
    The state is (h, past), (n_batch, H) and (n_batch, K - 1, I), newest first; of the whole past
    its modes.  The real decays are those of S4D-Real, here with time constants that start
    log-uniform on (1, K).

    References
    ----------
    Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML, theorem 3.
    Gu, A., Gupta, A., Goel, K. and Re, C. (2022). On the parameterization and initialization of
    diagonal state space models. NeurIPS, section 4.

    Examples
    --------
    >>> import memtools as mt
    >>> network = mt.networks.FractionalStateSpace.initialise(1, 4, 1, rng=0)
    >>> mt.diagnose(network).verdict
    'long memory'
    """

    _optional: ClassVar[tuple[str, ...]] = ()
    _activations: ClassVar[tuple[str, ...]] = ("identity",)
    state_names = ("h", "past")

    def __init__(self, params: Any, *, activation: str = "identity", **options: Any) -> None:
        super().__init__(params, activation=activation, **options)

    @classmethod
    def _shapes_around(cls, own: Shapes, fixed_d: bool) -> Shapes:
        read = dict.fromkeys(("weight_xh", "weight_fh"), ("H I", "2I"))
        straight = dict.fromkeys(("weight_xz", "weight_fz"), ("O I", "H+2I"))
        return {
            "bias_rate": ("H", "H"),
            **own,
            **read,
            "weight_hz": ("O H", "H+2I"),
            **straight,
            "bias_z": ("O", "H+2I"),
        }

    @classmethod
    def _initialised(cls, params: Any, sizes: Mapping[str, int], options: dict[str, Any]) -> Any:
        share = 0.5 * (1.0 + math.sqrt(sizes["H"]) * params["bias_rate"])
        params["bias_rate"] = -math.log(sizes["K"] or 100) * share
        return super()._initialised(params, sizes, options)

    def initial_state(self, n_batch: int) -> State:
        h = np.zeros((n_batch, self.n_hidden))
        return h, self._past.no_past(n_batch, self.n_input, before=1)

    @property
    def _kept(self) -> FloatArray:
        """a: what a unit keeps of itself a step."""
        kept: FloatArray = np.exp(-np.exp(self.params["bias_rate"]))
        return kept

    def rates(self) -> FloatArray:
        rates: FloatArray = np.exp(self.params["bias_rate"])
        return rates

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, (h, past) = self.params, state
        window, past = self._past.seen(x, past)
        f = self._value(window, None)
        h = self._kept * h + times(x, p["weight_xh"]) + times(f, p["weight_fh"])
        z = times(h, p["weight_hz"]) + times(x, p["weight_xz"]) + times(f, p["weight_fz"])
        return OUTPUT_ACTIVATIONS[self.output_activation](z + p["bias_z"]), (h, past)

    def record(self, x: FloatArray, state: State) -> Tape:
        from memtools.networks.gated_kernels import scan

        p, g, kept = self.params, self.output_activation, self._kept
        f, left, filter_back = self._along(x, state[1])
        h = with_first(state[0], len(x))
        decay = np.empty_like(h[1:])
        decay[...] = kept
        scan(decay, affine(x, p["weight_xh"]) + affine(f, p["weight_fh"]), h)
        v = affine(h[1:], p["weight_hz"], p["bias_z"])
        v += affine(x, p["weight_xz"]) + affine(f, p["weight_fz"])
        z = OUTPUT_ACTIVATIONS[g](v)

        def backward(dz: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            n, read = len(dz), {"x": x, "f": f}
            dv = activation_slope(g, z[:n], dz)
            later = with_first(np.zeros_like(h[0]), n)
            scan(decay[:n], np.ascontiguousarray(owed(dv, p["weight_hz"])[::-1]), later)
            dh = later[:0:-1]
            gradient = named_gradient(p, {"z": dv}, read | {"h": h[1:]})
            gradient |= named_gradient(p, {"h": dh}, read)
            slope = -kept * np.exp(p["bias_rate"])
            gradient["bias_rate"] = slope * (dh * h[:n]).sum(axis=(0, 1))
            df = owed(dh, p["weight_fh"]) + owed(dv, p["weight_fz"])
            own, dx = filter_back(np.ascontiguousarray(df))
            direct = owed(dh, p["weight_xh"]) + owed(dv, p["weight_xz"])
            return gradient | own, lambda: dx() + direct

        return Tape(z, (h[-1].copy(), left), backward)

    def _collapsed(self) -> FloatArray:
        p = {name: np.abs(value) for name, value in self.params.items()}
        moduli, rest = self._moduli(), 1.0 - self._kept
        read = (p["weight_xh"] + p["weight_fh"] * moduli) / rest[:, np.newaxis]
        gain: FloatArray = p["weight_hz"] @ read + p["weight_xz"] + p["weight_fz"] * moduli
        return gain

    def _own_radius(self) -> float:
        return float(self._kept.max())

    def output_bound(self, input_bound: float) -> float:
        if self.output_activation in BOUNDED:
            return 1.0
        if math.isinf(input_bound) or self.whole:
            return math.inf
        reach = self._collapsed().sum(axis=1) * input_bound
        return float((reach + np.abs(self.params["bias_z"])).max())


class FractionalConvolution(FractionalInputCell):
    """Dilated causal convolutions (TCN) of the inputs and of their fractional filter.

    F_t = sum_{j=1}^{K} w_j(d) x_{t-j+1}, w_j(d) the weights of (1 - B)^d,  d = 1/2 s(b_d),
    h0_t = sigma(sum_i W_xh,i x_{t-i} + W_fh,i F_{t-i} + b_h),  i = 0..W-1,
    hl_t = hk_t + sigma(sum_i W_hh,l,i hk_{t - i 2^l} + b_l),  k = l - 1,  l = 1..L,
    z_t = g(W_hz hL_t + b_z).

    Parameters
    ----------
    params : mapping of str to array_like
        weight_xh (W, H, I), weight_fh (W, H, I), bias_h (H,), weight_hh (L, W, H, H),
        bias_hh (L, H), weight_hz (O, H), bias_z (O,), bias_d (I,).
    filter_length : int or math.inf
        K, the number of lags kept; w_1 = -d multiplies the current input.  ``math.inf`` keeps
        the whole past.
    filter : {"fractional", "free", "tempered", "seasonal", "two-scale", "log-periodic"}
        The pattern of the weights; all but (1 - B)^d ask for K lags.
    fixed_d : bool
        True: d is constant in time.
    activation : {"tanh", "sigmoid", "relu", "identity"}
    output_activation : {"identity", "tanh", "sigmoid", "relu", "softmax"}

    Notes
    -----
    `initialise` takes `n_layers=4`, the L, and `width=2`, the W: 32 lags of x and F are seen.
    The state is (inputs, layers, past): x and F of the last W - 1 steps (n_batch, W - 1, 2I), a
    tuple of the L layers' inputs (n_batch, (W - 1) 2^l, H), and the filter's past.

    References
    ----------
    Zhao, J. et al. (2020). Do RNN and LSTM have long memory? ICML, theorem 3.
    Bai, S., Kolter, J. Z. and Koltun, V. (2018). An empirical evaluation of generic convolutional
    and recurrent networks for sequence modeling. arXiv:1803.01271, section 3.

    Examples
    --------
    >>> import memtools as mt
    >>> network = mt.networks.FractionalConvolution.initialise(1, 4, 1, rng=0)
    >>> mt.diagnose(network).verdict
    'long memory'
    """

    _optional: ClassVar[tuple[str, ...]] = ()
    state_names = ("inputs", "layers", "past")

    @classmethod
    def _shapes_around(cls, own: Shapes, fixed_d: bool) -> Shapes:
        first = dict.fromkeys(("weight_xh", "weight_fh"), ("W H I", "2I"))
        return {
            **own,
            **first,
            "bias_h": ("H", "2I"),
            "weight_hh": ("L W H H", "2H"),
            "bias_hh": ("L H", "2H"),
            **READ_OUT,
        }

    @classmethod
    def _own_sizes(cls, options: dict[str, Any]) -> dict[str, int]:
        own = {"L": ("n_layers", _N_LAYERS), "W": ("width", _WIDTH)}
        return {
            size: _validate.as_integer(options.pop(name, value), name, 1)
            for size, (name, value) in own.items()
        }

    @property
    def _dilations(self) -> list[int]:
        return [2 ** (i + 1) for i in range(self._sizes["L"])]

    def initial_state(self, n_batch: int) -> State:
        n, more = self.n_input, self._sizes["W"] - 1
        layers = tuple(np.zeros((n_batch, more * d, self.n_hidden)) for d in self._dilations)
        inputs = np.zeros((n_batch, more, 2 * n))
        return inputs, layers, self._past.no_past(n_batch, n, before=1)

    def step(self, x: FloatArray, state: State) -> tuple[FloatArray, State]:
        p, sigma, (inputs, layers, past) = self.params, ACTIVATIONS[self.activation], state
        window, past = self._past.seen(x, past)
        seen = _with(np.concatenate([x, self._value(window, None)], axis=1), inputs)
        first = np.concatenate([p["weight_xh"], p["weight_fh"]], axis=2)
        h, kept = sigma(_taps(seen, first, 1) + p["bias_h"]), []
        for d, own, w, b in zip(self._dilations, layers, p["weight_hh"], p["bias_hh"], strict=True):
            before = _with(h, own)
            kept.append(before[:, :-1])
            h = h + sigma(_taps(before, w, d) + b)
        return self.read_out(h), (seen[:, :-1], tuple(kept), past)

    def _run_hidden(self, x: FloatArray, *state: Any) -> Tape:
        p, sigma, (inputs, layers, past) = self.params, ACTIVATIONS[self.activation], state
        f, left, filter_back = self._along(x, past)
        first = np.concatenate([p["weight_xh"], p["weight_fh"]], axis=2)
        dilations, n_input = [1, *self._dilations], self.n_input
        weights, biases = [first, *p["weight_hh"]], [p["bias_h"], *p["bias_hh"]]
        given, series, made = np.concatenate([x, f], axis=2), [], []
        for d, own, w, b in zip(dilations, (inputs, *layers), weights, biases, strict=True):
            whole = extend(own, len(x))
            whole[own.shape[1] :] = given
            v = sigma(_convolved(whole, w, d, len(x)) + b)
            series.append(whole)
            made.append(v)
            given = given + v if len(made) > 1 else v

        def backward(dh: FloatArray) -> tuple[Gradient, Callable[[], FloatArray]]:
            n, owed_w, owed_b = len(dh), [], []
            for i in range(len(weights) - 1, -1, -1):
                dv = activation_slope(self.activation, made[i][:n], dh)
                d_w, below = _convolved_back(series[i], weights[i], dilations[i], dv)
                owed_w.append(d_w)
                owed_b.append(total(dv))
                dh = dh + below if i else below
            d_first = owed_w.pop()
            gradient = {
                "weight_xh": d_first[..., :n_input],
                "weight_fh": d_first[..., n_input:],
                "bias_h": owed_b.pop(),
                "weight_hh": np.array(owed_w[::-1]),
                "bias_hh": np.array(owed_b[::-1]),
            }
            own, dx = filter_back(np.ascontiguousarray(dh[..., n_input:]))
            return gradient | own, lambda: dx() + dh[..., :n_input]

        ends = [newest(whole, len(whole) - len(x)) for whole in series]
        return Tape(given, (ends[0], tuple(ends[1:]), left), backward)

    @property
    def constant_gates(self) -> bool:
        """There are none."""
        return True

    def _collapsed(self) -> FloatArray:
        p = {name: np.abs(value) for name, value in self.params.items()}
        gain = p["weight_xh"].sum(axis=0) + p["weight_fh"].sum(axis=0) * self._moduli()
        for w in p["weight_hh"]:
            gain = gain + w.sum(axis=0) @ gain
        whole: FloatArray = p["weight_hz"] @ gain
        return whole

    def output_bound(self, input_bound: float) -> float:
        if self.output_activation in BOUNDED:
            return 1.0
        if not self.bounded:
            return math.inf
        p, most = self.params, 1.0 + self._sizes["L"]
        return float((most * np.abs(p["weight_hz"]).sum(axis=1) + np.abs(p["bias_z"])).max())


def _with(value: FloatArray, past: FloatArray) -> FloatArray:
    """The newest value and those before it, newest first."""
    return np.concatenate([value[:, np.newaxis], past], axis=1)


def _taps(seen: FloatArray, w: FloatArray, dilation: int) -> FloatArray:
    """sum_i W_i of the value i dilations ago."""
    return np.sum([times(seen[:, i * dilation], w[i]) for i in range(len(w))], axis=0)


def _convolved(series: FloatArray, w: FloatArray, dilation: int, n: int) -> FloatArray:
    """Likewise of the last n steps of a series in order of time."""
    first = len(series) - n
    parts = (affine(series[(s := first - i * dilation) : s + n], w[i]) for i in range(len(w)))
    return np.asarray(sum(parts))


def _convolved_back(
    series: FloatArray, w: FloatArray, dilation: int, dv: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Adjoints of the taps, and of the first steps of what was convolved."""
    n, first = len(dv), (len(w) - 1) * dilation
    below = np.zeros((first + n, *series.shape[1:]))
    d_w = np.empty_like(w)
    for i in range(len(w)):
        now = slice(first - i * dilation, first - i * dilation + n)
        d_w[i] = product(dv, series[now])
        below[now] += owed(dv, w[i])
    return d_w, below[first:]
