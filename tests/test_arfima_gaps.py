"""ARFIMA models of series with gaps, against dense matrices of the observations alone."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import cholesky, solve_triangular, toeplitz

import memtools as mt
from tests import arfima_reference as reference

N_OBS = 70
GAPS = [3, 10, 11, 12, 40, 67]
SEEN = np.setdiff1d(np.arange(N_OBS), GAPS)
AR, D, SIGMA2 = 0.5, 0.2, 1.3


def with_gaps(x, gaps=GAPS):
    x = np.array(x, dtype=float)
    x[gaps] = np.nan
    return x


@pytest.fixture
def stationary():
    process = mt.ARFIMAProcess(ar=[AR], d=D, sigma2=SIGMA2)
    x = 4.0 + mt.simulate(process, N_OBS, rng=1)
    return with_gaps(x), process.autocovariance(N_OBS + 9)


@pytest.fixture
def integrated():
    process = mt.ARFIMAProcess(ar=[AR], d=D, sigma2=SIGMA2)
    steps = mt.simulate(process, N_OBS - 1, rng=2)
    x = with_gaps(np.concatenate([[0.0], np.cumsum(steps)]))
    return x, process.autocovariance(N_OBS + 9)


def increments(n_obs):
    """Differences of successive observations as sums of the differences of all."""
    sums = np.zeros((len(SEEN) - 1, n_obs))
    for row, (start, stop) in enumerate(itertools.pairwise(SEEN)):
        sums[row, start:stop] = 1.0
    return sums


def sequential_errors(x, covariance):
    """Prediction errors of each value from those before it: e = diag(L) L^-1 x."""
    root = cholesky(covariance, lower=True)
    return np.diag(root) * solve_triangular(root, x, lower=True)


def test_loglike_is_the_density_of_what_was_observed(stationary):
    x, acvf = stationary
    found = mt.ARFIMA(x, (1, 0)).loglike([4.0, D, AR, SIGMA2])
    assert found == pytest.approx(mt.gaussian_loglike(x - 4.0, acvf), rel=1e-10)


def test_loglike_of_an_integrated_series_is_that_of_observed_increments(integrated):
    x, acvf = integrated
    found = mt.ARFIMA(x, (1, 0)).loglike([1.0 + D, AR, SIGMA2])
    sums = increments(N_OBS - 1)
    covariance = sums @ toeplitz(acvf[: N_OBS - 1]) @ sums.T
    assert found == pytest.approx(reference.loglike(np.diff(x[SEEN]), covariance), rel=1e-10)


@pytest.mark.parametrize("restricted", [False, True])
def test_objective_is_the_profile_of_the_dense_likelihood(stationary, restricted):
    from memtools.arfima.likelihood import ExactLikelihood
    from memtools.arfima.parameters import Space

    x, _ = stationary
    level = mt.ARFIMA(x, (1, 0), trend="ct").design.level(0)
    likelihood, space = ExactLikelihood(level, restricted), Space(1, 0)

    def dense(point):
        process = mt.ARFIMAProcess(ar=[point[1]], d=point[0])
        matrix = toeplitz(process.autocovariance(N_OBS - 1))[np.ix_(SEEN, SEEN)]
        y, design = x[SEEN], level.design[SEEN]
        if restricted:
            return -reference.restricted_loglike(y, design, matrix)
        weighted = np.linalg.solve(matrix, design)
        rest = y - design @ np.linalg.solve(design.T @ weighted, weighted.T @ y)
        square = rest @ np.linalg.solve(matrix, rest)
        return 0.5 * (len(y) * np.log(square) + np.linalg.slogdet(matrix)[1])

    points = np.array([[0.1, 0.3], [0.4, -0.5], [-0.3, 0.8]])
    found = [likelihood.objective(point, space) for point in points]
    constant = np.array([value for value, _ in found]) - [dense(point) for point in points]
    np.testing.assert_allclose(constant, constant[0], atol=1e-9)
    for point, (_, gradient) in zip(points, found, strict=True):
        for i, unit in enumerate(1e-5 * np.eye(2)):
            slope = (dense(point + unit) - dense(point - unit)) / 2e-5
            assert gradient[i] == pytest.approx(slope, rel=1e-5, abs=1e-6)


def test_residuals_are_the_errors_of_sequential_prediction(stationary):
    x, acvf = stationary
    result = mt.ARFIMA(x, (1, 0)).at([4.0, D, AR, SIGMA2])
    expected = sequential_errors(x[SEEN] - 4.0, toeplitz(acvf[:N_OBS])[np.ix_(SEEN, SEEN)])
    assert np.isnan(result.resid[GAPS]).all()
    np.testing.assert_allclose(result.resid[SEEN], expected, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(result.fittedvalues[SEEN], x[SEEN] - expected, atol=1e-10)
    # At a gap: what the observations before it predict.
    past = SEEN[SEEN < 12]
    cross = acvf[12 - past]
    weights = np.linalg.solve(toeplitz(acvf[:12])[np.ix_(past, past)], cross)
    assert result.fittedvalues[12] == pytest.approx(4.0 + weights @ (x[past] - 4.0), rel=1e-9)


def test_residuals_of_an_integrated_series(integrated):
    x, acvf = integrated
    result = mt.ARFIMA(x, (1, 0)).at([1.0 + D, AR, SIGMA2])
    sums = increments(N_OBS - 1)
    covariance = sums @ toeplitz(acvf[: N_OBS - 1]) @ sums.T
    expected = sequential_errors(np.diff(x[SEEN]), covariance)
    found = np.asarray(result.resid)
    np.testing.assert_allclose(found[~np.isnan(found)], expected, rtol=1e-9, atol=1e-11)


def test_forecasts_condition_on_the_observations(stationary):
    x, acvf = stationary
    result = mt.ARFIMA(x, (1, 0), trend="n").at([D, AR, SIGMA2])
    places = np.concatenate([SEEN, np.arange(N_OBS, N_OBS + 8)])
    whole = toeplitz(acvf)[np.ix_(places, places)]
    n = len(SEEN)
    weights = np.linalg.solve(whole[:n, :n], whole[:n, n:]).T
    found = result.get_forecast(8)
    np.testing.assert_allclose(found.predicted_mean, weights @ x[SEEN], rtol=1e-9)
    covariance = whole[n:, n:] - weights @ whole[:n, n:]
    np.testing.assert_allclose(found.se_mean, np.sqrt(np.diag(covariance)), rtol=1e-9)
    future = result._future(8, None)
    np.testing.assert_allclose(future.root @ future.root.T, covariance, rtol=1e-8)


def test_forecasts_of_an_integrated_series(integrated):
    x, acvf = integrated
    found = mt.ARFIMA(x, (1, 0)).at([1.0 + D, AR, SIGMA2]).get_forecast(5)
    n_steps = N_OBS - 1
    sums = np.zeros((len(SEEN) - 1 + 5, n_steps + 5))
    sums[: len(SEEN) - 1, :n_steps] = increments(n_steps)
    for step in range(5):
        sums[len(SEEN) - 1 + step, n_steps : n_steps + step + 1] = 1.0
    whole = sums @ toeplitz(acvf[: n_steps + 5]) @ sums.T
    n = len(SEEN) - 1
    weights = np.linalg.solve(whole[:n, :n], whole[:n, n:]).T
    expected = x[-1] + weights @ np.diff(x[SEEN])
    np.testing.assert_allclose(found.predicted_mean, expected, rtol=1e-9)
    variance = np.diag(whole[n:, n:] - weights @ whole[:n, n:])
    np.testing.assert_allclose(found.se_mean, np.sqrt(variance), rtol=1e-9)


def test_standard_errors_are_those_of_the_dense_likelihood(stationary):
    x, _ = stationary
    result = mt.ARFIMA(x, (1, 0)).fit(bias_correction=False)
    top = result.params.to_numpy()

    def dense(params):
        mean, d, ar, sigma2 = params
        process = mt.ARFIMAProcess(ar=[ar], d=d, sigma2=sigma2)
        return mt.gaussian_loglike(x - mean, process.autocovariance(N_OBS - 1))

    assert result.llf == pytest.approx(dense(top), rel=1e-9)
    # top of the likelihood: no neighbour is higher
    steps = 0.02 * np.eye(4)
    assert all(dense(top + s) < result.llf > dense(top - s) for s in steps)
    h = 1e-4
    hessian = np.empty((4, 4))
    for i in range(4):
        for j in range(4):
            a, b = h * np.eye(4)[i], h * np.eye(4)[j]
            corners = dense(top + a + b) - dense(top + a - b)
            hessian[i, j] = (corners - dense(top - a + b) + dense(top - a - b)) / (4 * h * h)
    full = np.linalg.inv(-hessian)
    np.testing.assert_allclose(result.bse[["d", "ar.L1"]], np.sqrt(np.diag(full))[1:3], rtol=2e-2)


def test_what_the_gaps_hold_does_not_matter_and_a_note_tells():
    x = pd.Series(mt.simulate(mt.ARFIMAProcess(d=0.4), 400, rng=5), name="flow")
    holed = x.where(np.random.default_rng(6).random(400) > 0.1)
    holed.iloc[[0, 1, 2, -1]] = x.iloc[[0, 1, 2, -1]]
    result = mt.ARFIMA(holed).fit()
    n_gaps = int(holed.isna().sum())
    assert result.nobs == 400 - n_gaps
    assert any(note.startswith(f"{n_gaps} gaps (NaN)") for note in result.notes)
    assert f"[{len(result.notes) + 2}] {n_gaps} gaps" in result.summary()
    low, high = result.conf_int().loc["d"]
    assert low < 0.4 < high
    assert list(result.resid.index[result.resid.isna()]) == list(holed.index[holed.isna()])
    assert result.append([0.1, np.nan, 0.2]).nobs == result.nobs + 2
    assert mt.select_arfima(holed, 1, 0).best.nobs == result.nobs


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda x: x.__setitem__(2, np.nan),
            "first 3 positions and its last; got NaN at position 2",
        ),
        (lambda x: x.__setitem__(50, np.nan), "at most 0 gaps at this length"),
    ],
)
def test_gaps_that_are_refused(change, words):
    x = np.random.default_rng(1).standard_normal(30_000)
    change(x)
    with pytest.raises(mt.InvalidInputError, match=f"^endog must be .*{words}"):
        mt.ARFIMA(x)


def test_missing_values_at_the_ends_are_left_out_and_told(stationary):
    x, _ = stationary
    padded = np.concatenate([[np.nan, np.nan], x, [np.nan]])
    fit, plain = mt.ARFIMA(padded).fit(), mt.ARFIMA(x).fit()
    assert fit.params.equals(plain.params)
    assert fit.notes[-1] == "2 missing values at the start and 1 at the end are left out"
    hidden = np.ma.masked_array(np.nan_to_num(padded, nan=99.0), np.isnan(padded))
    assert mt.ARFIMA(hidden).fit().params.equals(plain.params)
    dated = pd.Series(padded, pd.date_range("2000", periods=len(padded)))
    assert mt.ARFIMA(dated).fit().resid.index[0] == dated.index[2]


def test_approximate_methods_and_too_many_gaps_are_refused(stationary):
    x, _ = stationary
    for method in ("whittle", "css"):
        with pytest.raises(mt.InvalidInputError, match="method must be 'exact' for a series with"):
            mt.ARFIMA(x).fit(method)
    long = np.random.default_rng(1).standard_normal(10_000)
    long[10:300] = np.nan
    with pytest.raises(mt.InvalidInputError, match="at most 200 gaps at this length"):
        mt.ARFIMA(long)
    with pytest.raises(mt.InvalidInputError, match="at least 16 observations"):
        mt.ARFIMA(with_gaps(np.arange(20.0), [4, 6, 8, 10, 12]))
