"""Data against what is made of them: the paired test of equal d."""

import math

import numpy as np
import pytest
from scipy.linalg import toeplitz
from scipy.signal import lfilter

import memtools as mt


def data(d=0.35, n_obs=1024, n_paths=None, rng=1):
    return mt.simulate(mt.ARFIMAProcess(d=d), n_obs, n_paths, rng)


def log_spectra(x, m):
    """Means over two sine tapers, written out."""
    t = np.arange(1, len(x) + 1)
    tapers = [np.sin(np.pi * k * t / (len(x) + 1)) for k in (1, 2)]
    turns = np.exp(-2j * np.pi * np.outer(np.arange(1, m + 1), t) / len(x))
    return np.log(sum(np.abs(turns @ (h * (x - x.mean()))) ** 2 for h in tapers))


def test_difference_is_that_of_generalised_least_squares():
    m, (x, y) = 40, data(n_paths=2, rng=4)
    found = mt.paired_memory_test(x, y, m).details
    assert found["short_run"] == "l^2"
    frequencies = 2.0 * np.pi * np.arange(1, m + 1) / len(x)
    design = np.column_stack(
        [np.ones(m), -2.0 * np.log(2.0 * np.sin(frequencies / 2.0)), frequencies**2]
    )
    weights = np.linalg.inv(toeplitz([1.0, 0.52, 0.12] + [0.0] * (m - 3)))
    response = log_spectra(y, m) - log_spectra(x, m)
    slopes = np.linalg.solve(design.T @ weights @ design, design.T @ weights @ response)
    assert found["difference"] == pytest.approx(slopes[1], abs=1e-8)


@pytest.mark.parametrize(
    ("ar", "ma", "kind", "lag"),
    [([1.0, -0.8], [1.0], "AR(1)", 0.8), ([1.0], [1.0, -0.9], "MA(1)", -0.9)],
)
def test_a_slow_filter_is_no_difference_of_memory(ar, ma, kind, lag):
    x = data(n_obs=512)
    found = mt.paired_memory_test(x, lfilter(ma, ar, x))
    assert found.pvalue > 0.05
    powers, named, value = found.details["short_run"].rsplit(" ", 2)
    assert (powers, named) == ("l^2 and", kind)
    assert float(value) == pytest.approx(lag, abs=0.05)


def test_a_change_of_memory_beneath_a_slow_filter_is_seen():
    x = data(n_obs=512)
    y = lfilter([1.0], [1.0, -0.8], mt.fracdiff(x, 0.3))
    assert mt.paired_memory_test(x, y, alternative="less").pvalue < 0.01


def test_what_both_have_in_common_cancels():
    x = data()
    alone = mt.paired_memory_test(data(rng=2), x).details["stderr"]
    filtered = mt.paired_memory_test(x, lfilter([1.0], [1.0, -0.3], x)).details
    assert filtered["stderr"] < 0.1 * alone
    assert filtered["coherence"] > 0.99


def test_a_network_that_takes_memory_off_is_found_and_from_which_side():
    x = data()
    y = mt.fracdiff(x, 0.3) + 0.1 * np.random.default_rng(5).standard_normal(len(x))
    assert mt.paired_memory_test(x, y).pvalue < 0.01
    assert mt.paired_memory_test(x, y, alternative="less").pvalue < 0.005
    assert mt.paired_memory_test(x, y, alternative="greater").pvalue > 0.99
    assert mt.paired_memory_test(y, x, alternative="greater").pvalue < 0.005


def test_the_difference_and_its_interval_are_in_the_summary():
    x = data()
    found = mt.paired_memory_test(x, mt.fracdiff(x, 0.3))
    difference, low, high = (found.details[key] for key in ("difference", "low", "high"))
    told = f"d of y less d of x: {difference:.4f}, 95% interval [{low:.4f}, {high:.4f}]"
    assert told in found.summary()
    assert told in found._repr_html_()


def test_more_series_than_ordinates():
    x = data()
    states = np.tanh(np.outer(x, np.linspace(0.2, 1.0, 60)))
    states += 0.3 * np.random.default_rng(6).standard_normal(states.shape)
    found = mt.paired_memory_test(x, states, 20)
    assert math.isfinite(found.statistic)
    assert found.pvalue > 0.01


def test_units_do_not_matter():
    x = data(n_paths=2)
    one, other = mt.paired_memory_test(*x), mt.paired_memory_test(1e8 * x[0] + 3.0, 1e-8 * x[1])
    assert one.statistic == pytest.approx(other.statistic, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("made", ["alone", "filter with noise", "tanh of a filter"])
def test_levels(made):
    """Rejections at 5% of 400 pairs, within four standard errors."""
    rng = np.random.default_rng(9)
    rejected = []
    for x, other in zip(data(0.2, 512, 400, rng), data(0.2, 512, 400, rng), strict=True):
        y = {
            "alone": other,
            "filter with noise": lfilter([1.0], [1.0, -0.5], x) + other,
            "tanh of a filter": np.tanh(lfilter([1.0], [1.0, -0.3], x)),
        }[made]
        rejected.append(mt.paired_memory_test(x, y).pvalue < 0.05)
    assert np.mean(rejected) < 0.05 + 4.0 * math.sqrt(0.05 * 0.95 / 400.0)
    assert np.mean(rejected) > 0.0


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda x: mt.paired_memory_test(x, x[:-1]), "y must be of the length of x"),
        (lambda x: mt.paired_memory_test(x[:50], x[:50]), "at least 64 observations"),
        (lambda x: mt.paired_memory_test(x, x, 8), "bandwidth"),
        (lambda x: mt.paired_memory_test(x, x, alternative="more"), "alternative must be"),
        (lambda x: mt.paired_memory_test(x, np.ones(len(x))), r"y\[:, 0\] must be"),
        (lambda x: mt.paired_memory_test(x, (-1.0) ** np.arange(len(x))), "none at number"),
    ],
)
def test_bad_input_is_named(call, told):
    with pytest.raises(mt.InvalidInputError, match=told):
        call(data(n_obs=400))
