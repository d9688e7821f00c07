"""Gegenbauer processes: their law by quadrature, by weights, at the edges, and in paths."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import eval_gegenbauer

import memtools as mt

CASES = [
    (0.5, 0.3, (), ()),
    (2.0, 0.35, (), ()),
    (1.0, -0.3, (), ()),
    (2.0 * math.pi / 12.0, 0.3, (0.5,), (0.3,)),
]


def integral(process, k):
    """Autocovariance by quadrature on either side of the pole, s = distance^(1 - 2 d)."""
    q = 1.0 / (1.0 - 2.0 * process.d) if process.d > 0.0 else 1.0
    nu, total = process.frequency, 0.0
    for sign, end in ((-1.0, nu), (1.0, math.pi - nu)):

        def part(s, sign=sign):
            frequency = nu + sign * max(s**q, 1e-12)
            density = process.spectral_density(np.array([frequency]))[0]
            return 2.0 * density * math.cos(k * frequency) * q * s ** (q - 1.0)

        total += quad(part, 0.0, end ** (1.0 / q), limit=400, epsabs=1e-11)[0]
    return total


@pytest.mark.parametrize(("frequency", "d", "ar", "ma"), CASES)
def test_autocovariances_are_the_integrals_of_the_spectrum(frequency, d, ar, ma):
    process = mt.GegenbauerProcess(frequency, d, ar, ma, sigma2=2.0)
    found = process.autocovariance(40)
    for k in (0, 1, 5, 37):
        assert found[k] == pytest.approx(integral(process, k), rel=1e-6, abs=1e-7)


def test_weights_are_gegenbauer_polynomials():
    process = mt.GegenbauerProcess(0.7, 0.3)
    exact = [eval_gegenbauer(j, 0.3, math.cos(0.7)) for j in range(60)]
    np.testing.assert_allclose(process.ma_weights(59), exact, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("frequency", "d", "ar", "ma"), CASES)
def test_the_two_forms_undo_each_other(frequency, d, ar, ma):
    process = mt.GegenbauerProcess(frequency, d, ar, ma)
    product = np.convolve(process.ma_weights(80), process.ar_weights(80))[:81]
    np.testing.assert_allclose(product, np.eye(1, 81)[0], atol=1e-12)


def test_autocovariances_decay_and_turn_as_theory_says():
    """k^(2 d - 1) cos(k frequency) up to a constant: the envelope's slope over lags 1e3 to 1e5."""
    process = mt.GegenbauerProcess(0.9, 0.35)
    g = np.abs(process.autocovariance(100_000))
    blocks = [g[n : n + 50].max() for n in (1_000, 10_000, 99_900)]
    slopes = np.diff(np.log(blocks)) / np.diff(np.log([1_000, 10_000, 99_900]))
    np.testing.assert_allclose(slopes, 2.0 * 0.35 - 1.0, atol=0.01)


def test_without_memory_it_is_arma():
    ours = mt.GegenbauerProcess(0.5, 0.0, [0.6], [0.2]).autocovariance(20)
    np.testing.assert_allclose(
        ours, mt.ARFIMAProcess([0.6], 0.0, [0.2]).autocovariance(20), rtol=1e-9
    )


def test_paths_have_the_law_of_the_process():
    process = mt.GegenbauerProcess(0.8, 0.35)
    paths = mt.simulate(process, 400, n_paths=2000, rng=1)
    g = process.autocovariance(10)
    for k in (0, 1, 4, 10):
        products = np.mean(paths[:, : 400 - k] * paths[:, k:], axis=1)
        assert abs(products.mean() - g[k]) < 4.5 * products.std() / math.sqrt(2000)


@pytest.mark.parametrize("frequency", [0.0, math.pi, -1.0, math.nan, "x"])
def test_a_frequency_is_between_zero_and_pi(frequency):
    with pytest.raises(mt.InvalidInputError, match="frequency must be"):
        mt.GegenbauerProcess(frequency, 0.3)


@pytest.mark.parametrize("d", [0.5, -0.5, 1.0])
def test_d_is_that_of_a_stationary_process(d):
    with pytest.raises(mt.InvalidInputError, match=r"d must be in \(-1/2, 1/2\)"):
        mt.GegenbauerProcess(1.0, d)


def test_the_pole_itself_has_no_density():
    with pytest.raises(mt.InvalidInputError, match="that of the pole"):
        mt.GegenbauerProcess(1.0, 0.2).spectral_density([0.5, 1.0])
