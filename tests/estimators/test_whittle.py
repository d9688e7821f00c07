"""Local Whittle, tapered and fully extended: against loops, grids and theory."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import memtools as mt
from memtools.estimators import whittle
from memtools.estimators._stderr import calibration
from tests import reference

TAPERS = (None, "cosine", "kolmogorov", "bartlett", "hc")


def series_of(n_obs, seed=1):
    return np.random.default_rng(seed).standard_normal(n_obs).cumsum()


@pytest.mark.parametrize("taper", TAPERS)
@pytest.mark.parametrize(("n_obs", "m"), [(30, 9), (60, 10), (61, 24), (80, 25)])
def test_the_estimate_minimises_the_objective(taper, n_obs, m):
    """m need not be a multiple of the taper's step: the mean of log l is one over those in use."""
    x = series_of(n_obs)
    frequencies, power = reference.local_whittle_ordinates(x, m, taper)
    d = reference.lowest(lambda d: reference.whittle_objective(frequencies, power, d), -4.0, 4.0)
    estimate = mt.local_whittle(x, m, taper)
    assert estimate.d == pytest.approx(d + (taper == "hc"), abs=1e-6)
    assert estimate.converged
    assert (estimate.n_obs, estimate.bandwidth) == (n_obs, m)
    if taper:
        assert estimate.details == {"taper": taper, "n_ordinates": len(power)}


@given(
    st.lists(st.floats(-300.0, 300.0), min_size=3, max_size=40),
    st.sampled_from([(-5.0, 5.0), (-1.5, 0.5), (0.5, 1.5)]),
)
def test_newton_finds_the_minimum_of_any_ordinates(log_power, bounds):
    """R is convex whatever the ordinates; some push Newton's step far beyond the minimum."""
    power = np.exp(np.array(log_power))
    logs = whittle.centred_logs(np.arange(1.0, len(power) + 1.0))
    d, converged = whittle.whittle_minimum(logs, power, bounds)
    assert converged == (bounds[0] < d < bounds[1])
    assert bounds[0] <= d <= bounds[1]

    def slope(d):
        exponent = 2.0 * d * logs + np.array(log_power)
        weights = np.exp(exponent - exponent.max())
        return float(logs @ weights) / weights.sum()

    if d < bounds[1]:
        assert slope(min(d + 1e-6, bounds[1])) >= 0.0
    if d > bounds[0]:
        assert slope(max(d - 1e-6, bounds[0])) <= 0.0


def test_the_finite_standard_error_is_the_fisher_sum():
    x = series_of(300)
    for m in (5, 20, 100):
        logs = [math.log(j) for j in range(1, m + 1)]
        mean = sum(logs) / m
        squares = sum((value - mean) ** 2 for value in logs)
        estimate = mt.local_whittle(x, m)
        expected = calibration("local_whittle", m) / (2.0 * math.sqrt(squares))
        assert estimate.stderr == pytest.approx(expected, rel=1e-12)


def neighbour_correlations(n_obs, taper, step):
    """|sum |h_t|^2 exp(i t l)|^2 / (sum |h_t|^2)^2 at 1, 2, ... steps of Fourier frequencies."""
    energy = np.abs(np.array(reference.taper(n_obs, taper))) ** 2
    t = np.arange(n_obs)
    return [
        abs(np.sum(energy * np.exp(2j * np.pi * k * step * t / n_obs))) ** 2 / energy.sum() ** 2
        for k in range(1, 10)
    ]


