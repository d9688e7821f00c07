"""What a fitted model is asked for: forecasts, contrasts, orders, what its residuals look like."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.results._base import Result, WithInterval, number, plain
from memtools.results.intervals import ConfidenceInterval, normal_interval, normal_pvalue
from memtools.results.tables import Table, as_frame, frame_table

if TYPE_CHECKING:
    from pandas import DataFrame, Series

Fit = TypeVar("Fit")
_SHOWN_STEPS = 50


@dataclass(frozen=True, kw_only=True, eq=False)
class ForecastResults(Result):
    """Forecasts with their standard errors.

    Attributes
    ----------
    predicted_mean : ndarray or Series, shape (steps,)
        Best linear predictor of each future observation.
    se_mean : ndarray or Series, shape (steps,)
        Standard errors of the forecasts: the innovations to come and the estimated regression
        coefficients (the mean among them), not the estimated d, ARMA part and variance.
    """

    predicted_mean: FloatArray | Series[float]
    se_mean: FloatArray | Series[float]

    @property
    def var_pred_mean(self) -> FloatArray | Series[float]:
        """Squares of the standard errors."""
        return self.se_mean**2

    def confidence_interval(
        self, level: float = 0.95
    ) -> ConfidenceInterval[FloatArray | Series[float]]:
        """Normal prediction intervals.

        Parameters
        ----------
        level : float
            Probability that one future observation lies inside, 0.5 or more.

        Returns
        -------
        ConfidenceInterval
            With fields `low` and `high`, each like `predicted_mean`.
        """
        return normal_interval(self.predicted_mean, self.se_mean, level)

    def conf_int(self, alpha: float = 0.05) -> FloatArray | DataFrame:
        """Normal prediction intervals, as statsmodels has them.

        Parameters
        ----------
        alpha : float
            Probability that one future observation lies outside, at most 0.5.

        Returns
        -------
        ndarray, shape (steps, 2), or DataFrame with columns "lower" and "upper"
        """
        low, high = self.confidence_interval(1.0 - _validate.as_alpha(alpha))
        if isinstance(low, np.ndarray):
            return np.column_stack([low, high])
        return as_frame({"lower": low, "upper": high})

    def to_frame(self, level: float = 0.95, *, exponentiate: bool = False) -> DataFrame:
        """Table with columns mean, mean_se, mean_ci_lower, mean_ci_upper, a row a step.

        Parameters
        ----------
        level : float
            Probability that one future observation lies inside, 0.5 or more.
        exponentiate : bool
            The model is one of logarithms: forecast their exponentials, which are lognormal,
            with mean exp(m + s^2 / 2), standard error mean * sqrt(exp(s^2) - 1), and interval
            exp(m -/+ z s).
        """
        low, high = self.confidence_interval(level)
        mean, stderr = self.predicted_mean, self.se_mean
        if _validate.as_flag(exponentiate, "exponentiate"):
            mean = np.exp(mean + 0.5 * stderr**2)
            stderr = mean * np.sqrt(np.expm1(self.se_mean**2))
            low, high = np.exp(low), np.exp(high)
        columns = {"mean": mean, "mean_se": stderr}
        return as_frame(columns | {"mean_ci_lower": low, "mean_ci_upper": high})

    summary_frame = to_frame

    def summary(self) -> str:
        """The table as text."""
        return str(self.to_frame().to_string())

    def tables(self) -> list[Table]:
        """The same as text, the first steps where there are many."""
        return [frame_table("Forecasts and 95% intervals", self.to_frame().head(_SHOWN_STEPS))]

    def _headline(self) -> tuple[str, list[str]]:
        steps = len(self.predicted_mean)
        more = [f"the first {_SHOWN_STEPS} are shown"] if steps > _SHOWN_STEPS else []
        return f"Forecasts of {steps} observations", more

    def to_dict(self) -> dict[str, Any]:
        """Lists of the index, means, standard errors and 95% limits."""
        frame = self.to_frame()
        index = [str(label) for label in frame.index]
        return {"index": index, **{name: frame[name].tolist() for name in frame.columns}}


@dataclass(frozen=True, kw_only=True, eq=False)
class ContrastResult(Result):
    """Wald tests of linear hypotheses.

    Attributes
    ----------
    effect, sd : ndarray
        Estimated linear combinations and their standard errors.
    value : ndarray
        Their values under the hypotheses.
    hypotheses : tuple of str
    """

    effect: FloatArray
    sd: FloatArray
    value: FloatArray
    hypotheses: tuple[str, ...]

    @property
    def tvalue(self) -> FloatArray:
        """Standardised distances from the hypotheses."""
        return (self.effect - self.value) / self.sd

    statistic = tvalue

    @property
    def pvalue(self) -> FloatArray:
        """Two-sided normal p-values."""
        return np.array([normal_pvalue(z, "two-sided") for z in self.tvalue])

    def confidence_interval(self, level: float = 0.95) -> ConfidenceInterval[FloatArray]:
        """Wald intervals of the linear combinations.

        Parameters
        ----------
        level : float
            Coverage probability of each, 0.5 or more.
        """
        return normal_interval(self.effect, self.sd, level)

    def conf_int(self, alpha: float = 0.05) -> FloatArray:
        """The same as an array of shape (n_hypotheses, 2), as statsmodels has it.

        Parameters
        ----------
        alpha : float
            One minus the coverage probability of each, at most 0.5.
        """
        return np.column_stack(self.confidence_interval(1.0 - _validate.as_alpha(alpha)))

    def to_frame(self) -> DataFrame:
        """Table with a row a hypothesis."""
        low, high = self.confidence_interval()
        columns = {"coef": self.effect, "std err": self.sd, "z": self.tvalue, "P>|z|": self.pvalue}
        ends = {"[0.025": low, "0.975]": high}
        return as_frame(columns | ends, index=list(self.hypotheses))

    def tables(self) -> list[Table]:
        """The same as text."""
        frame = self.to_frame()
        rows = [[label, *(number(v) for v in row)] for label, *row in frame.itertuples(name=None)]
        return [Table("Wald tests", ["hypothesis", *frame.columns], rows)]

    def _headline(self) -> tuple[str, list[str]]:
        return "Linear hypotheses", []


@dataclass(frozen=True, kw_only=True, eq=False)
class OrderSelection(Result, Generic[Fit]):
    """All orders that were compared, and the fit of the best.

    Attributes
    ----------
    best : ARFIMAResults
        Fit of the order with the lowest criterion.
    order : tuple of int
        Its (p, q).
    criterion : str
    fits : tuple of dict
        A row an order: p, q, d, llf, aic, bic, hqic, converged, screened (that order was far
        from the best: its log-likelihood is the exact one at Whittle's estimate).
    """

    best: Fit
    order: tuple[int, int]
    criterion: str
    fits: tuple[dict[str, Any], ...]

    def to_frame(self) -> DataFrame:
        """Table with a row an order, best first."""
        return as_frame(list(self.fits)).set_index(["p", "q"]).sort_values(self.criterion)

    def tables(self) -> list[Table]:
        """The same as text."""
        return [frame_table(f"Orders by {self.criterion.upper()}", self.to_frame())]

    def _headline(self) -> tuple[str, list[str]]:
        return f"ARFIMA({self.order[0]}, d, {self.order[1]}) of lowest {self.criterion.upper()}", []

    def to_dict(self) -> dict[str, Any]:
        """The table and the best order in plain types."""
        rows = [plain(row) for row in self.fits]
        return {"order": list(self.order), "criterion": self.criterion, "fits": rows}


@dataclass(frozen=True, kw_only=True, eq=False)
class ResidualDiagnostics(Result):
    """Standardised residuals and the numbers of their four usual figures.

    Attributes
    ----------
    residuals : ndarray or Series, shape (n_obs,)
        One-step prediction errors over their standard deviations, NaN at gaps.
    grid : ndarray, shape (n_grid,)
        Where the densities are evaluated.
    density, normal_density : ndarray, shape (n_grid,)
        Gaussian kernel estimate (Scott's bandwidth), and N(0, 1).
    normal_quantiles : ndarray, shape (n_observed,)
        Of N(0, 1) at (i - 1/2) / n_observed, for the ordered residuals.
    autocorrelations : ndarray, shape (n_lags + 1,)
        Of the residuals, lag 0 first.
    band : (low, high)
        Pointwise band of white noise, arrays of shape (n_lags + 1,).
    level : float
        Coverage probability of the band.
    """

    residuals: FloatArray | Series[float]
    grid: FloatArray
    density: FloatArray
    normal_density: FloatArray
    normal_quantiles: FloatArray
    autocorrelations: FloatArray
    band: tuple[FloatArray, FloatArray]
    level: float

    @property
    def observed(self) -> FloatArray:
        """The residuals that are no gaps."""
        values = np.asarray(self.residuals)
        return values[np.isfinite(values)]

    def to_frame(self) -> DataFrame:
        """A row a lag: the autocorrelation and the ends of its band."""
        columns = {"acf": self.autocorrelations, "low": self.band[0], "high": self.band[1]}
        return as_frame(columns).rename_axis("lag")

    def summary(self) -> str:
        """How many residuals and autocorrelations are large."""
        values, rho = self.observed, self.autocorrelations[1:]
        low, high = (end[1:] for end in self.band)
        outside = int(np.sum((rho < low) | (rho > high)))
        return (
            f"{len(values)} standardised residuals, {int(np.sum(np.abs(values) > 3.0))} beyond "
            f"3 sd\n{outside} of {len(rho)} autocorrelations outside the "
            f"{100.0 * self.level:g}% band of white noise"
        )


@dataclass(frozen=True, kw_only=True)
class TemperedFit(WithInterval):
    """Fit of a tempered model, ARTFIMA(p, d, lambda, q).

    Attributes
    ----------
    d, stderr : float
    order : tuple of int
        (p, q).
    method : str
    n_obs : int
    params, bse : dict of str to float
        Estimates and standard errors: mean, d, tempering, ar.L1, ..., ma.L1, ..., sigma2.
    llf : float
        Largest log-likelihood, constant included (of the ordinates under "whittle").
    converged : bool
        False as well where the tempering is at an end of its range: 0 or no memory fits as well.
    """

    d: float
    stderr: float
    order: tuple[int, int]
    method: str
    n_obs: int
    params: dict[str, float]
    bse: dict[str, float]
    llf: float
    converged: bool

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return 2.0 * len(self.params) - 2.0 * self.llf

    @property
    def bic(self) -> float:
        """The Bayesian criterion."""
        return math.log(self.n_obs) * len(self.params) - 2.0 * self.llf

    def to_frame(self, level: float = 0.95) -> DataFrame:
        """A row a parameter: estimate, standard error, ends of its normal interval."""
        values, errors = (np.array(list(v.values())) for v in (self.params, self.bse))
        low, high = normal_interval(values, errors, level)
        frame = as_frame({"coef": values, "std err": errors, "low": low, "high": high})
        return frame.set_axis(list(self.params), axis=0)

    def to_dict(self) -> dict[str, Any]:
        """Everything in plain JSON-ready types, with the criteria and the 95% interval of d."""
        return super().to_dict() | {"aic": self.aic, "bic": self.bic}

    def tables(self) -> list[Table]:
        """The parameters as text."""
        return [frame_table("Parameters", self.to_frame())]

    def _headline(self) -> tuple[str, list[str]]:
        (p, q), criteria = self.order, f"AIC {self.aic:.2f}, BIC {self.bic:.2f}"
        title = f"ARTFIMA({p}, d, lambda, {q}), {self.method}, n = {self.n_obs}"
        failed = "the tempering is at an end of its range, or the search failed"
        unfinished = [] if self.converged else [failed]
        return f"{title}: log-likelihood {self.llf:.2f}, {criteria}", unfinished
