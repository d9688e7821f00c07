"""Networks against linear models on a rolling origin."""

import numpy as np
import pytest

import memtools as mt

QUICK = {"n_starts": 2, "n_epochs": 60, "progress": False}


def test_a_linear_series_says_that_a_linear_model_is_better():
    x = 10.0 + mt.simulate(mt.ARFIMAProcess(d=0.4), 400, rng=0)
    found = mt.select_network(x, ["RNN"], **QUICK)
    assert found.winner in ("AR", "ARFIMA")
    assert found.says.startswith("A linear model is better")
    assert found.n_told == 120
    assert found.table().loc[found.linear, "ratio"] == 1.0
    told = found.network.forward(
        ((x - found.network.scale[0]) / np.ptp(found.network.scale))[:, None]
    )[0]
    low, high = found.network.scale
    errors = x[1:] - (low + (high - low) * told[:-1, 0])
    assert errors.std() < 1.1


def test_a_series_that_no_linear_model_tells_is_the_networks():
    """A noisy logistic map: white to any linear model."""
    rng, x = np.random.default_rng(0), [0.3]
    for shock in 0.02 * rng.standard_normal(599):
        x.append(min(max(3.7 * x[-1] * (1.0 - x[-1]) + shock, 0.0), 1.0))
    found = mt.select_network(x, ["RNN"], n_hidden=4, **QUICK)
    assert found.winner == "RNN"
    assert found.says.startswith("RNN is better than the best linear model")
    assert found.tests["RNN"][1] < 0.05
    assert found.network.protocol["model"] == "RNN"
    assert np.isfinite(mt.networks.forecast(found.network, x, 3).predicted_mean).all()


@pytest.mark.parametrize("d", [0.3, 0.8])
def test_linear_rivals_tell_one_step_as_well_as_the_truth(d):
    """Also of a series that wanders, whose ARFIMA model is one of its differences."""
    x = 50.0 + mt.fracint(np.random.default_rng(1).standard_normal(900), d)
    for make in mt.selection._linear_makers(x[:600]).values():
        errors = mt.selection._errors(make(x[:600]), x, 600, 900)
        assert np.sqrt(np.mean(errors**2)) == pytest.approx(1.0, abs=0.12)  # 3 standard errors


def test_nothing_after_an_origin_is_seen_before_it():
    x = mt.simulate(mt.ARFIMAProcess(ar=[0.6]), 300, rng=1)
    other = np.concatenate([x[:255], 100.0 + x[255:]])
    for make in mt.selection._linear_makers(x[:210]).values():
        network = make(x[:210])
        one, two = (mt.selection._errors(network, s, 210, 255) for s in (x, other))
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        (np.arange(100.0), {}, "at least 200"),
        (np.ones(300), {}, "constant|varies"),
        (np.random.default_rng(0).normal(size=300), {"candidates": ["RNNN"]}, "candidates must be"),
        (np.random.default_rng(0).normal(size=300), {"candidates": ["RNN", "RNN"]}, "each once"),
        (np.random.default_rng(0).normal(size=300), {"n_origins": 0}, "n_origins must be"),
    ],
)  # fmt: skip
def test_what_is_refused(x, options, message):
    with pytest.raises(mt.InvalidInputError, match=message):
        mt.select_network(x, **options)


@pytest.mark.parametrize("length", [0, 2.5, "a", None])
def test_a_filter_length_is_checked_as_the_cells_check_it(length):
    with pytest.raises(mt.InvalidInputError, match="filter_length must be an integer"):
        mt.select_network(np.random.default_rng(1).standard_normal(200), filter_length=length)
