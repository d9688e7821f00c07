"""User input in, clean float64 out, or an error that names the argument."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from memtools import _validate
from memtools.exceptions import InvalidInputError

VALUES = [1.0, 2.0, 4.0, 3.0]


@pytest.mark.parametrize(
    "x",
    [
        VALUES,
        tuple(VALUES),
        [1, 2, 4, 3],
        [np.float32(1), 2, Fraction(4), 3.0],
        np.array(VALUES, dtype=">f8"),
        np.array(VALUES, dtype=np.float16),
        np.array(VALUES, dtype=np.longdouble),
        np.array(VALUES, dtype=np.uint8),
        np.repeat(VALUES, 3)[::3],
        np.array(VALUES[::-1])[::-1],
        np.ma.masked_array(VALUES, mask=False),
        pd.Series(VALUES, index=list("abcd")),
        pd.Series([1, 2, 4, 3], dtype="Int64"),
        pd.Series(VALUES, dtype="Float32"),
        pd.array(VALUES, dtype="Float64"),
        pd.Index(VALUES),
        np.array(VALUES, dtype=object),
    ],
    ids=lambda x: f"{type(x).__name__}-{getattr(x, 'dtype', '')}",
)
def test_a_series_in_any_dress_becomes_plain_float64(x):
    values = _validate.as_series(x)
    assert type(values) is np.ndarray
    assert values.dtype == np.float64
    assert values.dtype.isnative
    np.testing.assert_array_equal(values, VALUES)


def test_a_float64_array_is_not_copied():
    x = np.array(VALUES)
    x.setflags(write=False)
    assert np.shares_memory(_validate.as_series(x), x)
    assert np.shares_memory(_validate.as_varying_series(x), x)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([1.0, math.nan, 2.0, math.nan], r"finite; got nan \(2 of 4 values, positions 1, 3\)"),
        ([1.0, 2.0, -math.inf], r"finite; got -inf \(1 of 3 values, positions 2\)"),
        ([math.nan] * 5, r"positions 0, 1, 2, \.\.\."),
        (["1", "2"], "real numbers; got data of type <U1"),
        ([1.0, None, 2.0], r"got None \(NoneType\) at position 1"),
        ([1.0, "two"], "real numbers"),
        ([1 + 2j, 3], "got data of type complex128"),
        ([True, False], "got data of type bool"),
        ([Decimal(1), Decimal(2)], r"Decimal.* at position 0"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "got data of type datetime64"),
        (np.ma.masked_array(VALUES, mask=[0, 0, 1, 0]), "without gaps; got a masked value at .* 2"),
        (pd.Series([1, None, 3], dtype="Int64"), r"finite; got nan .*positions 1"),
        (pd.Series([1.5, None], dtype="Float64"), r"finite; got nan .*positions 1"),
        (pd.Series(["a", "b"]), "real numbers"),
        ([[1.0, 2.0], [3.0, 4.0]], r"one-dimensional .*shape \(2, 2\)"),
        (pd.DataFrame({"a": VALUES}), r"one-dimensional .*shape \(4, 1\)"),
        (3.0, r"one-dimensional .*shape \(\)"),
        ([[1.0], [2.0, 3.0]], "got a ragged sequence"),
        ([], "at least 1 observation long; got 0"),
        (None, "real numbers; got None"),
        ((value for value in VALUES), "generator"),
        ([1, 10**400], "real numbers"),
    ],
)
def test_what_is_no_series_is_refused_with_the_reason(x, message):
    with pytest.raises(InvalidInputError, match=message) as caught:
        _validate.as_series(x, "volume")
    assert caught.value.name == "volume"
    assert str(caught.value).startswith("volume must be ")


def test_too_short_a_series_says_how_long_it_must_be():
    with pytest.raises(InvalidInputError, match="at least 8 observations long; got 4"):
        _validate.as_series(VALUES, min_obs=8)


@pytest.mark.parametrize("x", [[5.0] * 9, [0, 0, 0], np.full(4, 1e-310)])
def test_a_constant_series_does_not_vary(x):
    with pytest.raises(InvalidInputError, match="a series that varies; got the constant"):
        _validate.as_varying_series(x)


@given(
    hnp.arrays(np.float64, st.integers(2, 20), elements=st.floats(-1e6, 1e6, width=32)),
    st.integers(-1000, 990),
)
def test_extreme_units_become_safe_ones_by_an_exact_factor(x, power):
    scaled = np.ldexp(x, power)
    back = np.ldexp(scaled, -power)
    if not np.array_equal(back, x) or x.min() == x.max():
        return
    values = _validate.as_varying_series(scaled)
    spread = values.max() - values.min()
    assert 1e-125 < spread < 1e125
    # Only the unit changed: every ratio is the same number.
    largest = int(np.argmax(np.abs(x)))
    np.testing.assert_array_equal(values / values[largest], x / x[largest])


def test_series_whose_range_overflows_is_still_a_series():
    values = _validate.as_varying_series([-1.7e308, 1.7e308, 0.0])
    np.testing.assert_array_equal(values / values[1], [-1.0, 1.0, 0.0])


def test_squarable_series_refuse_units_whose_squares_are_no_numbers():
    for x in ([1e200, 2e200], [0.0, 1e-200]):
        with pytest.raises(InvalidInputError, match="rescale"):
            _validate.as_squarable_series(x)
    np.testing.assert_array_equal(_validate.as_squarable_series([0.0, 0.0]), [0.0, 0.0])


@pytest.mark.parametrize("value", [True, 2.0, "2", None, np.float64(2), [2]])
def test_integers_are_integers(value):
    with pytest.raises(InvalidInputError, match="order must be an integer"):
        _validate.as_integer(value, "order", 0)


def test_integers_lie_in_their_range():
    assert _validate.as_integer(np.int32(3), "order", 0, 3) == 3
    with pytest.raises(InvalidInputError, match=r"order must be an integer in 0\.\.3; got 4"):
        _validate.as_integer(4, "order", 0, 3)
    with pytest.raises(InvalidInputError, match="at least 0; got -1"):
        _validate.as_integer(-1, "order", 0)


@pytest.mark.parametrize("value", [math.nan, math.inf, "1", None, True, 1 + 0j, [1.0]])
def test_reals_are_finite_reals(value):
    with pytest.raises(InvalidInputError, match="d must be a finite real number"):
        _validate.as_real(value, "d")


def test_reals_lie_in_their_range():
    assert _validate.as_real(np.float32(0.5), "d", 0.0, 0.5) == 0.5
    for value in (0.0, 1.0, -0.1, 1.1):
        with pytest.raises(InvalidInputError, match=r"level must be .* in \(0, 1\)"):
            _validate.as_level(value)
    with pytest.raises(InvalidInputError, match=r"in \[0, 1\]; got 1.5"):
        _validate.as_real(1.5, "d", 0.0, 1.0)


@pytest.mark.parametrize("value", ["Cosine", "", 3, ["cosine"], np.nan, False])
def test_choices_are_listed_in_the_error(value):
    with pytest.raises(InvalidInputError, match="taper must be one of None, 'cosine'; got"):
        _validate.as_choice(value, "taper", (None, "cosine"))


@pytest.mark.parametrize(
    ("bandwidth", "m"),
    [
        (None, 31),
        (10, 10),
        (np.int64(10), 10),
        (0.5, 31),
        (0.65, 89),
        (np.float32(0.5), 31),
        (lambda n: n // 10, 100),
        (lambda n: 0.65, 89),
    ],
)
def test_a_bandwidth_is_a_number_an_exponent_or_a_rule(bandwidth, m):
    assert _validate.as_bandwidth(bandwidth, 1000, 0.5) == m


@pytest.mark.parametrize(
    ("bandwidth", "message"),
    [
        (0, r"an integer in 3\.\.500; got 0"),
        (501, r"an integer in 3\.\.500; got 501"),
        (-4, "got -4"),
        (1.0, r"or an exponent in \(0, 1\); got 1.0"),
        (30.0, r"or an exponent in \(0, 1\); got 30.0"),
        (0.0, r"or an exponent in \(0, 1\)"),
        (math.nan, r"or an exponent in \(0, 1\); got nan"),
        (0.95, "between 3 and 500 ordinates; got 0.95, which is 707 of 1000"),
        (0.01, "between 3 and 500 ordinates; got 0.01, which is 1 of 1000"),
        (True, "got True"),
        ("30", "got '30'"),
        (lambda n: 10 * n, "got 10000"),
        (lambda n: "all", "got 'all'"),
    ],
)
def test_a_bandwidth_out_of_range_says_what_is_possible(bandwidth, message):
    with pytest.raises(InvalidInputError, match=message) as caught:
        _validate.as_bandwidth(bandwidth, 1000, 0.5, low=3)
    assert caught.value.name == "bandwidth"


def test_the_default_bandwidth_never_asks_for_more_than_there_is():
    assert _validate.as_bandwidth(None, 9, 0.9) == 4
    assert _validate.as_bandwidth(None, 9, 0.1, low=3) == 3


def test_randomness_comes_in_by_one_door():
    generator = np.random.default_rng(1)
    assert _validate.as_rng(generator) is generator
    draws = [_validate.as_rng(rng).random() for rng in (7, np.int64(7), np.random.SeedSequence(7))]
    assert draws[0] == draws[1] == draws[2]
    assert isinstance(_validate.as_rng(None), np.random.Generator)
    for rng in (-1, 1.5, "7", True, np.random.RandomState(1)):
        with pytest.raises(InvalidInputError, match="rng must be"):
            _validate.as_rng(rng)
