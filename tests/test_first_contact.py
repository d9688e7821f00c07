"""What people try first, and is not quite right, is answered by a sentence."""

import warnings

import numpy as np
import pytest

import memtools as mt
from memtools import spectral

X = np.random.default_rng(1).standard_normal(100)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: mt.ARFIMAProcess(0.3),
            r"^ar must be a sequence .* d=0.3.*got 0.3",
        ),
        (lambda: mt.simulate(mt.ARFIMAProcess, 100), "^process must be a process"),
        (lambda: mt.estimate(X, methods=mt.gph), "^methods must be names of estimators"),
        (lambda: mt.estimate_panel([X, X[:50]]), "^data must be an array .* or a mapping"),
        (lambda: mt.plug_in_bandwidth(X, "gph"), "^estimator must be a function .* got 'gph'"),
        (lambda: mt.adaptive_bandwidth(X, estimator="gph"), "^estimator must be a function"),
        (lambda: mt.estimate(X).write(3), "^path must be the name of a file; got 3"),
        (lambda: mt.estimate(X).to_html(3), r"^path must be a name in \.html"),
    ],
)
def test_what_people_try_first_is_answered(call, sentence):
    with pytest.raises(mt.InvalidInputError, match=sentence):
        call()


@pytest.mark.parametrize(
    ("room", "held"),
    [("arfima", "ARFIMA"), ("memory", "estimate"), ("estimators", "adaptive_bandwidth")],
)
def test_a_module_called_names_what_it_holds(room, held):
    getattr(mt, held)  # Python itself sets the module once it is imported
    with pytest.raises(TypeError, match=rf"^memtools.{room} is a module, .*memtools.{held}"):
        getattr(mt, room)(X)


@pytest.mark.parametrize("name", ["plot_acf", "plot_series", "plot_training", "plot_diagnostics"])
def test_figures_take_axes_by_keyword_only(name):
    with pytest.raises(TypeError, match="positional"):
        getattr(mt.plotting, name)(None, None)


def test_what_has_not_converged_says_so_in_three_ways():
    """White noise under no noise at all: d ends at the end of its range."""
    for seed in range(20):
        x = np.random.default_rng(seed).standard_normal(128)
        inner = mt.local_whittle_plus_noise(spectral.as_sample(x))
        if not inner.converged:
            break
    assert not inner.converged
    with pytest.warns(mt.ConvergenceWarning, match=r"^Local Whittle plus noise: ") as told:
        estimate = mt.local_whittle_plus_noise(x)
    assert told[0].filename == __file__
    assert estimate.notes
    assert "NOT CONVERGED" in estimate.summary()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mt.estimate(x)  # tells in its table
