"""The least difference that passes a unit-root test, and what is said of it."""

import numpy as np
import pytest
from arch.unitroot import ADF

import memtools as mt


def walk(n_obs=800, d=1.0):
    return mt.fracint(np.random.default_rng(4).standard_normal(n_obs), d)


def test_it_is_the_first_of_the_grid_that_rejects():
    x = walk() + 50.0
    found = mt.minimum_difference(x, step=0.1)
    tried = np.arange(0.0, 2.01, 0.1)
    pvalues = [ADF(mt.fracdiff(x - x[0], d), trend="c").pvalue for d in tried]
    first = int(np.flatnonzero(np.array(pvalues) < 0.05)[0])
    assert found.d == pytest.approx(tried[first])
    np.testing.assert_allclose(found.pvalues, pvalues[: first + 1], rtol=1e-9)
    assert (found.pvalues[:-1] >= 0.05).all()


def test_a_series_without_unit_root_needs_none_and_keeps_its_memory():
    found = mt.minimum_difference(walk(d=0.35))
    assert found.d == 0.0
    assert "stationary, with long memory left" in found.summary()


def test_a_random_walk_that_passes_is_told_not_to_be_stationary():
    found = mt.minimum_difference(walk(2000))
    assert 0.0 < found.d < 0.5
    assert found.memory_after.d == pytest.approx(1.0 - found.d, abs=0.15)
    assert "passes the test and is not stationary" in found.meaning


def test_what_passes_at_no_difference_is_told():
    found = mt.minimum_difference(walk(300, 3.2))
    assert found.d is None
    assert "no difference up to 2 passes" in str(found)


def test_an_antipersistent_series_was_not_differenced_too_often_where_it_was_not_differenced():
    found = mt.minimum_difference(np.diff(np.random.default_rng(6).standard_normal(400)))
    assert found.d == 0.0
    assert found.meaning.endswith(": antipersistent")


def test_table_and_units():
    x = walk(300)
    found, other = mt.minimum_difference(x), mt.minimum_difference(1e6 * x + 7.0)
    assert found.d == other.d
    frame = found.to_frame()
    assert list(frame.columns) == ["statistic", "pvalue", "correlation"]
    assert frame.index[-1] == found.d
    assert frame["correlation"].iloc[0] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: mt.minimum_difference(np.ones(100)), "varies"),
        (lambda: mt.minimum_difference(walk(50)), "at least 64"),
        (lambda: mt.minimum_difference(np.exp(np.linspace(0.0, 40.0, 80))), "collinear"),
        (lambda: mt.minimum_difference(walk(), alpha=0.95), "alpha"),
        (lambda: mt.minimum_difference(walk(), step=0.001), "step"),
    ],
)
def test_bad_input_is_named(call, told):
    with pytest.raises(mt.InvalidInputError, match=told):
        call()
