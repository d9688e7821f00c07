"""Draw paths of long-memory processes: circulant embedding, Durbin-Levinson, filters."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
import scipy.fft
from numpy.random import Generator
from numpy.typing import ArrayLike

from memtools import _validate, fractional
from memtools._validate import FloatArray, RandomState
from memtools.exceptions import InvalidInputError
from memtools.innovations import Innovations, garch, stable, student_t
from memtools.processes import ARFIMAProcess, FractionalGaussianNoise, Process, VARFIMAProcess
from memtools.processes._arma import WithARMAPart
from memtools.vector_simulation import vector_paths

__all__ = [
    "fractional_brownian_motion",
    "garch",
    "simulate",
    "simulate_varfima",
    "stable",
    "student_t",
]

Draw = TypeVar("Draw", bound=Callable[..., FloatArray])

_METHODS = ("circulant", "durbin-levinson", "filter")
# Rounding may leave eigenvalues this far below zero, relative to the largest.
_ROUNDING = 1e-15
_LONGEST_BY_LEVINSON = 20_000
_BLOCK = 2**22


def _of_a_process(function: Draw) -> Draw:
    """Parameters of a process that are given to `simulate` itself are sent to the process."""

    @functools.wraps(function)
    def wrapped(*given: Any, **options: Any) -> Any:
        strange = next((k for k in ("d", "ar", "ma", "hurst", "sigma2") if k in options), None)
        if strange is not None:
            allowed = "given to the process: simulate(ARFIMAProcess(d=0.3), 1000)"
            raise InvalidInputError(strange, allowed, f"{options[strange]!r} for simulate")
        return function(*given, **options)

    return cast(Draw, wrapped)


@_of_a_process
def simulate(
    process: Process | VARFIMAProcess,
    n_obs: int,
    n_paths: int | None = None,
    rng: RandomState = None,
    innovations: Innovations | ArrayLike | None = None,
    method: str = "circulant",
) -> FloatArray:
    """Draw paths of a process.

    Parameters
    ----------
    process : ARFIMAProcess, FractionalGaussianNoise, VARFIMAProcess or with `autocovariance`
        An ARFIMA process of d >= 1/2 (or d <= -1) is drawn at a stationary d and summed (or
        differenced) once or more.
    n_obs : int
        Length of a path.
    n_paths : int, optional
        Number of paths; None for one path as a 1-D array.
    rng : int, SeedSequence, Generator or None
        Source of randomness.
    innovations : callable or array_like, optional
        For ARFIMA: eps_t itself, instead of normal draws of variance sigma2.  A callable is
        called as ``innovations(generator, shape)``; an array has shape (n,) or (n_paths, n) with
        n >= n_obs, what exceeds n_obs coming before the sample.  The path is then the moving
        average of these; a callable also gives n_obs values before the sample.  See
        `student_t`, `stable`, `garch`.
    method : {"circulant", "durbin-levinson", "filter"}
        Exact and O(n log n); exact and O(n^2); or type II, the moving average with zeros
        before the sample (ARFIMA only).

    Returns
    -------
    ndarray, shape (n_obs,) or (n_paths, n_obs)
        Of vectors: (n_obs, k) or (n_paths, n_obs, k).

    Raises
    ------
    InvalidInputError
        Where an argument is out of range, or the covariances admit no exact draw.

    Notes
    -----
    The circulant of an ARFIMA process, of 2 n_obs points and twice the memory of its ARMA part,
    is never negative; where that memory is much longer than a short path, Durbin-Levinson is
    faster and taken instead.  For other processes it has 2 n_obs points; where its eigenvalues
    are not all non-negative it is enlarged up to eightfold, and if that does not help a path of
    up to 20,000 observations is drawn by Durbin-Levinson.  Vectors likewise, by matrices.

    References
    ----------
    Davies, R. B. and Harte, D. S. (1987). Tests for Hurst effect. Biometrika 74, 95-101,
    appendix.
    Dietrich, C. R. and Newsam, G. N. (1997). Fast and exact simulation of stationary Gaussian
    processes through circulant embedding of the covariance matrix. SIAM Journal on Scientific
    Computing 18, 1088-1107.

    Examples
    --------
    >>> import memtools as mt
    >>> process = mt.ARFIMAProcess(ar=[0.5], d=0.3)
    >>> mt.simulate(process, 1000, n_paths=3, rng=0).shape
    (3, 1000)
    """
    n_obs = _validate.as_integer(n_obs, "n_obs", 1)
    rows = 1 if n_paths is None else _validate.as_integer(n_paths, "n_paths", 1)
    generator = _validate.as_rng(rng)
    _validate.as_choice(method, "method", _METHODS)
    if isinstance(process, type) or not hasattr(process, "autocovariance"):
        raise InvalidInputError("process", "a process with an autocovariance", repr(process))
    if isinstance(process, VARFIMAProcess):
        if innovations is not None or method == "filter":
            allowed = "'circulant' or 'durbin-levinson', innovations none, for vectors"
            raise InvalidInputError("method", allowed, repr(method))
        paths = vector_paths(process, n_obs, rows, generator, method)
    elif innovations is not None or method == "filter":
        paths = _moving_average(process, n_obs, rows, generator, innovations, method)
    else:
        base, whole = _stationary_part(process)
        # Differences of a stationary path are stationary from the first; each takes a value.
        paths = _exact(base, n_obs + max(0, -whole), rows, generator, method)
        if whole < 0:
            paths = np.diff(paths, -whole, axis=1)
        for _ in range(whole):
            paths = np.cumsum(paths, axis=1)
    return paths[0] if n_paths is None else paths


def _stationary_part(process: Process) -> tuple[Process, int]:
    """A process of d in (-1, 1/2) and how often it is to be summed."""
    if not isinstance(process, ARFIMAProcess) or -1.0 < process.d < 0.5:
        return process, 0
    whole = math.floor(process.d + 0.5)
    base = ARFIMAProcess(process.ar, process.d - whole, process.ma, process.sigma2)
    return base, whole


def _exact(
    process: Process, n_obs: int, rows: int, generator: Generator, method: str
) -> FloatArray:
    if method == "circulant":
        eigenvalues = _embedding(process, n_obs)
        if eigenvalues is not None:
            return _circulant(eigenvalues, n_obs, rows, generator)
        if n_obs > _LONGEST_BY_LEVINSON:
            allowed = "one with a non-negative circulant embedding at this length"
            raise InvalidInputError("process", allowed, f"{process} at n_obs = {n_obs}")
    from memtools import _kernels

    acov = process.autocovariance(n_obs - 1)
    shocks = generator.standard_normal((rows, n_obs))
    paths = np.empty_like(shocks)
    for shock, path in zip(shocks, paths, strict=True):
        _kernels.innovations_to_series(acov, shock, path)
    return paths


def _embedding(process: Process, n_obs: int) -> FloatArray | None:
    """Eigenvalues of a circulant with n_obs autocovariances, if there is a useful one."""
    if isinstance(process, WithARMAPart) and process.embeds:
        eigenvalues = process.circulant_eigenvalues(n_obs - 1)
        # A short path of an ARMA part with a long memory is cheaper by Durbin-Levinson.
        short = len(eigenvalues) > 8 * n_obs and n_obs**2 < 64 * len(eigenvalues)
        return None if short else np.maximum(eigenvalues, 0.0)
    for widening in (1, 2, 4, 8):
        n_half = scipy.fft.next_fast_len(widening * n_obs, real=True)
        # The DCT-I of gamma(0..n_half) is the spectrum of the symmetric circulant.
        eigenvalues = scipy.fft.dct(process.autocovariance(n_half), type=1)
        if eigenvalues.min() >= -_ROUNDING * eigenvalues.max():
            return np.maximum(eigenvalues, 0.0)
    return None


def _circulant(eigenvalues: FloatArray, n_obs: int, rows: int, generator: Generator) -> FloatArray:
    """Paths whose spectrum is complex white noise times the root of the eigenvalues.

    Blocks bound the memory; each path takes its own stretch of the stream.
    """
    n_half = len(eigenvalues) - 1
    scale = np.sqrt(eigenvalues * n_half)
    scale[0] *= math.sqrt(2.0)  # the real frequencies, zero and pi
    scale[-1] *= math.sqrt(2.0)
    paths = np.empty((rows, n_obs))
    block = max(1, _BLOCK // n_half)
    for start in range(0, rows, block):
        some = min(block, rows - start)
        white = generator.standard_normal((some, 2 * (n_half + 1))).view(np.complex128)
        white[:, [0, -1]] = white[:, [0, -1]].real
        white *= scale
        drawn = scipy.fft.irfft(white, 2 * n_half, overwrite_x=True)
        paths[start : start + some] = drawn[:, :n_obs]
    return paths


def _moving_average(
    process: Process,
    n_obs: int,
    rows: int,
    generator: Generator,
    innovations: Innovations | ArrayLike | None,
    method: str,
) -> FloatArray:
    """sum_j psi_j eps_{t-j} over the innovations there are."""
    if not isinstance(process, ARFIMAProcess):
        raise InvalidInputError("process", "an ARFIMAProcess for given innovations", repr(process))
    if innovations is None:
        eps = math.sqrt(process.sigma2) * generator.standard_normal((rows, n_obs))
    elif callable(innovations):
        before = 0 if method == "filter" else n_obs
        drawn = innovations(generator, (rows, before + n_obs))
        eps = _validate.as_array(drawn, "innovations")
        if eps.shape != (rows, before + n_obs):
            allowed = f"a callable that returns shape {(rows, before + n_obs)}"
            raise InvalidInputError("innovations", allowed, f"shape {eps.shape}")
    else:
        eps = np.atleast_2d(_validate.as_array(innovations, "innovations"))
        if eps.ndim != 2 or eps.shape[0] != rows or eps.shape[1] < n_obs:
            allowed = f"of shape ({rows}, n) with n >= {n_obs}"
            raise InvalidInputError("innovations", allowed, f"shape {eps.shape}")
    weights = process.ma_weights(eps.shape[1] - 1)
    return fractional.convolve_causal(eps, weights)[:, eps.shape[1] - n_obs :]


def fractional_brownian_motion(
    hurst: float, n_obs: int, n_paths: int | None = None, rng: RandomState = None
) -> FloatArray:
    """Fractional Brownian motion at times 1, ..., n_obs: sums of fractional Gaussian noise.

    Parameters
    ----------
    hurst : float
        Hurst exponent in (0, 1).
    n_obs : int
        Length of a path.
    n_paths : int, optional
        Number of paths; None for one path as a 1-D array.
    rng : int, SeedSequence, Generator or None
        Source of randomness.

    Returns
    -------
    ndarray, shape (n_obs,) or (n_paths, n_obs)
        Variance t^(2 hurst) at time t.

    Raises
    ------
    InvalidInputError
        Where `hurst` is not in (0, 1) or a length is no positive integer.

    Examples
    --------
    >>> import memtools as mt
    >>> mt.fractional_brownian_motion(0.7, 100, n_paths=2, rng=0).shape
    (2, 100)
    """
    noise = simulate(FractionalGaussianNoise(hurst), n_obs, n_paths, rng)
    return np.cumsum(noise, axis=-1)


def simulate_varfima(
    d: ArrayLike,
    n_obs: int,
    ar: ArrayLike | None = None,
    cov: ArrayLike | None = None,
    rng: RandomState = None,
) -> FloatArray:
    """Draw a path of a :class:`VARFIMAProcess` from its exact law.

    Parameters
    ----------
    d : array_like, shape (k,)
        Memory parameters.
    n_obs : int
        Length of the path.
    ar : array_like, shape (k, k) or (order, k, k), optional
        Autoregressive matrices.
    cov : array_like, shape (k, k), optional
        Covariance of the innovations, the identity by default.
    rng : int, SeedSequence, Generator or None
        Source of randomness.

    Returns
    -------
    ndarray, shape (n_obs, k)

    Raises
    ------
    InvalidInputError
        As of :class:`VARFIMAProcess`, or where `n_obs` is no positive integer.

    Examples
    --------
    >>> import memtools as mt
    >>> mt.simulate_varfima([0.1, 0.4], 100, cov=[[1.0, 0.5], [0.5, 1.0]], rng=0).shape
    (100, 2)
    """
    return simulate(VARFIMAProcess(d, () if ar is None else ar, cov=cov), n_obs, rng=rng)
