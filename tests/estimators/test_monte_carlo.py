"""Bias, spread and coverage of every estimator by simulation, against published tables.

Everything is asserted in standard errors of simulation, ours and the tables'; four of them, as
there are some two hundred comparisons.  Streams of random numbers depend on the case alone.
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import lfilter

import memtools as mt
from tests import reference

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parents[1] / "golden" / "published_monte_carlo.json"
PUBLISHED = json.loads(GOLDEN.read_text())["values"]
# The simulated excess kurtosis of the estimates is below one: var(sd) < 0.75 sd^2 / n.
SD_ERROR = math.sqrt(0.75)


def rows_of(paper, estimator):
    """Rows of one published table as dictionaries, with the table's own settings."""
    for table in PUBLISHED:
        if (table["paper"], table["estimator"]) == (paper, estimator):
            for row in table["rows"]:
                yield table | dict(zip(table["columns"], row, strict=True))


def rng_of(*case):
    return np.random.default_rng([round(1000 * (number + 10)) for number in case])


def ar_noise(d, phi, n_obs, n_paths, rng):
    """ARFIMA(1, d, 0): the autoregression starts 200 observations earlier."""
    whole = max(0, math.ceil(d - 0.5 + 1e-9))
    noise = reference.fractional_noise(d - whole, n_obs + 200, n_paths, rng)
    paths = lfilter([1.0], [1.0, -phi], noise)[:, 200:]
    for _ in range(whole):
        paths = np.cumsum(paths, axis=-1)
    return paths


def assert_agrees(found, row, mean, sd, slack=0.0):
    """Mean and spread of `found` within four errors of simulation of the published ones."""
    published, n_paths = row["replications"] or 10_000, len(found)
    errors = 1.0 / n_paths + 1.0 / published
    # The tables have four digits.
    assert abs(found.mean() - mean) < 4.0 * max(sd, found.std()) * math.sqrt(errors) + slack + 1e-4
    assert abs(found.std() - sd) < 4.0 * SD_ERROR * sd * math.sqrt(errors) + slack + 1e-4


# ---------------------------------------------------------------- published tables

SHIMOTSU_PHILLIPS = {
    "exact_local_whittle": (lambda x, m: mt.exact_local_whittle(x, m, "zero"), 400),
    "local_whittle, untapered": (mt.local_whittle, 1000),
    "local_whittle, Hurvich-Chen taper": (lambda x, m: mt.local_whittle(x, m, "hc"), 1000),
    "local_whittle, Velasco taper": (lambda x, m: mt.local_whittle(x, m, "bartlett"), 1000),
}


@pytest.mark.parametrize("estimator", SHIMOTSU_PHILLIPS)
@pytest.mark.parametrize("d", [-1.3, -0.7, -0.3, 0.0, 0.3, 0.7, 1.3, 1.7, 2.3])
def test_shimotsu_and_phillips_2005_tables_1_and_2(estimator, d):
    """Also where an estimator is inconsistent: the untapered one is drawn to 1 beyond it."""
    row = next(r for r in rows_of("Shimotsu and Phillips (2005)", estimator) if r["d"] == d)
    function, n_paths = SHIMOTSU_PHILLIPS[estimator]
    paths = reference.type_two_noise(d, row["n"], n_paths, rng_of(1, d))
    found = np.array([function(x, row["m"]).d for x in paths])
    assert_agrees(found, row, d + row["bias"], row["sd"])


HURVICH_CHEN = {
    "local_whittle, Hurvich-Chen taper on the first difference, plus 1": (
        lambda x, m: mt.local_whittle(x, m, "hc").d
    ),
    "local_whittle, untapered, on the first difference, plus 1": (
        lambda x, m: 1.0 + mt.local_whittle(np.diff(x), m).d
    ),
}


