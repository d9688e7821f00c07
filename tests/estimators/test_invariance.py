"""What must not change an estimate: the unit, the origin, the dress of the numbers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import memtools as mt

ESTIMATORS = {
    "gph": mt.gph,
    "smoothed_gph": mt.smoothed_gph,
    "bias_reduced_gph": mt.bias_reduced_gph,
    "local_whittle": mt.local_whittle,
    "local_whittle_cosine": lambda x: mt.local_whittle(x, taper="cosine"),
    "local_whittle_kolmogorov": lambda x: mt.local_whittle(x, taper="kolmogorov"),
    "local_whittle_bartlett": lambda x: mt.local_whittle(x, taper="bartlett"),
    "local_whittle_hc": lambda x: mt.local_whittle(x, taper="hc"),
    "exact_local_whittle": mt.exact_local_whittle,
    "exact_local_whittle_weighted": lambda x: mt.exact_local_whittle(x, mean="weighted"),
    "two_step_local_whittle": mt.two_step_local_whittle,
    "two_step_local_whittle_trend": lambda x: mt.two_step_local_whittle(x, trend_order=1),
    "fully_extended_local_whittle": mt.fully_extended_local_whittle,
    "local_whittle_plus_noise": mt.local_whittle_plus_noise,
    "contaminated_local_whittle": mt.contaminated_local_whittle,
}
# Two parameters are searched: a flat valley amplifies rounding.
LOOSE = {"local_whittle_plus_noise": 1e-4, "contaminated_local_whittle": 1e-4}
each_estimator = pytest.mark.parametrize("name", ESTIMATORS)

X = mt.fracint(np.random.default_rng(1).standard_normal(200), 0.4)
WHOLE = np.round(10.0 * X)


def check(name, x, y, tolerance=1e-8):
    """The same estimate, error and settings for both series."""
    a, b = ESTIMATORS[name](x), ESTIMATORS[name](y)
    tolerance = max(tolerance, LOOSE.get(name, 0.0))
    assert a.d == pytest.approx(b.d, abs=tolerance)
    assert a.stderr == pytest.approx(b.stderr, rel=max(1e-6, 10 * tolerance))
    assert (a.bandwidth, a.n_obs, a.method) == (b.bandwidth, b.n_obs, b.method)


@each_estimator
@settings(max_examples=5)
@given(shift=st.floats(-1e5, 1e5), scale=st.floats(1e-3, 1e3), sign=st.sampled_from([-1.0, 1.0]))
def test_shift_and_scale(name, shift, scale, sign):
    # A shift of 1e5 scales leaves eleven digits.
    check(name, X, sign * scale * X + scale * shift, tolerance=2e-6)


@each_estimator
def test_huge_and_tiny_units(name):
    for unit in (1e-300, 1e-200, 1e-120, 1e120, 1e200, 1e300):
        check(name, X, unit * X, tolerance=1e-6)


@each_estimator
def test_subnormal_numbers(name):
    """Integers times the smallest number there is: no digit is lost."""
    check(name, WHOLE, WHOLE * 5e-324)


DRESSES = [
    list,
    tuple,
    lambda x: x.astype(np.int64),
    lambda x: x.astype(np.int16),
    lambda x: x.astype(np.float32),
    lambda x: x.astype(np.longdouble),
    lambda x: x.astype(">f8"),
    lambda x: x.astype(">i4"),
    lambda x: np.repeat(x, 3)[::3],
    lambda x: np.array(x[::-1])[::-1],
    lambda x: np.asfortranarray(np.column_stack([x, x]))[:, 1],
    lambda x: pd.Series(x, index=pd.date_range("2020-01-01", periods=len(x), freq="D")),
    lambda x: pd.Series(x, dtype="Float64"),
    lambda x: pd.Series(x.astype(int), dtype="Int32"),
    lambda x: pd.DataFrame({"a": x, "b": x})["b"],
    lambda x: pd.Index(x),
    lambda x: np.ma.masked_array(x, mask=False),
    lambda x: x.astype(object),
]


@each_estimator
def test_the_dress_of_the_numbers(name):
    for dress in DRESSES:
        check(name, WHOLE, dress(WHOLE), tolerance=1e-12)


@each_estimator
def test_the_series_is_not_touched(name):
    x = X.copy()
    x.setflags(write=False)
    ESTIMATORS[name](x)
    np.testing.assert_array_equal(x, X)


@each_estimator
def test_the_same_series_gives_the_same_estimate_to_the_last_bit(name):
    first, second = ESTIMATORS[name](X), ESTIMATORS[name](X.copy())
    assert (first.d, first.stderr) == (second.d, second.stderr)


@pytest.mark.parametrize("name", ["gph", "local_whittle", "smoothed_gph", "bias_reduced_gph"])
def test_time_may_run_backwards(name):
    check(name, X, X[::-1])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: mt.autocorrelation(x, 30),
        lambda x: mt.partial_autocorrelation(x, 30),
        lambda x: mt.autocorrelation_band(x, 30, kind="bartlett")[1],
    ],
    ids=["autocorrelation", "partial_autocorrelation", "autocorrelation_band"],
)
@pytest.mark.parametrize("unit", [-1.0, 1e-300, 1e-5, 1e5, 1e300])
def test_correlations_have_no_unit(function, unit):
    np.testing.assert_allclose(function(unit * X), function(X), rtol=0, atol=1e-10)


@pytest.mark.parametrize("unit", [1e-60, 1e-3, 1e3, 1e60])
def test_spectra_and_variances_have_squared_units(unit):
    for function in (
        lambda x: mt.periodogram(x).power,
        lambda x: mt.smoothed_spectrum(x).power,
        lambda x: mt.ar_spectrum(x).power,
        lambda x: mt.autocovariance(x, 20),
        mt.long_run_variance,
        lambda x: mt.long_run_variance(x, method="mac", d=0.3),
    ):
        np.testing.assert_allclose(function(unit * X) / unit**2, function(X), rtol=1e-9)
