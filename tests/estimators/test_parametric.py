"""Whittle estimates of fractional Gaussian noise and FEXP models."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import memtools as mt

LONGMEMO = Path(__file__).parents[1] / "golden" / "longmemo_r.json"


def path(n_obs):
    shocks = np.random.default_rng(1).standard_normal(n_obs)
    return mt.fracint(shocks[1:] + 0.5 * shocks[:-1], 0.3)


@pytest.mark.filterwarnings("ignore::memtools.exceptions.ConvergenceWarning")
@given(st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_whittle_estimates_ignore_shift_and_scale(scale, shift):
    x = path(200)
    base, moved = mt.fexp(x, order=1), mt.fexp(scale * x + shift, order=1)
    assert moved.d == pytest.approx(base.d, abs=1e-6)


def golden(model):
    return json.loads(LONGMEMO.read_text())["values"][model]


def test_fexp_without_cosines_is_longmemos(series):
    for case in golden("fexp"):
        if case["order"] == 0:
            found = mt.fexp(series(case["series"]), order=0)
            # R's glm stops at a relative change of the deviance of 1e-8.
            assert found.hurst == pytest.approx(case["hurst"], abs=1e-5)


def test_whittle_of_order_zero_is_fexp_of_order_zero(series):
    x = series("nile")
    assert mt.ARFIMA(x, (0, 0)).fit("whittle").d == pytest.approx(mt.fexp(x, 0).d, abs=1e-7)
    assert mt.fexp(x, 0).d == pytest.approx(0.4055, abs=5e-5)


def test_fexp_takes_more_cosines_where_there_is_short_memory():
    shocks = np.random.default_rng(5).standard_normal(3000)
    x = shocks[2:] + 0.9 * shocks[1:-1] + 0.5 * shocks[:-2]
    assert mt.fexp(x).details["order"] >= 1
    assert mt.fexp(x, 0).d > mt.fexp(x).d


def test_fgn_whittle_near_longmemo(series):
    # longmemo leaves out sum log f and approximates f: equal to the third decimal only.
    for case in golden("whittle"):
        if case["model"] == "fGn" and case["series"] != "arfima":
            found = mt.fgn_whittle(series(case["series"]))
            assert found.hurst == pytest.approx(case["coefficients"]["H"], abs=2e-3)


@pytest.mark.slow
@pytest.mark.parametrize("hurst", [0.3, 0.8])
def test_fgn_whittle_finds_h_of_simulated_noise(hurst):
    n_paths = 200
    paths = reference_noise(hurst, 512, n_paths)
    found = [mt.fgn_whittle(x) for x in paths]
    d = np.array([estimate.d for estimate in found])
    assert abs(d.mean() - (hurst - 0.5)) < 4 * d.std() / np.sqrt(n_paths) + 0.01  # O(1/n) bias
    assert np.mean([e.stderr for e in found]) == pytest.approx(d.std(), rel=0.2)


def reference_noise(hurst, n_obs, n_paths):
    """Fractional Gaussian noise by a Cholesky factor of its covariance matrix."""
    k = np.arange(n_obs)
    acvf = 0.5 * ((k + 1.0) ** (2 * hurst) - 2 * k ** (2.0 * hurst) + abs(k - 1.0) ** (2 * hurst))
    root = np.linalg.cholesky(acvf[abs(k[:, None] - k)])
    return np.random.default_rng(3).standard_normal((n_paths, n_obs)) @ root.T


@pytest.mark.parametrize("function", [mt.fexp, mt.fgn_whittle])
@pytest.mark.parametrize("bad", [np.ones(50), np.arange(5.0), [np.nan] * 50, "text"])
def test_bad_series_are_refused(function, bad):
    with pytest.raises(mt.InvalidInputError, match=r"^x must be"):
        function(bad)


@pytest.mark.parametrize("order", [-1, 30, 1.5, True])
def test_bad_fexp_orders_are_refused(order):
    with pytest.raises(mt.InvalidInputError, match=r"^order must be"):
        mt.fexp(path(101), order)
