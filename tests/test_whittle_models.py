"""Whittle's likelihood of ARFIMA, fractional Gaussian noise and FEXP, and its search."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

import memtools as mt
from memtools.arfima.maximise import minimise
from memtools.arfima.parameters import Dynamics, Space
from memtools.arfima.whittle import WhittleLikelihood
from tests import arfima_reference

LONGMEMO = Path(__file__).parent / "golden" / "longmemo_r.json"
ORDERS = [(0, 0), (1, 0), (0, 1), (1, 1), (2, 1)]


def arfima_path(n_obs=400, d=0.3, seed=1):
    shocks = np.random.default_rng(seed).standard_normal(n_obs)
    return mt.fracint(shocks[1:] + 0.5 * shocks[:-1], d)


def slow_objective(x, d, ar, ma):
    """log of the mean of I / g plus the mean of log g over j = 1..n - 1, both halves."""
    n_obs = len(x)
    z = np.exp(-2j * np.pi * np.outer(np.arange(1, n_obs), np.arange(n_obs)) / n_obs) @ (
        x - x.mean()
    )
    power = np.abs(z) ** 2 / (2 * np.pi * n_obs)
    lam = 2 * np.pi * np.arange(1, n_obs) / n_obs
    g = np.array([arfima_reference.transfer(f, d, ar, ma) for f in lam])
    return np.log(np.mean(power / g)) + np.mean(np.log(g))


@pytest.mark.parametrize("n_obs", [40, 41])
def test_objective_is_the_sum_over_all_fourier_frequencies(n_obs):
    x = arfima_path(n_obs + 1)
    space = Space(2, 1)
    model = Dynamics(0.2, np.array([0.5, -0.3]), np.array([0.4]))
    value, _ = WhittleLikelihood(x, 2).objective(space.point(model), space)
    assert value == pytest.approx(slow_objective(x, 0.2, [0.5, -0.3], [0.4]), abs=1e-12)


@given(
    st.floats(-0.9, 0.9),
    st.lists(st.floats(-0.9, 0.9), min_size=4, max_size=4).map(np.array),
)
def test_gradient_is_the_derivative(d, partial):
    space, likelihood = Space(2, 2), WhittleLikelihood(arfima_path(), 2)
    point = np.append(d, partial)
    _, gradient = likelihood.objective(point, space)
    for j in range(5):
        move = np.zeros(5)
        move[j] = 1e-6
        up, down = (likelihood.objective(point + s * move, space)[0] for s in (1, -1))
        assert gradient[j] == pytest.approx((up - down) / 2e-6, rel=1e-4, abs=1e-5)


def test_information_is_the_mean_of_squared_scores_in_large_samples():
    # Fisher's matrix of ARFIMA(1, d, 0): pi^2 / 6, -log(1 - phi) / phi, 1 / (1 - phi^2).
    phi, n_obs = 0.5, 20001
    likelihood = WhittleLikelihood(np.random.default_rng(1).standard_normal(n_obs), 1)
    found = likelihood.information(Dynamics(0.2, np.array([phi]), np.empty(0))) / n_obs
    cross = -np.log(1 - phi) / phi
    expected = [[np.pi**2 / 6, cross], [cross, 1 / (1 - phi**2)]]
    np.testing.assert_allclose(found, expected, rtol=0.01)


@pytest.mark.parametrize("order", ORDERS)
def test_modes_are_the_local_minima_that_a_simplex_finds(order):
    x = arfima_path()
    space = Space(*order)
    likelihood = WhittleLikelihood(x, max(order))
    best = likelihood.modes(space)[0]
    low, high = np.array(space.bounds).T

    def objective(point):
        inside = np.all((point > low) & (point < high))
        return likelihood.objective(point, space)[0] if inside else np.inf

    rng = np.random.default_rng(2)
    rivals = []
    for _ in range(5):
        start = rng.uniform(low, high) * 0.6
        found = minimize(objective, start, method="Nelder-Mead", options={"maxiter": 2000})
        rivals.append(found.fun)
    assert best.converged
    assert best.objective <= min(rivals) + 1e-6


def test_search_respects_the_box():
    def objective(point):
        return float(np.sum((point - 3.0) ** 2)), 2.0 * (point - 3.0)

    found = minimise(objective, np.zeros(2), 2.0 * np.eye(2), [(-1.0, 1.0), (-5.0, 5.0)], 1e-12)
    np.testing.assert_allclose(found.point, [1.0, 3.0], atol=1e-6)
    assert found.converged


def test_search_says_that_it_failed():
    def cliff(point):  # the gradient lies: no descent along it
        return float(np.abs(point).sum()), -np.sign(point) - (point == 0.0)

    found = minimise(cliff, np.ones(1), np.eye(1), [(-9.0, 9.0)], 1e-12)
    assert not found.converged


@given(st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_whittle_estimates_ignore_shift_and_scale(scale, shift):
    x = arfima_path(200)
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
    found = [mt.fgn_whittle(path) for path in paths]
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
        mt.fexp(arfima_path(101), order)
