"""Theorem 1 for a state that a filter of its own past is taken off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from memtools._validate import FloatArray
from memtools.results.networks import ErgodicityReport

# Lags beyond which the roots of a recurrence take more than a second.
_MOST_ROOTS = 600


def beyond_theorem_1() -> ErgodicityReport:
    """Of a filter that is not cut."""
    reason = "The filter has the whole past and the moduli of its weights sum to 1: theorem 1 asks"
    reason += " for a filter of K lags, whose weights sum to less."
    values = {"sum of |w_j(d)|, all j >= 1": 1.0}
    return ErgodicityReport.of(False, "Theorem 1", 1.0, values, reason)


def by_weights(w: FloatArray, filter_name: str) -> ErgodicityReport:
    """Theorem 1 for c_t = v_t - sum_j w_j c_{t-j}, v bounded, w (n, K) constant.

    Moduli that sum to less than 1 suffice; else the spectral radius of the recurrence decides:
    below 1 some norm contracts; above 1, with l' the left eigenvector of the largest modulus r,
    |l'c_t| >= r |l'c_{t-1}| - const: a cell once far enough out never returns.
    """
    sums = np.abs(w).sum(axis=1)
    largest, n_lags = float(sums.max()), w.shape[1]
    values = {f"sum of |w_j|, j = 1..K, {filter_name}": largest}
    if largest < 1.0:
        reason = f"The filter is cut at K = {n_lags} lags."
        return ErgodicityReport.of(True, "Theorem 1", largest, values, reason)
    if n_lags > _MOST_ROOTS:
        reason = f"The weights sum to more than 1, and K = {n_lags} is more than {_MOST_ROOTS}."
        return ErgodicityReport.of(False, "Theorem 1", largest, values, reason)
    radius = max(float(np.abs(np.roots([1.0, *row])).max(initial=0.0)) for row in w)
    values["spectral radius of the cell's recurrence"] = radius
    if abs(radius - 1.0) < 1e-7:
        reason = "The spectral radius is 1 to rounding: on the border nothing is decided."
        return ErgodicityReport.of(False, "Theorem 1", radius, values, reason)
    if radius < 1.0:
        return ErgodicityReport.of(True, "Theorem 1", radius, values)
    reason = "The filter lets the cell grow: once far enough out it never returns."
    report = ErgodicityReport.of(False, "Theorem 1", radius, values, reason)
    return replace(report, verdict="not ergodic")
