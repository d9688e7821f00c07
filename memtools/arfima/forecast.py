"""Exact finite-sample forecasts of a Gaussian ARFIMA model, their errors and future paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.arfima.design import Design, Level
from memtools.arfima.likelihood import autocovariance, css_innovations
from memtools.arfima.parameters import Dynamics
from memtools.exceptions import InvalidInputError
from memtools.toeplitz import innovations, toeplitz_inverse

MAX_STEPS = 5000
# Right-hand sides solved at once: bounds the memory of long series.
_BLOCK = 64
# Durbin and Levinson's recursion is quadratic in this.
_EXACT_ERRORS = 20_000
_SHOWN_STEPS = 50


@dataclass(frozen=True)
class Future:
    """Joint distribution of the next observations given the sample.

    Attributes
    ----------
    mean : ndarray, shape (steps,)
    covariance : ndarray, shape (steps, steps)
        Of the future given the regression coefficients.
    from_regression : ndarray, shape (steps, steps)
        What the estimated regression coefficients add to it.
    root : ndarray, shape (steps, steps)
        A square root of `covariance`.
    """

    mean: FloatArray
    covariance: FloatArray
    from_regression: FloatArray
    root: FloatArray


def predict(
    design: Design,
    level: Level,
    model: Dynamics,
    beta: FloatArray,
    sigma2: float,
    steps: int,
    exog: FloatArray,
) -> Future:
    """Distribution of the next `steps` observations at given parameters.

    With R the unit covariance of the sample and G that of sample and future, the mean of the
    disturbances is G'R^-1 u and their covariance R_f - G'R^-1 G; differences are summed again.
    Gaps are regressors of the sample whose coefficients are unknown.
    """
    n_obs = len(level.values)
    acvf = autocovariance(model, n_obs + steps)
    inverse = toeplitz_inverse(acvf[:n_obs])
    residuals = level.values - level.design @ beta
    if len(design.gaps):
        blind = inverse.solve(level.markers)
        off = np.linalg.solve(level.markers.T @ blind, blind.T @ residuals)
        residuals -= level.markers @ off
        beta = np.concatenate([beta, off])
    reach = np.lib.stride_tricks.sliding_window_view(acvf[1:], steps)[::-1]
    mean = reach.T @ inverse.solve(residuals[:, None])[:, 0]
    lags = np.abs(np.subtract.outer(np.arange(steps), np.arange(steps)))
    covariance: FloatArray = acvf[:steps][lags]
    for first in range(0, steps, _BLOCK):
        block = slice(first, first + _BLOCK)
        covariance[:, block] -= reach.T @ inverse.solve(np.ascontiguousarray(reach[:, block]))
    covariance = 0.5 * sigma2 * (covariance + covariance.T)

    rows = _future_rows(design, level, steps, exog)
    mean += rows @ beta
    columns = np.hstack([level.design, level.markers])
    weighted = inverse.solve(columns)
    missed = rows - reach.T @ weighted
    normal = columns.T @ weighted
    unseen = slice(len(level.names), None)
    from_gaps = _spread(missed[:, unseen], normal[unseen, unseen], sigma2)
    spread = _spread(missed, normal, sigma2) - from_gaps
    covariance += from_gaps
    root = np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
    differences = design.difference_polynomial(level.integration)
    if level.n_lost:
        from scipy.signal import lfilter, lfiltic

        def summed(rows: FloatArray) -> FloatArray:
            return np.asarray(lfilter([1.0], differences, rows, axis=0))

        covariance, spread = (summed(summed(square).T) for square in (covariance, spread))
        root = summed(root)
        past = lfiltic([1.0], differences, design.values[: -level.n_lost - 1 : -1])
        mean = lfilter([1.0], differences, mean, zi=past)[0]
    return Future(mean, covariance, spread, root)


def _spread(missed: FloatArray, normal: FloatArray, sigma2: float) -> FloatArray:
    """Covariance of predictions that unknown coefficients add."""
    return np.asarray(sigma2 * missed @ np.linalg.solve(normal, missed.T))


def _future_rows(design: Design, level: Level, steps: int, exog: FloatArray) -> FloatArray:
    """Regressors, and markers of gaps, of the future rows of a level."""
    k, n_obs = level.n_lost, design.n_obs
    time = np.arange(n_obs + 1.0 - k, n_obs + steps + 1.0)
    known = np.vstack([design.exog[n_obs - k :], exog])
    rows = design.differenced(design.regressors(time, known), level.integration)
    kept = rows[:, [design.names.index(name) for name in level.names]]
    markers = np.vstack([design.markers[n_obs - k :], np.zeros((steps, len(design.gaps)))])
    return np.hstack([kept, design.differenced(markers, level.integration)])


def as_steps(steps: Any, n_obs: int) -> int:
    """Number of steps ahead, not beyond what the sample can tell."""
    return _validate.as_integer(steps, "steps", 1, min(MAX_STEPS, 10 * n_obs))


def as_future_exog(design: Design, exog: Any, steps: int) -> FloatArray:
    """Regressors of the future, matching those of the sample."""
    if exog is None:
        if design.exog_names:
            allowed = f"given for the {steps} steps ahead (the model has {design.exog_names})"
            raise InvalidInputError("exog", allowed, "None")
        return np.empty((steps, 0))
    if not design.exog_names:
        raise InvalidInputError("exog", "None (the model has no regressors)", type(exog).__name__)
    width = len(design.exog_names)
    if steps == 1 and np.ndim(exog) == 1:
        exog = np.reshape(exog, (1, -1))
    values, names = Design.as_exog(exog, steps)
    if values.shape[1] != width:
        allowed = f"a matrix of {steps} rows and {width} columns"
        raise InvalidInputError("exog", allowed, f"shape {values.shape}")
    if hasattr(exog, "columns") and set(names) == set(design.exog_names):
        values = values[:, [names.index(name) for name in design.exog_names]]
    elif hasattr(exog, "columns") and names != design.exog_names:
        raise InvalidInputError("exog", f"columns named {design.exog_names}", str(names))
    return values


def one_step_errors(
    level: Level, model: Dynamics, beta: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Errors of the one-step predictions of a level from all earlier observations.

    With their variances for innovations of variance one.  At a gap, the error of what the gap
    is filled with.  Exact for the first 20,000; from there the autoregressive weights of the
    infinite past stand for those of the sample, whose error variance differs by less than
    d^2 / 20,000.
    """
    residuals = level.values - level.design @ beta
    if level.markers.shape[1]:
        return _errors_around_gaps(residuals, level.markers, autocovariance(model, len(residuals)))
    head = residuals[:_EXACT_ERRORS]
    errors, variances, _ = innovations(autocovariance(model, len(head)), head)
    if len(residuals) == len(head):
        return errors, variances
    tail = css_innovations(residuals, model)[len(head) :]
    return np.concatenate([errors, tail]), np.concatenate([variances, np.ones(len(tail))])


