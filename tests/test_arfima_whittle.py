"""Whittle's likelihood of ARFIMA models, and its search."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

import memtools as mt
from memtools.arfima.parameters import Dynamics, Space, minimise
from memtools.arfima.whittle import WhittleLikelihood
from tests import arfima_reference

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
    def objective(point, space):
        return float(np.sum((point - 3.0) ** 2)), 2.0 * (point - 3.0)

    found = minimise(objective, Space(1, 0, (-5.0, 5.0)), np.zeros(2), 2.0 * np.eye(2), 1e-12)
    np.testing.assert_allclose(found.point, [3.0, 0.999], atol=1e-6)
    assert found.converged


def test_search_says_that_it_failed():
    def cliff(point, space):  # the gradient lies: no descent along it
        return float(np.abs(point).sum()), -np.sign(point) - (point == 0.0)

    found = minimise(cliff, Space(0, 0, (-9.0, 9.0)), np.ones(1), np.eye(1), 1e-12)
    assert not found.converged
