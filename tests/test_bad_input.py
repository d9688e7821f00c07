"""Bad series are refused by every public function, with the argument named and the reason."""

import inspect
import itertools
import math

import numpy as np
import pandas as pd
import pytest

import memtools as mt

N_OBS = 64
GOOD = np.random.default_rng(1).standard_normal(N_OBS)

# Odd and short series: that d ends at the end of its range is an answer here.
pytestmark = pytest.mark.filterwarnings("ignore::memtools.exceptions.ConvergenceWarning")

ESTIMATORS = {
    "gph": mt.gph,
    "smoothed_gph": mt.smoothed_gph,
    "bias_reduced_gph": mt.bias_reduced_gph,
    "trimmed_gph": mt.trimmed_gph,
    "local_whittle": mt.local_whittle,
    "local_whittle_cosine": lambda x: mt.local_whittle(x, taper="cosine"),
    "local_whittle_kolmogorov": lambda x: mt.local_whittle(x, taper="kolmogorov"),
    "local_whittle_bartlett": lambda x: mt.local_whittle(x, taper="bartlett"),
    "local_whittle_hc": lambda x: mt.local_whittle(x, taper="hc"),
    "exact_local_whittle": mt.exact_local_whittle,
    "exact_local_whittle_zero": lambda x: mt.exact_local_whittle(x, mean="zero"),
    "two_step_local_whittle": mt.two_step_local_whittle,
    "fully_extended_local_whittle": mt.fully_extended_local_whittle,
    "local_whittle_plus_noise": mt.local_whittle_plus_noise,
    "contaminated_local_whittle": mt.contaminated_local_whittle,
}
SELECTORS = {
    "plug_in_bandwidth": mt.plug_in_bandwidth,
    "adaptive_bandwidth": mt.adaptive_bandwidth,
    "bootstrap_bandwidth": lambda x: mt.bootstrap_bandwidth(x, n_boot=10, rng=1),
}
SCALING = {
    "rescaled_range": mt.rescaled_range,
    "detrended_fluctuation": mt.detrended_fluctuation,
    "detrending_moving_average": mt.detrending_moving_average,
    "aggregated_variance": mt.aggregated_variance,
    "absolute_moments": mt.absolute_moments,
    "residual_variance": mt.residual_variance,
    "generalised_hurst": mt.generalised_hurst,
    "variogram": mt.variogram,
    "higuchi": mt.higuchi,
}
NEED_VARIATION = (
    ESTIMATORS
    | SCALING
    | SELECTORS
    | {
        "fexp": mt.fexp,
        "fgn_whittle": mt.fgn_whittle,
        "autocorrelation": lambda x: mt.autocorrelation(x, 1),
        "partial_autocorrelation": lambda x: mt.partial_autocorrelation(x, 1),
        "autocorrelation_band": lambda x: mt.autocorrelation_band(x, 1),
        "ar_spectrum": mt.ar_spectrum,
    }
)
TAKE_ONE_SERIES = NEED_VARIATION | {
    "periodogram": mt.periodogram,
    "periodogram_hc": lambda x: mt.periodogram(x, "hc"),
    "smoothed_spectrum": mt.smoothed_spectrum,
    "autocovariance": lambda x: mt.autocovariance(x, 1),
    "long_run_variance": mt.long_run_variance,
    "mean_stderr": lambda x: mt.mean_stderr(x, 0.2),
    "long_run_variance_mac": lambda x: mt.long_run_variance(x, method="mac", d=0.2),
}
TAKE_ANY_SHAPE = {
    "fracdiff": lambda x: mt.fracdiff(x, 0.4),
    "fracint": lambda x: mt.fracint(x, 0.4),
}
every = pytest.mark.parametrize("name", TAKE_ONE_SERIES | TAKE_ANY_SHAPE)


def refused(name, x):
    """The error every public function must give."""
    with pytest.raises(mt.InvalidInputError) as caught:
        (TAKE_ONE_SERIES | TAKE_ANY_SHAPE)[name](x)
    assert isinstance(caught.value, ValueError)
    assert caught.value.name == "x"
    assert str(caught.value).startswith("x must be ")
    assert "got" in str(caught.value)
    return str(caught.value)


def with_value(value, *positions):
    x = GOOD.copy()
    x[list(positions)] = value
    return x


@every
def test_gaps_and_infinities_are_told_by_position(name):
    for dress in (np.asarray, list, pd.Series):
        assert "nan (1 of 64 values, positions 7)" in refused(name, dress(with_value(math.nan, 7)))
        message = refused(name, dress(with_value(math.inf, 0, 5)))
        assert "inf (2 of 64 values, positions 0, 5)" in message
        assert "positions 63" in refused(name, dress(with_value(-math.inf, 63)))


NO_SERIES = [
    ([], "0"),
    (np.array([]), "0"),
    (GOOD + 1j, "complex128"),
    (GOOD.astype(str), "<U"),
    (GOOD > 0, "bool"),
    ([*GOOD, None], "None (NoneType) at position 64"),
    ([*GOOD, "a"], "data of type <U"),
    (np.array([*GOOD, {}], dtype=object), "{} (dict) at position 64"),
    (None, "None"),
    (np.datetime64("2020-01-01") + np.arange(N_OBS), "datetime64"),
    (pd.Series(GOOD, dtype="Float64").mask(GOOD > 1.0), "nan"),
    (np.ma.masked_greater(GOOD, 1.0), "a masked value at position"),
]


