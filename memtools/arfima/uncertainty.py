"""Uncertainty of the estimates: covariance matrix, calibrated table, linear hypotheses."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.linalg import block_diag

from memtools import _validate
from memtools._validate import FloatArray
from memtools.arfima.design import Design, Level
from memtools.arfima.distributions import Regression, variance_interval, variance_z
from memtools.arfima.estimation import Mode
from memtools.arfima.likelihood import ExactLikelihood
from memtools.arfima.parameters import Dynamics, Space
from memtools.arfima.profiles import Profiles, Segments
from memtools.arfima.whittle import WhittleLikelihood
from memtools.exceptions import InvalidInputError

_MAX_CONDITION = 1e12
# Of the partial autocorrelations and d; the gradient is exact to about 1e-9.
_STEP = 1e-3
# Beyond this sample size the normal interval is as good as the profile, which costs more.
PROFILE_MAX_OBS = 5000
SEASONAL_MAX_OBS = 2000
# The method of fits whose bias is corrected.
CORRECTED = "exact, modified profile likelihood"


def covariance(
    level: Level, model: Dynamics, sigma2: float, held: Sequence[int], exact: bool = True
) -> FloatArray:
    """Blocks of the regression, of `Dynamics.vector`, and of sigma2; zero at what was held.

    With a season the exact likelihood knows the ordinates at its frequencies, which Whittle's
    leaves out: of a few seasons they are most of what there is to know of the season's d.

    NaN for a dynamic block whose information is singular, where AR and MA parts cancel, or
    negative, where the search ended at an edge.
    """
    regression: FloatArray = np.empty((0, 0))
    if level.names:
        normal = ExactLikelihood(level).profile(model).normal
        k = len(level.names)
        regression = sigma2 * np.asarray(np.linalg.inv(normal), dtype=np.float64)[:k, :k]
    if level.markers.shape[1] or (exact and model.seasonal is not None):
        information = _observed_information(level, model)
    else:
        space = Space.of(model)
        whittle = WhittleLikelihood(level.values, max(space.p, space.q), space.season)
        information = whittle.information(model)
    free = np.delete(np.arange(len(information)), held)
    information = information[np.ix_(free, free)]
    dynamic: FloatArray = np.full_like(information, np.nan)
    scale = np.sqrt(np.maximum(np.diag(information), np.finfo(float).tiny))
    spread = np.linalg.eigvalsh(information / np.outer(scale, scale))
    if not len(spread) or spread[0] > spread[-1] / _MAX_CONDITION:
        dynamic = np.asarray(np.linalg.inv(information), dtype=np.float64)
    dynamic, block = np.zeros((len(free) + len(held),) * 2), dynamic
    dynamic[np.ix_(free, free)] = block
    variance = np.array([[2.0 * sigma2**2 / level.n_seen]])
    return np.asarray(block_diag(regression, dynamic, variance))


def _observed_information(level: Level, model: Dynamics) -> FloatArray:
    """Hessian of minus the profile log-likelihood in `Dynamics.vector`, from the exact likelihood.

    Differences of the gradient, which vanishes at the estimate: no second derivatives of the
    change of coordinates are needed.
    """
    space = Space.of(model)
    point = space.clip(space.point(model))
    likelihood = ExactLikelihood(level)
    hessian = np.empty((len(point), len(point)))
    for i, (low, high) in enumerate(space.bounds):
        up, down = point.copy(), point.copy()
        up[i], down[i] = min(point[i] + _STEP, high), max(point[i] - _STEP, low)
        change = likelihood.objective(up, space)[1] - likelihood.objective(down, space)[1]
        hessian[i] = change / (up[i] - down[i])
    back = np.linalg.inv(space.jacobian(point))
    return np.asarray(back.T @ (0.5 * (hessian + hessian.T)) @ back)


class Uncertainty:
    """z, P-values and confidence sets of all parameters of one exact fit, from one source.

    Parameters
    ----------
    design : Design
    order : (p, q)
    integration : int
    modes : sequence of Mode
        Of the restricted likelihood, that of the fit first.
    dynamic : ndarray
        Estimates of d, AR and MA.
    sigma2 : float
        Innovation variance: the sum of squares over its degrees of freedom.
    """

    def __init__(
        self,
        design: Design,
        order: tuple[int, int],
        integration: int,
        modes: Sequence[Mode],
        dynamic: FloatArray,
        sigma2: float,
    ) -> None:
        self._profiles = Profiles(design, *order, integration, modes)
        self._names = design.level(integration).names
        self._dynamic = dynamic
        # Each dynamic parameter costs the sum of squares a degree of freedom.
        freedom = design.level(integration).n_seen - len(self._names)
        self._sets: dict[float, tuple[Segments, ...]] = {}
        self._square, self._freedom = sigma2 * freedom, freedom - len(dynamic)

    @functools.cached_property
    def _regression(self) -> Regression:
        return self._profiles.regression(self._names)

    def n_modes(self, level: float) -> int:
        """Number of modes of the likelihood that its ratio does not reject."""
        return self._profiles.n_within(level)

    @functools.cached_property
    def z_of_zero(self) -> FloatArray:
        """Standardised distances of all parameters from zero."""
        return self.z(np.zeros(len(self._names) + len(self._dynamic) + 1))

    def z(self, values: FloatArray) -> FloatArray:
        """Standardised distances of all parameters from given values."""
        k = len(self._names)
        regression = [self._regression.z(j, value) for j, value in enumerate(values[:k])]
        dynamic = [
            self._profiles.z(i, float(value), estimate)
            for i, (value, estimate) in enumerate(zip(values[k:-1], self._dynamic, strict=True))
        ]
        variance = variance_z(self._square, self._freedom, float(values[-1]))
        return np.array([*regression, *dynamic, variance])

    def sets(self, level: float) -> tuple[Segments, ...]:
        """Confidence set of each parameter: its intervals, in order."""
        if level not in self._sets:
            self._sets[level] = self._sets_of(level)
        return self._sets[level]

    def _sets_of(self, level: float) -> tuple[Segments, ...]:
        regression = [(self._regression.interval(j, level),) for j in range(len(self._names))]
        dynamic = [self._profiles.segments(i, level) for i in range(len(self._dynamic))]
        variance = variance_interval(self._square, self._freedom, level)
        return (*regression, *dynamic, (variance,))


def contrast_matrix(
    hypothesis: Any, names: Sequence[str]
) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
    """Rows, right-hand sides and labels of linear hypotheses."""
    from patsy import DesignInfo, PatsyError

    words = isinstance(hypothesis, str)
    given = hypothesis if words else _validate.as_array(hypothesis, "hypothesis")
    try:
        with np.errstate(divide="raise", invalid="raise"):
            found = DesignInfo(names).linear_constraint(given)
        if not found.coefs.any(axis=1).all():
            raise ValueError("a hypothesis on no parameter")
    except (PatsyError, ValueError, IndexError, ArithmeticError) as error:
        allowed = f"like 'd = 0' with the names {tuple(names)}, or a matrix of a column each"
        got = repr(hypothesis) if words else f"shape {given.shape}"
        raise InvalidInputError("hypothesis", allowed, got) from error
    labels = [part.strip() for part in hypothesis.split(",")] if words else []
    if len(labels) != len(found.coefs):
        labels = [f"c{i}" for i in range(len(found.coefs))]
    return found.coefs, found.constants[:, 0], tuple(labels)
