"""Statistics of R's LongMemoryTS and memochange, and where they differ for a reason."""

import numpy as np
import pytest

import memtools as mt
from tests.estimators.test_golden import values_of

GOLDEN = values_of("shifts_r")
T = np.arange(1.0, 301.0)
SERIES = {
    "nile": np.asarray(mt.datasets.load("nile"), dtype=float),
    "waves": np.cos(0.13 * T) + np.cos(0.017 * T**2) + (T > 170),
}


@pytest.mark.parametrize("case", GOLDEN["qu"], ids=lambda c: f"{c['series']}-{c['epsilon']}")
def test_qu_is_theirs_once_the_divisor_of_their_d_is_put_right(case):
    found = mt.qu_test(SERIES[case["series"]], case["m"], case["epsilon"], prewhiten=False)
    assert found.details["d"] == pytest.approx(case["d"], abs=1e-7)
    assert found.statistic == pytest.approx(case["W"], abs=1e-6)
    # As it is, d is about 1 / m too small, and W is not that of the minimum.
    assert case["d_as_it_is"] < found.details["d"] - 0.01
    assert case["as_it_is"] > found.statistic + 0.1


@pytest.mark.parametrize("case", GOLDEN["shift"], ids=lambda c: f"{c['series']}-{c['d']}")
def test_shifts_in_the_mean_are_those_of_memochange(case):
    x, d = SERIES[case["series"]], case["d"]
    for method, theirs in (("wald", "snsupwald"), ("fixed-b", "fixbsupw")):
        found = mt.mean_shift_test(x, method, d, level=None).statistic
        assert found == pytest.approx(case[theirs], rel=1e-10)
    # Theirs looks at the ends as well; on these series the largest is inside.
    found = mt.mean_shift_test(x, d=d, level=None).statistic
    assert found == pytest.approx(case["snwilcoxon"], rel=1e-10)
    # Theirs has one ordinate more in the level of the spectrum.
    m = int(len(x) ** 0.7)
    spectrum = mt.periodogram(x)
    level, one_more = (
        np.mean(spectrum.frequencies[:k] ** (2.0 * d) * spectrum.power[:k]) for k in (m, m + 1)
    )
    found = mt.mean_shift_test(x, "cusum", d, level=None).statistic
    assert found * np.sqrt(level / one_more) == pytest.approx(case["CUSUMLM"], rel=1e-10)
