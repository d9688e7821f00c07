"""Estimates of an ARFIMA model, in the manner of statsmodels' results."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

import memtools
from memtools import _validate
from memtools._validate import FloatArray, RandomState
from memtools.arfima import forecast as forecasting
from memtools.arfima.estimation import Mode
from memtools.arfima.indexes import future_index, is_labelled, joined
from memtools.arfima.parameters import Dynamics
from memtools.arfima.summary import fit_tables, plain_fit, summary_text
from memtools.arfima.uncertainty import PROFILE_MAX_OBS, contrast_matrix, covariance, d_interval
from memtools.exceptions import InvalidInputError
from memtools.results import ContrastResult, ForecastResults, Result
from memtools.results.intervals import ConfidenceInterval, normal_interval, normal_pvalue
from memtools.results.tables import Table

if TYPE_CHECKING:
    from memtools.arfima.design import Level
    from memtools.arfima.model import ARFIMA


@dataclass(frozen=True, kw_only=True)
class ARFIMAResults(Result):
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
    llf : float
        Log-likelihood: exact for the exact method, else that of the method.
    converged : bool
    modes : tuple of Mode
        All local maxima found; the chosen one first.
    notes : tuple of str
        Remarks a reader of the numbers must see.
    source : ARFIMAResults or None
        The fit whose estimates these are, after `append` or `apply`.
    """

    model: ARFIMA = field(repr=False)
    method: str
    d: float
    ar: FloatArray
    ma: FloatArray
    beta: FloatArray
    sigma2: float
    integration: int
    llf: float
    converged: bool
    modes: tuple[Mode, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()
    source: ARFIMAResults | None = field(default=None, repr=False)

    # -- parameters ---------------------------------------------------------------------------

    @property
    def param_names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return self.model.names(self.integration)

    @property
    def dynamics(self) -> Dynamics:
        """d (less the differences), AR and MA part of the stationary level."""
        return Dynamics(self.d - self.integration, self.ar, self.ma)

    @cached_property
    def level(self) -> Level:
        """Series and regressors of the fitted level."""
        return self.model.design.level(self.integration)

    def _named(self, values: FloatArray) -> Any:
        import pandas as pd

        return pd.Series(values, index=list(self.param_names))

    @property
    def params(self) -> Any:
        """Estimates, a Series: regression, d, AR, MA, sigma2."""
        return self._named(np.r_[self.beta, self.d, self.ar, self.ma, self.sigma2])

    @cached_property
    def _covariance(self) -> FloatArray:
        if self.source is not None:
            return self.source._covariance
        if self.method == "given parameters":
            raise InvalidInputError("params", "estimated for standard errors", "given parameters")
        return covariance(self.level, self.dynamics, self.sigma2)

    def cov_params(self) -> Any:
        """Covariance matrix of the estimates, a DataFrame.

        Regression coefficients by generalised least squares; d, AR and MA from the Fisher
        information in the sample; sigma2 by 2 sigma2^2 / n.  The three blocks are
        asymptotically independent.
        """
        import pandas as pd

        names = list(self.param_names)
        return pd.DataFrame(self._covariance, index=names, columns=names)

    @property
    def bse(self) -> Any:
        """Standard errors, a Series."""
        return self._named(np.sqrt(np.diag(self._covariance)))

    @property
    def tvalues(self) -> Any:
        """Estimates over their standard errors."""
        return self.params / self.bse

    zvalues = tvalues

    @property
    def pvalues(self) -> Any:
        """Two-sided normal p-values of the hypotheses that a parameter is zero."""
        return self._named(np.array([normal_pvalue(z, "two-sided") for z in self.tvalues]))

    def confidence_interval(self, level: float = 0.95) -> ConfidenceInterval[float]:
        """The row of d of `conf_int`, at a coverage probability of 0.5 or more."""
        ends = self.conf_int(1.0 - _validate.as_level(level)).loc["d"]
        return ConfidenceInterval(float(ends[0]), float(ends[1]))

    def conf_int(self, alpha: float = 0.05, method: str | None = None) -> Any:
        """Confidence intervals of all parameters, as statsmodels has them.

        Parameters
        ----------
        alpha : float
            One minus the coverage probability, at most 0.5.
        method : {None, "profile", "wald"}
            For d: "profile" inverts the likelihood ratio of the modified profile likelihood,
            which allows for the bias and skewness of the estimate in small samples; "wald" is
            estimate -/+ z standard errors.  None is "profile" up to 5000 observations.  All
            other parameters have Wald intervals.

        Returns
        -------
        DataFrame
            A row a parameter, columns 0 and 1.
        """
        import pandas as pd

        level = 1.0 - _validate.as_alpha(alpha)
        _validate.as_choice(method, "method", (None, "profile", "wald"))
        ends = pd.DataFrame(dict(enumerate(normal_interval(self.params, self.bse, level))))
        if method is None:
            method = "profile" if self.model.n_obs <= PROFILE_MAX_OBS else "wald"
        if method == "profile":
            ends.loc["d"] = self._profile_interval(level)
        return ends

    @cached_property
    def _profile_interval(self) -> Callable[[float], tuple[float, float]]:
        if self.source is not None:
            return self.source._profile_interval
        where = (self.model.design, *self.model.order, self.integration, self.d)
        return cache(lambda level: d_interval(*where, level))

    def t_test(self, hypothesis: Any) -> ContrastResult:
        """Wald tests of linear hypotheses.

        Parameters
        ----------
        hypothesis : str or array_like
            "d = 0", "ar.L1 + ma.L1 = 0, const = 10", ...; or a matrix with a column a
            parameter, each row times the parameters being zero under the hypothesis.

        Returns
        -------
        ContrastResult
            With effect, sd, tvalue, pvalue, one a hypothesis.
        """
        rows, values, labels = contrast_matrix(hypothesis, self.param_names)
        effect = rows @ self.params.to_numpy() - values
        sd = np.sqrt(np.einsum("ij,jk,ik->i", rows, self._covariance, rows))
        return ContrastResult(effect=effect + values, sd=sd, value=values, hypotheses=labels)

    # -- fit ----------------------------------------------------------------------------------

    @property
    def nobs(self) -> int:
        """Observations that enter the likelihood (differencing uses up some)."""
        return self.level.n_seen

    @property
    def df_model(self) -> int:
        """Number of estimated parameters."""
        return len(self.param_names)

    @property
    def aic(self) -> float:
        """Akaike's criterion, -2 llf + 2 k."""
        return -2.0 * self.llf + 2.0 * self.df_model

    @property
    def bic(self) -> float:
        """Schwarz's criterion, -2 llf + k log n."""
        return -2.0 * self.llf + self.df_model * math.log(self.nobs)

    @property
    def hqic(self) -> float:
        """Hannan and Quinn's criterion, -2 llf + 2 k log log n."""
        return -2.0 * self.llf + 2.0 * self.df_model * math.log(math.log(self.nobs))

    def _labelled(self, values: FloatArray, name: str | None = None, after: bool = False) -> Any:
        """The values under the labels of the level, or under those that come after."""
        endog: Any = self.model.endog
        if not is_labelled(endog):
            return values
        import pandas as pd

        index = future_index(endog.index, len(values)) if after else endog.index[self.integration :]
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
        errors[self.model.design.gaps - self.integration] = np.nan
        return self._labelled(errors)

    @property
    def fittedvalues(self) -> Any:
        """One-step predictions from all earlier observations, at gaps too."""
        return self._labelled(self.model.design.values[self.integration :] - self._errors[0])

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

    def predict(self, start: int = 0, end: int | None = None, exog: Any = None) -> Any:
        """One-step predictions inside the sample, forecasts after it.

        Parameters
        ----------
        start, end : int
            First and last position, from 0; `end` is the last of the sample by default.
        exog : array_like, optional
            Regressors of the positions after the sample.
        """
        n_obs = self.model.n_obs
        start = _validate.as_integer(
            start, "start", self.integration, n_obs + forecasting.MAX_STEPS
        )
        last = max(start, n_obs - 1) if end is None else _validate.as_integer(end, "end", start)
        inside = self.fittedvalues[start - self.integration : last + 1 - self.integration]
        if last < n_obs:
            return inside
        ahead = self.forecast(last + 1 - n_obs, exog)[max(0, start - n_obs) :]
        if not hasattr(ahead, "index"):
            return np.concatenate([inside, ahead])
        import pandas as pd

        return pd.concat([inside, ahead]) if len(inside) else ahead

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
        new = type(old)(endog, old.order, exog, old.trend, old.integration)
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

    def summary(self, level: float = 0.95) -> str:
        """The fit as a table in statsmodels' layout."""
        return summary_text(self, level)

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
