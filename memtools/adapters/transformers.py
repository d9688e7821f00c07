"""Transformers of scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from memtools import fractional, many
from memtools._validate import FloatArray


class FractionalDifference(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """(1 - B)^d of each feature, rows in the order of time.

    Nothing is carried from one call to the next: each matrix is taken for the whole series, with
    nothing before it (`memtools.FractionalDifferencer` continues a stream).

    Parameters
    ----------
    d : float
        The order, the same for every feature; negative orders integrate.

    Attributes
    ----------
    n_features_in_ : int
        Number of features seen by `fit`, which learns nothing else.

    Notes
    -----
    A row of the result depends on all rows before it, so scikit-learn's two checks that rows may
    be permuted or taken apart (``check_methods_sample_order_invariance``,
    ``check_methods_subset_invariance``) do not hold, and are not meant to.  Split time series
    by ``TimeSeriesSplit``.

    Examples
    --------
    >>> from memtools.adapters import FractionalDifference
    >>> x = [[1.0], [2.0], [3.0]]
    >>> FractionalDifference(d=0.4).fit_transform(x).ravel().round(2).tolist()
    [1.0, 1.6, 2.08]
    """

    def __init__(self, d: float = 0.4) -> None:
        self.d = d

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Learn the number of features."""
        validate_data(self, X, dtype=np.float64)
        return self

    def transform(self, X: ArrayLike) -> FloatArray:
        """Differences, shape (n_samples, n_features)."""
        return self._filtered(X, fractional.fracdiff)

    def inverse_transform(self, X: ArrayLike) -> FloatArray:
        """Undo `transform`, shape (n_samples, n_features)."""
        return self._filtered(X, fractional.fracint)

    def _filtered(self, X: ArrayLike, function: Any) -> FloatArray:
        check_is_fitted(self, "n_features_in_")
        values = validate_data(self, X, reset=False, dtype=np.float64)
        return np.asarray(function(values, self.d, axis=0))


class MemoryFeatures(TransformerMixin, BaseEstimator):
    """Estimates of d as features of series: a row a series, in; a column an estimator, out.

    Parameters
    ----------
    estimators : sequence of str
        Names that `memtools.estimate_many` takes.

    Notes
    -----
    A series that an estimator refuses (constant, too short, not finite) is NaN there.

    Examples
    --------
    >>> import memtools as mt
    >>> from memtools.adapters import MemoryFeatures
    >>> x = mt.simulate(mt.ARFIMAProcess(d=0.3), 400, n_paths=3, rng=1)
    >>> MemoryFeatures().fit_transform(x).shape
    (3, 3)
    """

    def __init__(
        self, estimators: Sequence[str] = ("local_whittle", "gph", "detrended_fluctuation")
    ) -> None:
        self.estimators = estimators

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Learn the length of the series."""
        validate_data(self, X, dtype=np.float64)
        return self

    def transform(self, X: ArrayLike) -> FloatArray:
        """Estimates, shape (n_series, n_estimators)."""
        check_is_fitted(self, "n_features_in_")
        values = validate_data(self, X, reset=False, dtype=np.float64)
        found = [many.estimate_many(values, name, n_jobs=1).d for name in self.estimators]
        return np.column_stack(found)

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """Names of the columns: of the estimators."""
        return np.array([f"d_{name}" for name in self.estimators], dtype=object)
