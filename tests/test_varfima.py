"""Vector ARFIMA processes: theory against univariate processes, weights, integrals, and paths."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

import memtools as mt

COV = np.array([[1.0, 0.5], [0.5, 2.0]])
PLAIN = mt.VARFIMAProcess([0.1, 0.4], cov=COV)
MIXED = mt.VARFIMAProcess(
    [-0.3, -0.45],
    [[[0.5, 0.2], [0.1, -0.3]], [[0.1, 0.0], [0.2, 0.1]]],
    [[0.3, 0.0], [0.2, 0.1]],
    COV,
)
# Negative eigenvalues in its circulant.
STUBBORN = mt.VARFIMAProcess([-0.4, 0.45], cov=[[1.0, 0.9], [0.9, 1.0]])


def test_one_component_is_an_arfima_process():
    vector = mt.VARFIMAProcess([0.3], [[[0.5]], [[-0.2]]], [[0.4]], [[2.0]])
    plain = mt.ARFIMAProcess([0.5, -0.2], 0.3, [0.4], 2.0)
    found = vector.autocovariance(60)[:, 0, 0]
    np.testing.assert_allclose(found, plain.autocovariance(60), rtol=1e-10)
    np.testing.assert_allclose(vector.ma_weights(60)[:, 0, 0], plain.ma_weights(60), rtol=1e-10)
    lam = [0.1, 1.0, 3.0]
    found = vector.spectral_density(lam)[:, 0, 0]
    np.testing.assert_allclose(found, plain.spectral_density(lam), rtol=1e-10)


def test_autocovariances_are_sums_over_the_weights():
    w = MIXED.ma_weights(200_000)
    found = MIXED.autocovariance(9)
    for lag in (0, 1, 9):
        sums = np.einsum("tia,ab,tjb->ij", w[lag:], COV, w[: len(w) - lag])
        np.testing.assert_allclose(found[lag], sums, atol=1e-8)


@pytest.mark.parametrize("lag", [0, 1, 5])
def test_cross_covariances_are_integrals_of_the_density(lag):
    def integrand(frequency, part):
        density = PLAIN.spectral_density([frequency])[0, 0, 1]
        return 2.0 * (density * np.exp(1j * lag * frequency)).real * frequency**0.5

    total = quad(integrand, 1e-12, math.pi, args=(0,), weight="alg", wvar=(-0.5, 0.0))[0]
    assert PLAIN.autocovariance(5)[lag, 0, 1] == pytest.approx(total, abs=1e-7)


@pytest.mark.parametrize("method", ["circulant", "durbin-levinson"])
@pytest.mark.parametrize(
    "process",
    [PLAIN, mt.VARFIMAProcess([0.2, 0.4], [[0.5, 0.2], [0.1, -0.3]], (), COV), STUBBORN],
    ids=["plain", "autoregressive", "stubborn"],
)
def test_paths_have_the_autocovariances(process, method):
    """Mean products of 2,000 paths at both ends, within 4.5 of their standard errors."""
    x = mt.simulate(process, 30, 2000, rng=5, method=method)
    acov = process.autocovariance(29)
    for first, lag in ((0, 0), (0, 1), (0, 29), (20, 7)):
        products = x[:, first + lag, :, None] * x[:, first, None, :]
        error = products.std(axis=0) / math.sqrt(len(x))
        assert (np.abs(products.mean(axis=0) - acov[lag]) < 4.5 * error).all()


def test_a_short_path_has_the_whole_variance():
    """d = 0.45, n = 200: a past of n values gives 0.6 of it."""
    x = mt.simulate(mt.VARFIMAProcess([0.45, 0.45]), 200, 500, rng=7)
    variance = mt.ARFIMAProcess(d=0.45).autocovariance(0)[0]
    squares = (x**2).mean(axis=(1, 2))
    assert abs(squares.mean() - variance) < 4.0 * squares.std() / math.sqrt(500.0)


def test_components_beyond_a_half_are_summed():
    x = mt.simulate(mt.VARFIMAProcess([0.2, 1.3], cov=COV), 50, rng=3)
    level = mt.simulate(mt.VARFIMAProcess([0.2, 0.3], cov=COV), 50, rng=3)
    np.testing.assert_allclose(x[:, 0], level[:, 0])
    np.testing.assert_allclose(np.diff(x[:, 1], prepend=0.0), level[:, 1], atol=1e-12)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: mt.VARFIMAProcess([0.1, -1.0]), "d must be above -1"),
        (lambda: mt.VARFIMAProcess([0.1, 0.2], [[0.5]]), "ar must be of shape"),
        (lambda: mt.VARFIMAProcess([0.1], [[0.99995]]), "spectral radius below one"),
        (lambda: mt.VARFIMAProcess([0.1, 0.2], ma=[[0.5]]), "ma must be of shape"),
        (lambda: mt.VARFIMAProcess([0.1, 0.2], cov=[[1.0, 0.5], [0.4, 1.0]]), "symmetric"),
        (lambda: mt.VARFIMAProcess([0.1, 0.2], cov=np.eye(3)), "cov must be of shape"),
        (lambda: mt.VARFIMAProcess([0.6]).autocovariance(3), "d must be below 1/2"),
        (lambda: mt.simulate(PLAIN, 10, method="filter"), "method must be"),
        (lambda: mt.simulate(STUBBORN, 30_000), "non-negative circulant"),
    ],
)
def test_bad_parameters_are_named(call, told):
    with pytest.raises(mt.InvalidInputError, match=told):
        call()