@pytest.mark.parametrize("taper", TAPERS[1:])
def test_tapered_errors_know_how_neighbours_correlate(taper):
    """Sandwich S^-2 (sum v^2 + 2 sum_k c_k sum v_j v_{j+k}) / 4, c_k from the taper itself."""
    n_obs, m = 240, 100
    step = {"cosine": 3, "kolmogorov": 3, "bartlett": 2, "hc": 1}[taper]
    x = series_of(n_obs)
    shift = 0.5 * (taper == "hc")
    logs = np.log(np.arange(step, m + 1, step) + shift)
    logs -= logs.mean()
    sandwich = logs @ logs
    for k, c in enumerate(neighbour_correlations(n_obs, taper, step), start=1):
        sandwich += 2.0 * c * (logs[k:] @ logs[:-k])
    expected = math.sqrt(sandwich) / (2.0 * (logs @ logs))
    estimate = mt.local_whittle(x, m, taper)
    plain = estimate.stderr / calibration(f"local_whittle_{taper}", len(logs))
    assert plain == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize(
    ("taper", "factor"),
    [(None, 1.0), ("cosine", 3.0), ("kolmogorov", 3.0 * 1.00354), ("bartlett", 2.1), ("hc", 1.5)],
)
def test_asymptotic_errors_of_the_papers(taper, factor):
    estimate = mt.local_whittle(series_of(500), 60, taper, stderr="asymptotic")
    assert estimate.stderr == pytest.approx(math.sqrt(factor / (4.0 * 60)), rel=1e-9)


@pytest.mark.filterwarnings("ignore::memtools.exceptions.ConvergenceWarning")
def test_the_cosine_bell_and_the_complex_taper_ignore_a_linear_trend():
    noise = np.random.default_rng(3).standard_normal(2000)
    trended = noise + 0.05 * np.arange(2000)
    assert abs(mt.local_whittle(trended, taper="cosine").d) < 0.3
    assert mt.local_whittle(trended).d > 0.8
    # The trend is the mean of the differences; from j = 1 on no ordinate sees it.
    shifted = mt.local_whittle(trended, taper="hc").d
    assert shifted == pytest.approx(mt.local_whittle(noise, taper="hc").d, abs=1e-6)


# ---------------------------------------------------------------- fully extended


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("order", [-0.4, 0.3, 1.0, 1.8])
def test_the_fully_extended_estimate_minimises_its_objective(seed, order):
    x = reference.type_two_noise(order, 50, 1, np.random.default_rng(seed))[0]
    estimate = mt.fully_extended_local_whittle(x, 12)
    d = min(
        (
            reference.lowest(lambda d: reference.extended_objective(x, 12, d), low, high, 21)
            for low, high in ((-1.49, 0.5), (0.5 + 1e-9, 1.5), (1.5 + 1e-9, 2.49))
        ),
        key=lambda d: reference.extended_objective(x, 12, d),
    )
    assert estimate.d == pytest.approx(d, abs=1e-6)


def test_the_fully_extended_estimate_follows_integration():
    x = reference.fractional_noise(0.2, 1000, 1, np.random.default_rng(5))[0]
    once, twice = np.cumsum(x), np.cumsum(np.cumsum(x))
    found = [mt.fully_extended_local_whittle(series).d for series in (x, once, twice)]
    np.testing.assert_allclose(np.diff(found), 1.0, atol=0.02)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda x: mt.local_whittle(x, taper="hann"), "taper"),
        (lambda x: mt.local_whittle(x, taper=True), "taper"),
        (lambda x: mt.local_whittle(x, 8, "cosine"), "bandwidth"),
        (lambda x: mt.local_whittle(x, 5, "bartlett"), "bandwidth"),
        (lambda x: mt.local_whittle(x, 50, "hc"), "bandwidth"),
        (lambda x: mt.local_whittle(x, 51), "bandwidth"),
        (lambda x: mt.local_whittle(x, stderr=None), "stderr"),
        (lambda x: mt.fully_extended_local_whittle(x, 50), "bandwidth"),
        (lambda x: mt.fully_extended_local_whittle(x, 2), "bandwidth"),
    ],
)
def test_bad_arguments_are_named(call, name):
    with pytest.raises(mt.InvalidInputError) as caught:
        call(series_of(100))
    assert caught.value.name == name
