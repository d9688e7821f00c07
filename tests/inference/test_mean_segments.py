"""Level shifts and bends: found where they are, and memory alone is none."""

import sys

import numpy as np
import pytest

import memtools as mt


def noise(n_obs, rng, d=0.3):
    return mt.simulate(mt.ARFIMAProcess(d=d), n_obs, rng=rng)


def test_shifts_are_found_where_they_are():
    x = noise(400, 3) + np.repeat([0.0, 4.0, 0.0], [150, 100, 150])
    found = mt.mean_breaks(x, max_breaks=3)
    assert len(found.positions) == 2
    assert np.allclose(found.positions, (150, 250), atol=6)
    level = np.repeat([0.0, 4.0, 0.0], [150, 100, 150])
    assert np.abs((found.fitted - found.fitted.mean()) - (level - level.mean())).max() < 2.0
    assert found.to_frame().loc[2, "criterion"] == found.criterion.min()


def test_a_bend_is_found():
    x = noise(300, 1) + 0.06 * np.maximum(np.arange(300.0) - 150.0, 0.0)
    found = mt.mean_breaks(x, "trend", max_breaks=2)
    assert len(found.positions) == 1
    assert abs(found.positions[0] - 150) < 40


def test_memory_alone_is_no_break():
    """Least squares under white noise finds shifts in most of these paths."""
    seen = [len(mt.mean_breaks(noise(200, k, 0.4), max_breaks=2).positions) for k in range(8)]
    assert np.mean(np.array(seen) > 0) < 0.4


@pytest.mark.slow
@pytest.mark.parametrize(
    "process", [mt.ARFIMAProcess(), mt.ARFIMAProcess(d=0.4), mt.ARFIMAProcess([0.8])], ids=repr
)
def test_a_break_is_seldom_seen_where_there_is_none(process):
    """5% is promised; more than 8 of 50 have a chance of 1 in 1,200 then."""
    paths = mt.simulate(process, 250, 50, rng=12)
    assert sum(mt.mean_breaks(x).positions != () for x in paths) <= 8


def test_dates_are_the_labels():
    found = mt.mean_breaks(mt.datasets.load("nile"), max_breaks=2)
    assert found.dates == (1899,)
    assert found.dates_of[:2] == ((), (1899,))
    last = found.summary().splitlines()[-1].split("  ")[-1].strip()
    assert last == ", ".join(map(str, found.dates_of[-1]))


def test_bad_input_is_named(monkeypatch):
    with pytest.raises(mt.InvalidInputError, match="at least 60"):
        mt.mean_breaks(np.arange(20.0))
    with pytest.raises(mt.InvalidInputError, match="'level', 'trend'"):
        mt.mean_breaks(noise(100, 1), "slope")
    with pytest.raises(mt.InvalidInputError, match="20000"):
        mt.mean_breaks(np.arange(20_001.0) % 7)
    monkeypatch.setitem(sys.modules, "ruptures", None)
    with pytest.raises(ImportError, match="ruptures"):
        mt.mean_breaks(noise(100, 1))
