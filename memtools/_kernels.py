"""Compiled recurrences over one series.

Kernels trust their arguments, call nothing outside this file and take constants as arguments.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@numba.njit(cache=True, nogil=True)
def schur(alpha: Array, beta: Array, reflections: Array, a: Array, b: Array) -> None:
    """Schur's recursion on the series alpha, beta (overwritten), n steps for n terms.

    Fills the n reflection coefficients and the polynomials a, b (degree n - 1) of the n steps:
    z^n (alpha_n, beta_n) = [[a, b], [reversed b, reversed a]] (alpha_0, beta_0).
    """
    n = len(reflections)
    a_old = np.zeros(n + 1)
    b_old = np.zeros(n + 1)
    a[:] = 0.0
    b[:] = 0.0
    a_old[0] = 1.0
    for k in range(n):
        g = alpha[0] / beta[0]
        reflections[k] = g
        for j in range(n - 1 - k):
            beta_j = beta[j]
            beta[j] = beta_j - g * alpha[j]
            alpha[j] = alpha[j + 1] - g * beta[j + 1]
        for j in range(k + 1):
            a[j] = a_old[j] - g * b_old[k - j]
            b[j] = b_old[j] - g * a_old[k - j]
        for j in range(k + 1):
            a_old[j] = a[j]
            b_old[j] = b[j]


@numba.njit(cache=True, nogil=True)
def durbin_levinson(acov: Array, reflections: Array, error_filter: Array) -> None:
    """Reflection coefficients 1..n-1; prediction error filter 1, -phi_1, ... of order n-1."""
    n = len(acov)
    error_filter[:] = 0.0
    error_filter[0] = 1.0
    variance = acov[0]
    for k in range(1, n):
        total = 0.0
        for j in range(k):
            total += error_filter[j] * acov[k - j]
        g = total / variance
        reflections[k - 1] = g
        # The filter and its reverse meet in the middle: update both ends at once.
        i, j = 0, k
        while i < j:
            front, back = error_filter[i], error_filter[j]
            error_filter[i] = front - g * back
            error_filter[j] = back - g * front
            i += 1
            j -= 1
        if i == j:
            error_filter[i] -= g * error_filter[i]
        variance *= 1.0 - g * g


@numba.njit(cache=True, nogil=True)
def innovations(acov: Array, x: Array, errors: Array, variances: Array) -> None:
    """One-step prediction errors of x and their variances by Durbin and Levinson."""
    n = len(x)
    phi = np.zeros(n)
    variances[0] = acov[0]
    errors[0] = x[0]
    for k in range(1, n):
        total = acov[k]
        for j in range(k - 1):
            total -= phi[j] * acov[k - 1 - j]
        g = total / variances[k - 1]
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
        variances[k] = variances[k - 1] * (1.0 - g * g)
        predicted = 0.0
        for j in range(k):
            predicted += phi[j] * x[k - 1 - j]
        errors[k] = x[k] - predicted


@numba.njit(cache=True, nogil=True)
def innovations_to_series(acov: Array, shocks: Array, x: Array) -> None:
    """The series whose standardised one-step prediction errors are `shocks`."""
    n = len(shocks)
    phi = np.zeros(n)
    variance = acov[0]
    x[0] = np.sqrt(variance) * shocks[0]
    for k in range(1, n):
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
        variance *= 1.0 - g * g
        predicted = 0.0
        for j in range(k):
            predicted += phi[j] * x[k - 1 - j]
        x[k] = predicted + np.sqrt(variance) * shocks[k]
