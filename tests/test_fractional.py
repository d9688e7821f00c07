"""(1 - B)^d: against loops, against mpmath, forwards and back, in one go and as a stream."""

import itertools
import json
import math
from pathlib import Path

import mpmath
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import rgamma

import memtools as mt
from memtools import fractional
from tests import reference

ORDERS = (-2.0, -1.3, -0.5, -0.3, 0.0, 1e-9, 0.3, 0.5, 0.8, 1.0, 1.2, 2.0, 2.7)
R = json.loads((Path(__file__).parent / "golden" / "semiparametric_r.json").read_text())["values"]


def series(n_obs=60, seed=1):
    return np.random.default_rng(seed).standard_normal(n_obs).cumsum()


@pytest.mark.parametrize("d", ORDERS)
def test_weights_are_binomial_coefficients(d):
    with mpmath.workdps(40):
        exact = [float((-1) ** j * mpmath.binomial(d, j)) for j in range(300)]
    np.testing.assert_allclose(mt.fracdiff_weights(d, 299), exact, rtol=1e-13, atol=0)


def test_weights_have_lag_zero_first_and_n_lags_more():
    np.testing.assert_array_equal(mt.fracdiff_weights(0.4, 0), [1.0])
    np.testing.assert_array_equal(mt.fracdiff_weights(1.0, 3), [1.0, -1.0, 0.0, 0.0])
    assert mt.fracdiff_weights(-1.0, 5).tolist() == [1.0] * 6


@pytest.mark.parametrize("d", [-0.45, -0.2, 1e-12, 0.2, 0.45])
def test_noise_autocorrelations_are_ratios_of_gamma_functions(d):
    with mpmath.workdps(40):
        scale = mpmath.gamma(1 - mpmath.mpf(d)) / mpmath.gamma(mpmath.mpf(d))
        exact = [
            float(scale * mpmath.gamma(k + mpmath.mpf(d)) / mpmath.gamma(k + 1 - mpmath.mpf(d)))
            for k in range(100)
        ]
    found = fractional.noise_autocorrelation(d, 99)
    np.testing.assert_allclose(found, exact, rtol=1e-13, atol=0)


@pytest.mark.parametrize("d", ORDERS)
def test_differences_are_the_double_loop(d):
    x = series()
    np.testing.assert_allclose(mt.fracdiff(x, d), reference.fracdiff(x, d), rtol=0, atol=1e-11)


@given(st.floats(-2.5, 2.5), st.integers(1, 200))
def test_integration_undoes_differencing(d, n_obs):
    x = series(n_obs)
    # The intermediate series may be as large as n^|d|; so may its rounding.
    tolerance = 1e-13 * n_obs ** max(1.0, 2.0 * abs(d)) * max(1.0, np.abs(x).max())
    np.testing.assert_allclose(mt.fracint(mt.fracdiff(x, d), d), x, rtol=0, atol=tolerance)


@given(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0))
def test_orders_add(a, b):
    x = series(100)
    twice = mt.fracdiff(mt.fracdiff(x, a), b)
    np.testing.assert_allclose(twice, mt.fracdiff(x, a + b), rtol=0, atol=1e-8)


def test_whole_orders_are_plain_differences_and_sums():
    x = series()
    np.testing.assert_array_equal(mt.fracdiff(x, 1.0), np.diff(x, prepend=0.0))
    np.testing.assert_array_equal(mt.fracint(x, 2.0), np.cumsum(np.cumsum(x)))
    same = mt.fracdiff(x, 0.0)
    np.testing.assert_array_equal(same, x)
    assert not np.shares_memory(same, x)


def test_several_series_along_an_axis():
    x = np.random.default_rng(1).standard_normal((5, 40, 3))
    along = mt.fracdiff(x, 0.3, axis=1)
    assert along.shape == x.shape
    np.testing.assert_allclose(along[2, :, 1], mt.fracdiff(x[2, :, 1], 0.3), atol=1e-13)
    np.testing.assert_allclose(mt.fracdiff(x.T, 0.3)[0], mt.fracdiff(x[..., 0].T, 0.3), atol=1e-13)


