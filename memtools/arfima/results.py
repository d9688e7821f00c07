"""Estimates of an ARFIMA model, in the manner of statsmodels' results."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

import memtools
from memtools import _validate, gaps
from memtools._labels import is_labelled
from memtools._validate import FloatArray, RandomState
from memtools.arfima import forecast as forecasting
from memtools.arfima.design import joined
from memtools.arfima.diagnostics import fit_tables, plain_fit, summary_text
from memtools.arfima.estimates import Estimates
from memtools.exceptions import InvalidInputError
from memtools.results import ForecastResults
from memtools.results.tables import Table


@dataclass(frozen=True, kw_only=True)
class ARFIMAResults(Estimates):
    """A fitted ARFIMA model.

    Attributes
    ----------
    model : ARFIMA
    method : str
        How the parameters were found.
    d : float
        Memory parameter of the series (differences included).
    ar, ma : ndarray
        Coefficients in statsmodels' signs.
    beta : ndarray
        Coefficients of the trend and the regressors.
    sigma2 : float
        Innovation variance.
    integration : int
        Number of differences taken before the stationary part was fitted.
    seasonal : Seasonal or None
        `period`, `d` (seasonal differences included), `ar` and `ma` of the season.
    llf : float
        Log-likelihood at the maximum (see `mle`): exact for the exact method, else that of the
        method.
    converged : bool
    modes : tuple of Mode
        All local maxima found; the chosen one first.
    notes : tuple of str
        Remarks a reader of the numbers must see.
    source : ARFIMAResults or None
        The fit whose estimates these are, after `append` or `apply`.
    maximum : ARFIMAResults or None
        The fit at the maximum of the likelihood, where this one corrects its bias.
    """

    llf: float
    converged: bool
    notes: tuple[str, ...] = ()
    maximum: ARFIMAResults | None = field(default=None, repr=False)

    @property
    def mle(self) -> ARFIMAResults:
        """The fit at the maximum of the likelihood, of which `llf`, `aic` and `bic` are."""
        return self.maximum or self

    # -- fit ----------------------------------------------------------------------------------

    @property
    def nobs(self) -> int:
        """Observations that enter the likelihood (differencing uses up some)."""
        return self.level.n_seen

    @property
    def df_model(self) -> int:
        """Number of estimated parameters."""
        return len(self.param_names) - len(self.model.held)

    @property
    def aic(self) -> float:
        """Akaike's criterion, -2 llf + 2 k."""
        return -2.0 * self.llf + 2.0 * self.mle.df_model

    @property
    def bic(self) -> float:
        """Schwarz's criterion, -2 llf + k log n."""
        return -2.0 * self.llf + self.mle.df_model * math.log(self.mle.nobs)

    @property
    def hqic(self) -> float:
        """Hannan and Quinn's criterion, -2 llf + 2 k log log n."""
        return -2.0 * self.llf + 2.0 * self.mle.df_model * math.log(math.log(self.mle.nobs))

    def _labelled(self, values: FloatArray, name: str | None = None, after: bool = False) -> Any:
        """The values under the labels of the level, or under those that come after."""
        endog: Any = self.model.endog
        if not is_labelled(endog):
            return values
        import pandas as pd

        index = (
            gaps.future_index(endog.index, len(values))
            if after
            else endog.index[self.level.n_lost :]
        )
        if values.ndim == 2:
            return pd.DataFrame(values, index=index)
        return pd.Series(values, index=index, name=name if after else endog.name)

    @cached_property
    def _errors(self) -> tuple[FloatArray, FloatArray]:
        return forecasting.one_step_errors(self.level, self.dynamics, self.beta)

    @property
    def resid(self) -> Any:
        """One-step prediction errors; they start after the differenced observations.

        NaN at gaps of the series.
        """
        return self._observed(self._errors[0])

    @property
    def standardized_resid(self) -> Any:
        """`resid` over the standard deviations of the predictions, larger at the start."""
        errors, variances = self._errors
        return self._observed(errors / np.sqrt(self.sigma2 * variances))

    def _observed(self, errors: FloatArray) -> Any:
        errors = errors.copy()
        errors[self.model.design.gaps - self.level.n_lost] = np.nan
        return self._labelled(errors)

    @property
    def fittedvalues(self) -> Any:
        """One-step predictions from all earlier observations, at gaps too."""
        return self._labelled(self.model.design.values[self.level.n_lost :] - self._errors[0])

    # -- beyond the sample ----------------------------------------------------------------------

    def _future(self, steps: int, exog: Any) -> forecasting.Future:
        design = self.model.design
        known = forecasting.as_future_exog(design, exog, steps)
        return forecasting.predict(
            design, self.level, self.dynamics, self.beta, self.sigma2, steps, known
        )

    def get_forecast(self, steps: int = 1, exog: Any = None) -> ForecastResults:
        """Forecasts with standard errors and intervals.

        Parameters
        ----------
        steps : int
            How far ahead, at most ten times the sample and 5000.
        exog : array_like, shape (steps, k), optional
            Regressors of the future, needed where the model has any.

        Returns
        -------
        ForecastResults
        """
        steps = forecasting.as_steps(steps, self.model.n_obs)
        future = self._future(steps, exog)
        variance = np.diag(future.covariance) + np.diag(future.from_regression)
        return ForecastResults(
            predicted_mean=self._labelled(future.mean, "predicted_mean", after=True),
            se_mean=self._labelled(np.sqrt(variance), "mean_se", after=True),
        )

    def forecast(self, steps: int = 1, exog: Any = None) -> Any:
        """Forecasts of the next observations (see `get_forecast`)."""
        return self.get_forecast(steps, exog).predicted_mean

    def get_prediction(
        self, start: int | None = None, end: int | None = None, exog: Any = None
    ) -> ForecastResults:
        """One-step predictions inside the sample, forecasts after it, with standard errors.

        Parameters
        ----------
        start, end : int, optional
            First and last position, from 0; by default the first that has a prediction (a
            differenced one has none) and the last of the sample.
        exog : array_like, optional
            Regressors of the positions after the sample.

        Returns
        -------
        ForecastResults
        """
        k, n_obs = self.level.n_lost, self.model.n_obs
        first = _validate.as_integer(
            k if start is None else start, "start", k, n_obs + forecasting.MAX_STEPS
        )
        last = max(first, n_obs - 1) if end is None else _validate.as_integer(end, "end", first)
        inside = slice(first - k, last + 1 - k)
        spread = self._labelled(np.sqrt(self.sigma2 * self._errors[1]))
        mean, stderr = self.fittedvalues[inside], spread[inside]
        if last >= n_obs:
            future = self.get_forecast(last + 1 - n_obs, exog)
            kept = slice(max(0, first - n_obs), None)
            mean = _longer(mean, future.predicted_mean[kept])
            stderr = _longer(stderr, future.se_mean[kept])
        return ForecastResults(predicted_mean=mean, se_mean=stderr)

    def predict(self, start: int | None = None, end: int | None = None, exog: Any = None) -> Any:
        """One-step predictions inside the sample, forecasts after it (see `get_prediction`)."""
        return self.get_prediction(start, end, exog).predicted_mean

    def simulate(
        self, n_obs: int, rng: RandomState = None, n_paths: int | None = None, exog: Any = None
    ) -> Any:
        """Future paths given the sample, at the estimated parameters.

        Parameters
        ----------
        n_obs : int
            Length of the paths.
        rng : int, SeedSequence, Generator or None
        n_paths : int, optional
            Number of paths; one by default.
        exog : array_like, shape (n_obs, k), optional
            Regressors of the future.

        Returns
        -------
        ndarray or Series, shape (n_obs,); ndarray or DataFrame (n_obs, n_paths) for `n_paths`
        """
        steps = forecasting.as_steps(n_obs, self.model.n_obs)
        n_draws = 1 if n_paths is None else _validate.as_integer(n_paths, "n_paths", 1)
        future = self._future(steps, exog)
        shocks = _validate.as_rng(rng).standard_normal((steps, n_draws))
        paths = future.mean[:, None] + future.root @ shocks
        paths = paths[:, 0] if n_paths is None else paths
        return self._labelled(paths, "simulated", after=True)

    def apply(self, endog: Any, exog: Any = None) -> ARFIMAResults:
        """The same parameters on another series, nothing estimated again.

        Parameters
        ----------
        endog : array_like, shape (n_obs,)
        exog : array_like, optional

        Returns
        -------
        ARFIMAResults
            Standard errors are those of this fit.
        """
        from dataclasses import replace

        old = self.model
        (p, q), seasonal = old.order, old.seasonal_order
        season = None if seasonal is None else seasonal.given
        new = type(old)(endog, (p, old.given_d, q), exog, old.trend, old.integration, season)
        moved = new.at(self.params.to_numpy())
        return replace(moved, method=self.method, notes=self.notes, source=self.source or self)

    def append(self, endog: Any, exog: Any = None) -> ARFIMAResults:
        """The same parameters on the series with new observations at its end.

        Parameters
        ----------
        endog : array_like
            The new observations; a Series with a later index where the model's is one.
        exog : array_like, optional
            Their regressors.
        """
        longer = joined(self.model.endog, endog, "endog")
        if (exog is None) != (self.model.exog is None):
            needed = "given with new observations" if exog is None else "None"
            raise InvalidInputError("exog", needed, type(exog).__name__)
        regressors = None if exog is None else joined(self.model.exog, exog, "exog")
        return self.apply(longer, regressors)

    # -- text and figures -----------------------------------------------------------------------

    def summary(self, level: float = 0.95, width: int | None = None) -> str:
        """The fit as a table in statsmodels' layout; simpler in a window of fewer columns."""
        return summary_text(self, level, width)

    def tables(self) -> list[Table]:
        """Coefficients; criteria and tests of the residuals."""
        return fit_tables(self)

    def _headline(self) -> tuple[str, list[str]]:
        return plain_fit(self)["model"] + f" by {self.method}", list(self.notes)

    def to_dict(self) -> dict[str, Any]:
        """Estimates, standard errors, intervals, criteria and modes in plain types."""
        return plain_fit(self)

    def plot_diagnostics(self, fig: Any = None) -> Any:
        """Four panels: residuals over time, histogram, normal quantiles, autocorrelations.

        Parameters
        ----------
        fig : matplotlib Figure, optional
            A new one of pyplot by default.

        Returns
        -------
        ndarray of four Axes
        """
        return memtools._registered("drawer of residuals").plot_diagnostics(self, fig=fig)


def _longer(inside: Any, ahead: Any) -> Any:
    """What is inside the sample and what comes after it."""
    if not hasattr(ahead, "index"):
        return np.concatenate([inside, ahead])
    import pandas as pd

    return pd.concat([inside, ahead.rename(inside.name)]) if len(inside) else ahead
