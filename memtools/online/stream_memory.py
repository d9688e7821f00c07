"""OnlineMemory: d of the newest values of a stream, after each of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate, correlation, spectral
from memtools._validate import FloatArray
from memtools.estimators.whittle import centred_logs, local_whittle
from memtools.exceptions import InvalidInputError
from memtools.fractional import FractionalDifferencer
from memtools.results import MemoryEstimate
from memtools.spectral import Sample

_MIN_WINDOW = 32
# As of ordinates that are nothing but rounding, of a transform that is moved on value by value.
_ROUNDING = 100.0 * 2.0 * math.pi * np.finfo(np.float64).eps ** 2


class OnlineMemory:
    """Local Whittle estimates of d over a window that moves with an endless stream.

    Parameters
    ----------
    window : int
        Length of the window, 32 observations or more.
    bandwidth : int, float or callable, optional
        As of :func:`memtools.local_whittle`; by default 0.65.
    difference : float, optional
        Order of a fractional difference of the stream, kept beside: see `differences`.

    Attributes
    ----------
    window : int
    bandwidth : int
        Number m of Fourier ordinates.
    n_seen : int
        Values that have come.
    d : float
        Of the window as it is; NaN until it is full, or where it has no power.
    values : ndarray
        The window, oldest value first.
    differences : ndarray
        (1 - B)^difference of the last chunk, the whole past counted; empty without `difference`.

    Raises
    ------
    InvalidInputError
        Where `window` is too short or `bandwidth` out of its range.

    See Also
    --------
    rolling_memory : the same of a series that has ended, with alarms.

    Notes
    -----
    A value costs m complex products and, as d hardly moves, two or three Newton steps of m
    exponentials: a cost that does not grow with the stream, 1e5 values a second and more with
    windows up to 2,048.  Each time the window has been replaced its transform is computed afresh,
    so that rounding does not pile up: O(log window) a value.  Chunks of any sizes give the same
    numbers.

    References
    ----------
    Robinson, P. M. (1995). Gaussian semiparametric estimation of long range dependence.
    Annals of Statistics 23, 1630-1661.
    Jacobsen, E. and Lyons, R. (2003). The sliding DFT. IEEE Signal Processing Magazine 20(2),
    74-80, equation (6).

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.4), 3000, rng=1)
    >>> stream = mt.OnlineMemory(1000)
    >>> rolled = stream.update(x[:2500])
    >>> rolled.shape, bool(abs(stream.update(x[2500:])[-1] - mt.local_whittle(x[-1000:]).d) < 1e-9)
    ((2500,), True)
    >>> again = mt.OnlineMemory.from_state(stream.state())
    >>> again.d == stream.d
    True
    """

    def __init__(
        self,
        window: int,
        bandwidth: int | float | Any = None,
        difference: float | None = None,
    ) -> None:
        self.window = _validate.as_integer(window, "window", _MIN_WINDOW)
        self.bandwidth = _validate.as_bandwidth(bandwidth, self.window, 0.65, 3)
        self.n_seen = 0
        frequencies = spectral.fourier_frequencies(self.window, self.bandwidth)
        self._turn = np.stack([np.cos(frequencies), np.sin(frequencies)])
        self._logs = centred_logs(frequencies)
        self._ring = np.zeros(self.window)
        self._transform = np.zeros((2, self.bandwidth))
        self._search = np.array([0.0, 0.0, _ROUNDING * self.window])
        self._differencer: FractionalDifferencer | None = None
        if difference is not None:
            self._differencer = FractionalDifferencer(difference, modes="exponential")
        self.differences = np.empty(0)

    def update(self, chunk: ArrayLike) -> FloatArray:
        """Take the next values of the stream.

        Parameters
        ----------
        chunk : array_like, shape (n,)
            One or more finite values; a single number is a chunk of one.

        Returns
        -------
        ndarray, shape (n,)
            d of the window that ends with each value; NaN until the window is full.

        Raises
        ------
        InvalidInputError
            Where a value is not a finite number: the stream then is as it was before.
        """
        from memtools.online.window_kernels import roll

        new = _validate.as_series(np.atleast_1d(np.asarray(chunk)), "chunk")
        if self._differencer is not None:
            self.differences = self._differencer.transform(new)
        found = np.full(len(new), np.nan)
        start = 0
        while start < len(new):
            # To the next time that the window will have been replaced.
            place = self.n_seen % self.window
            stop = min(len(new), start + self.window - place)
            piece = new[start:stop]
            if self.n_seen >= self.window:
                roll(piece, self._ring, place, self._transform, self._turn, self._logs,
                     self._search, found[start:stop])  # fmt: skip
            else:
                self._ring[place : place + len(piece)] = piece
            self.n_seen += len(piece)
            if self.n_seen % self.window == 0:
                self._transform_afresh()
                if self.n_seen == self.window:
                    found[stop - 1] = self.d
            start = stop
        return found

    def _transform_afresh(self) -> None:
        """The transform of the window, which has come round: oldest value first."""
        exact = Sample(self._ring).transform()[0][1 : self.bandwidth + 1]
        self._transform[0], self._transform[1] = exact.real, exact.imag
        self._search[1] = np.abs(self._ring).max()

    @property
    def values(self) -> FloatArray:
        """The window, oldest value first; what has come where it is not full."""
        if self.n_seen < self.window:
            return self._ring[: self.n_seen].copy()
        return np.roll(self._ring, -(self.n_seen % self.window))

    def estimate(self) -> MemoryEstimate:
        """:func:`memtools.local_whittle` of the window as it is, with its standard error.

        Raises
        ------
        InvalidInputError
            Where the window is not full yet or has no power at the frequencies in use.
        """
        if self.n_seen < self.window:
            allowed = f"a stream of {self.window} values, one window"
            raise InvalidInputError("chunk", allowed, f"{self.n_seen} so far")
        return local_whittle(self.values, self.bandwidth)

    @property
    def d(self) -> float:
        """Of the window as it is."""
        try:
            return self.estimate().d
        except InvalidInputError:
            return math.nan

    def autocorrelation(self, n_lags: int) -> FloatArray:
        """Sample autocorrelations of the window, lag 0 first.

        Parameters
        ----------
        n_lags : int
            The largest lag.

        Returns
        -------
        ndarray, shape (n_lags + 1,)
        """
        return np.asarray(correlation.autocorrelation(self.values, n_lags))

    def state(self) -> dict[str, Any]:
        """Everything, in plain JSON-ready types: `from_state` goes on to the bit."""
        kept: dict[str, Any] = {
            "window": self.window,
            "bandwidth": self.bandwidth,
            "n_seen": self.n_seen,
            "ring": self._ring.tolist(),
            "transform": self._transform.tolist(),
            "search": self._search.tolist(),
            "differencer": None,
        }
        if self._differencer is not None:
            kept["differencer"] = self._differencer.state()
        return kept

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The stream that `state` was taken of.

        Parameters
        ----------
        state : mapping
            What :meth:`state` gave, also after a way through JSON.

        Returns
        -------
        OnlineMemory

        Raises
        ------
        InvalidInputError
            Where it is no such mapping.
        """
        try:
            stream = cls(state["window"], state["bandwidth"])
            stream.n_seen = _validate.as_integer(state["n_seen"], "n_seen", 0)
            for name in ("ring", "transform", "search"):
                values = np.asarray(state[name], dtype=np.float64)
                getattr(stream, f"_{name}")[:] = values
            if state["differencer"] is not None:
                stream._differencer = FractionalDifferencer.from_state(state["differencer"])
        except (KeyError, TypeError, ValueError) as error:
            allowed = "what OnlineMemory.state() gave"
            raise InvalidInputError("state", allowed, f"{type(error).__name__}: {error}") from error
        return stream