def test_pandas_keeps_its_index_and_names():
    index = pd.date_range("2020-01-01", periods=30, freq="D")
    one = pd.Series(series(30), index=index, name="rain")
    out = mt.fracdiff(one, 0.4)
    assert isinstance(out, pd.Series)
    assert out.name == "rain"
    pd.testing.assert_index_equal(out.index, index)
    table = pd.DataFrame({"rain": one, "flow": -one})
    out = mt.fracint(table, 0.4, axis=0)
    assert list(out.columns) == ["rain", "flow"]
    np.testing.assert_allclose(out["flow"], -mt.fracint(one, 0.4), atol=1e-13)
    pd.testing.assert_frame_equal(mt.fracint(table, 0.4), out)
    with pytest.raises(mt.InvalidInputError, match="axis must be 0 for a DataFrame"):
        mt.fracdiff(table, 0.4, axis=1)


def test_a_column_is_differenced_down_its_rows():
    x = series(30)
    np.testing.assert_array_equal(mt.fracdiff(x[:, None], 0.4)[:, 0], mt.fracdiff(x, 0.4))
    frame = pd.DataFrame({0: x})
    assert mt.fracdiff(frame, 0.4)[0].tolist() == mt.fracdiff(x, 0.4).tolist()


def test_xarray_and_polars_keep_their_dress():
    xr, pl = pytest.importorskip("xarray"), pytest.importorskip("polars")
    x = series(30)
    expected = mt.fracdiff(x, 0.4)
    field = xr.DataArray(
        np.column_stack([x, -x]), dims=("time", "site"), coords={"site": ["a", "b"]}, name="flow"
    )
    out = mt.fracdiff(field, 0.4)
    assert out.dims == field.dims
    assert out.name == "flow"
    np.testing.assert_allclose(out.sel(site="b"), -expected, atol=1e-13)
    series_out = mt.fracdiff(pl.Series("flow", x), 0.4)
    assert isinstance(series_out, pl.Series)
    assert (series_out.name, series_out.to_list()) == ("flow", expected.tolist())
    frame_out = mt.fracint(pl.DataFrame({"a": x, "b": -x}), 0.4)
    assert frame_out.columns == ["a", "b"]
    assert frame_out["a"].to_list() == mt.fracint(x, 0.4).tolist()


@pytest.mark.parametrize("kind", ["Float64", "Int64", "float32"])
def test_pandas_types_come_back_as_float64(kind):
    x = pd.Series([1, 2, 4, 7], dtype=kind)
    out = mt.fracdiff(x, 1.0)
    assert out.dtype == np.float64
    assert out.tolist() == [1.0, 1.0, 2.0, 3.0]


@pytest.mark.parametrize("row", R["diffseries"], ids=lambda row: f"d={row['d']}")
def test_r_fracdiff_diffseries(series, row):
    """R removes the sample mean first."""
    x = series(row["series"])
    y = mt.fracdiff(x - x.mean(), row["d"])
    scale = np.abs(y).max()
    np.testing.assert_allclose(y[:20], row["first"], rtol=0, atol=1e-12 * scale)
    np.testing.assert_allclose(y[-20:], row["last"], rtol=0, atol=1e-12 * scale)
    np.testing.assert_allclose(y @ y, row["sum_of_squares"], rtol=1e-12)


# ---------------------------------------------------------------- the stream


def in_chunks(transform, x, cuts):
    edges = [0, *sorted(cuts), len(x)]
    pieces = [x[a:b] for a, b in itertools.pairwise(edges) if b > a]
    return np.concatenate([transform(piece) for piece in pieces])


