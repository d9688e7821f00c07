"""OnlineMemory: what a batch finds of each window, in chunks of any size, saved and restored."""

import itertools
import json

import numpy as np
import pytest

import memtools as mt


@pytest.fixture(scope="module")
def x():
    return mt.simulate(mt.ARFIMAProcess(d=0.4), 3000, rng=1)


@pytest.mark.parametrize("window", [32, 301, 1000])
@pytest.mark.parametrize("level", [0.0, 1e8])
def test_every_window_is_estimated_as_alone(x, window, level):
    found = mt.OnlineMemory(window).update(x + level)
    assert np.isnan(found[: window - 1]).all()
    for end in range(window, len(x) + 1, 61):
        alone = mt.local_whittle(x[end - window : end] + level)
        assert found[end - 1] == pytest.approx(alone.d, abs=1e-10 if level == 0.0 else 1e-6)


def test_chunks_of_any_size_give_the_same_numbers(x):
    whole, stream = mt.OnlineMemory(200, 0.7, 0.3), mt.OnlineMemory(200, 0.7, 0.3)
    expected = whole.update(x)
    ends = [0, 1, 2, 190, 200, 201, 1400, 2999, 3000]
    parts = [stream.update(x[a:b]) for a, b in itertools.pairwise(ends)]
    np.testing.assert_array_equal(np.concatenate(parts), expected)
    np.testing.assert_allclose(whole.differences, mt.fracdiff(x, 0.3), atol=1e-6)
    assert stream.differences[-1] == pytest.approx(whole.differences[-1], abs=1e-9)


def test_the_window_is_the_newest_values(x):
    stream = mt.OnlineMemory(250, bandwidth=40)
    stream.update(x[:100])
    assert np.isnan(stream.d)
    with pytest.raises(mt.InvalidInputError, match=r"a stream of 250 values.*; got 100 so far"):
        stream.estimate()
    stream.update(x[100:1234])
    np.testing.assert_array_equal(stream.values, x[984:1234])
    assert stream.d == stream.estimate().d == mt.local_whittle(x[984:1234], 40).d
    expected = mt.autocorrelation(x[984:1234], 9)
    np.testing.assert_array_equal(stream.autocorrelation(9), expected)
    assert (stream.n_seen, stream.bandwidth) == (1234, 40)


@pytest.mark.parametrize("seen", [10, 150, 1777])
def test_a_saved_stream_goes_on_to_the_bit(x, seen):
    stream = mt.OnlineMemory(150, difference=0.4)
    stream.update(x[:seen])
    again = mt.OnlineMemory.from_state(json.loads(json.dumps(stream.state())))
    np.testing.assert_array_equal(again.update(x[seen:]), stream.update(x[seen:]))
    np.testing.assert_array_equal(again.differences, stream.differences)


@pytest.mark.parametrize("modes", [None, "exponential"])
def test_a_saved_differencer_goes_on_to_the_bit(x, modes):
    stream = mt.FractionalDifferencer(1.3, modes=modes)
    stream.transform(x[:2500])
    stream.inverse_transform(x[:700])
    again = mt.FractionalDifferencer.from_state(json.loads(json.dumps(stream.state())))
    for way in ("transform", "inverse_transform"):
        expected = getattr(stream, way)(x[:200])
        np.testing.assert_array_equal(getattr(again, way)(x[:200]), expected)


def test_a_window_without_power_has_no_d(x):
    stream = mt.OnlineMemory(64)
    assert np.isnan(stream.update(np.full(100, 3.1))).all()
    assert np.isnan(stream.d)
    found = stream.update(x[:200])
    assert found[-1] == pytest.approx(mt.local_whittle(x[136:200]).d, abs=1e-10)


def test_a_refused_chunk_changes_nothing(x):
    stream = mt.OnlineMemory(64, difference=0.2)
    stream.update(x[:100])
    before = stream.state()
    with pytest.raises(mt.InvalidInputError, match="chunk must be finite"):
        stream.update([1.0, np.nan])
    assert stream.state() == before


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: mt.OnlineMemory(10), "window must be an integer of at least 32"),
        (lambda: mt.OnlineMemory(100, 80), "bandwidth must be an integer in 3"),
        (lambda: mt.OnlineMemory.from_state({"window": 64}), "what OnlineMemory.state"),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(mt.InvalidInputError, match=message):
        make()
