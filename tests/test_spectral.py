"""Tapers, periodogram, smoothed and autoregressive spectra against loops, R and theory."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import memtools as mt
from memtools import spectral
from tests import reference

GOLDEN = Path(__file__).parent / "golden"
R = json.loads((GOLDEN / "semiparametric_r.json").read_text())["values"]
PYELW = json.loads((GOLDEN / "local_whittle_peers.json").read_text())["values"]
TAPERS = (None, "cosine", "kolmogorov", "bartlett", "hc")
LENGTHS = (4, 5, 9, 30, 47)


def series_of(n_obs, seed=1):
    return np.random.default_rng(seed).standard_normal(n_obs).cumsum() + 10.0


@pytest.mark.parametrize("n_obs", [1, 2, *LENGTHS])
@pytest.mark.parametrize("taper", TAPERS[:-1])
def test_taper_weights_are_their_formula(taper, n_obs):
    found = mt.taper_weights(n_obs, taper)
    np.testing.assert_allclose(found, reference.taper(n_obs, taper), rtol=0, atol=1e-14)


@pytest.mark.parametrize("n_obs", LENGTHS)
@pytest.mark.parametrize("taper", TAPERS)
def test_the_periodogram_is_the_sum_over_all_observations(taper, n_obs):
    x = series_of(n_obs)
    spectrum = mt.periodogram(x, taper)
    frequencies, power = reference.periodogram(x, taper)
    np.testing.assert_allclose(spectrum.frequencies, frequencies, rtol=1e-14)
    np.testing.assert_allclose(spectrum.power, power, rtol=1e-9, atol=1e-13)
    assert (spectrum.n_obs, spectrum.taper) == (n_obs, taper)


@pytest.mark.parametrize("taper", TAPERS)
def test_the_first_ordinates_are_those_of_the_whole(taper):
    x = series_of(50)
    whole = mt.periodogram(x, taper)
    frequencies, power = spectral.ordinates(x, 7, taper)
    np.testing.assert_array_equal(frequencies, whole.frequencies[:7])
    np.testing.assert_array_equal(power, whole.power[:7])


@given(st.integers(2, 300), st.integers(0, 5))
def test_the_ordinates_add_up_to_the_variance(n_obs, seed):
    x = series_of(n_obs, seed)
    power = mt.periodogram(x).power
    twice = 2.0 * power.sum() - (power[-1] if n_obs % 2 == 0 else 0.0)
    assert twice * 2.0 * math.pi / n_obs == pytest.approx(x.var(), rel=1e-9)


@pytest.mark.parametrize("taper", TAPERS)
def test_white_noise_has_a_flat_spectrum_with_any_taper(taper):
    """Each ordinate has mean 1 / 2 pi; neighbours are correlated, so the error is of paths."""
    rng = np.random.default_rng(5)
    means = [mt.periodogram(rng.standard_normal(128), taper).power[2:].mean() for _ in range(400)]
    error = np.std(means) / math.sqrt(len(means))
    assert abs(np.mean(means) - 1.0 / (2.0 * math.pi)) < 4.0 * error


def test_the_mean_is_removed():
    x = series_of(40)
    for taper in TAPERS:
        a, b = mt.periodogram(x, taper).power, mt.periodogram(x + 1000.0, taper).power
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-8 * a.max())


@pytest.mark.parametrize("row", R["periodogram"], ids=lambda row: row["series"])
def test_r_spec_pgram(series, row):
    spectrum = mt.periodogram(series(row["series"]))
    assert spectrum.n_obs == row["n_obs"]
    np.testing.assert_allclose(spectrum.frequencies[:10], row["frequencies"], rtol=1e-12)
    np.testing.assert_allclose(spectrum.power[:10], row["power"], rtol=1e-8)


@pytest.mark.parametrize(
    "row", PYELW["tapered_periodogram"], ids=lambda row: f"{row['series']}-{row['taper']}"
)
def test_pyelw_tapered_periodogram(series, row):
    x = series(row["series"])
    x = np.diff(x) if row["diff"] else x
    spectrum = mt.periodogram(x, row["taper"])
    step = {"cosine": 3, "kolmogorov": 3, "bartlett": 2}.get(row["taper"], 1)
    used = slice(step - 1, step * 8, step)
    # pyelw does not remove the mean of the differences; the complex taper sees none from j = 1.
    np.testing.assert_allclose(spectrum.frequencies[used], row["frequencies"], rtol=1e-12)
    np.testing.assert_allclose(spectrum.power[used], row["power"], rtol=1e-8)


# ---------------------------------------------------------------- smoothed and AR spectra


@pytest.mark.parametrize("window", ["parzen", "bartlett", "tukey"])
@pytest.mark.parametrize(("n_obs", "truncation"), [(20, 1), (20, 7), (31, 19), (31, 30), (2, 1)])
def test_the_smoothed_spectrum_is_the_weighted_cosine_sum(window, n_obs, truncation):
    x = series_of(n_obs)
    spectrum = mt.smoothed_spectrum(x, window, truncation)
    power = reference.smoothed_spectrum(x, window, truncation)
    np.testing.assert_allclose(spectrum.power, power, rtol=0, atol=1e-12 * np.abs(power).max())
    assert window in spectrum.method


def test_the_parzen_window_is_the_default_and_never_negative():
    x = series_of(200)
    spectrum = mt.smoothed_spectrum(x)
    assert spectrum.power.min() > 0.0
    np.testing.assert_array_equal(spectrum.power, mt.smoothed_spectrum(x, "parzen", 0.9).power)
    lags = int(200**0.9)
    np.testing.assert_array_equal(spectrum.power, mt.smoothed_spectrum(x, "parzen", lags).power)


@pytest.mark.parametrize("order", [0, 1, 3, 10])
def test_the_ar_spectrum_solves_yule_walker(order):
    x = series_of(40)
    spectrum = mt.ar_spectrum(x, order)
    np.testing.assert_allclose(spectrum.power, reference.ar_spectrum(x, order), rtol=1e-9)
    assert spectrum.method == f"AR({order}), Yule-Walker"


@pytest.mark.parametrize("row", R["ar_spectrum"], ids=lambda row: f"order={row['order']}")
def test_r_spec_ar(series, row):
    """R multiplies the innovation variance by n / (n - order - 1)."""
    x = series(row["series"])
    n_obs, order = len(x), row["order"]
    spectrum = mt.ar_spectrum(x, order)
    correction = n_obs / (n_obs - order - 1)
    at = np.interp(row["frequencies"], spectrum.frequencies, np.arange(len(spectrum.power)))
    for frequency, place, power in zip(row["frequencies"], at, row["power"], strict=True):
        j = round(place)
        if abs(spectrum.frequencies[j] - frequency) < 1e-9:
            assert spectrum.power[j] * correction == pytest.approx(power, rel=1e-8)


def test_the_ar_order_of_least_aic():
    rng = np.random.default_rng(3)
    x = np.zeros(600)
    noise = rng.standard_normal(600)
    for t in range(2, 600):
        x[t] = 1.2 * x[t - 1] - 0.7 * x[t - 2] + noise[t]
    acov = reference.autocovariance(x, 27)
    aic = [600 * math.log(reference.yule_walker(acov, p)[1]) + 2 * p for p in range(28)]
    assert mt.ar_spectrum(x).method == f"AR({int(np.argmin(aic))}), Yule-Walker"


def test_an_ar_spectrum_integrates_to_the_variance():
    x = series_of(2001)
    spectrum = mt.ar_spectrum(np.diff(x), 2)
    assert 2.0 * np.sum(spectrum.power) * 2.0 * math.pi / 2000 == pytest.approx(
        np.diff(x).var(), rel=5e-3
    )


# ---------------------------------------------------------------- the result and bad input


def test_a_spectrum_shows_itself_in_plain_types():
    spectrum = mt.periodogram(pd.Series(series_of(40)), "cosine")
    assert json.loads(json.dumps(spectrum.to_dict()))["taper"] == "cosine"
    assert "cosine taper, 40 observations" in spectrum.summary()


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda x: mt.periodogram(x, "hann"), "taper"),
        (lambda x: mt.periodogram(x, 1), "taper"),
        (lambda x: mt.taper_weights(0, None), "n_obs"),
        (lambda x: mt.taper_weights(10, "hc"), "taper"),
        (lambda x: mt.smoothed_spectrum(x, "hann"), "window"),
        (lambda x: mt.smoothed_spectrum(x, truncation=40), "truncation"),
        (lambda x: mt.smoothed_spectrum(x, truncation=0), "truncation"),
        (lambda x: mt.smoothed_spectrum(x, truncation=1.5), "truncation"),
        (lambda x: mt.ar_spectrum(x, 40), "order"),
        (lambda x: mt.ar_spectrum(x, -1), "order"),
        (lambda x: mt.ar_spectrum(x, 2.0), "order"),
        (lambda x: mt.periodogram(x[:3], "hc"), "x"),
    ],
)
def test_bad_arguments_are_named(call, name):
    with pytest.raises(mt.InvalidInputError) as caught:
        call(series_of(40))
    assert caught.value.name == name