@every
def test_what_is_no_series_of_real_numbers(name):
    for x, reason in NO_SERIES:
        message = refused(name, x)
        if "say missing=" in message:  # a door that takes gaps when it is asked to
            reason = "positions 64" if "None" in reason else "values, positions"
        assert reason in message


@pytest.mark.parametrize("name", TAKE_ONE_SERIES)
def test_one_series_is_one_dimensional(name):
    for x in (GOOD.reshape(2, 32), GOOD[:, None], GOOD[None, :], pd.DataFrame({"a": GOOD}), 3.0):
        message = refused(name, x)
        assert "one-dimensional (choose one column or row); got an array of shape" in message


@pytest.mark.parametrize("name", NEED_VARIATION)
def test_a_constant_series_has_no_memory_to_estimate(name):
    for value in (0.0, 5, -1e100, 1e-310, 0.1):
        assert "a series that varies; got the constant" in refused(name, np.full(N_OBS, value))


@pytest.mark.parametrize("name", ESTIMATORS | SELECTORS)
def test_too_short_a_series_says_how_long_it_must_be(name):
    function = (ESTIMATORS | SELECTORS)[name]
    lengths = range(1, N_OBS)
    enough = next(n for n in lengths if not is_refused(function, GOOD[:n]))
    assert enough > 4
    for n in range(1, enough):
        assert f"at least {enough} observations long; got {n}" in refused(name, GOOD[:n])


def is_refused(function, x):
    try:
        function(x)
    except mt.InvalidInputError:
        return True
    return False


@pytest.mark.parametrize("name", ESTIMATORS)
def test_short_series_give_numbers(name):
    """Whatever the length allowed, d and its error are numbers and the error is not zero."""
    function = ESTIMATORS[name]
    for n_obs, seed in itertools.product(range(16, 24), range(3)):
        x = np.random.default_rng(seed).standard_normal(n_obs)
        if is_refused(function, x):
            continue
        estimate = function(x)
        assert math.isfinite(estimate.d)
        assert 0.0 < estimate.stderr < 100.0


HARD = {
    "one-spike": with_value(100.0, 30) * (np.arange(N_OBS) == 30),
    "last-spike": (np.arange(N_OBS) == N_OBS - 1).astype(float),
    "first-spike": (np.arange(N_OBS) == 0).astype(float),
    "step": (np.arange(N_OBS) >= 32).astype(float),
    "alternating": (-1.0) ** np.arange(N_OBS),
    "line": np.arange(N_OBS, dtype=float),
    "parabola": np.arange(N_OBS, dtype=float) ** 2,
    "exponential": np.exp(np.arange(N_OBS, dtype=float)),
    "sine": np.sin(2.0 * np.pi * 4.0 * np.arange(N_OBS) / N_OBS),
    "two-values": (GOOD > 0).astype(float),
    "nearly-constant": 1e9 + 1e-6 * np.round(GOOD),
    "outlier": with_value(1e12, 30),
    "wide-range": GOOD * 10.0 ** np.linspace(-150, 150, N_OBS),
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_odd_series_give_numbers_or_a_reason(name):
    for kind, x in HARD.items():
        try:
            estimate = ESTIMATORS[name](x)
        except mt.InvalidInputError as error:
            message = str(error)  # the reason is read below
        else:
            message = None
            assert math.isfinite(estimate.d), kind
            assert math.isfinite(estimate.stderr), kind
            assert estimate.stderr > 0.0, kind
        if message is not None:
            assert message.startswith("x must be"), kind


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_bandwidth_out_of_range_is_named(name):
    function = BARE[name]
    for bandwidth in (0, -3, 2, 33, 1000, 0.0, 1.0, 1.5, math.nan, "8", True, [8]):
        with pytest.raises(mt.InvalidInputError, match="bandwidth must be") as caught:
            function(GOOD, bandwidth=bandwidth)
        assert caught.value.name == "bandwidth"


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_kind_of_error_is_a_word_from_a_list(name):
    for stderr in ("robust", None, 1, True):
        with pytest.raises(mt.InvalidInputError, match="stderr must be one of 'finite-sample'"):
            BARE[name](GOOD, stderr=stderr)


def keywords(function, **fixed):
    return lambda x, **given: function(x, **fixed, **given)


BARE = {
    name: keywords(mt.local_whittle, taper=name.removeprefix("local_whittle_"))
    if name.removeprefix("local_whittle_") in ("cosine", "kolmogorov", "bartlett", "hc")
    else keywords(mt.exact_local_whittle, mean="zero")
    if name == "exact_local_whittle_zero"
    else getattr(mt, name)
    for name in ESTIMATORS
}


# Longer or several series: refused in tests/estimators.
ELSEWHERE = {
    "wavelet_variance",
    "wavelet_whittle",
    "multivariate_local_whittle",
    "seasonal_local_whittle",
    "mfdfa",
    "wavelet_leaders",
    "dcca",
}


def test_every_public_function_of_a_series_is_looked_at():
    """A new function that takes x must join the lists above."""
    rooms = ("estimators", "fractional", "correlation", "spectral", "long_run")
    for name, home in mt._HOMES.items():
        thing = getattr(mt, name) if home.startswith(rooms) else None
        if inspect.isfunction(thing) and next(iter(inspect.signature(thing).parameters)) == "x":
            assert name in TAKE_ONE_SERIES | TAKE_ANY_SHAPE or name in ELSEWHERE
