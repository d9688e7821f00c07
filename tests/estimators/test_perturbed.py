"""Signal plus noise and signal under level shifts: the global minimum, and what it is good for."""

import math

import numpy as np
import pytest

import memtools as mt
from memtools.estimators import perturbed as module
from tests import reference

LOG_RATIOS = np.concatenate([[-60.0], np.linspace(-12.0, 14.0, 60)])


def first_ordinates(x, m):
    spectrum = mt.periodogram(x)
    return spectrum.frequencies[:m], spectrum.power[:m]


def lowest_on_grid(objective, low, high):
    """(d, ratio) of a grid fine enough to meet every valley."""
    places = [(d, math.exp(r)) for d in np.linspace(low, high, 60) for r in LOG_RATIOS]
    return min(places, key=lambda place: objective(*place))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("d", [0.15, 0.45])
def test_no_point_of_a_fine_grid_is_lower_for_signal_plus_noise(seed, d):
    rng = np.random.default_rng(seed)
    x = reference.fractional_noise(d, 100, 1, rng)[0] + rng.standard_normal(100)
    estimate = mt.local_whittle_plus_noise(x)
    frequencies, power = first_ordinates(x, estimate.bandwidth)

    def objective(d, ratio):
        return reference.noise_objective(frequencies, power, d, ratio)

    ours = objective(estimate.d, estimate.details["noise_to_signal"])
    assert estimate.details["objective"] == pytest.approx(ours, abs=1e-10)
    assert ours <= objective(*lowest_on_grid(objective, 1e-3, 1.0)) + 1e-7


@pytest.mark.filterwarnings("ignore::memtools.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n_shifts", [0, 5])
def test_no_point_of_a_fine_grid_is_lower_under_level_shifts(seed, n_shifts):
    rng = np.random.default_rng(seed)
    levels = np.cumsum((rng.random(100) < n_shifts / 100) * 3.0 * rng.standard_normal(100))
    x = rng.standard_normal(100) + levels
    estimate = mt.contaminated_local_whittle(x)
    frequencies, power = first_ordinates(x, estimate.bandwidth)

    def objective(d, ratio):
        return reference.contamination_objective(frequencies, power, d, ratio)

    ours = objective(estimate.d, estimate.details["contamination"])
    assert estimate.details["objective"] == pytest.approx(ours, abs=1e-10)
    assert ours <= objective(*lowest_on_grid(objective, -0.5, 0.999)) + 1e-7


@pytest.mark.parametrize(("signal_order", "noise_order"), [(1, 0), (0, 1), (1, 1), (2, 2)])
def test_more_polynomial_terms_never_raise_the_minimum(signal_order, noise_order):
    rng = np.random.default_rng(8)
    x = reference.fractional_noise(0.4, 400, 1, rng)[0] + rng.standard_normal(400)
    plain = mt.local_whittle_plus_noise(x, 120)
    richer = mt.local_whittle_plus_noise(x, 120, signal_order, noise_order)
    assert richer.details["objective"] <= plain.details["objective"] + 1e-9


def test_without_perturbation_both_are_local_whittle():
    """Ordinates l^-2d exactly: no noise, no shifts, the same d."""
    n_obs, d = 400, 0.3
    frequencies = 2.0 * np.pi * np.arange(1, n_obs // 2 + 1) / n_obs
    phases = np.exp(2j * np.pi * np.random.default_rng(1).random(n_obs // 2))
    x = np.fft.irfft(np.concatenate([[0.0], frequencies**-d * phases]), n_obs)
    for function in (mt.local_whittle_plus_noise, mt.contaminated_local_whittle):
        assert function(x, 60).d == pytest.approx(d, abs=1e-4)


def information(g, columns):
    """Information about the first column once the others are projected out, by inversion."""
    scores = np.column_stack(columns) / g[:, None]
    return 1.0 / np.linalg.inv(scores.T @ scores)[0, 0]


def test_the_standard_error_is_the_whittle_information():
    u = np.arange(1, 81) / 80.0
    d, ratio = 0.4, 0.7
    g = u ** (-2 * d) + ratio
    slope = -2.0 * np.log(u) * u ** (-2 * d)
    model = module._noise_model(u, 0, 0)
    found = module._fisher_stderr(model, d, np.array([ratio]))
    expected = 1.0 / math.sqrt(information(g, [slope, g, np.ones(80)]))
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("d", [0.2, 0.4, 0.8])
def test_the_limit_is_that_of_hurvich_moulines_and_soulier(d):
    """(1 + 2 d) / (4 d sqrt(m)) where signal and noise are flat but for the pole."""
    found = module._limit_stderr(d, 0, 0, 100)
    assert found == pytest.approx((1.0 + 2.0 * d) / (4.0 * d * 10.0), rel=1e-9)
    # The finite sum tends there where the noise is a small part of the spectrum.
    model = module._noise_model(np.arange(1, 40001) / 40000.0, 0, 0)
    finite = module._fisher_stderr(model, d, np.array([1e-6]))
    assert finite * math.sqrt(40000) == pytest.approx(10.0 * found, rel=0.02)


def test_the_limit_exists_where_two_powers_are_one():
    """At d = 1 the noise's l^(2 d) and the signal's l^2 are the same."""
    at_one, near = module._limit_stderr(1.0, 1, 1, 100), module._limit_stderr(0.999, 1, 1, 100)
    assert at_one == pytest.approx(near, rel=1e-2)


@pytest.mark.filterwarnings("ignore::memtools.exceptions.ConvergenceWarning")
def test_the_edge_of_the_range_is_reported():
    """White noise: signal and noise cannot be told apart."""
    found = [
        mt.local_whittle_plus_noise(np.random.default_rng(seed).standard_normal(128))
        for seed in range(8)
    ]
    edge = [estimate for estimate in found if not estimate.converged]
    assert edge
    for estimate in edge:
        assert estimate.d in (1e-3, 1.0)
        assert estimate.stderr_kind == "asymptotic"
        assert "told apart" in estimate.summary()
        assert math.isfinite(estimate.stderr)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda x: mt.local_whittle_plus_noise(x, signal_order=3), "signal_order"),
        (lambda x: mt.local_whittle_plus_noise(x, noise_order=-1), "noise_order"),
        (lambda x: mt.local_whittle_plus_noise(x, noise_order=1.0), "noise_order"),
        (lambda x: mt.local_whittle_plus_noise(x, 7, signal_order=1), "bandwidth"),
        (lambda x: mt.local_whittle_plus_noise(x, stderr="hac"), "stderr"),
        (lambda x: mt.contaminated_local_whittle(x, 5), "bandwidth"),
        (lambda x: mt.contaminated_local_whittle(x, 51), "bandwidth"),
        (lambda x: mt.contaminated_local_whittle(x, stderr=1), "stderr"),
    ],
)
def test_bad_arguments_are_named(call, name):
    with pytest.raises(mt.InvalidInputError) as caught:
        call(np.random.default_rng(1).standard_normal(100))
    assert caught.value.name == name
