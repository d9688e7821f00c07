"""How much work is done: transforms and evaluations are counted, seconds are not."""

from collections import Counter

import numpy as np
import pytest
import scipy.fft

import memtools as mt
from memtools.arfima.likelihood import ExactLikelihood
from memtools.arfima.whittle import WhittleLikelihood
from memtools.estimators._exact_objective import FractionalSpectra


@pytest.fixture
def transforms(monkeypatch):
    """Real transforms by direction and length, a row each."""
    counts = Counter()

    def counting(function, name):
        def counted(a, *given, **options):
            found = function(a, *given, **options)
            rows, length = np.size(a) // np.shape(a)[-1], np.shape(a)[-1]
            counts[name, length] += rows
            return found

        return counted

    for home in (scipy.fft, np.fft):
        for name in ("rfft", "irfft"):
            monkeypatch.setattr(home, name, counting(getattr(home, name), name))
    return counts


@pytest.fixture
def evaluations(monkeypatch):
    """Values of objectives, a row each."""
    counts = Counter()

    def count(home, name, key, size):
        function = getattr(home, name)

        def counted(self, *given):
            counts[key] += size(given)
            return function(self, *given)

        monkeypatch.setattr(home, name, counted)

    count(FractionalSpectra, "_power", "exact local Whittle", lambda given: len(given[1]))
    count(WhittleLikelihood, "objective", "Whittle", lambda given: 1)
    count(ExactLikelihood, "objective", "exact", lambda given: 1)
    return counts


@pytest.mark.parametrize("name", ["gph", "local_whittle", "bias_reduced_gph", "fgn_whittle"])
def test_many_series_are_transformed_once_each(transforms, name):
    x = mt.simulate(mt.ARFIMAProcess(d=0.2), 500, n_paths=300, rng=1)
    transforms.clear()
    mt.estimate_many(x, name, n_jobs=1)
    assert transforms == {("rfft", 500): 300}


def test_exact_local_whittle_takes_five_values_or_little_more(evaluations):
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 1024, n_paths=200, rng=2)
    x[100:] = np.cumsum(x[100:], axis=1)
    mt.estimate_many(x, "exact_local_whittle", n_jobs=1)
    assert 0 < evaluations["exact local Whittle"] <= 6.2 * len(x)
    evaluations.clear()
    mt.exact_local_whittle(mt.simulate(mt.ARFIMAProcess(d=0.3), 50_000, rng=3))
    assert evaluations["exact local Whittle"] == 3


def test_the_whole_answer_takes_some_tens_of_transforms_and_values(transforms, evaluations):
    mt.estimate(mt.simulate(mt.ARFIMAProcess(d=0.4), 1000, rng=1))
    assert 0 < sum(transforms.values()) <= 110
    assert 0 < evaluations["exact local Whittle"] <= 25
    # Orders up to (1, d, 1) that the test of spurious memory tries to take off.
    assert 0 < evaluations["Whittle"] <= 140


def test_a_fit_takes_some_ten_values_and_a_search_no_more_a_model(evaluations):
    x = mt.simulate(mt.ARFIMAProcess(ar=[0.5], d=0.3), 500, rng=4)
    mt.ARFIMA(x, order=(1, 0)).fit()
    assert 0 < evaluations["Whittle"] <= 12
    assert 0 < evaluations["exact"] <= 10
    evaluations.clear()
    mt.select_arfima(x, max_p=2, max_q=2)
    assert 0 < evaluations["Whittle"] <= 450
    assert 0 < evaluations["exact"] <= 140
