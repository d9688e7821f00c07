"""(1 - B)^d over the whole past at constant memory: exponentials against the weights themselves."""

import itertools

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import memtools as mt
from memtools.fractional import exponential_modes
from memtools.networks.input_filters import WholeInputs
from memtools.networks.memory_filters import WholePast

ORDERS = (-0.49, -0.25, -1e-9, 0.01, 0.25, 0.49)


def in_chunks(transform, x, cuts):
    edges = [0, *sorted(cuts), len(x)]
    return np.concatenate([transform(x[a:b]) for a, b in itertools.pairwise(edges) if b > a])


@pytest.mark.parametrize("d", ORDERS)
def test_thirty_six_modes_hold_every_lag_to_a_million_to_1e_6(d):
    modes = exponential_modes()
    assert len(modes.rates) <= 36
    exact, worst = mt.fracdiff_weights(d, 10**6)[1:], 0.0
    for lags in np.array_split(np.arange(1.0, 1e6 + 1.0), 40):
        found = modes.approximation(d, lags)
        worst = max(worst, np.abs(found / exact[lags.astype(int) - 1] - 1.0).max())
    assert worst <= 1e-6
    # The certificate looks at 4,096 lags and misses no more than rounding of the recursion.
    assert worst <= modes.relative_error(d) * 1.05 + 1e-9


def test_too_few_modes_are_told_by_the_certificate():
    errors = [exponential_modes(n).relative_error(0.3) for n in (8, 16, 24, 32)]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 1e-2


@pytest.mark.parametrize("lag", [3000, 10**6, 10**9])
@pytest.mark.parametrize("d", [-0.5, 0.3])
def test_the_stream_s_modes_reach_a_billion_lags(d, lag):
    with mpmath.workdps(40):
        exact = mpmath.gammaprod([lag - mpmath.mpf(d)], [-mpmath.mpf(d), lag + 1])
    modes = exponential_modes(first_lag=2049, last_lag=10**9)
    found = modes.approximation(d, np.array([float(lag)]))
    np.testing.assert_allclose(found, float(exact), rtol=1e-6)


@pytest.mark.parametrize("whole", [WholePast, WholeInputs])
def test_a_moving_d_and_its_derivative_follow_at_every_lag(whole):
    lags = np.unique(np.geomspace(1.0, 1e6, 300).round())
    impulse = np.exp(-np.multiply.outer(lags - 1.0, exponential_modes().rates))[..., np.newaxis]
    at = lags.astype(int)
    for d in (*np.linspace(0.0, 0.5, 9), 1e-4, 0.4999):
        w, slopes = mt.fractional.weights_and_slopes(np.array(d), 1_000_001)
        found = whole().value(impulse, np.array([d + 1e-20j]))[:, 0]
        np.testing.assert_allclose(found.real, w[at], rtol=1e-6, atol=1e-30)
        # d w_j / d d passes zero near d log j = 1, so its error is in units of w_j log j / d.
        scale = np.abs(slopes[at]) + np.abs(w[at]) * (1.0 + np.log(lags))
        assert (np.abs(found.imag / 1e-20 - slopes[at]) <= 1e-5 * scale).all()


@given(
    st.sampled_from((-1.7, -0.5, -0.3, 0.0, 0.3, 0.5, 1.0, 1.3)),
    st.lists(st.integers(1, 9_999), max_size=6),
    st.integers(0, 100),
)
def test_a_stream_of_modes_is_the_whole_filter(d, cuts, seed):
    x = np.random.default_rng(seed).standard_normal(10_000) + 2.0
    stream = mt.FractionalDifferencer(d, modes="exponential")
    y = in_chunks(stream.transform, x, cuts)
    exact = mt.fracdiff(x, d)
    np.testing.assert_allclose(y, exact, rtol=0, atol=1e-8 * np.abs(exact).max())
    back = in_chunks(stream.inverse_transform, y, [c // 2 + 1 for c in cuts])
    np.testing.assert_allclose(back, x, rtol=0, atol=1e-10 * max(1.0, np.abs(y).max()))


def test_single_values_go_the_same_way_as_chunks():
    x = np.random.default_rng(3).standard_normal(5_000)
    one, all_at_once = (mt.FractionalDifferencer(-0.4, modes="exponential") for _ in range(2))
    singly = np.concatenate([one.transform(x[:4_000]), *map(one.transform, x[4_000:, np.newaxis])])
    np.testing.assert_allclose(singly, all_at_once.transform(x), rtol=0, atol=1e-11)


@pytest.mark.parametrize("d", [-0.4, 0.3])
def test_the_error_is_within_the_certified_one_and_memory_is_constant(d):
    x = np.sign(np.random.default_rng(5).standard_normal(300_000)) + 1.0
    stream = mt.FractionalDifferencer(d, modes="exponential")
    error = np.abs(stream.transform(x) - mt.fracdiff(x, d)).max()
    rounding = 1e-13 * np.abs(mt.fracdiff_weights(d, len(x))).sum() * 2.0
    assert error <= stream.truncation_error * 2.0 + rounding
    held = stream._past.__dict__.values()
    assert sum(v.size for v in held if isinstance(v, np.ndarray)) < 100_000


@pytest.mark.slow
@pytest.mark.parametrize("d", [-0.45, 0.2, 0.45])
def test_ten_million_values_equal_the_exact_filter_to_a_millionth(d):
    x = np.random.default_rng(11).standard_normal(10_000_000) + 1.0
    exact = mt.fracdiff(x, d)
    found = mt.FractionalDifferencer(d, modes="exponential").transform(x)
    assert np.abs(found - exact).max() <= 1e-6 * exact.std()


@pytest.mark.parametrize("modes", ["exp", 36, True])
def test_modes_have_one_name(modes):
    with pytest.raises(mt.InvalidInputError, match="modes must be"):
        mt.FractionalDifferencer(0.3, modes=modes)


def test_a_window_and_modes_exclude_each_other():
    with pytest.raises(mt.InvalidInputError, match="window must be None with exponential modes"):
        mt.FractionalDifferencer(0.3, window=100, modes="exponential")
