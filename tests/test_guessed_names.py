"""Names that people guess lead to what is there."""

import json

import numpy as np
import pytest

import memtools as mt
from memtools import _guessed
from memtools.cli import main

X = mt.simulate(mt.ARFIMAProcess(d=0.3), 300, rng=2)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("acf", "memtools.autocorrelation"),
        ("hurst", r"memtools.estimate\(x\).hurst"),
        ("dfa", "memtools.detrended_fluctuation"),
        ("plot_acf", r"memtools.plotting.plot_acf\(memtools.correlogram"),
        ("local_whitle", "memtools.local_whittle"),
        ("arfima", None),
        ("GPH", "memtools.gph"),
    ],
)
def test_a_guessed_attribute_names_what_is_there(name, meant):
    if meant is None:
        assert getattr(mt, name) is not None
        return
    with pytest.raises(AttributeError, match=f"no attribute '{name}'; did you mean {meant}"):
        getattr(mt, name)


def test_what_is_far_from_everything_gets_no_hint():
    with pytest.raises(AttributeError, match=r"no attribute 'zzz'$"):
        mt.zzz  # noqa: B018


def test_every_hint_names_something_that_is_there():
    for meant in _guessed._NAMES.values():
        thing = mt
        for part in meant.split("(")[0].split("."):
            thing = getattr(thing, part)


@pytest.mark.parametrize(
    ("command", "meant"),
    [("hurst", "estimate FILE"), ("acf", "report FILE"), ("estimat", "memtools estimate")],
)
def test_a_guessed_command_names_what_is_there(capsys, command, meant):
    with pytest.raises(SystemExit) as caught:
        main([command, "x.csv"])
    assert caught.value.code == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert f"No such command '{command}'. Did you mean" in err
    assert meant in err


def test_simulate_sends_parameters_to_the_process():
    with pytest.raises(mt.InvalidInputError, match=r"d must be given to the process: simulate"):
        mt.simulate(1000, d=0.3)


@pytest.mark.parametrize("rule", ["plug-in", "adaptive", "bootstrap"])
def test_rules_mean_the_same_in_python_and_on_the_command_line(tmp_path, capsys, rule):
    path = str(tmp_path / "x.npy")
    np.save(path, X)
    function = {
        "plug-in": mt.plug_in_bandwidth,
        "adaptive": mt.adaptive_bandwidth,
        "bootstrap": lambda x: mt.bootstrap_bandwidth(x, rng=0),
    }[rule]
    m = function(X)
    assert mt.local_whittle(X, rule).bandwidth == m
    assert (
        mt.estimate(X, rule, ["local_whittle"]).estimates["local_whittle"].d
        == mt.local_whittle(X, m).d
    )
    main(["estimate", path, "--bandwidth", rule, "--method", "local_whittle", "--json"])
    assert json.loads(capsys.readouterr().out)["d"] == mt.local_whittle(X, m).d


def test_a_rule_that_is_none_is_refused():
    with pytest.raises(mt.InvalidInputError, match="bandwidth must be one of 'plug-in'"):
        mt.gph(X, "automatic")