@pytest.mark.parametrize("estimator", HURVICH_CHEN)
@pytest.mark.parametrize("phi", [0.0, 0.5, 0.8])
@pytest.mark.parametrize("d", [0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
def test_hurvich_and_chen_2000_table_1(estimator, phi, d):
    """Left out: d = 1.2, where the paper's estimates are cut at 1.5 and ours are not.

    Slack of 0.01: the paper's power law is in 2 sin(l / 2), ours in l.
    """
    rows = rows_of("Hurvich and Chen (2000)", estimator)
    row = next(r for r in rows if (r["d"], r["phi"]) == (d, phi))
    paths = ar_noise(d, phi, row["n"] + 1, 500, rng_of(2, d, phi))
    found = np.array([HURVICH_CHEN[estimator](x, row["m"]) for x in paths])
    if row["mean"] > 1.25:
        found = np.minimum(found, 1.5)
    assert_agrees(found, row, row["mean"], math.sqrt(row["variance"]), slack=0.01)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
@pytest.mark.parametrize("d", [0.0, 0.4, 0.8, 1.2])
def test_shimotsu_2010_table_2(d, rho):
    """d = 0.4 has a slack of 0.02: some estimates there fall where the weight does (0.5 to 0.75),
    and which of the close minima is taken depends on the program.
    """
    rows = rows_of("Shimotsu (2010)", "two_step_local_whittle, mean unknown")
    row = next(r for r in rows if (r["d"], r["rho"]) == (d, rho))
    paths = ar_noise(d, rho, row["n"], 300, rng_of(3, d, rho))
    found = np.array([mt.two_step_local_whittle(x, row["m"]).d for x in paths])
    slack = 0.02 if d == 0.4 else 0.0
    assert_agrees(found, row, d + row["bias"], math.sqrt(row["variance"]), slack)


@pytest.mark.parametrize("n_shifts", [0, 5, 10])
def test_hou_and_perron_2014_table_1(n_shifts):
    """White noise under random level shifts, n = 512, m = n^0.8; d is searched above -1/2.

    With 20 shifts the table has a smaller spread (0.104) than with 10 (0.121); ours grows to
    0.137, so that row is left out.
    """
    rows = rows_of(
        "Hou and Perron (2014)", "contaminated_local_whittle, d limited to [-0.99, 0.99]"
    )
    row = next(r for r in rows if (r["n"], r["p"], r["beta"]) == (512, n_shifts, 0.8))
    rng = rng_of(4, n_shifts)
    shifts = (rng.random((150, 512)) < n_shifts / 512) * rng.standard_normal((150, 512))
    paths = rng.standard_normal((150, 512)) + np.cumsum(shifts, axis=1)
    found = np.array([mt.contaminated_local_whittle(x, 0.8).d for x in paths])
    sd = math.sqrt(row["rmse"] ** 2 - row["bias"] ** 2)
    # Few estimates make the spread where there are shifts: its error is not that of a normal.
    assert abs(found.mean() - row["bias"]) < 4.0 * max(sd, found.std()) / math.sqrt(150) + 5e-4
    assert 0.7 * sd < found.std() < 1.3 * sd


# ---------------------------------------------------------------- every estimator, our own table

ORDERS = (-0.3, 0.0, 0.3, 0.45, 0.8, 1.2)
TO_ONE = ORDERS[:5]
# name -> (estimator, orders where it is valid, allowed bias, allowed excess of sd over stderr)
ESTIMATORS = {
    # Beyond 1/2 the ordinates are not independent: the bias at d = 0.8 is 0.03 (Hurvich and
    # Ray, 1995); powers of l cannot take that away.
    "gph": (mt.gph, TO_ONE, 0.035, 0.05),
    "bias_reduced_gph": (mt.bias_reduced_gph, TO_ONE, 0.035, 0.05),
    # Smoothing flattens the pole, and the covariance used is that of a flat spectrum.
    "smoothed_gph": (mt.smoothed_gph, TO_ONE, 0.025, 0.15),
    "local_whittle": (mt.local_whittle, TO_ONE, 0.02, 0.05),
    # A step of two or three leaves 28 or 18 ordinates: the asymptotics are those of so few.
    "bartlett": (lambda x, m: mt.local_whittle(x, m, "bartlett"), ORDERS, 0.02, 0.15),
    "cosine": (lambda x, m: mt.local_whittle(x, m, "cosine"), ORDERS, 0.03, 0.15),
    "kolmogorov": (lambda x, m: mt.local_whittle(x, m, "kolmogorov"), ORDERS, 0.03, 0.15),
    "hc": (lambda x, m: mt.local_whittle(x, m, "hc"), ORDERS, 0.01, 0.1),
    "exact_local_whittle": (mt.exact_local_whittle, ORDERS, 0.01, 0.05),
    # The second step's weighted mean has close minima round 0.5 to 0.75.
    "two_step_local_whittle": (mt.two_step_local_whittle, ORDERS, 0.015, 0.2),
    # The objective jumps at 1/2, where estimates pile up (Cheung and Hassler, 2020).
    "fully_extended_local_whittle": (mt.fully_extended_local_whittle, ORDERS, 0.02, 0.15),
}


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("d", ORDERS)
def test_bias_and_spread_on_fractional_noise(name, d):
    """n = 500, m = 56: bias as small as stated above, spread as the standard error says."""
    function, orders, allowed_bias, excess = ESTIMATORS[name]
    if d not in orders:
        pytest.skip(f"{name} is not consistent at d = {d}")
    n_paths = 400
    paths = reference.integrated_noise(d, 500, n_paths, rng_of(5, d))
    estimates = [function(x, 56) for x in paths]
    found = np.array([estimate.d for estimate in estimates])
    stderr = estimates[0].stderr
    assert all(estimate.stderr == stderr for estimate in estimates)
    assert all(estimate.converged for estimate in estimates)
    assert abs(found.mean() - d) < 4.0 * found.std() / math.sqrt(n_paths) + allowed_bias
    error = 4.0 * SD_ERROR / math.sqrt(n_paths)
    assert 1.0 - error - 0.05 < found.std() / stderr < 1.0 + error + excess


@pytest.mark.parametrize("d", [0.2, 0.4])
def test_plus_noise_removes_the_bias_that_noise_makes(d):
    """n = 2000, noise of the signal's variance: local Whittle loses more than half of d."""
    rng = rng_of(6, d)
    paths = reference.fractional_noise(d, 2000, 100, rng) + rng.standard_normal((100, 2000))
    estimates = [mt.local_whittle_plus_noise(x) for x in paths]
    found = np.array([estimate.d for estimate in estimates])
    plain = np.array([mt.local_whittle(x, 0.8).d for x in paths])
    error = found.std() / math.sqrt(100)
    assert plain.mean() < d - 0.05
    assert abs(np.median(found) - d) < 4.0 * 1.25 * error + 0.02
    assert abs(found.mean() - d) < abs(plain.mean() - d) + 4.0 * error


# ---------------------------------------------------------------- intervals that cover

SIZES = (128, 512, 2048)
BELOW_HALF = ORDERS[:4]


def tapered(taper):
    return lambda x: mt.local_whittle(x, taper=taper)


# name -> (estimator at its default bandwidth, orders where it is normal, paths a cell)
COVERED = {
    "gph": (mt.gph, BELOW_HALF, 2000),
    "smoothed_gph": (mt.smoothed_gph, BELOW_HALF, 1500),
    "bias_reduced_gph": (mt.bias_reduced_gph, BELOW_HALF, 2000),
    "local_whittle": (mt.local_whittle, BELOW_HALF, 2000),
    "bartlett": (tapered("bartlett"), ORDERS, 1000),
    "cosine": (tapered("cosine"), ORDERS, 1000),
    "kolmogorov": (tapered("kolmogorov"), ORDERS, 1000),
    "hc": (tapered("hc"), ORDERS, 1000),
    "exact_local_whittle": (mt.exact_local_whittle, ORDERS, 600),
    "two_step_local_whittle": (mt.two_step_local_whittle, ORDERS, 400),
    "fully_extended_local_whittle": (mt.fully_extended_local_whittle, ORDERS, 800),
}


@pytest.mark.parametrize("name", COVERED)
def test_nominal_95_percent_intervals_cover_94_to_96(name):
    """94 to 96% over all, 93 to 97% at each length and at each d.

    Three errors of simulation are allowed, which are below 0.8% over all and 1.6% at a length or
    a d: an interval that covers 92% over all, or 91% at some d, does not pass.
    """
    function, orders, n_paths = COVERED[name]
    covered = np.empty((len(SIZES), len(orders)))
    for i, n_obs in enumerate(SIZES):
        for j, d in enumerate(orders):
            paths = reference.integrated_noise(d, n_obs, n_paths, rng_of(7, n_obs, d))
            intervals = [function(x).confidence_interval() for x in paths]
            covered[i, j] = np.mean([low < d < high for low, high in intervals])
    one = 3.0 * math.sqrt(0.95 * 0.05 / n_paths)
    error = one / math.sqrt(covered.size)
    assert 0.94 - error < covered.mean() < 0.96 + error, covered
    for axis in (0, 1):
        shares, error = covered.mean(axis), one / math.sqrt(covered.shape[axis])
        assert 0.93 - error < shares.min(), covered
        assert shares.max() < 0.97 + error, covered
