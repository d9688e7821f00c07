"""Fractional differencing of a stream, chunk by chunk, with an exact way back."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import poch, rgamma

from memtools import _validate
from memtools._validate import FloatArray
from memtools.exceptions import InvalidInputError
from memtools.fractional.exponentials import exponential_modes
from memtools.fractional.filters import convolve_causal, weights

# With exponential modes: the newest values, of which the weights are exact, come in blocks; the
# modes hold what is older, to the largest lag at which their error is certified.
_BLOCK = 2048
_LAST_LAG = 10**9
# So few new values are filtered by inner products, not by transforms.
_SHORT = 16


class FractionalDifferencer:
    """Fractional differencing of a stream, chunk by chunk, with an exact way back.

    Parameters
    ----------
    d : float
        Order of differencing, any real number.
    window : int or None
        Keep the weights of lags 0..window only; None keeps all (exact, memory of the whole
        past).
    modes : {None, "exponential"}
        "exponential" keeps all weights at constant memory and cost a value: those of the newest
        2,048 lags exactly, the rest as a sum of 36 exponentials.

    Attributes
    ----------
    d : float
    window : int or None
    modes : str or None

    Raises
    ------
    InvalidInputError
        Where `d` is not finite, `window` no positive integer, `modes` neither of its words, or
        both `window` and `modes` are given.

    Notes
    -----
    `transform` and `inverse_transform` are two streams with a past each: the second undoes
    the first to rounding, with a window or modes as without.  Chunks of any sizes give what one
    call on the whole series gives; a refused chunk leaves the past as it was.

    With exponential modes d is split into an integer, applied by exact differences or sums, and a
    rest in [-1/2, 1/2]; each weight of the rest is within 2e-7 of its own size up to lag 1e9 and
    fades exponentially beyond.

    References
    ----------
    Hosking, J. R. M. (1981). Fractional differencing. Biometrika 68, 165-176.
    Beylkin, G. and Monzon, L. (2005). On approximation of functions by exponential sums. Applied
    and Computational Harmonic Analysis 19, 17-48.

    Examples
    --------
    >>> import memtools as mt
    >>> stream = mt.FractionalDifferencer(0.4, modes="exponential")
    >>> stream.transform([1.0, 2.0])
    array([1. , 1.6])
    >>> stream.transform([3.0])
    array([2.08])
    >>> stream.inverse_transform([1.0, 1.6, 2.08])
    array([1., 2., 3.])
    """

    def __init__(
        self,
        d: float,
        window: int | None = None,
        modes: Literal["exponential"] | None = None,
    ) -> None:
        self.d = _validate.as_real(d, "d")
        self.window = None if window is None else _validate.as_integer(window, "window", 1)
        self.modes = (
            None if modes is None else _validate.as_choice(modes, "modes", ("exponential",))
        )
        if self.modes and self.window:
            allowed = "None with exponential modes, which keep the whole past"
            raise InvalidInputError("window", allowed, str(window))
        self.reset()

    def reset(self) -> None:
        """Forget the past of both streams."""
        self._differences, self._rest = 0, self.d
        if self.modes:
            self._differences = round(self.d)
            self._rest = self.d - self._differences
        self._past, self._past_of_inverse = self._nothing(), self._nothing()
        self._carry, self._carry_of_inverse = np.zeros((2, abs(self._differences)))
        self._n_inverted = 0
        self._amplification = np.empty(0)

    @property
    def truncation_error(self) -> float:
        """Largest error of the filter per unit of max |x|.

        With a window, the sum of the absolute weights beyond it, Gamma(K + 1 - d) /
        (|Gamma(1 - d)| Gamma(K + 1)) for d > 0 and K = window >= d; zero without a window or
        where the omitted weights vanish; infinite for other d < 0 (the sum diverges).  With
        exponential modes, per unit of max |(1 - B)^k x|, k the integer next to d: the largest
        relative error of a weight times the sum of the absolute weights from lag 2,049 to 1e9.
        """
        if self.modes:
            return _error_of_modes(self._rest)
        whole = self.d.is_integer()
        if self.window is None or self.d == 0.0 or (whole and 0 < self.d <= self.window):
            return 0.0
        if self.d < 0.0:
            return math.inf
        # Beyond lag d the weights keep one sign, and all weights sum to zero; those up to lag K
        # sum to the K-th weight of (1 - B)^(d - 1), which loses no digits.
        last = max(self.window, math.ceil(self.d))
        beyond = abs(float(weights(self.d - 1.0, last + 1)[-1]))
        return beyond + float(np.abs(weights(self.d, last + 1)[self.window + 1 :]).sum())

    def transform(self, chunk: ArrayLike) -> FloatArray:
        """Difference the next values of the stream.

        Parameters
        ----------
        chunk : array_like, shape (n,)
            The next values.

        Returns
        -------
        ndarray, shape (n,)
        """
        new = _integrated(_validate.as_series(chunk, "chunk"), self._carry, -self._differences)
        past, y = self._past, np.empty(len(new))
        for piece in past.pieces(len(new)):
            x = new[piece]
            y[piece] = past.filtered(x)
            past.append(x)
        return y

    def inverse_transform(self, chunk: ArrayLike) -> FloatArray:
        """Undo `transform` on the next differenced values.

        Parameters
        ----------
        chunk : array_like, shape (n,)
            The next differenced values.

        Returns
        -------
        ndarray, shape (n,)

        Raises
        ------
        InvalidInputError
            Where the window makes the filter one without a stable inverse (|d| > 1 and a
            short window: the error would grow geometrically) and the stream is so long that
            fewer than six digits are left.
        """
        y = _validate.as_series(chunk, "chunk")
        self._require_stable_inverse(self._n_inverted + len(y))
        past, x = self._past_of_inverse, np.empty(len(y))
        for piece in past.pieces(len(y)):
            x[piece] = self._inverted(past, y[piece])
            past.append(x[piece])
        self._n_inverted += len(y)
        return _integrated(x, self._carry_of_inverse, self._differences)

    def state(self) -> dict[str, Any]:
        """Both streams' pasts in plain JSON-ready types: `from_state` goes on to the bit."""
        return {
            "d": self.d,
            "window": self.window,
            "modes": self.modes,
            "pasts": [past.state() for past in (self._past, self._past_of_inverse)],
            "carries": [self._carry.tolist(), self._carry_of_inverse.tolist()],
            "n_inverted": self._n_inverted,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The differencer that `state` was taken of.

        Parameters
        ----------
        state : mapping
            What :meth:`state` gave, also after a way through JSON.
        """
        stream = cls(state["d"], state["window"], state["modes"])
        for past, kept in zip((stream._past, stream._past_of_inverse), state["pasts"], strict=True):
            past.restore(kept)
        stream._carry[:], stream._carry_of_inverse[:] = state["carries"]
        stream._n_inverted = int(state["n_inverted"])
        return stream

    def _inverted(self, past: _Past, y: FloatArray) -> FloatArray:
        """The values whose filter is `y` behind `past`."""
        n_values = len(y)
        owed = y - past.filtered(np.zeros(n_values)) if past.n_values else y
        w = past.weights(past.n_values + n_values)
        return convolve_causal(owed, _inverse_weights(w, self._rest, self.window, n_values))

    def _require_stable_inverse(self, n_values: int) -> None:
        """Refuse where rounding, amplified by the inverse of the cut filter, is no rounding."""
        d, window = self.d, self.window
        vanishing = d.is_integer() and window is not None and 0.0 < d <= window
        if window is None or abs(d) <= 1.0 or vanishing:
            # Weights of one sign beyond lag 0: all zeros of the filter lie outside |z| < 1.
            return
        if n_values > len(self._amplification):
            n_weights = 2 * n_values
            w = weights(d, min(n_weights, window + 1))
            with np.errstate(over="ignore", invalid="ignore"):
                largest = np.abs(_inverse_weights(w, d, window, n_weights))
                self._amplification = np.maximum.accumulate(np.nan_to_num(largest, nan=np.inf))
        if self._amplification[n_values - 1] * np.finfo(np.float64).eps > 1e-8:
            allowed = f"None or wider for the inverse of order {d:g} over {n_values} values"
            raise InvalidInputError("window", allowed, str(window))

    def _nothing(self) -> _Past:
        return _FadingPast(self._rest) if self.modes else _Past(self._rest, self.window)


class _Past:
    """The values that a stream has had, as far as the window reaches."""

    def __init__(self, d: float, window: int | None) -> None:
        self._d, self._window = d, window
        self._values = np.empty(0)

    @property
    def n_values(self) -> int:
        return len(self._values)

    def weights(self, n_values: int) -> FloatArray:
        n_weights = n_values if self._window is None else min(n_values, self._window + 1)
        return weights(self._d, n_weights)

    def pieces(self, n_new: int) -> Iterator[slice]:
        """The parts of `n_new` values that can be filtered at once."""
        yield slice(0, n_new)

    def filtered(self, new: FloatArray) -> FloatArray:
        """The filter of the next values, what the past contributes included."""
        joined = np.concatenate([self._values, new])
        w = self.weights(len(joined))
        if len(new) <= _SHORT:
            ends = range(len(self._values) + 1, len(joined) + 1)
            return np.array([_newest(joined[:end], w) for end in ends])
        return convolve_causal(joined, w)[len(self._values) :]

    def state(self) -> list[list[float]]:
        return [self._values.tolist()]

    def restore(self, kept: Sequence[Sequence[float]]) -> None:
        self._values = np.array(kept[0], dtype=np.float64)

    def append(self, new: FloatArray) -> None:
        joined = np.concatenate([self._values, new])
        drop = 0 if self._window is None else max(0, len(joined) - self._window)
        self._values = joined[drop:].copy()


class _FadingPast(_Past):
    """One or two blocks of values, and modes of all that came before them."""

    def __init__(self, d: float) -> None:
        super().__init__(d, None)
        modes = exponential_modes(first_lag=_BLOCK + 1, last_lag=_LAST_LAG)
        # exp(-s_m i) of i = 0.._BLOCK steps: the modes read at the next values, and a block's
        # contribution to them.
        self._fading = np.exp(-np.multiply.outer(np.arange(_BLOCK + 1.0), modes.rates))
        self._mode_weights = modes.weights(d)
        self._states = np.zeros(len(modes.rates))
        self._exact_weights = weights(d, 2 * _BLOCK)

    def weights(self, n_values: int) -> FloatArray:
        return self._exact_weights[:n_values]

    def state(self) -> list[list[float]]:
        return [*super().state(), self._states.tolist()]

    def restore(self, kept: Sequence[Sequence[float]]) -> None:
        super().restore(kept)
        self._states[:] = kept[1]

    def pieces(self, n_new: int) -> Iterator[slice]:
        start = 0
        while start < n_new:
            if self.n_values == 2 * _BLOCK:
                self._fade()
            stop = min(n_new, start + 2 * _BLOCK - self.n_values)
            yield slice(start, stop)
            start = stop

    def filtered(self, new: FloatArray) -> FloatArray:
        y = super().filtered(new)
        first = self.n_values - _BLOCK
        if self._states.any():
            fading = self._fading[first : first + len(new)]
            y += fading @ (self._mode_weights * self._states)
        return y

    def _fade(self) -> None:
        """Hand the older block over to the modes."""
        older = self._values[:_BLOCK]
        self._states *= self._fading[-1]
        self._states += older @ self._fading[_BLOCK - 1 :: -1]
        self._values = self._values[_BLOCK:]


def _newest(values: FloatArray, w: FloatArray) -> float:
    """The filter of the newest of `values`."""
    n = min(len(values), len(w))
    return float(values[len(values) - n :] @ w[:n][::-1])


def _integrated(x: FloatArray, carry: FloatArray, order: int) -> FloatArray:
    """Sums (order > 0) or differences of the next values; `carry` holds each level's last value."""
    for level in range(abs(order)):
        if order > 0:
            x = np.cumsum(x)
            x += carry[level]
            carry[level] = x[-1]
        else:
            last = x[-1]
            x = np.diff(x, prepend=carry[level])
            carry[level] = last
    return x


def _error_of_modes(d: float) -> float:
    modes = exponential_modes(first_lag=_BLOCK + 1, last_lag=_LAST_LAG)
    # Weights beyond lag 0 keep one sign; those up to lag K sum to Gamma(K + 1 - d) /
    # (Gamma(1 - d) Gamma(K + 1)).
    near, far = poch([_BLOCK + 1.0, _LAST_LAG + 1.0], -d) * rgamma(1.0 - d)
    return modes.relative_error(d) * abs(float(far - near))


def _inverse_weights(w: FloatArray, d: float, window: int | None, n_weights: int) -> FloatArray:
    """Power series 1 / w(B) to `n_weights` terms."""
    if window is None or n_weights <= window + 1:
        return weights(-d, n_weights)
    from scipy.signal import lfilter

    impulse = np.zeros(n_weights)
    impulse[0] = 1.0
    return np.asarray(lfilter([1.0], w, impulse))