@given(
    st.sampled_from(ORDERS),
    st.one_of(st.none(), st.integers(1, 70)),
    st.lists(st.integers(1, 59), max_size=6),
)
def test_chunks_of_any_sizes_give_the_batch(d, window, cuts):
    x = series()
    streamed = in_chunks(mt.FractionalDifferencer(d, window).transform, x, cuts)
    np.testing.assert_allclose(streamed, reference.fracdiff(x, d, window), rtol=0, atol=1e-10)


def test_without_a_window_the_stream_is_fracdiff():
    x = series(500)
    streamed = in_chunks(mt.FractionalDifferencer(0.4).transform, x, range(1, 500))
    np.testing.assert_allclose(streamed, mt.fracdiff(x, 0.4), rtol=0, atol=1e-12)


@given(
    st.floats(-1.0, 1.0),
    st.one_of(st.none(), st.integers(1, 300)),
    st.lists(st.integers(1, 199), max_size=5),
)
def test_the_way_back_is_exact_with_a_window_as_without(d, window, cuts):
    x = series(200)
    stream = mt.FractionalDifferencer(d, window)
    y = in_chunks(stream.transform, x, cuts)
    back = in_chunks(stream.inverse_transform, y, cuts[1:])
    np.testing.assert_allclose(back, x, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("d", "window"), [(1.2, 50), (2.0, 2), (2.0, 50), (-1.2, 200)])
def test_the_way_back_beyond_one_holds_where_the_cut_filter_is_tame(d, window):
    x = series(300)
    stream = mt.FractionalDifferencer(d, window)
    y = in_chunks(stream.transform, x, [100])
    np.testing.assert_allclose(in_chunks(stream.inverse_transform, y, [7]), x, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("d", "window"), [(1.2, 3), (1.5, 1), (2.5, 3), (-1.5, 5), (2.0, 1)])
def test_a_cut_filter_without_stable_inverse_is_refused_before_it_misleads(d, window):
    """1 - 1.5 B, say, has its zero inside the unit circle: errors grow by 1.5 a step."""
    x = series(1000)
    stream = mt.FractionalDifferencer(d, window)
    y = stream.transform(x)
    back = []

    def invert_all():
        for chunk in np.split(y, 100):
            back.append(stream.inverse_transform(chunk))

    with pytest.raises(mt.InvalidInputError, match="window must be None or wider"):
        invert_all()
    kept = np.concatenate(back)
    np.testing.assert_allclose(kept, x[: len(kept)], rtol=0, atol=1e-5 * np.abs(x).max())


def test_the_two_directions_keep_their_own_past():
    x = series(30)
    stream = mt.FractionalDifferencer(0.4, window=5)
    pieces = [stream.inverse_transform(stream.transform(chunk)) for chunk in np.split(x, 6)]
    np.testing.assert_allclose(np.concatenate(pieces), x, rtol=0, atol=1e-12)


def test_reset_forgets_both_pasts():
    x = series(30)
    stream = mt.FractionalDifferencer(0.4)
    first = stream.transform(x)
    stream.inverse_transform(first)
    stream.reset()
    np.testing.assert_array_equal(stream.transform(x), first)
    np.testing.assert_allclose(stream.inverse_transform(first), x, atol=1e-12)


def test_a_refused_chunk_leaves_the_past_as_it_was():
    x = series(30)
    stream = mt.FractionalDifferencer(0.4)
    stream.transform(x[:10])
    for bad in ([math.nan], [], ["a"], [[1.0]]):
        with pytest.raises(mt.InvalidInputError, match="chunk must be"):
            stream.transform(bad)
    np.testing.assert_allclose(stream.transform(x[10:]), mt.fracdiff(x, 0.4)[10:], atol=1e-12)


