"""The command line as users call it: once as a process of its own, else in this one."""

import io
import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from memtools.cli import main


@pytest.fixture
def call(capsys, monkeypatch):
    """The command in this process: status, standard output, standard error."""

    def call(*arguments, stdin=""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        try:
            main(list(arguments))
        except SystemExit as error:
            return error.code, *capsys.readouterr()
        return 0, *capsys.readouterr()

    return call


def test_estimate_prints_table_and_verdict():
    nile = subprocess.run(
        [sys.executable, "-m", "memtools", "estimate", "nile"],
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "100"},
        check=False,
    )
    assert nile.returncode == 0
    assert nile.stderr == ""
    assert nile.stdout.startswith("nile: 100 observations")
    assert "95% interval" in nile.stdout
    assert f"d = {mt.estimate(mt.datasets.load('nile')).d:.2f}" in nile.stdout
    assert "Verdict: undecided" in nile.stdout


def test_json_equals_python(call):
    words = ["--method", "local_whittle", "--bandwidth", "25", "--json"]
    shown = json.loads(call("estimate", "nile", *words)[1])
    result = mt.local_whittle(mt.datasets.load("nile"), 25)
    assert shown["estimates"]["local_whittle"]["d"] == result.d
    assert shown["n_obs"] == 100
    assert set(shown) >= {"name", "d", "stderr", "low", "high", "verdict", "reasons", "estimates"}


@pytest.mark.parametrize("rule", ["0.6", "30", "plug-in", "adaptive", "bootstrap"])
def test_bandwidths(call, rule):
    status, out, _ = call("estimate", "sunspots", "--method", "gph", "--bandwidth", rule, "--json")
    assert status == 0
    assert json.loads(out)["estimates"]["gph"]["bandwidth"] >= 6


def test_standard_input(call):
    x = np.random.default_rng(0).standard_normal(200)
    text = "\n".join(map(repr, x.tolist()))
    out = call("estimate", "-", "--method", "gph", "--json", stdin=text)[1]
    assert json.loads(out)["d"] == mt.gph(x).d


def test_log_and_difference(call, tmp_path):
    x = np.random.default_rng(0).standard_normal(300)
    prices = np.exp(np.cumsum(0.01 * x))
    np.save(tmp_path / "p.npy", prices)
    path = str(tmp_path / "p.npy")
    _, out, _ = call("estimate", path, "--log", "--difference", "--method", "gph", "--json")
    shown = json.loads(out)
    assert shown["d"] == pytest.approx(mt.gph(x[1:]).d, abs=1e-8)
    assert shown["name"] == "differenced log p"


