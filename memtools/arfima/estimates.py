"""Estimated parameters of an ARFIMA model with what is uncertain of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from memtools import _validate
from memtools._validate import FloatArray
from memtools.arfima.estimation import Mode, exact_search
from memtools.arfima.parameters import Dynamics, Seasonal, Space
from memtools.arfima.seasonal_profiles import SeasonalProfiles
from memtools.arfima.uncertainty import (
    CORRECTED,
    PROFILE_MAX_OBS,
    SEASONAL_MAX_OBS,
    Uncertainty,
    contrast_matrix,
    covariance,
)
from memtools.exceptions import InvalidInputError
from memtools.results import ContrastResult, Result
from memtools.results.intervals import ConfidenceInterval, normal_interval, normal_pvalue

if TYPE_CHECKING:
    from memtools.arfima.design import Level
    from memtools.arfima.model import ARFIMA


@dataclass(frozen=True, kw_only=True)
class Estimates(Result):
    """Parameters, standard errors, tests and confidence sets (see `ARFIMAResults`)."""

    model: ARFIMA = field(repr=False)
    method: str
    d: float
    ar: FloatArray
    ma: FloatArray
    beta: FloatArray
    sigma2: float
    integration: int
    seasonal: Seasonal | None = None
    modes: tuple[Mode, ...] = field(default=(), repr=False)
    source: Estimates | None = field(default=None, repr=False)

    @property
    def param_names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return self.model.names(self.integration)

    @property
    def dynamics(self) -> Dynamics:
        """d (less the differences), AR, MA and seasonal parts of the stationary level."""
        seasonal = self.seasonal
        if seasonal is not None:
            seasonal = replace(seasonal, d=seasonal.d - self.model.design.season[0])
        return Dynamics(self.d - self.integration, self.ar, self.ma, seasonal)

    @cached_property
    def level(self) -> Level:
        """Series and regressors of the fitted level."""
        return self.model.design.level(self.integration)

    def _named(self, values: FloatArray) -> Any:
        import pandas as pd

        return pd.Series(values, index=list(self.param_names))

    @property
    def params(self) -> Any:
        """Estimates, a Series: regression, d, AR, MA, those of the season, sigma2."""
        dynamic = Dynamics(self.d, self.ar, self.ma, self.seasonal).vector
        return self._named(np.r_[self.beta, dynamic, self.sigma2])

    @cached_property
    def _covariance(self) -> FloatArray:
        if self.source is not None:
            return self.source._covariance
        if self.method == "given parameters":
            raise InvalidInputError("params", "estimated for standard errors", "given parameters")
        return covariance(
            self.level, self.dynamics, self.sigma2, self.model.held, self.method != "whittle"
        )

    def cov_params(self) -> Any:
        """Covariance matrix of the estimates, a DataFrame.

        Regression coefficients by generalised least squares; d, AR and MA from the Fisher
        information in the sample; sigma2 by 2 sigma2^2 / n.  The three blocks are
        asymptotically independent.  Zero for a d that was given.
        """
        import pandas as pd

        names = list(self.param_names)
        return pd.DataFrame(self._covariance, index=names, columns=names)

    @property
    def bse(self) -> Any:
        """Standard errors, a Series."""
        return self._named(np.sqrt(np.diag(self._covariance)))

    @cached_property
    def uncertainty(self) -> Uncertainty:
        """z and confidence sets of every parameter from profiles of the likelihood."""
        if self.source is not None:
            return self.source.uncertainty
        model, modes = self.model, self.modes
        if self.method != CORRECTED:
            modes = tuple(exact_search(model.design, Space(*model.order), model.integration, True))
        dynamic = np.r_[self.d, self.ar, self.ma]
        return Uncertainty(model.design, model.order, self.integration, modes, dynamic, self.sigma2)

    def calibrated(self, method: str | None = None) -> bool:
        """Whether z, P-values and intervals come from profiles (see `conf_int`)."""
        _validate.as_choice(method, "method", (None, "profile", "wald"))
        if method == "profile" and (self.model.given_d is not None or self.seasonal is not None):
            allowed = "'wald' or None where d is given or there are seasonal orders"
            raise InvalidInputError("method", allowed, repr(method))
        if method is not None:
            return method == "profile"
        fit = self.source or self
        free = fit.model.given_d is None and fit.seasonal is None
        return free and fit.method == CORRECTED and fit.model.n_obs <= PROFILE_MAX_OBS

    @cached_property
    def _of_season(self) -> SeasonalProfiles | None:
        """Profiles of a model with a season, where its intervals are of them."""
        fit = self.source or self
        if fit.seasonal is None or fit.method != CORRECTED or fit.model.n_obs > SEASONAL_MAX_OBS:
            return None
        season = fit.seasonal
        if len(fit.ar) * len(fit.ma) or len(season.ar) * len(season.ma):
            return None  # parts that may cancel leave ridges, on which searches take minutes
        stderr = np.sqrt(np.diag(fit._covariance))[len(fit.beta) : -1]
        return SeasonalProfiles(fit.level, fit.model.space, fit.dynamics, stderr)

    @cached_property
    def _differences(self) -> FloatArray:
        """What the differences add to `Dynamics.vector` of the level."""
        whole = Dynamics(self.d, self.ar, self.ma, self.seasonal)
        return np.asarray(whole.vector - self.dynamics.vector)

    @property
    def profiled(self) -> list[str]:
        """Names of the parameters of a model with a season whose intervals are of profiles."""
        free = [] if self._of_season is None else self._of_season.free
        return [self.param_names[len(self.beta) + i] for i in free]

    @property
    def zvalues(self) -> Any:
        """Standardised distances from zero, of the same source as the intervals (`conf_int`)."""
        if self.calibrated():
            return self._named(self.uncertainty.z_of_zero)
        found = self.params / self.bse.where(self.bse > 0.0)  # a given d has none
        if self._of_season is not None:
            for i, name in zip(self._of_season.free, self.profiled, strict=True):
                z = self._of_season.z(i, -float(self._differences[i]))
                found[name] = found[name] if np.isnan(z) else z
        return found

    tvalues = zvalues

    @property
    def pvalues(self) -> Any:
        """Two-sided P-values of the hypotheses that a parameter is zero, of the same source."""
        return self._named(np.array([normal_pvalue(z, "two-sided") for z in self.zvalues]))

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
            "profile": for d, AR and MA the values that the ratio of the restricted likelihood
            does not reject, over all its modes; for regressors Student's t over the confidence
            distribution of d; for sigma2 a chi-square.  "wald": estimate -/+ z standard errors.
            None is "profile" for fits with their bias corrected, up to 5000 observations; with
            seasonal orders, up to 2000, that ratio for d, D and coefficients that are alone in
            their polynomial, "wald" for all else and beside AR and MA parts that may cancel.

        Returns
        -------
        DataFrame
            A row a parameter, columns 0 and 1: the ends.  Where the likelihood has several modes
            a set may have holes between them, see `confidence_set`.
        """
        import pandas as pd

        level = 1.0 - _validate.as_alpha(alpha)
        if not self.calibrated(method):
            table = pd.DataFrame(dict(enumerate(normal_interval(self.params, self.bse, level))))
            if method is None and self._of_season is not None:
                for i, name in zip(self._of_season.free, self.profiled, strict=True):
                    more = self._differences[i]
                    normal = table.loc[name].to_numpy() - more
                    table.loc[name] = np.array(self._of_season.interval(i, level, normal)) + more
            return table
        ends = [(pieces[0].low, pieces[-1].high) for pieces in self.uncertainty.sets(level)]
        return pd.DataFrame(ends, index=list(self.param_names))

    def confidence_set(
        self, name: str = "d", level: float = 0.95
    ) -> tuple[ConfidenceInterval[float], ...]:
        """The intervals that make up the confidence set of one parameter.

        Parameters
        ----------
        name : str
            One of `param_names`.
        level : float
            Coverage probability, 0.5 or more.

        Returns
        -------
        tuple of ConfidenceInterval
            One interval; several where the likelihood has modes of their own there.

        Raises
        ------
        InvalidInputError
            Where there is no such parameter.
        """
        _validate.as_choice(name, "name", self.param_names)
        place = self.param_names.index(name)
        level = _validate.as_level(level)
        if self.calibrated():
            return self.uncertainty.sets(level)[place]
        low, high = self.conf_int(1.0 - level).iloc[place]
        return (ConfidenceInterval(float(low), float(high)),)

    def t_test(self, hypothesis: Any) -> ContrastResult:
        """Wald tests of linear hypotheses, from `cov_params`.

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
