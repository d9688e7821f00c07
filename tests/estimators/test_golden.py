"""Numbers of independent programs: R's fracdiff, Stata's whittle, pyelw.

Closed forms agree to 1e-8, optimised ones to 1e-5 in d, or as far as the other program's own
precision goes; every exception has its cause written beside it.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import memtools as mt
from tests import reference

GOLDEN = Path(__file__).parents[1] / "golden"


def values_of(name):
    return json.loads((GOLDEN / f"{name}.json").read_text())["values"]


R = values_of("semiparametric_r")
STATA = values_of("stata_local_whittle")
PYELW = values_of("local_whittle_peers")


def label(row):
    return "-".join(f"{key}={value}" for key, value in row.items() if key in LABELS)


LABELS = {"series", "m", "n_lags", "taper", "mean", "trend_order", "method", "detrended"}


@pytest.mark.parametrize("name", ["semiparametric_r", "stata_local_whittle", "local_whittle_peers"])
def test_golden_files_carry_their_birth_certificate(name):
    golden = json.loads((GOLDEN / f"{name}.json").read_text())
    assert {"program", "command", "date", "values"} <= set(golden)


# ---------------------------------------------------------------- log-periodogram regression


@pytest.mark.parametrize("row", R["gph"], ids=label)
def test_gph_is_r_fdgph(series, row):
    x = series(row["series"])
    estimate = mt.gph(x, bandwidth=row["m"])
    assert (estimate.n_obs, estimate.bandwidth) == (row["n_obs"], row["m"])
    assert estimate.d == pytest.approx(row["d"], abs=1e-8)
    assert mt.gph(x, bandwidth=row["bandw_exp"]).d == estimate.d
    # sd.as is the standard error before calibration.
    frequencies, power = mt.periodogram(x).frequencies, mt.periodogram(x).power
    stderr = reference.log_periodogram_regression(frequencies[: row["m"]], power[: row["m"]])[1]
    assert stderr == pytest.approx(row["sd.as"], rel=1e-8)


@pytest.mark.parametrize("row", R["gph"][::3], ids=label)
def test_bias_reduced_gph_of_order_zero_is_r_fdgph(series, row):
    estimate = mt.bias_reduced_gph(series(row["series"]), bandwidth=row["m"], order=0)
    assert estimate.d == pytest.approx(row["d"], abs=1e-8)


@pytest.mark.parametrize("row", R["smoothed_gph"], ids=label)
def test_smoothed_gph_is_r_fdsperio(series, row):
    x = series(row["series"])
    estimate = mt.smoothed_gph(x, bandwidth=row["m"], truncation=row["n_lags"], stderr="asymptotic")
    assert estimate.d == pytest.approx(row["d"], abs=1e-8)
    assert estimate.stderr == pytest.approx(row["sd.as"], rel=1e-8)
    assert estimate.details["truncation"] == row["n_lags"]
    assert mt.smoothed_gph(x, row["bandw_exp"], row["beta"]).d == estimate.d


# ---------------------------------------------------------------- local Whittle


BEYOND_NYQUIST = [row for row in STATA if row["m"] > 663 // 2]


@pytest.mark.parametrize("row", [row for row in STATA if row not in BEYOND_NYQUIST], ids=label)
def test_stata_whittle(series, row):
    """Printed with six decimals; Stata's optimiser stops near 1e-6.

    Stata removes the sample mean also before the exact estimator.
    """
    x = series(row["series"])
    if row["detrended"]:
        time = np.arange(1.0, len(x) + 1.0)
        x = x - np.polyval(np.polyfit(time, x, 1), time)
    if row["method"] == "local_whittle":
        estimate = mt.local_whittle(x, row["m"], stderr="asymptotic")
    else:
        estimate = mt.exact_local_whittle(x, row["m"], mean="sample", stderr="asymptotic")
    assert estimate.d == pytest.approx(row["d"], abs=3e-6)
    assert estimate.stderr == pytest.approx(row["stderr_asymptotic"], rel=2e-4)
    assert mt.local_whittle(x, row["power"]).bandwidth == row["m"]


@pytest.mark.parametrize("row", BEYOND_NYQUIST, ids=label)
def test_ordinates_beyond_pi_are_refused_where_stata_uses_them(series, row):
    """m = 346 of 663 observations: ordinates 332 on mirror those below pi, at new frequencies."""
    function = getattr(mt, row["method"])
    with pytest.raises(mt.InvalidInputError, match=r"bandwidth must be an integer in 3\.\.331"):
        function(series(row["series"]), row["m"])


@pytest.mark.parametrize("row", PYELW["local_whittle"], ids=label)
def test_pyelw_local_whittle(series, row):
    taper = None if row["taper"] == "none" else row["taper"]
    x = series(row["series"])
    estimate = mt.local_whittle(x, row["m"], taper, stderr="asymptotic")
    assert estimate.d == pytest.approx(row["d"], abs=1e-6)
    if taper != "hc":  # pyelw: sqrt(1.5 / (4 sum v^2)), the Fisher sum, not the limit
        expected = row["stderr_asymptotic"] if taper is None else row["stderr"]
        assert estimate.stderr == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("row", PYELW["exact_local_whittle"], ids=label)
def test_pyelw_exact_local_whittle(series, row):
    mean = {"none": "zero", "mean": "sample"}[row["mean"]]
    x = series(row["series"])
    estimate = mt.exact_local_whittle(x, row["m"], mean)
    assert estimate.d == pytest.approx(row["d"], abs=1e-5)


@pytest.mark.parametrize("row", PYELW["two_step_local_whittle"], ids=label)
def test_pyelw_two_step_local_whittle(series, row):
    estimate = mt.two_step_local_whittle(series(row["series"]), row["m"], row["trend_order"])
    assert estimate.details["first_step"] == pytest.approx(row["d_step1"], abs=1e-6)
    assert estimate.d == pytest.approx(row["d"], abs=1e-5)


@pytest.mark.parametrize("row", PYELW["contaminated_local_whittle"], ids=label)
def test_pyelw_contaminated_local_whittle(series, row):
    """pyelw starts from few points and can stop at a local minimum: the objective decides."""
    x = series(row["series"])
    estimate = mt.contaminated_local_whittle(x, row["m"])
    spectrum = mt.periodogram(x)
    frequencies, power = spectrum.frequencies[: row["m"]], spectrum.power[: row["m"]]

    def objective(d, ratio):
        return reference.contamination_objective(frequencies, power, d, ratio)

    ours = objective(estimate.d, estimate.details["contamination"])
    # Their theta weighs l^-2 / n against l^-2d.
    ratio = row["theta"] * frequencies[0] ** (2.0 * row["d"] - 2.0) / len(x)
    theirs = objective(row["d"], ratio)
    assert ours <= theirs + 1e-9
    if ours > theirs - 1e-8:
        assert estimate.d == pytest.approx(row["d"], abs=1e-4)


def test_the_nile_is_not_as_longmemoryts_has_it(series):
    """local.W divides by m - 2 where m ordinates are summed: 0.417 at m = 49, 0.3745 at 94."""
    assert mt.local_whittle(series("nile"), 49).d == pytest.approx(0.459277, abs=1e-6)
    assert mt.local_whittle(series("nile"), 94).d == pytest.approx(0.385763, abs=1e-6)