def test_hostile_names_are_text(call, tmp_path):
    path = tmp_path / "a.csv"
    rows = "\n".join(map(repr, np.random.default_rng(0).standard_normal(50).tolist()))
    path.write_text(f"[red]x[/blink]\n{rows}\n")
    status, out, _ = call("estimate", str(path), "--method", "gph")
    assert status == 0
    assert out.startswith("[red]x[/blink]: 50 observations")


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["estimate"], "Missing argument 'FILE'"),
        (["estimate", "no-such.csv"], "no-such.csv is no file"),
        (["estimate", "nile", "--column", "z"], "one column, nile"),
        (["estimate", "nile", "--method", "magic"], "--method must be all or one of gph"),
        (["estimate", "nile", "--bandwidth", "many"], "--bandwidth must be a number"),
        (["estimate", "nile", "--bandwidth", "5000", "--method", "gph"], "bandwidth must be"),
        (["estimate", "sp500", "--log"], "--log needs positive values; observation"),
        (["estimate", "nile", "--colour", "red"], "No such option"),
        (["magic"], "No such command 'magic'"),
    ],
)
def test_bad_usage_is_one_line_and_status_2(call, arguments, match):
    status, out, err = call(*arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("memtools: error: ")
    assert match in err


def test_too_short_and_constant(call):
    for text, match in [("1\n2\n3\n", "at least 32"), ("5\n" * 50, "varies")]:
        status, _, err = call("estimate", "-", stdin=text)
        assert (status, err.count("\n")) == (2, 1)
        assert match in err


def test_help_and_version(call):
    assert mt.__version__ in call("--version")[1]
    assert "estimate" in call("--help")[1]
    assert "--bandwidth" in call("estimate", "-h")[1]
    assert call()[0] == 2


def test_datasets_lists_every_series(call):
    lines = call("datasets")[1].splitlines()
    firsts = [line.split()[0] for line in lines if not line.startswith(" ")]  # others go on
    assert firsts == mt.datasets.names()


def test_one_estimator_loads_nothing_heavy(tmp_path):
    # Where explanations tie, the exact likelihood is asked, which is compiled: here none do.
    path = tmp_path / "memory.csv"
    np.savetxt(path, mt.fracint(np.random.default_rng(0).standard_normal(1000), 0.4))
    code = (
        "import sys; from memtools.cli import main\n"
        f"try: main(['estimate', {str(path)!r}, '--method', 'gph'])\n"
        "finally: print(' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {"numba", "arch", "statsmodels", "matplotlib", "scipy.optimize"}


def test_simulate_fit_and_forecast(call, tmp_path):
    path = str(tmp_path / "x.csv")
    assert call("simulate", "400", "--d", "0.3", "--seed", "1", "-o", path)[0] == 0
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 400, rng=1)
    np.testing.assert_array_equal(np.loadtxt(path, skiprows=1), x)
    shown = json.loads(call("fit", path, "--json")[1])
    fit = mt.ARFIMA(x, order=(0, 0)).fit()
    assert shown["name"] == "x"
    assert shown["params"]["d"]["estimate"] == pytest.approx(fit.d)
    ahead = json.loads(call("forecast", path, "--steps", "3", "--json")[1])["forecast"]
    assert [row["mean"] for row in ahead] == pytest.approx(list(fit.forecast(3)))
    assert "ARFIMA(0, d, 0)" in call("fit", path)[1]


def test_simulate_prints_the_same_paths_as_python(call):
    status, out, _ = call("simulate", "5", "--hurst", "0.8", "--paths", "2", "--seed", "3")
    assert status == 0
    assert out.splitlines()[0] == "x1,x2"
    paths = mt.simulate(mt.FractionalGaussianNoise(0.8), 5, n_paths=2, rng=3)
    printed = [list(map(float, line.split(","))) for line in out.splitlines()[1:]]
    np.testing.assert_array_equal(printed, paths.T)


def test_diagnose_a_saved_network(call, tmp_path):
    path = str(tmp_path / "lstm.safetensors")
    mt.networks.save(mt.networks.LSTM.initialise(1, 2, 1, rng=0), path)
    status, out, _ = call("diagnose", path)
    assert status == 0
    assert "Verdict: short memory" in out
    assert json.loads(call("diagnose", path, "--json")[1])["verdict"] == "short memory"


def test_every_estimator_has_a_door(call):
    flow = mt.datasets.load("nile")
    for name in ("detrended_fluctuation", "fexp", "higuchi"):
        shown = json.loads(call("estimate", "nile", "--method", name, "--json")[1])
        assert shown["estimates"][name]["d"] == getattr(mt, name)(flow).d
    arguments = ("estimate", "sunspots", "--method", "seasonal_local_whittle", "--season", "11")
    shown = json.loads(call(*arguments, "--json")[1])
    season = mt.seasonal_local_whittle(mt.datasets.load("sunspots"), 11)
    assert shown["d"] == season.d
    status, _, error = call("estimate", "nile", "--method", "higuchi", "--bandwidth", "9")
    assert status == 2
    assert "bandwidth must be left out for higuchi" in error


def test_a_spectrum_of_exponents_has_a_door(call, tmp_path):
    x, path = np.random.default_rng(3).standard_normal((2, 512)), tmp_path / "two.csv"
    np.savetxt(path, x.T, delimiter=",", header="a,b", comments="")
    asked = ("estimate", str(path), "--method", "mfdfa", "--column", "b")
    assert json.loads(call(*asked, "--json")[1])["hurst"] == mt.mfdfa(x[1]).hurst.tolist()
    assert "h(2) = " in call(*asked)[1]
    status, _, error = call(*asked, "--season", "12")
    assert (status, "--season has no meaning with mfdfa" in error) == (2, True)
    asked = ("estimate", str(path), "--method", "dcca")
    assert json.loads(call(*asked, "--json")[1])["rho"] == mt.dcca(*x).rho.tolist()
    status, _, error = call(*asked, "--bandwidth", "20")
    assert (status, "--bandwidth has no meaning with dcca" in error) == (2, True)
    path.write_text("a,b,c\n" + "1,2,4\n3,1,2\n" * 300)
    status, _, error = call(*asked)
    assert (status, "FILE must be two columns for dcca; got 3" in error) == (2, True)


def test_what_is_of_all_columns_has_a_door(call, tmp_path):
    rng, path = np.random.default_rng(1), tmp_path / "two.csv"
    x = mt.fracint(rng.standard_normal(300), 0.8)
    y = 2.0 * x + rng.standard_normal(300)
    np.savetxt(path, np.column_stack([y, x]), delimiter=",", header="y,x", comments="")

    def call_json(*arguments):
        return json.loads(call(*arguments, "--json")[1])

    found = call_json("estimate", str(path), "--method", "fully_modified_least_squares")
    assert found["coefficients"] == mt.fully_modified_least_squares(y, x).coefficients.tolist()
    found = call_json("estimate", str(path), "--method", "multivariate_local_whittle")
    assert len(found["d"]) == 2
    found = call_json("test", str(path), "--test", "paired_memory_test")
    assert found["pvalue"] == pytest.approx(mt.paired_memory_test(y, x).pvalue)
    found = call_json("test", str(path), "--column", "x", "--test", "minimum_difference")
    assert found["d"] == pytest.approx(mt.minimum_difference(x).d)
    method = ("--method", "narrow_band_least_squares", "--trend", "none")
    status, _, error = call("estimate", str(path), *method)
    assert status == 2
    assert "--trend has no meaning" in error


def test_all_columns_are_transformed_and_their_gaps_left_out_in_step(call, tmp_path):
    """Rows where any column is missing go, the same from all; what was assumed is told."""
    path, rng = tmp_path / "three.csv", np.random.default_rng(4)
    frame = pd.DataFrame(np.exp(rng.standard_normal((400, 2))), columns=["oil", "gas"])
    frame["flat"] = 2.0
    frame.iloc[[3, 90], 1] = np.nan
    frame.to_csv(path, index=False)
    asked = ("estimate", str(path), "--method", "multivariate_local_whittle", "--missing")
    status, out, told = call(*asked, "longest")
    assert status == 0
    assert "309 observations" in out
    assert "left aside, as constant: flat" in told
    assert "2 of 400 values are missing" in told
    logs = np.log(frame[["oil", "gas"]].dropna().to_numpy())
    shown = json.loads(call(*asked, "drop", "--log", "--json")[1])
    assert shown["d"] == mt.multivariate_local_whittle(logs).d.tolist()
    asked = ("test", str(path), "--test", "paired_memory_test", "--missing", "drop", "--log")
    shown = json.loads(call(*asked, "--json")[1])
    assert shown["pvalue"] == pytest.approx(mt.paired_memory_test(*logs.T).pvalue)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["simulate", "ten"], "not a valid integer"),
        (["simulate", "10", "--ar", "1.2"], "ar must be stationary"),
        (["simulate", "10", "--ar", "a"], "--ar must be numbers"),
        (["simulate", "10", "--hurst", "0.7", "--d", "0.2"], "--hurst goes without"),
        (["simulate", "10", "-o", "x.xlsx"], "must end in .csv or .npy"),
        (["simulate", "10", "-o", "/no/such/folder/x.csv"], "there is no folder"),
        (["fit", "nile", "--order", "1"], "--order must be P,Q or P,D,Q or auto"),
        (["fit", "nile", "--order", "60,60"], "order"),
        (["fit", "nile", "--seasonal-order", "1,4"], "--seasonal-order must be P,Q,S"),
        (["fit", "nile", "--seasonal-order", "1,1,60"], "endog must be 180"),
        (["forecast", "nile", "--order", "auto", "--seasonal-order", "1,0,4"], "knows no season"),
        (["forecast", "nile", "--steps", "0"], "steps must be"),
        (["forecast", "nile", "--level", "2"], "--level must be"),
        (["diagnose", "no-such.pt"], "no-such.pt"),
    ],
)
def test_bad_usage_of_the_other_commands(call, arguments, match):
    status, out, err = call(*arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert match in err


def test_gaps_are_modelled_where_asked_for(call, tmp_path):
    path = tmp_path / "flow.csv"
    flow = [str(value) for value in mt.datasets.load("nile")]
    path.write_text("\n".join(["flow", *flow[:30], "NA", *flow[31:]]) + "\n")
    status, _, err = call("fit", str(path))
    assert status == 2
    assert "line 32, column flow: 'NA' is no number; 1 of 100 are missing" in err
    status, out, _ = call("fit", str(path), "--gaps", "--json")
    assert status == 0
    assert json.loads(out)["notes"] == ["1 gap (NaN): the likelihood is that of 99 values"]
    status, out, _ = call("forecast", str(path), "--gaps", "--steps", "2", "--json")
    assert len(json.loads(out)["forecast"]) == 2
