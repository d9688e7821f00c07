"""How the weights of a memory filter decay: patterns of a few constant parameters a dimension.

A pattern is its weights of lags 1..K, an analytic function of its parameters: derivatives are
complex steps through it (Squire and Trapp, 1998, SIAM Review 40, 110-112), exact to rounding.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from memtools import _validate, fractional
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.networks.activations import sigmoid, tanh

_STEP = 1e-20
_MOST = 30.0  # of logarithms
_SCALES = 3.0  # of start values that are drawn on (-1, 1): logits over (0.05, 0.95)


@dataclass(frozen=True)
class Law:
    """What a filter makes of the weights, dimension by dimension.

    The weights of late lags j are like j^-(1 + d), or exp(-rate j).  `inverts` is true of a
    filter that is zero at some frequency: a cell that it is fed back to weighs like j^-(1 - d);
    else like the filter itself (Chover, Ney and Wainger, 1973, J. Analyse Math. 26, 255-302).
    """

    d: FloatArray
    says: str
    rate: FloatArray | None = None
    frequency: FloatArray | None = None  # radians a lag
    inverts: bool = False


class Pattern(ABC):
    """Weights from parameters of shape (n,), or (N, n); none depends on time.

    `shapes` has a row a parameter, in the symbols of a cell's `_shapes`, n standing for the
    number of filtered dimensions.
    """

    shapes: ClassVar[Mapping[str, str]] = {"bias_d": "n"}

    @abstractmethod
    def weights(self, p: Mapping[str, FloatArray], n_lags: int) -> NDArray[Any]:
        """Of lags 1..n_lags, (n, n_lags)."""

    @abstractmethod
    def law(self, p: Mapping[str, FloatArray]) -> Law:
        """How the weights decay."""

    def d(self, p: Mapping[str, FloatArray]) -> FloatArray:
        """Memory parameter of the last lags, (n,)."""
        return memory_parameter(p["bias_d"])

    def start(self, p: Mapping[str, FloatArray], n_lags: int) -> dict[str, FloatArray]:
        """Start values, given those drawn on (-1, 1) / sqrt(fan-in)."""
        return {name: np.zeros_like(p[name]) for name in self.shapes}

    def gradient(self, p: Mapping[str, FloatArray], d_w: FloatArray) -> dict[str, FloatArray]:
        """From the adjoints of the weights of the lags, (K, n), to those of the parameters."""
        found = {}
        for name in self.shapes:
            value = np.asarray(p[name], dtype=complex)
            rows = value if value.ndim == 2 else value[np.newaxis]
            slopes = []
            for i in range(len(rows)):
                moved = rows.copy()
                moved[i] += 1j * _STEP
                at = {**p, name: moved.reshape(value.shape)}
                slopes.append(self.weights(at, len(d_w)).imag / _STEP)
            chained = np.einsum("ki,aik->ai", d_w, slopes)
            found[name] = chained.reshape(value.shape).astype(d_w.dtype, copy=False)
        return found


def memory_parameter(logit: FloatArray) -> FloatArray:
    """d in (0, 1/2)."""
    return 0.5 * sigmoid(logit)


def _lags(n_lags: int) -> FloatArray:
    return np.arange(1.0, n_lags + 1.0)


def _exp(v: NDArray[Any]) -> NDArray[Any]:
    """exp, flat where it is beyond any use."""
    return np.exp(np.where(v.real > _MOST, _MOST, v))


def _softplus(v: NDArray[Any]) -> NDArray[Any]:
    """log(1 + exp(v)), which does not overflow."""
    rises = v.real > 0.0
    return np.where(rises, v, 0.0) + np.log1p(np.exp(np.where(rises, -v, v)))


def _several(name: str, values: FloatArray) -> str:
    """A parameter in words, its range where the dimensions differ."""
    low, high = float(values.min()), float(values.max())
    if high - low <= 0.005 * max(abs(high), abs(low)):
        return f"{name} {high:.3g}"
    return f"{name} from {low:.3g} to {high:.3g}"


class Fractional(Pattern):
    """(1 - B)^d: w_j ~ j^-(1+d)."""

    def weights(self, p: Mapping[str, FloatArray], n_lags: int) -> NDArray[Any]:
        return fractional.weights(memory_parameter(p["bias_d"]), n_lags + 1)[..., 1:]

    def gradient(self, p: Mapping[str, FloatArray], d_w: FloatArray) -> dict[str, FloatArray]:
        """As derived: a complex step would take as long as the network."""
        d = self.d(p).astype(float)
        slopes = fractional.weights_and_slopes(d, len(d_w) + 1)[1][..., 1:]
        of_d = np.einsum("ki,ik->i", d_w, slopes)
        return {"bias_d": (of_d * d * (1.0 - 2.0 * d)).astype(d_w.dtype, copy=False)}

    def law(self, p: Mapping[str, FloatArray]) -> Law:
        d = self.d(p)
        return Law(d, f"(1 - B)^d, {_several('d', d)}", inverts=True)


class Tempered(Pattern):
    """(1 - e^-l B)^d: w_j(d) e^(-l j), l = exp(bias_tempering).

    For every l > 0 the weights decay exponentially, whatever d is, and the moduli of all of
    them sum to 1 - (1 - e^-l)^d < 1.
    """

    shapes: ClassVar[Mapping[str, str]] = {"bias_d": "n", "bias_tempering": "n"}

    def weights(self, p: Mapping[str, FloatArray], n_lags: int) -> NDArray[Any]:
        fading = np.exp(-np.multiply.outer(_exp(p["bias_tempering"]), _lags(n_lags)))
        return FRACTIONAL.weights(p, n_lags) * fading

    def start(self, p: Mapping[str, FloatArray], n_lags: int) -> dict[str, FloatArray]:
        drawn = super().start(p, n_lags)
        return drawn | {"bias_tempering": drawn["bias_d"] + np.log(4.0 / n_lags)}

    def law(self, p: Mapping[str, FloatArray]) -> Law:
        d, rate = self.d(p), _exp(p["bias_tempering"])
        says = f"(1 - exp(-l) B)^d, {_several('d', d)}, {_several('l', rate)}"
        return Law(d, says, rate=rate)


class Seasonal(Pattern):
    """(1 - 2 cos(f) B + B^2)^d, Gegenbauer's, of a learnt frequency f = pi s(bias_frequency).

    The product of (1 - exp(i f) B)^d and its conjugate: w_j ~ j^-(1+d) cos(f j + a).
    """

    shapes: ClassVar[Mapping[str, str]] = {"bias_d": "n", "bias_frequency": "n"}

    def weights(self, p: Mapping[str, FloatArray], n_lags: int) -> NDArray[Any]:
        w = fractional.weights(memory_parameter(p["bias_d"]), n_lags + 1)
        turned = np.multiply.outer(self.frequency(p), np.arange(n_lags + 1.0))
        parts = w * np.cos(turned), w * np.sin(turned)  # apart, since Re is not analytic
        squares = [[np.convolve(row, row)[1 : n_lags + 1] for row in part] for part in parts]
        return np.asarray(np.array(squares[0]) + np.array(squares[1]))

    def start(self, p: Mapping[str, FloatArray], n_lags: int) -> dict[str, FloatArray]:
        return super().start(p, n_lags) | {"bias_frequency": _SCALES * p["bias_frequency"]}

    def frequency(self, p: Mapping[str, FloatArray]) -> FloatArray:
        """Radians a lag."""
        return np.pi * sigmoid(p["bias_frequency"])

    def law(self, p: Mapping[str, FloatArray]) -> Law:
        d, f = self.d(p), self.frequency(p)
        period = _several("period", 2.0 * np.pi / f)
        says = f"(1 - 2 cos(f) B + B^2)^d, {_several('d', d)}, {period}"
        return Law(d, says, frequency=f, inverts=True)


class TwoScale(Pattern):
    """d up to lag sqrt(K), another d beyond: w_j = w_{j-1} (j - 1 - d_j) / j.

    With d_slow below d the weights of many lags sum to more than 1.
    """

    shapes: ClassVar[Mapping[str, str]] = {"bias_d": "n", "bias_d_slow": "n"}

    def weights(self, p: Mapping[str, FloatArray], n_lags: int) -> NDArray[Any]:
        j, fast, slow = (
            _lags(n_lags),
            *(memory_parameter(p[name])[:, np.newaxis] for name in self.shapes),
        )
        d = np.where(j <= np.floor(np.sqrt(n_lags)), fast, slow)
        return np.cumprod((j - 1.0 - d) / j, axis=-1)

    def d(self, p: Mapping[str, FloatArray]) -> FloatArray:
        return memory_parameter(p["bias_d_slow"])

    def law(self, p: Mapping[str, FloatArray]) -> Law:
        fast, slow = memory_parameter(p["bias_d"]), self.d(p)
        says = f"of two scales, {_several('d', fast)} up to lag sqrt(K), "
        return Law(slow, says + f"{_several('d', slow)} beyond")


class LogPeriodic(Pattern):
    """w_j(d) (1 + a cos(f log j + b)): a power law that is the same at scales exp(2 pi / f) apart.

    a = tanh(bias_amplitude), f = pi exp(bias_log_frequency), b = bias_phase.
    """

    shapes: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("bias_d", "bias_amplitude", "bias_log_frequency", "bias_phase"), "n"
    )

    def weights(self, p: Mapping[str, FloatArray], n_lags: int) -> NDArray[Any]:
        turned = np.multiply.outer(np.pi * _exp(p["bias_log_frequency"]), np.log(_lags(n_lags)))
        wave = np.cos(turned + p["bias_phase"][:, np.newaxis])
        factor = 1.0 + tanh(p["bias_amplitude"])[:, np.newaxis] * wave
        return FRACTIONAL.weights(p, n_lags) * factor

    def start(self, p: Mapping[str, FloatArray], n_lags: int) -> dict[str, FloatArray]:
        kept = {name: p[name] for name in ("bias_log_frequency", "bias_phase")}
        return super().start(p, n_lags) | kept

    def law(self, p: Mapping[str, FloatArray]) -> Law:
        d, ratio = self.d(p), np.exp(np.minimum(2.0 / _exp(p["bias_log_frequency"]), 700.0))
        a = np.abs(tanh(p["bias_amplitude"]))
        says = f"(1 - B)^d times a wave in log j, {_several('d', d)}, {_several('amplitude', a)}"
        return Law(d, f"{says}, {_several('scales a factor', ratio)} apart")


class Free(Pattern):
    """Weights that fall from lag to lag and sum to -s(bias_strength), free in each octave of lags.

    Within lags 2^i to 2^(i+1) the modulus falls like j^-r_i, r_i = log(1 + exp(fall_i)) > 0; the
    last octave goes on.
    """

    shapes: ClassVar[Mapping[str, str]] = {"bias_strength": "n", "weight_fall": "N n"}

    def weights(self, p: Mapping[str, FloatArray], n_lags: int) -> NDArray[Any]:
        octaves = np.log2(_lags(n_lags)) - np.arange(len(p["weight_fall"]))[:, np.newaxis]
        octaves[:-1] = np.minimum(octaves[:-1], 1.0)
        falls = _softplus(p["weight_fall"])
        shape = np.exp(-np.log(2.0) * np.einsum("ai,ak->ik", falls, np.maximum(octaves, 0.0)))
        share = sigmoid(p["bias_strength"]) / shape.sum(axis=-1)
        return -share[:, np.newaxis] * shape

    def start(self, p: Mapping[str, FloatArray], n_lags: int) -> dict[str, FloatArray]:
        """Near (1 - B)^0.25: its sum over K = 100 lags, its slope everywhere."""
        fall = np.full_like(p["weight_fall"], np.log(np.expm1(1.25)))
        return {"bias_strength": np.ones_like(p["bias_strength"]), "weight_fall": fall}

    def law(self, p: Mapping[str, FloatArray]) -> Law:
        rates = _softplus(p["weight_fall"])
        slopes = ", ".join(f"{rate:.2g}" for rate in rates.mean(axis=1))
        says = f"of free weights that fall by octaves of lags like j^-r, r = {slopes}"
        return Law(self.d(p), says)

    def d(self, p: Mapping[str, FloatArray]) -> FloatArray:
        return _softplus(p["weight_fall"][-1]) - 1.0


FRACTIONAL = Fractional()
PATTERNS: Mapping[str, Pattern] = {
    "fractional": FRACTIONAL,
    "free": Free(),
    "tempered": Tempered(),
    "seasonal": Seasonal(),
    "two-scale": TwoScale(),
    "log-periodic": LogPeriodic(),
}
# As parameters stand in files beside the paper authors' names, which know bias_d alone.
PREFIX = "filter."


def pattern_told_by(names: Collection[str]) -> str | None:
    """The pattern, other than the fractional, whose parameters are among the names."""
    for name, pattern in PATTERNS.items():
        if pattern is not FRACTIONAL and pattern.shapes.keys() - {"bias_d"} <= set(names):
            return name
    return None


def as_pattern(value: Any, fixed_d: bool, length: float) -> str:
    """Name of a filter's pattern that goes with a d that moves or does not, cut or not."""
    name: str = _validate.as_choice(value, "filter", [*PATTERNS])
    if name != "fractional" and not (fixed_d and math.isfinite(length)):
        allowed = (
            "'fractional' unless fixed_d=True (the weights of other patterns are made once, not "
        )
        allowed += "at every step) and filter_length is a number (the modes of the whole past are "
        allowed += "those of (1 - B)^d)"
        raise InvalidInputError("filter", allowed, repr(name))
    return name
