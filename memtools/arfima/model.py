"""The ARFIMA regression model: likelihood and fits."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from memtools import _validate
from memtools._output import interrupts_as_such
from memtools._validate import FloatArray
from memtools.arfima.design import Design, as_sample
from memtools.arfima.estimation import (
    MAX_INTEGRATION,
    Mode,
    css_modes,
    exact_search,
    remarks,
    screened_modes,
    whittle_search,
)
from memtools.arfima.likelihood import ConditionalLikelihood, ExactLikelihood
from memtools.arfima.orders import as_order, as_seasonal_order, require_stable
from memtools.arfima.parameters import (
    D_RANGE,
    SEASONAL_D_RANGE,
    Dynamics,
    Seasonal,
    Space,
)
from memtools.arfima.results import ARFIMAResults
from memtools.arfima.uncertainty import CORRECTED
from memtools.exceptions import ConvergenceWarning, InvalidInputError

METHODS = ("exact", "whittle", "css")
# Bias does not move d as far as this: two estimates are on two modes.
_FAR = 0.25


class ARFIMA:
    """Regression with ARFIMA(p, d, q) errors.

    Parameters
    ----------
    endog : array_like, shape (n_obs,)
        The series, at least 16 observations; a pandas index is carried through to fitted values
        and forecasts, and dates that run newest first are turned round.  NaN, None or a mask
        marks a value that was not observed; such gaps need ``method="exact"``, those at the
        ends are left out.
    order : tuple
        (p, q): number of autoregressive and moving average terms; or (p, d, q), where a number d
        is held and None is estimated.
    exog : array_like, shape (n_obs, k), optional
        Regressors; names of a DataFrame are used.
    trend : {"n", "c", "t", "ct"}
        None, constant, linear trend, or both, as in statsmodels.
    integration : int, optional
        Take this many differences before the (d - integration)-process is fitted, 0..3; by
        default the data decide.
    seasonal_order : tuple, optional
        (P, Q, s): seasonal AR and MA terms at lags s, 2 s, ..., and a seasonal memory D in
        (-1/2, 1/2) that is estimated; or (P, D, Q, s) as in statsmodels' SARIMAX, where a number
        D up to 2.49 is held (1 is one seasonal difference, 0 no seasonal memory).

    Attributes
    ----------
    endog, exog : as given, in the order of time
    order : tuple of int
        (p, q).
    given_d : float or None
        The d that is held, None where it is estimated.
    seasonal_order : SeasonalOrder or None
    trend : str
    n_obs : int
    param_names : tuple of str
        Names in levels: const, drift, regressors, d, ar.L1, ..., ma.L1, ..., with a season D,
        ar.S.L12, ..., ma.S.L12, ..., then sigma2.

    Raises
    ------
    InvalidInputError
        Orders that are negative or too large for the sample, regressors that are collinear with
        each other or the trend, a series that they explain without rest; gaps at the last or
        the first three positions, more than 2,000,000 / n_obs gaps, or any where n_obs > 20,000.

    See Also
    --------
    select_arfima : the order by an information criterion.

    Notes
    -----
    y_t = x_t' beta + u_t, ar(B) (1 - B)^d u_t = ma(B) e_t, ar(B) = 1 - ar.L1 B - ...,
    ma(B) = 1 + ma.L1 B + ... (the signs of statsmodels and of R's arima; R's arfima, fracdiff
    and ltsa turn the sign of MA terms).  For d >= 1/2 the series is differenced, regressors
    with it; what vanishes (the constant) leaves the model.  With gaps the likelihood is that of
    the observations alone (Gomez, Maravall and Pena, 1999), at the cost of a regressor a gap.

    With seasonal orders ar(B) sar(B^s) (1 - B)^d (1 - B^s)^D u_t = ma(B) sma(B^s) e_t; the memory
    at zero is d + D, which decides the differences, and intervals are Wald's.  At d and D of 0 or 1
    the likelihood is SARIMAX((p, d, q), (P, D, Q, s), simple_differencing=True)'s.

    References
    ----------
    Sowell, F. (1992). Maximum likelihood estimation of stationary univariate fractionally
    integrated time series models. Journal of Econometrics 53, 165-188.
    Doornik, J. A. and Ooms, M. (2003). Computational aspects of maximum likelihood estimation of
    autoregressive fractionally integrated moving average models. Computational Statistics &
    Data Analysis 42, 333-348.
    Gomez, V., Maravall, A. and Pena, D. (1999). Missing observations in ARIMA models: skipping
    approach versus additive outlier approach. Journal of Econometrics 88, 341-363.

    Examples
    --------
    >>> import memtools as mt
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 500, rng=1)
    >>> result = mt.ARFIMA(x, order=(1, 0)).fit()
    >>> list(result.params.index)
    ['const', 'd', 'ar.L1', 'sigma2']
    >>> result.get_forecast(3).conf_int(0.1).shape
    (3, 2)
    """

    def __init__(
        self,
        endog: ArrayLike,
        order: tuple[int, int] | tuple[int, float | None, int] = (0, 0),
        exog: ArrayLike | None = None,
        trend: str = "c",
        integration: int | None = None,
        seasonal_order: tuple[int, int, int] | tuple[int, float | None, int, int] | None = None,
    ) -> None:
        endog, exog, self.notes = as_sample(endog, exog)
        seasonal = self.seasonal_order = as_seasonal_order(seasonal_order, np.size(endog))
        differences = (seasonal.differences, seasonal.period) if seasonal else (0, 1)
        self.design = Design(endog, exog, trend, differences)
        self.endog, self.exog, self.trend = endog, exog, self.design.trend
        self.n_obs = self.design.n_obs
        self.order, self.given_d = as_order(order, self.n_obs)
        if integration is not None:
            integration = _validate.as_integer(integration, "integration", 0, MAX_INTEGRATION)
        elif self.given_d is not None:
            integration = max(0, math.ceil(self._at_zero(self.given_d) - D_RANGE[1]))
        self.integration = integration
        held = self._held_at(self.given_d, integration)
        season = None if seasonal is None else seasonal.season
        self.space = Space(*self.order, held or D_RANGE, season)
        self.held = [i for i, end in enumerate(self.space.bounds) if end[0] == end[1]]
        self.design.level(integration or 0)  # refuses what leaves nothing to model
        self.param_names = self.names(integration or 0)

    def _at_zero(self, d: float) -> float:
        """The memory at zero: with that of the season, where it is held."""
        seasonal = self.seasonal_order
        return d if seasonal is None or seasonal.d is None else d + seasonal.season.d_range[0]

    def _held_at(self, d: float | None, integration: int | None) -> tuple[float, float] | None:
        """The d of the differenced level, as a range of one point."""
        if d is None or integration is None:
            return None
        at_zero = self._at_zero(d)
        if not (D_RANGE[0] <= d - integration and max(d, at_zero) - integration <= D_RANGE[1]):
            allowed = f"d in ({integration - 1}, {integration + 0.5}) with {integration=}"
            raise InvalidInputError("order", allowed, f"d = {d:g}")
        return d - integration, d - integration

    def names(self, integration: int) -> tuple[str, ...]:
        """Names of the parameters of the model of a differenced level."""
        p, q = self.order
        dynamic = ["d", *(f"ar.L{i + 1}" for i in range(p)), *(f"ma.L{i + 1}" for i in range(q))]
        if self.seasonal_order is not None:
            dynamic += self.seasonal_order.names
        return (*self.design.level(integration).names, *dynamic, "sigma2")

    def loglike(self, params: ArrayLike) -> float:
        """Exact Gaussian log-likelihood, constant included.

        Parameters
        ----------
        params : array_like
            In the order of `param_names`; for d >= 1/2 without the terms that differencing
            removes (the constant), as in the `params` of such a fit.

        Returns
        -------
        float
            Of the series, differenced floor(d + 1/2) times where d >= 1/2.

        Raises
        ------
        InvalidInputError
            Parameters that are not stationary and invertible, d <= -1, or of the wrong number.
        """
        beta, model, sigma2, k = self.split(params)
        likelihood = ExactLikelihood(self.design.level(k))
        return likelihood.loglike_at(model, beta, sigma2)

    def split(self, params: ArrayLike) -> tuple[FloatArray, Dynamics, float, int]:
        """Regression coefficients, dynamics of the level, sigma2 and number of differences."""
        values = _validate.as_series(params, "params")
        size = self.space.size
        if len(values) < size + 1:
            allowed = f"{len(self.param_names)} values {self.param_names}"
            raise InvalidInputError("params", allowed, str(len(values)))
        beta, dynamic, sigma2 = np.split(values, [len(values) - size - 1, len(values) - 1])
        model = self._dynamics(dynamic)
        at_zero = model.d + (model.seasonal.d if model.seasonal else 0.0)
        k = max(0, math.floor(at_zero + 0.5)) if self.integration is None else self.integration
        if k > MAX_INTEGRATION or not (model.d - k > -1.0 and max(model.d, at_zero) - k < 0.5):
            allowed = "d in (-1, 3.5)" if self.integration is None else f"d in ({k - 1}, {k + 0.5})"
            raise InvalidInputError("params", allowed, f"d = {model.d:g}")
        if len(beta) != len(self.design.level(k).names):
            allowed = f"{len(self.names(k))} values {self.names(k)} at d = {model.d:g}"
            raise InvalidInputError("params", allowed, str(len(values)))
        if not sigma2[0] > 0.0:
            raise InvalidInputError("params", "a positive sigma2", f"{sigma2[0]:g}")
        require_stable(model)
        return beta, replace(model, d=model.d - k), float(sigma2[0]), k

    def _dynamics(self, vector: FloatArray) -> Dynamics:
        """Of d, AR and MA and those of a season, whose differences are taken off its d."""
        p, q = self.order
        d, ar, ma, rest = np.split(vector, [1, 1 + p, 1 + p + q])
        order = self.seasonal_order
        if order is None:
            return Dynamics(float(d[0]), ar, ma)
        seasonal_d, low = float(rest[0]) - order.differences, SEASONAL_D_RANGE[0]
        if not low - 1e-3 < seasonal_d < 0.5:
            allowed = f"D in ({order.differences - 0.5:g}, {order.differences + 0.5:g})"
            raise InvalidInputError("params", allowed, f"D = {rest[0]:g}")
        seasonal = Seasonal(order.period, seasonal_d, *np.split(rest[1:], [order.p]))
        return Dynamics(float(d[0]), ar, ma, seasonal)

    def fit(self, method: str = "exact", bias_correction: bool = True) -> ARFIMAResults:
        """Estimate all parameters.

        Parameters
        ----------
        method : {"exact", "whittle", "css"}
            Exact Gaussian maximum likelihood; Whittle's approximation in the frequency domain;
            conditional sum of squares from a zero past (at any d).
        bias_correction : bool
            With ``method="exact"``: report the maximum of the modified (restricted) profile
            likelihood, which has about half the bias that the estimated mean and regressors give
            d, and calibrated intervals from it.  `ARFIMAResults.llf`, `aic` and `bic` stay those
            of the maximum of the likelihood, which is held as `ARFIMAResults.mle`.  False
            reports that maximum and Wald intervals, as R's arfima does.

        Returns
        -------
        ARFIMAResults

        Warns
        -----
        ConvergenceWarning
            Where the search stopped early or at the end of the range of d.

        Notes
        -----
        The search starts from all modes of Whittle's likelihood; all modes it finds are in
        `ARFIMAResults.modes`.  Among several the restricted likelihood decides, since the
        estimated mean lifts the profile likelihood far below the true d; likewise between
        d < 1/2 and d >= 1/2, for it is the same before and after differencing.  A mode with
        d <= -1/2 (not invertible) is chosen only where its log-likelihood is higher by 10.

        References
        ----------
        Cox, D. R. and Reid, N. (1987). Parameter orthogonality and approximate conditional
        inference. Journal of the Royal Statistical Society B 49, 1-39.
        An, S. and Bloomfield, P. (1993). Cox and Reid's modification in regression models with
        correlated errors. Technical report, North Carolina State University.
        """
        _validate.as_choice(method, "method", METHODS)
        _validate.as_flag(bias_correction, "bias_correction")
        if self.seasonal_order is not None and method == "css":
            raise InvalidInputError("method", "'exact' or 'whittle' with a season", repr(method))
        n_gaps = len(self.design.gaps)
        if n_gaps and method != "exact":
            allowed = f"'exact' for a series with gaps ({n_gaps} NaN)"
            raise InvalidInputError("method", allowed, repr(method))
        with interrupts_as_such():
            result = self._fit_by(method, bias_correction)
        if not result.converged:
            warnings.warn(result.notes[0], ConvergenceWarning, stacklevel=2)
        return result

    def _fit_by(self, method: str, bias_correction: bool) -> ARFIMAResults:
        if method != "exact":
            return self._fit_whittle() if method == "whittle" else self._fit_css()
        result = self._fit_exact(restricted=bias_correction)
        if bias_correction and self.design.names:
            top = self._fit_exact(restricted=False)
            result = replace(result, llf=top.llf, maximum=top)
            if top.integration != result.integration or abs(top.d - result.d) > _FAR:
                note = f"the maximum of the likelihood (mle) is another mode: d = {top.d:.3f}"
                result = replace(result, notes=(*result.notes, note))
        return result

    def screened(self, integration: int) -> ARFIMAResults:
        """Whittle's estimate under the exact likelihood: a lower bound, found at once."""
        modes = screened_modes(self.design, self.space, integration)
        return self._exact_at(modes, "screened", restricted=False)

    def _fit_exact(self, restricted: bool) -> ARFIMAResults:
        modes = exact_search(self.design, self.space, self.integration, restricted)
        return self._exact_at(modes, CORRECTED if restricted else "exact", restricted)

    def _exact_at(self, modes: list[Mode], kind: str, restricted: bool) -> ARFIMAResults:
        """The exact likelihood's results at the first of these modes."""
        best = modes[0]
        likelihood = ExactLikelihood(self.design.level(best.integration), restricted)
        profile = likelihood.profile(best.dynamics)
        beta = profile.beta[: likelihood.n_regressors]
        freedom = likelihood.n_obs - (likelihood.n_regressors if restricted else 0)
        sigma2 = profile.square / freedom
        llf = likelihood.loglike_at(best.dynamics, beta, sigma2)
        return self._results(kind, modes, best.integration, beta, sigma2, llf)

    def _fit_whittle(self) -> ARFIMAResults:
        search = whittle_search(self.design, self.space, self.integration)
        modes = search.modes()
        k = self._natural_integration(modes[0])
        level = self.design.level(k)
        beta = level.least_squares()
        sigma2 = search.likelihood.sigma2(modes[0].dynamics)
        return self._results("whittle", modes, k, beta, sigma2, modes[0].loglike)

    def _fit_css(self) -> ARFIMAResults:
        modes = css_modes(self.design, self.space, self.integration)
        k = self._natural_integration(modes[0])
        level = self.design.level(modes[0].integration)
        likelihood = ConditionalLikelihood(level.values, level.design)
        model = modes[0].dynamics
        beta, _ = likelihood.regression(model)
        kept = [level.names.index(name) for name in self.design.level(k).names]
        sigma2 = likelihood.sigma2(model)
        return self._results("css", modes, k, beta[kept], sigma2, modes[0].loglike)

    def _natural_integration(self, mode: Mode) -> int:
        """Differences that leave a stationary level: for forecasts after an approximate fit."""
        if self.integration is not None:
            return self.integration
        return min(MAX_INTEGRATION, max(0, math.floor(mode.at_zero + 1.0 - D_RANGE[1])))

    def _results(
        self, kind: str, modes: list[Mode], k: int, beta: FloatArray, sigma2: float, llf: float
    ) -> ARFIMAResults:
        best = modes[0]
        notes = remarks(modes, k, self.space, self.integration, self.n_obs, len(self.design.gaps))
        return ARFIMAResults(
            model=self,
            method=kind,
            d=best.d,
            ar=best.ar,
            ma=best.ma,
            seasonal=self._whole(best.seasonal),
            beta=beta,
            sigma2=sigma2,
            integration=k,
            llf=llf,
            converged=not notes[0],
            modes=tuple(modes),
            notes=(*(note for note in notes if note), *self.notes),
        )

    def _whole(self, seasonal: Seasonal | None) -> Seasonal | None:
        """The season's part of the series, from that of its differences."""
        return seasonal and replace(seasonal, d=seasonal.d + self.design.season[0])

    def at(self, params: ArrayLike) -> ARFIMAResults:
        """Results at given parameters, nothing estimated.

        Parameters
        ----------
        params : array_like
            As for `loglike`.

        Returns
        -------
        ARFIMAResults
            Residuals, forecasts and simulations at these parameters; no standard errors.
        """
        beta, model, sigma2, k = self.split(params)
        return ARFIMAResults(
            model=self,
            method="given parameters",
            d=model.d + k,
            ar=model.ar,
            ma=model.ma,
            seasonal=self._whole(model.seasonal),
            beta=beta,
            sigma2=sigma2,
            integration=k,
            llf=self.loglike(params),
            converged=True,
        )
