"""Compiled recurrences over one series.

Kernels trust their arguments and take constants as arguments.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memtools._compiled import njit

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


@njit(cache=True, nogil=True)
def rotate(first: Array, second: Array, g: float) -> None:
    """Take g times each of two sequences off the other, in place."""
    for j in range(len(first)):
        x, y = first[j], second[j]
        first[j] = x - g * y
        second[j] = y - g * x


@njit(cache=True, nogil=True)
def schur(alpha: Array, beta: Array, reflections: Array, a: Array, b: Array) -> None:
    """Schur's recursion on the series alpha, beta (overwritten), n steps for n terms.

    Fills the n reflection coefficients and the polynomials a, b (degree n - 1) of the n steps:
    z^n (alpha_n, beta_n) = [[a, b], [reversed b, reversed a]] (alpha_0, beta_0).
    A coefficient that is not inside (-1, 1) ends the recursion; it and the rest are set to 1.
    """
    n = len(reflections)
    a[:] = 0.0
    a[:1] = 1.0
    # After k steps turned[n - k + j] is coefficient k - j of b: shifting costs nothing.
    turned = np.zeros(n + 1)
    for k in range(n):
        if not abs(alpha[k]) < beta[0]:
            reflections[k:] = 1.0
            break
        g = alpha[k] / beta[0]
        reflections[k] = g
        rotate(alpha[k:], beta[: n - k], g)
        rotate(a[: k + 1], turned[n - k :], g)
    for j in range(n):
        b[j] = turned[n - j]


@njit(cache=True, nogil=True)
def carry(pair: Complex, series: Complex) -> None:
    """Apply half a transform's steps to the transforms of alpha, beta, in place.

    A polynomial reversed about half the length of the transform is the conjugate with the
    sign of every other frequency changed.
    """
    sign = 1.0
    for j in range(series.shape[1]):
        a, b = pair[0, j], pair[1, j]
        alpha, beta = series[0, j], series[1, j]
        series[0, j] = a * alpha + b * beta
        series[1, j] = sign * (b.conjugate() * alpha + a.conjugate() * beta)
        sign = -sign


@njit(cache=True, nogil=True)
def join(pair: Complex, after: Complex) -> None:
    """Multiply the transforms of two halves' polynomials, into `after`; signs as in carry."""
    sign = 1.0
    for j in range(after.shape[1]):
        a, b = pair[0, j], pair[1, j]
        later_a, later_b = after[0, j], sign * after[1, j]
        after[0, j] = later_a * a + later_b * b.conjugate()
        after[1, j] = later_a * b + later_b * a.conjugate()
        sign = -sign


@njit(cache=True, nogil=True)
def levinson_step(phi: Array, k: int, acov: Array, variance: float) -> float:
    """Predictor of order k - 1 to order k, in place; the new prediction error variance."""
    total = acov[k]
    for j in range(k - 1):
        total -= phi[j] * acov[k - 1 - j]
    g = total / variance
    i, j = 0, k - 2
    while i < j:
        front, back = phi[i], phi[j]
        phi[i] = front - g * back
        phi[j] = back - g * front
        i += 1
        j -= 1
    if i == j:
        phi[i] -= g * phi[i]
    phi[k - 1] = g
    return variance * (1.0 - g * g)


@njit(cache=True, nogil=True)
def predict(phi: Array, k: int, x: Array) -> float:
    """x[k] from the k values before."""
    predicted = 0.0
    for j in range(k):
        predicted += phi[j] * x[k - 1 - j]
    return predicted


@njit(cache=True, nogil=True)
def innovations(
    acov: Array, x: Array, errors: Array, variances: Array, places: Array, rows: Array
) -> None:
    """One-step prediction errors of x and their variances by Durbin and Levinson.

    Column j of rows receives the errors of a series that is one at places[j] and else zero.
    """
    phi = np.zeros(len(x))
    variances[0] = acov[0]
    errors[0] = x[0]
    for k in range(1, len(x)):
        variances[k] = levinson_step(phi, k, acov, variances[k - 1])
        errors[k] = x[k] - predict(phi, k, x)
        for j in range(len(places)):
            if places[j] < k:
                rows[k, j] = -phi[k - 1 - places[j]]
            elif places[j] == k:
                rows[k, j] = 1.0


@njit(cache=True, nogil=True)
def innovations_to_series(acov: Array, shocks: Array, x: Array) -> None:
    """The series whose standardised one-step prediction errors are `shocks`."""
    phi = np.zeros(len(shocks))
    variance = acov[0]
    x[0] = np.sqrt(variance) * shocks[0]
    for k in range(1, len(shocks)):
        variance = levinson_step(phi, k, acov, variance)
        x[k] = predict(phi, k, x) + np.sqrt(variance) * shocks[k]
