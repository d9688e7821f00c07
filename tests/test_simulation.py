"""Paths have the moments of their process; given innovations give the filter's values."""

import math

import numpy as np
import pytest
from scipy.stats import kstest

import memtools as mt
from memtools import InvalidInputError, simulation
from memtools.simulation import garch, stable, student_t

PROCESSES = [
    mt.ARFIMAProcess(d=0.4),
    mt.ARFIMAProcess(d=-0.4, sigma2=2.0),
    mt.ARFIMAProcess([0.5], 0.3, [0.4]),
    mt.ARFIMAProcess([1.2, -0.5], 0.2),
    mt.ARFIMAProcess([0.9], 0.45),
    mt.ARFIMAProcess([0.999], 0.45),
    mt.FractionalGaussianNoise(0.8),
    mt.FractionalGaussianNoise(0.1),
]


def chi_squares(process, paths):
    """x' R^-1 x of each path, chi-squared with n_obs degrees of freedom if R is right."""
    from memtools.toeplitz import toeplitz_inverse

    inverse = toeplitz_inverse(process.autocovariance(paths.shape[1] - 1))
    return np.array([inverse.square(x) for x in paths])


@pytest.mark.parametrize("process", PROCESSES, ids=str)
@pytest.mark.parametrize("method", ["circulant", "durbin-levinson"])
def test_paths_have_the_covariance_of_their_process(process, method):
    n_obs, n_paths = 97, 4000
    paths = mt.simulate(process, n_obs, n_paths, rng=7, method=method)
    acov = process.autocovariance(n_obs - 1)
    for lag in (0, 1, 5, 40, 96):
        products = (paths[:, : n_obs - lag] * paths[:, lag:]).mean(axis=1)
        stderr = products.std() / math.sqrt(n_paths)
        assert abs(products.mean() - acov[lag]) < 4.5 * stderr
    squares = chi_squares(process, paths)
    assert abs(squares.mean() - n_obs) < 4.5 * math.sqrt(2.0 * n_obs / n_paths)
    assert abs(squares.var() / (2.0 * n_obs) - 1.0) < 4.5 * math.sqrt(2.3 / n_paths)


@pytest.mark.parametrize("n_obs", [1, 2, 3, 1000])
def test_shapes(n_obs):
    process = mt.ARFIMAProcess([0.5], 0.3)
    for method in ("circulant", "durbin-levinson", "filter"):
        assert mt.simulate(process, n_obs, rng=1, method=method).shape == (n_obs,)
        assert mt.simulate(process, n_obs, 3, rng=1, method=method).shape == (3, n_obs)


def test_blocks_draw_the_same_paths(monkeypatch):
    process = mt.ARFIMAProcess(d=0.3)
    together = mt.simulate(process, 50, n_paths=7, rng=1)
    monkeypatch.setattr(simulation, "_BLOCK", 100)
    np.testing.assert_array_equal(mt.simulate(process, 50, n_paths=7, rng=1), together)


def test_seed_decides_and_generators_move_on():
    process = mt.ARFIMAProcess(d=0.3)
    np.testing.assert_array_equal(
        mt.simulate(process, 20, rng=1), mt.simulate(process, 20, rng=np.random.default_rng(1))
    )
    generator = np.random.default_rng(1)
    first, second = (mt.simulate(process, 20, rng=generator) for _ in range(2))
    assert not np.allclose(first, second)


# ---------------------------------------------------------------- d beyond stationarity


@pytest.mark.parametrize(("d", "whole"), [(0.5, 1), (0.8, 1), (1.3, 1), (1.6, 2)])
def test_integrated_paths_are_sums(d, whole):
    summed = mt.simulate(mt.ARFIMAProcess([0.3], d), 200, rng=4)
    base = mt.simulate(mt.ARFIMAProcess([0.3], d - whole), 200, rng=4)
    for _ in range(whole):
        base = np.cumsum(base)
    np.testing.assert_allclose(summed, base, rtol=1e-12)


def test_overdifferenced_paths_are_differences():
    over = mt.simulate(mt.ARFIMAProcess(d=-1.3), 200, 2, rng=4)
    base = mt.simulate(mt.ARFIMAProcess(d=-0.3), 201, 2, rng=4)
    assert over.shape == (2, 200)
    np.testing.assert_allclose(over, np.diff(base, axis=1), atol=1e-12)


def test_brownian_motion():
    paths = mt.fractional_brownian_motion(0.7, 64, n_paths=6000, rng=3)
    n_paths = len(paths)
    for t in (1, 10, 64):
        squares = paths[:, t - 1] ** 2
        assert abs(squares.mean() - t**1.4) < 4.5 * squares.std() / math.sqrt(n_paths)


# ---------------------------------------------------------------- given innovations


def test_filter_method_is_type_two():
    process = mt.ARFIMAProcess(d=0.3, sigma2=4.0)
    eps = 2.0 * np.random.default_rng(5).standard_normal(100)
    x = mt.simulate(process, 100, rng=5, method="filter")
    np.testing.assert_allclose(mt.fracdiff(x, 0.3), eps, atol=1e-12)


