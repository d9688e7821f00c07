"""Fits of tempered models against dense matrices, quadrature, R's artfima and the truth."""

import json
import math

import numpy as np
import pytest
from scipy.linalg import toeplitz
from scipy.stats import multivariate_normal

import memtools as mt
from memtools.cli import main
from tests.estimators.test_golden import values_of


@pytest.fixture(scope="module")
def tempered():
    process = mt.TemperedARFIMAProcess(d=0.8, tempering=0.2, sigma2=4.0)
    return 10.0 + mt.simulate(process, 300, rng=4)


def quadrature(params, n_lags):
    """Autocovariances of the tempered process: its density, written out, summed over midpoints."""
    frequency = (np.arange(40_000) + 0.5) * math.pi / 40_000
    z = np.exp(-1j * frequency)
    gap = np.abs(1.0 - math.exp(-params["tempering"]) * z) ** (-2.0 * params["d"])
    density = params["sigma2"] * gap * np.abs(1.0 - params["ar.L1"] * z) ** -2.0
    return [np.mean(density * np.cos(k * frequency)) for k in range(n_lags)]


def test_the_exact_likelihood_is_that_of_a_dense_normal(tempered):
    x = tempered[:60]
    fit = mt.fit_artfima(x, (1, 0))
    cov = toeplitz(quadrature(fit.params, 60))
    dense = multivariate_normal(np.full(60, fit.params["mean"]), cov)
    assert fit.llf == pytest.approx(dense.logpdf(x), abs=1e-5)


def test_no_parameter_nearby_is_more_likely(tempered):
    fit = mt.fit_artfima(tempered)

    def loglike(params):
        p = mt.TemperedARFIMAProcess((), params["d"], (), params["tempering"], params["sigma2"])
        return mt.gaussian_loglike(tempered - params["mean"], p.autocovariance(299))

    assert fit.converged
    assert loglike(fit.params) == pytest.approx(fit.llf, abs=1e-6)
    for name in fit.params:
        for move in (-0.1, 0.1):
            near = fit.params | {name: fit.params[name] + move * fit.bse[name]}
            assert loglike(near) < fit.llf + 1e-6


def test_both_methods_find_the_truth_within_their_errors():
    process = mt.TemperedARFIMAProcess(d=0.8, tempering=0.2)
    for method, n_paths in (("exact", 8), ("whittle", 25)):
        fits = [mt.fit_artfima(x, method=method) for x in mt.simulate(process, 500, n_paths, rng=6)]
        for name, truth in (("d", 0.8), ("tempering", 0.2)):
            z = np.array([(fit.params[name] - truth) / fit.bse[name] for fit in fits])
            assert abs(z.mean()) < 1.2
            assert 0.4 < z.std() < 1.8


def test_units_move_the_likelihood_alone(tempered):
    one, thousand = (mt.fit_artfima(c * tempered, method="whittle") for c in (1.0, 1000.0))
    assert thousand.d == pytest.approx(one.d, abs=1e-6)
    assert thousand.params["sigma2"] == pytest.approx(1e6 * one.params["sigma2"], rel=1e-6)
    assert thousand.llf == pytest.approx(one.llf - 299 * math.log(1000.0), abs=1e-6)


def test_no_tempering_is_within_the_model():
    """lambda at its lower end is ARFIMA: never less likely, and under pure memory little more."""
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 300, rng=1)
    plain, fit = mt.ARFIMA(x).fit(bias_correction=False), mt.fit_artfima(x)
    assert plain.llf - 0.05 < fit.llf < plain.llf + 5.0


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: mt.fit_artfima(np.arange(20.0)), "at least 50"),
        (lambda: mt.fit_artfima(np.arange(60.0) % 7, (1,)), "order"),
        (lambda: mt.fit_artfima(np.arange(60.0) % 7, method="css"), "whittle"),
        (lambda: mt.fit_artfima(np.arange(20_001.0) % 7), "20000"),
    ],
)
def test_bad_input_is_named(call, told):
    with pytest.raises(mt.InvalidInputError, match=told):
        call()


@pytest.mark.parametrize("case", values_of("artfima_r")["fits"], ids=lambda c: f"p{c['p']}")
def test_fits_are_those_of_artfima(series, case):
    """Ours estimates the mean too, so that the likelihood is higher by a little."""
    fit = mt.fit_artfima(series(case["series"]) / 100.0, (case["p"], 0))
    assert case["llf"] < fit.llf < case["llf"] + 0.01
    assert fit.params["mean"] == pytest.approx(case["mean"], abs=0.1 * fit.bse["mean"])
    assert fit.params["sigma2"] == pytest.approx(case["sigma2"], rel=1e-4)
    for name, value in (("d", case["d"]), ("tempering", case["tempering"])):
        assert fit.params[name] == pytest.approx(value, abs=0.01 * fit.bse[name])
    for ar in case["ar"]:
        assert fit.params["ar.L1"] == pytest.approx(ar, abs=1e-3)


@pytest.mark.parametrize("case", values_of("artfima_r")["autocovariances"], ids=lambda c: c["d"])
def test_autocovariances_are_those_of_artfima(case):
    process = mt.TemperedARFIMAProcess(case["ar"], case["d"], case["ma"], case["tempering"])
    np.testing.assert_allclose(process.autocovariance(5), case["values"], rtol=1e-8)


def test_on_the_command_line(tempered, tmp_path, capsys):
    file = tmp_path / "x.csv"
    np.savetxt(file, tempered, header="x", comments="")
    main(["fit", str(file), "--tempered", "--json"])
    shown = json.loads(capsys.readouterr().out)
    assert shown["d"] == pytest.approx(mt.fit_artfima(tempered).d, abs=1e-6)
    main(["fit", str(file), "--tempered", "--method", "whittle"])
    assert "ARTFIMA(0, d, lambda, 0), whittle" in capsys.readouterr().out
    for options in (["--order", "1,0.3,0"], ["--order", "auto"], ["--method", "css"]):
        with pytest.raises(SystemExit) as stop:
            main(["fit", str(file), "--tempered", *options])
        assert stop.value.code == 2