@pytest.mark.parametrize("d", [0.1, 0.4, 0.9, 1.4, 2.5])
@pytest.mark.parametrize("window", [1, 2, 5, 100, 10**6])
def test_truncation_error_is_the_sum_of_the_omitted_weights(d, window):
    with mpmath.workdps(30):
        # All weights sum to zero and keep one sign beyond lag d.
        last = max(window, math.ceil(d))
        partial = mpmath.gamma(last + 1 - mpmath.mpf(d)) / (
            mpmath.gamma(1 - mpmath.mpf(d)) * mpmath.gamma(last + 1)
        )
        between = sum(abs(mpmath.binomial(d, j)) for j in range(window + 1, last + 1))
        exact = float(abs(partial) + between)
    found = mt.FractionalDifferencer(d, window).truncation_error
    np.testing.assert_allclose(found, exact, rtol=1e-9)


@given(st.floats(0.01, 2.9), st.integers(1, 50), st.integers(0, 1000))
def test_truncation_error_bounds_the_error_and_is_reached(d, window, seed):
    x = np.random.default_rng(seed).uniform(-1.0, 1.0, 120)
    stream = mt.FractionalDifferencer(d, window)
    error = np.abs(stream.transform(x) - mt.fracdiff(x, d)).max()
    assert error <= stream.truncation_error * np.abs(x).max() + 1e-10
    # The series that follows the signs of the omitted weights comes near the bound.
    n_obs = 20000
    omitted = mt.fracdiff_weights(d, n_obs - 1)
    worst = float(np.abs(omitted[window + 1 :]).sum())
    assert worst <= stream.truncation_error * (1.0 + 1e-9) + 1e-12
    assert worst >= stream.truncation_error - 1.1 * n_obs**-d * abs(rgamma(1.0 - d)) - 1e-12


@pytest.mark.parametrize(
    ("d", "window", "error"),
    [
        (0.4, None, 0.0),
        (-0.4, None, 0.0),
        (0.0, 3, 0.0),
        (1.0, 1, 0.0),
        (2.0, 2, 0.0),
        (2.0, 1, 1.0),
        (3.0, 1, 4.0),
        (-0.4, 10, math.inf),
        (-1.0, 10, math.inf),
    ],
)
def test_truncation_error_at_the_edges(d, window, error):
    assert mt.FractionalDifferencer(d, window).truncation_error == pytest.approx(error)


@pytest.mark.parametrize("window", [0, -1, 2.0, True, "10"])
def test_a_window_is_a_positive_integer(window):
    with pytest.raises(mt.InvalidInputError, match="window must be an integer"):
        mt.FractionalDifferencer(0.4, window)


@pytest.mark.parametrize("d", [math.nan, math.inf, "0.4", None, 1j])
@pytest.mark.parametrize(
    "call",
    [
        lambda d: mt.fracdiff([1.0, 2.0], d),
        lambda d: mt.fracint([1.0, 2.0], d),
        lambda d: mt.fracdiff_weights(d, 3),
        lambda d: mt.FractionalDifferencer(d),
    ],
    ids=["fracdiff", "fracint", "fracdiff_weights", "FractionalDifferencer"],
)
def test_an_order_is_a_finite_real_number(call, d):
    with pytest.raises(mt.InvalidInputError, match="d must be a finite real number"):
        call(d)


@pytest.mark.parametrize(
    ("x", "axis", "message"),
    [
        ([], -1, "x must be at least one observation"),
        (3.0, -1, "x must be at least one observation"),
        ([1.0, 2.0], 1, r"axis must be an integer in -1\.\.0"),
        ([1.0, 2.0], 0.0, "axis must be an integer"),
        ([1.0, math.nan], -1, "x must be finite"),
    ],
)
def test_bad_input_is_named(x, axis, message):
    with pytest.raises(mt.InvalidInputError, match=message):
        mt.fracdiff(x, 0.4, axis)


def test_a_million_observations_keep_their_accuracy():
    x = np.random.default_rng(1).standard_normal(10**6)
    y = mt.fracdiff(x, 0.4)
    w = mt.fracdiff_weights(0.4, 10**6 - 1)
    for t in (0, 1, 12345, 10**6 - 1):
        np.testing.assert_allclose(y[t], w[: t + 1] @ x[t::-1], rtol=0, atol=1e-11)