def _errors_around_gaps(
    residuals: FloatArray, markers: FloatArray, acvf: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """One-step errors and variances around gaps, by recursive least squares on their markers.

    The prediction errors of the filled series less those of the markers times their
    coefficients, as estimated from the past (the augmented filter of de Jong, 1991, Annals of
    Statistics 19, 1073-1083).  The row in which a marker first appears is its gap.
    """
    places = np.flatnonzero(markers.any(axis=1))
    filled, variances, impulses = innovations(acvf, residuals, places)
    rows = impulses @ markers[places]
    first = np.argmax(markers != 0.0, axis=0)
    errors = filled.copy()
    known = 0
    centre, spread = np.zeros(len(first)), np.zeros((len(first), len(first)))
    for t in range(int(first[0]), len(filled)):
        h = rows[t, :known]
        gain = spread[:known, :known] @ h
        errors[t] = filled[t] - h @ centre[:known]
        variances[t] += float(h @ gain)
        if known < len(first) and first[known] == t:
            # The row says what the gap is, up to its prediction error.
            centre[known], spread[known, known] = errors[t], variances[t]
            spread[known, :known] = spread[:known, known] = -gain
            known += 1
        else:
            centre[:known] += gain * (errors[t] / variances[t])
            spread[:known, :known] -= np.outer(gain, gain) / variances[t]
    return errors, variances
