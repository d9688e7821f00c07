"""Seasonal ARFIMA processes against integrals of their density, their weights and R's arfima."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

import memtools as mt


def integral(process, lag):
    """Autocovariance by quadrature from pole to pole, the powers at the ends taken off."""
    s, d, seasonal = process.period, process.d, process.seasonal_d
    poles = [*(2.0 * math.pi * j / s for j in range(s // 2 + 1)), math.pi]
    total = 0.0
    for low, high in pairwise(poles):
        if high - low < 1e-9:
            continue
        at_low = -2.0 * (seasonal + d * (low == 0.0))
        turns = s * high / (2.0 * math.pi)
        at_high = -2.0 * seasonal if abs(turns - round(turns)) < 1e-9 else 0.0

        def smooth(x, low=low, high=high, a=at_low, b=at_high):
            density = process.spectral_density([x])[0] if low < x < high else math.nan
            return density * (x - low) ** -a * (high - x) ** -b * math.cos(lag * x)

        def inside(x, low=low, high=high, f=smooth):
            return f(min(max(x, low + 1e-7), high - 1e-7))

        total += quad(inside, low, high, weight="alg", wvar=(at_low, at_high), epsabs=1e-10)[0]
    return 2.0 * total


@pytest.mark.parametrize(
    ("period", "d", "seasonal_d"),
    [(4, 0.1, 0.3), (12, 0.3, 0.15), (7, -0.3, 0.4), (4, 0.4, -0.4), (3, -0.2, -0.3), (2, 0, 0.3)],
)
def test_autocovariances_are_the_integrals_of_the_density(period, d, seasonal_d):
    process = mt.SeasonalARFIMAProcess(d=d, period=period, seasonal_d=seasonal_d, sigma2=2.0)
    found = process.autocovariance(40)
    for lag in (0, 1, period, 40):
        assert found[lag] == pytest.approx(integral(process, lag), abs=2e-6)


@pytest.mark.parametrize("lags", [5, 60, 900])
def test_far_lags_do_not_depend_on_how_many_are_asked_for(lags):
    process = mt.SeasonalARFIMAProcess([0.4], 0.2, [0.3], 12, [0.5], 0.25, [-0.2])
    np.testing.assert_allclose(
        process.autocovariance(lags), process.autocovariance(2000)[: lags + 1], rtol=1e-11
    )


def test_without_a_season_it_is_an_arfima_process():
    ours = mt.SeasonalARFIMAProcess([0.5], 0.3, [0.2], 4)
    plain = mt.ARFIMAProcess([0.5], 0.3, [0.2])
    np.testing.assert_allclose(ours.autocovariance(50), plain.autocovariance(50), rtol=1e-12)
    np.testing.assert_allclose(ours.ma_weights(50), plain.ma_weights(50), rtol=1e-12)
    np.testing.assert_allclose(
        ours.spectral_density([0.3, 1.0]), plain.spectral_density([0.3, 1.0])
    )


def test_weights_give_the_autocovariances_where_they_fall_fast():
    process = mt.SeasonalARFIMAProcess([0.3], -0.3, (), 4, (), -0.4, [0.5])
    w = process.ma_weights(100_000)
    for lag in (0, 1, 4, 9):
        assert w[lag:] @ w[: len(w) - lag] == pytest.approx(
            process.autocovariance(lag)[lag], abs=1e-8
        )


def test_both_forms_undo_each_other():
    process = mt.SeasonalARFIMAProcess([0.4], 0.2, [0.3], 6, [0.5], 0.2, [-0.2])
    both = np.convolve(process.ma_weights(80), process.ar_weights(80))[:81]
    np.testing.assert_allclose(both, np.eye(81)[0], atol=1e-12)


def test_opposite_memories_cancel_at_zero_and_poles_are_refused():
    process = mt.SeasonalARFIMAProcess(d=0.3, period=4, seasonal_d=-0.3)
    assert process.spectral_density([0.0])[0] == pytest.approx(4.0**0.6 / (2.0 * math.pi))
    process = mt.SeasonalARFIMAProcess(period=4, seasonal_d=0.3)
    for pole in (0.0, math.pi / 2.0, -math.pi):
        with pytest.raises(mt.InvalidInputError, match="those of the season"):
            process.spectral_density([0.1, pole])


def test_paths_have_the_autocovariances():
    """Mean products of 1,000 paths, within four of their standard errors."""
    process = mt.SeasonalARFIMAProcess([0.3], 0.1, (), 4, (), 0.3)
    x = mt.simulate(process, 40, 1000, rng=3)
    for lag in (0, 1, 4):
        products = (x[:, lag:] * x[:, : 40 - lag]).mean(axis=1)
        error = products.std() / math.sqrt(len(products))
        assert abs(products.mean() - process.autocovariance(lag)[lag]) < 4.0 * error


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"period": 1}, "period must be an integer of at least 2"),
        ({"d": 0.3, "seasonal_d": 0.25}, "below 1/2 together with d"),
        ({"seasonal_d": 0.5}, "seasonal_d must be"),
        ({"seasonal_ar": [1.0]}, "seasonal_ar must be stationary"),
        ({"seasonal_ma": 0.3}, "seasonal_ma must be a sequence"),
    ],
)
def test_bad_parameters_are_named(given, told):
    with pytest.raises(mt.InvalidInputError, match=told):
        mt.SeasonalARFIMAProcess(**given)
