"""Between doors and estimators: a series is checked once, and no transform is taken twice."""

from collections import Counter

import numpy as np
import pytest
import scipy.fft

import memtools as mt
from memtools import _validate, estimators, spectral
from memtools.estimators.log_periodogram import log_regression
from memtools.estimators.whittle import centred_logs, whittle_minimum

SPECTRA = ("mfdfa", "wavelet_leaders", "dcca")  # not of one d: own tests
DOORS = sorted(n for n, home in mt._HOMES.items() if home == "estimators" and n not in SPECTRA)


@pytest.fixture(scope="module")
def x():
    return mt.simulate(mt.ARFIMAProcess(d=0.4), 1000, rng=1) + 5.0


@pytest.fixture
def counts(monkeypatch):
    """How often a series was checked, and each array of 200 values or more transformed."""
    checks, transforms = Counter(), Counter()

    def counting(function, counter, key):
        def counted(*given, **options):
            counter[key(given)] += 1
            return function(*given, **options)

        return counted

    def content(given):
        return hash(np.asarray(given[0]).tobytes()), given[1:]

    looked = counting(_validate._series_and_range, checks, lambda given: given[1])
    monkeypatch.setattr(_validate, "_series_and_range", looked)
    monkeypatch.setattr(scipy.fft, "rfft", counting(scipy.fft.rfft, transforms, content))
    monkeypatch.setattr(np.fft, "rfft", counting(np.fft.rfft, transforms, content))
    return checks, transforms


def test_estimate_checks_once_and_transforms_nothing_twice(x, counts):
    checks, transforms = counts
    report = mt.estimate(x)
    assert report.verdict == "long memory"
    assert set(report.estimates) == set(mt.memory.METHODS)
    assert checks == {"x": 1}
    again = [count for count in transforms.values() if count > 1]
    assert not again
    plain = [hash(values.tobytes()) for values in (x, x - x.mean())]
    assert sum(transforms.get((key, ()), 0) for key in plain) == 1


@pytest.mark.parametrize(
    "function",
    [
        mt.memory_by_bandwidth,
        lambda x: mt.memory_by_bandwidth(x, "exact_local_whittle"),
        mt.plug_in_bandwidth,
        lambda x: mt.adaptive_bandwidth(x, mt.exact_local_whittle),
    ],
)
def test_what_goes_over_bandwidths_transforms_the_series_once(x, counts, function):
    checks, transforms = counts
    function(x)
    assert checks == {"x": 1}
    assert max(transforms.values()) == 1


@pytest.mark.parametrize("name", DOORS)
def test_a_checked_series_passes_every_door_with_the_same_answer(x, name):
    function = getattr(estimators, name)
    options = {"rng": 1} if name == "bootstrap_bandwidth" else {}
    sample = spectral.as_sample(x)
    plain, checked = function(x, **options), function(sample, **options)
    if isinstance(plain, int):
        assert plain == checked
    else:
        assert (plain.d, plain.stderr) == (checked.d, checked.stderr)
    with pytest.raises(mt.InvalidInputError, match="observations long; got 2"):
        function(spectral.as_sample([1.0, 2.0]), **options)


@pytest.mark.parametrize("taper", spectral.TAPERS)
def test_rows_are_transformed_as_each_alone(taper):
    rows = mt.simulate(mt.ARFIMAProcess(d=0.3), 101, n_paths=3, rng=2)
    rows += np.array([[0.0], [9.0], [1e6]])
    found = spectral.Sample(rows).spectrum(20, taper)
    for row, power in zip(rows, found.power, strict=True):
        alone = spectral.Sample(row).spectrum(20, taper)
        np.testing.assert_allclose(power, alone.power, rtol=1e-6)
        np.testing.assert_array_equal(found.frequencies, alone.frequencies)


def test_rows_are_estimated_as_each_alone():
    rows = mt.simulate(mt.ARFIMAProcess(d=0.3), 500, n_paths=5, rng=3)
    spectrum = spectral.Sample(rows).spectrum(50)
    whittle, inside = whittle_minimum(centred_logs(spectrum.frequencies), spectrum.power)
    assert inside.all()
    regression = log_regression(spectrum)[0]
    for i, row in enumerate(rows):
        assert whittle[i] == pytest.approx(mt.local_whittle(row, 50).d, abs=1e-9)
        assert regression[i] == pytest.approx(mt.gph(row, 50).d, abs=1e-9)


def test_rows_are_differenced_as_each_alone():
    from memtools.estimators._exact_objective import FractionalSpectra

    rows = mt.simulate(mt.ARFIMAProcess(d=0.3), 200, n_paths=4, rng=4)
    together = FractionalSpectra(spectral.Sample(rows), "least-squares").log_means(0.4, 30)
    for row, value in zip(rows, together, strict=True):
        alone = FractionalSpectra(spectral.Sample(row), "least-squares").log_means(0.4, 30)
        assert value == pytest.approx(float(alone[0]), abs=1e-10)