def test_array_of_innovations_with_a_past():
    process = mt.ARFIMAProcess([0.5], 0.2)
    eps = np.random.default_rng(0).standard_normal((2, 80))
    x = mt.simulate(process, 50, 2, innovations=eps)
    psi = process.ma_weights(79)
    by_hand = [[psi[: t + 1] @ row[t::-1] for t in range(30, 80)] for row in eps]
    np.testing.assert_allclose(x, by_hand, atol=1e-11)


def test_innovations_one_row_for_one_path():
    x = mt.simulate(mt.ARFIMAProcess(), 3, innovations=[1.0, 2.0, 3.0])
    np.testing.assert_allclose(x, [1.0, 2.0, 3.0], atol=1e-15)


def test_callable_gets_generator_and_shape():
    asked = []

    def draw(rng, shape):
        asked.append(shape)
        return rng.standard_normal(shape)

    assert mt.simulate(mt.ARFIMAProcess(d=0.1), 10, 4, rng=0, innovations=draw).shape == (4, 10)
    mt.simulate(mt.ARFIMAProcess(d=0.1), 10, 4, rng=0, innovations=draw, method="filter")
    assert asked == [(4, 20), (4, 10)]


def test_student_t_has_variance_one():
    draws = student_t(8.0)(np.random.default_rng(1), (200_000,))
    assert abs(draws.var() - 1.0) < 4.5 * (draws**2).std() / math.sqrt(len(draws))
    assert kstest(draws * math.sqrt(8.0 / 6.0), "t", args=(8.0,)).pvalue > 1e-4


def test_stable_laws_with_names():
    rng = np.random.default_rng(2)
    assert kstest(stable(1.0)(rng, (5000,)), "cauchy").pvalue > 1e-4
    normal = stable(2.0)(rng, (5000,))
    assert kstest(normal / math.sqrt(2.0), "norm").pvalue > 1e-4


def test_garch_has_its_variance_and_clusters():
    draws = garch(0.1, 0.15, 0.75)(np.random.default_rng(3), (4, 20_000))
    assert draws.shape == (4, 20_000)
    squares = draws**2
    long_run = math.sqrt(mt.long_run_variance(squares.ravel()) / squares.size)
    assert abs(squares.mean() - 1.0) < 5.0 * long_run
    # Bollerslev (1986): autocorrelation of squares at lag 1.
    rho = 0.15 * (1 - 0.75**2 - 0.15 * 0.75) / (1 - 0.75**2 - 2 * 0.15 * 0.75)
    assert mt.autocorrelation(squares[0], 1)[1] == pytest.approx(rho, abs=0.12)
    assert abs(mt.autocorrelation(draws.ravel(), 1)[1]) < 0.03


# ---------------------------------------------------------------- vectors, contamination


# ---------------------------------------------------------------- fall-back and hostile input


class NeverEmbeds:
    """A white series whose last autocovariance is forged at any length but the first."""

    def autocovariance(self, n_lags):
        acov = np.zeros(n_lags + 1)
        acov[0] = 1.0
        if n_lags >= 30:
            acov[-1] = 5.0
        return acov

    def spectral_density(self, frequencies):
        return np.ones_like(frequencies)


def test_fall_back_is_durbin_levinson():
    direct = mt.simulate(NeverEmbeds(), 30, rng=1, method="durbin-levinson")
    np.testing.assert_array_equal(mt.simulate(NeverEmbeds(), 30, rng=1), direct)


def test_no_embedding_and_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(simulation, "_LONGEST_BY_LEVINSON", 20)
    with pytest.raises(InvalidInputError, match="non-negative circulant embedding"):
        mt.simulate(NeverEmbeds(), 30)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"n_obs": 0}, "n_obs must be"),
        ({"n_obs": 10.0}, "n_obs must be"),
        ({"n_paths": 0}, "n_paths must be"),
        ({"method": "fft"}, "method must be one of"),
        ({"rng": "x"}, "rng must be"),
        ({"process": 0.3}, "process must be"),
        ({"innovations": [1.0]}, r"innovations must be of shape \(1, n\)"),
        ({"innovations": lambda rng, shape: np.zeros(3)}, "callable that returns shape"),
        ({"innovations": [math.nan] * 10}, "innovations must be finite"),
        ({"process": mt.FractionalGaussianNoise(0.7), "method": "filter"}, "an ARFIMAProcess"),
    ],
)
def test_bad_arguments_are_refused_by_name(change, text):
    arguments = {"process": mt.ARFIMAProcess(d=0.2), "n_obs": 10} | change
    with pytest.raises(InvalidInputError, match=text):
        mt.simulate(**arguments)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: student_t(2.0), "df must be"),
        (lambda: stable(2.5), "alpha must be"),
        (lambda: stable(0.0), "alpha must be"),
        (lambda: garch(0.1, 0.5, 0.5), "below 1"),
        (lambda: mt.simulate_varfima([0.1, 0.2], 10, ar=[[0.5]]), "ar must be of shape"),
        (lambda: mt.simulate_varfima([0.1], 10, ar=[[1.0]]), "spectral radius below one"),
        (lambda: mt.simulate_varfima([0.1, 0.2], 10, cov=np.ones((2, 2))), "cov must be"),
        (lambda: mt.fractional_brownian_motion(1.0, 10), "hurst must be"),
    ],
)
def test_bad_laws_are_refused(call, text):
    with pytest.raises(InvalidInputError, match=text):
        call()
