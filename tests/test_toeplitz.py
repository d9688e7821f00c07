"""Exact Gaussian likelihood against dense Cholesky, Durbin-Levinson, R, and its invariances."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import toeplitz as dense

import memtools as mt
from memtools import InvalidInputError, toeplitz
from tests.arfima_reference import loglike

GOLDEN = json.loads((Path(__file__).parent / "golden" / "arfima_r.json").read_text())["values"]
# (ar, d, ma); the hard ones have roots near the unit circle.
EASY = [((), 0.3, ()), ((0.5,), -0.4, (0.3,)), ((1.2, -0.5), 0.45, ()), ((-0.9,), 0.2, (0.8,))]
HARD = [((0.999,), 0.45, ()), ((0.995,), -0.594, ()), ((), -0.49, (-0.99,)), ((), -0.9, ())]


def draw(process, n_obs, rng=0):
    return mt.simulate(process, n_obs, rng=rng), process.autocovariance(n_obs - 1)


def by_durbin_levinson(x, acov):
    errors, variances, _ = toeplitz.innovations(acov, x)
    terms = np.log(2.0 * math.pi * variances) + errors**2 / variances
    return -0.5 * float(terms.sum())


def test_impulses_are_columns_of_the_inverse_root():
    _, acov = draw(mt.ARFIMAProcess((0.5,), 0.3), 40)
    places = np.array([0, 7, 8, 39])
    _, _, impulses = toeplitz.innovations(acov, np.zeros(40), places)
    root = np.linalg.cholesky(dense(acov))
    expected = (np.diag(root)[:, None] * np.linalg.inv(root))[:, places]
    np.testing.assert_allclose(impulses, expected, atol=1e-12)


# ---------------------------------------------------------------- value


@pytest.mark.parametrize("model", EASY, ids=str)
@pytest.mark.parametrize("n_obs", [1, 2, 3, 50, 701])
def test_dense_density(model, n_obs):
    x, acov = draw(mt.ARFIMAProcess(*model, sigma2=2.0), n_obs)
    assert mt.gaussian_loglike(x, acov) == pytest.approx(loglike(x, dense(acov)), rel=1e-11)


@pytest.mark.parametrize("d", [-0.49, -0.45, -0.3, -0.1, 0.1, 0.3, 0.45, 0.49])
@pytest.mark.parametrize("n_obs", [1024, 1025, 1026, 2600, 6001])
def test_superfast_meets_durbin_levinson(d, n_obs):
    x, acov = draw(mt.ARFIMAProcess(d=d), n_obs)
    expected = by_durbin_levinson(x, acov)
    assert mt.gaussian_loglike(x, acov) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("model", HARD, ids=str)
def test_superfast_near_unit_roots(model):
    x, acov = draw(mt.ARFIMAProcess(*model), 3000)
    expected = by_durbin_levinson(x, acov)
    assert mt.gaussian_loglike(x, acov) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("leaf", [1, 2, 3, 7, 64])
def test_halving_to_any_depth(leaf, monkeypatch):
    x, acov = draw(mt.ARFIMAProcess([0.5], 0.3), 301)
    expected = mt.gaussian_loglike(x, acov)
    monkeypatch.setattr(toeplitz, "_LEAF", leaf)
    assert mt.gaussian_loglike(x, acov) == pytest.approx(expected, rel=1e-12)


GIVEN = [row for row in GOLDEN["given"] if row["mean_by"] == "sample"]


@pytest.mark.parametrize("row", GIVEN, ids=lambda r: f"{r['series']} {r['ar']} {r['d']} {r['ma']}")
def test_r_at_given_parameters(row, series):
    x = series(row["series"]) - row["mean"]
    process = mt.ARFIMAProcess(row["ar"], row["d"], row["ma"], sigma2=row["sigma2"])
    found = mt.gaussian_loglike(x, process.autocovariance(len(x) - 1))
    # Durbin-Levinson of ltsa; SuperGauss in the same row is an independent program.
    assert found == pytest.approx(row["loglik"], abs=1e-6)
    assert found == pytest.approx(row["loglik_supergauss"], abs=1e-6)


def test_normalised_over_a_line():
    # A density: exp(loglike) integrates to one over the last of two values, given the first.
    acov = mt.ARFIMAProcess(d=0.4).autocovariance(1)
    grid = np.linspace(-15.0, 15.0, 3001)
    joint = [math.exp(mt.gaussian_loglike([0.7, value], acov)) for value in grid]
    first = math.exp(mt.gaussian_loglike([0.7], acov))
    assert sum(joint) * (grid[1] - grid[0]) == pytest.approx(first, rel=1e-10)


@given(st.floats(-0.45, 0.45), st.floats(1e-3, 1e3), st.integers(1, 60))
def test_scale_reversal_and_sign(d, scale, n_obs):
    x = np.random.default_rng(n_obs).standard_normal(n_obs)
    acov = mt.ARFIMAProcess(d=d).autocovariance(n_obs - 1)
    value = mt.gaussian_loglike(x, acov)
    assert mt.gaussian_loglike(-x[::-1], acov) == pytest.approx(value, rel=1e-10)
    shifted = mt.gaussian_loglike(scale * x, scale**2 * acov)
    assert shifted == pytest.approx(value - n_obs * math.log(scale), rel=1e-9, abs=1e-8)


def test_expected_value_at_the_truth():
    # -2 loglike - log |2 pi R| is chi-squared with n degrees of freedom.
    process, n_obs, n_paths = mt.ARFIMAProcess([0.999], 0.45), 2000, 40
    acov = process.autocovariance(n_obs - 1)
    constant = n_obs * math.log(2.0 * math.pi) + toeplitz.toeplitz_inverse(acov).log_determinant
    paths = mt.simulate(process, n_obs, n_paths, rng=11)
    squares = [-2.0 * mt.gaussian_loglike(x, acov) - constant for x in paths]
    stderr = math.sqrt(2.0 * n_obs / n_paths)
    assert abs(np.mean(squares) - n_obs) < 4.0 * stderr


# ---------------------------------------------------------------- inverse and gradient


@pytest.mark.parametrize("n_obs", [1, 2, 5, 600, 1500])
def test_solutions_and_squares(n_obs):
    rng = np.random.default_rng(5)
    acov = mt.ARFIMAProcess([0.5], 0.3).autocovariance(n_obs - 1)
    inverse = toeplitz.toeplitz_inverse(acov)
    columns = rng.standard_normal((n_obs, 3))
    expected = np.linalg.solve(dense(acov), columns)
    np.testing.assert_allclose(inverse.solve(columns), expected, atol=1e-11)
    np.testing.assert_allclose(inverse.solve(columns[:, 0]), expected[:, 0], atol=1e-11)
    assert inverse.square(columns[:, 0]) == pytest.approx(columns[:, 0] @ expected[:, 0], rel=1e-11)
    assert inverse.log_determinant == pytest.approx(np.linalg.slogdet(dense(acov))[1], abs=1e-9)


@pytest.mark.parametrize("n_obs", [1, 2, 40, 1300])
def test_lag_sums_are_sums_along_diagonals(n_obs):
    acov = mt.ARFIMAProcess([0.5], -0.3).autocovariance(n_obs - 1)
    matrix = np.linalg.inv(dense(acov))
    sums = np.array([np.trace(matrix, k) * (2.0 if k else 1.0) for k in range(n_obs)])
    found = toeplitz.toeplitz_inverse(acov).lag_sums()
    np.testing.assert_allclose(found, sums, atol=1e-9 * np.abs(sums).max())


def test_gradient_of_the_determinant():
    step, n_obs = 1e-5, 1500

    def at(d):
        return mt.ARFIMAProcess([0.4], d).autocovariance(n_obs - 1)

    slope = (at(0.3 + step) - at(0.3 - step)) / (2 * step)
    analytic = toeplitz.toeplitz_inverse(at(0.3)).lag_sums() @ slope
    up, down = (toeplitz.toeplitz_inverse(at(0.3 + s)).log_determinant for s in (step, -step))
    assert analytic == pytest.approx((up - down) / (2 * step), rel=1e-6)


def test_innovations_are_dense_predictions():
    x, acov = draw(mt.ARFIMAProcess([0.5], 0.3), 40)
    errors, variances, _ = toeplitz.innovations(acov, x)
    matrix = dense(acov)
    for t in (1, 2, 17, 39):
        weights = np.linalg.solve(matrix[:t, :t], matrix[:t, t])
        assert errors[t] == pytest.approx(x[t] - weights @ x[:t], abs=1e-12)
        assert variances[t] == pytest.approx(acov[0] - weights @ matrix[:t, t], rel=1e-12)


# ---------------------------------------------------------------- missing values


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("d", [-0.4, 0.4])
def test_gaps_leave_the_density_of_what_was_seen(share, d):
    x, acov = draw(mt.ARFIMAProcess([0.5], d), 400)
    x[np.random.default_rng(2).random(400) < share] = np.nan
    seen = ~np.isnan(x)
    expected = loglike(x[seen], dense(acov)[np.ix_(seen, seen)])
    assert mt.gaussian_loglike(x, acov) == pytest.approx(expected, rel=1e-10)


def test_gaps_at_the_ends_are_no_observations():
    x, acov = draw(mt.ARFIMAProcess(d=0.3), 1200)
    padded = np.concatenate([[np.nan, np.nan], x[:-3], [np.nan]])
    expected = mt.gaussian_loglike(x[:-3], acov)
    assert mt.gaussian_loglike(padded, acov) == pytest.approx(expected, rel=1e-12)


def test_blocks_of_the_inverse_change_nothing(monkeypatch):
    x, acov = draw(mt.ARFIMAProcess(d=0.3), 300)
    x[::7] = np.nan
    expected = mt.gaussian_loglike(x, acov)
    monkeypatch.setattr(toeplitz, "_BLOCK", 700)
    assert mt.gaussian_loglike(x, acov) == pytest.approx(expected, rel=1e-12)


def test_too_many_gaps_are_refused_with_the_reason(monkeypatch):
    monkeypatch.setattr(toeplitz, "_LARGEST_DENSE", 20)
    x, acov = draw(mt.ARFIMAProcess(d=0.3), 100)
    x[::2] = np.nan
    with pytest.raises(InvalidInputError, match="49 missing and 50 observed"):
        mt.gaussian_loglike(x, acov)


# ---------------------------------------------------------------- hostile input


@pytest.mark.parametrize(
    ("x", "acov", "text"),
    [
        ([1.0, 2.0], [1.0], "autocovariance must be at least 2 long"),
        ([1.0, 2.0], [1.0, 1.0], "positive definite; got a sequence that is not from lag 1 on"),
        ([1.0, 2.0, 1.0], [1.0, 0.9, 0.1], "from lag 2 on"),
        ([1.0, 2.0], [1.0, -1.5], "positive definite"),
        ([1.0], [0.0], "autocovariance must be positive at lag 0"),
        ([1.0, 2.0], [1.0, math.nan], "autocovariance must be finite"),
        ([1.0, math.inf], [1.0, 0.5], "x must be finite"),
        ([math.nan, math.nan], [1.0, 0.5], "x must be a series with a value that is not NaN"),
        ([1.0, math.nan, 1.0], [1.0, 0.0, 1.5], "positive definite"),
        ([], [1.0], "x must be"),
        ([[1.0]], [1.0], "x must be"),
    ],
)
def test_what_is_no_series_or_no_autocovariance(x, acov, text):
    with pytest.raises(InvalidInputError, match=text):
        mt.gaussian_loglike(x, acov)


def test_long_sequences_that_are_not_positive_definite():
    acov = mt.ARFIMAProcess(d=0.3).autocovariance(2999)
    acov[2500] += 1.0
    with pytest.raises(InvalidInputError, match="positive definite"):
        mt.gaussian_loglike(np.ones(3000), acov)


# ---------------------------------------------------------------- kernels


@pytest.mark.parametrize("setting", ["NUMBA_DISABLE_JIT", "NUMBA_BOUNDSCHECK"])
def test_kernels_interpreted_and_with_bounds_checks(setting, tmp_path):
    program = (
        "import memtools as mt, numpy as np\n"
        "from memtools import toeplitz\n"
        "toeplitz._LEAF = 16\n"
        "p = mt.ARFIMAProcess([0.5], 0.3)\n"
        "acov = p.autocovariance(99)\n"
        "x = mt.simulate(p, 100, rng=1, method='durbin-levinson')\n"
        "e, v, u = toeplitz.innovations(acov, x, np.array([0, 3]))\n"
        "print(mt.gaussian_loglike(x, acov), -0.5 * (np.log(2 * np.pi * v) + e * e / v).sum())\n"
        "print(mt.gaussian_loglike(x[:1], acov), mt.gaussian_loglike(x[:2], acov))\n"
    )
    environment = os.environ | {setting: "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    fast, slow, *_ = map(float, done.stdout.split())
    assert fast == pytest.approx(slow, rel=1e-12)
    here = mt.simulate(mt.ARFIMAProcess([0.5], 0.3), 100, rng=1, method="durbin-levinson")
    acov = mt.ARFIMAProcess([0.5], 0.3).autocovariance(99)
    assert fast == pytest.approx(mt.gaussian_loglike(here, acov), rel=1e-11)
