"""Contamination, d-th differences, tempering, fit, several series: by second derivations."""

import math

import numpy as np
import pytest
from arch.unitroot import KPSS, PhillipsPerron
from scipy.optimize import minimize

import memtools as mt
from memtools.arfima.parameters import Space
from memtools.arfima.whittle import WhittleLikelihood
from memtools.exceptions import InvalidInputError
from memtools.inference.laws import law
from memtools.inference.tempering import ORDERS, gains
from tests import reference
from tests.estimators.test_golden import values_of


def series(n=300, seed=1, **process):
    return mt.simulate(mt.ARFIMAProcess(**process), n, rng=seed)


def shifted(n=1000, seed=1):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(n) + mt.random_level_shifts(n, 0.01, rng=rng)


# ---------------------------------------------------------------- d-th difference


@pytest.mark.parametrize("d", [0.3, 0.65])
def test_the_difference_is_tested_by_arch(d):
    x = series(150, 2, d=d)
    found = mt.difference_test(x, prewhiten=False)
    level = reference.subtracted_mean(x, found.details["d"], "optimal")
    u = reference.fracdiff(x - level, found.details["d"])
    u = u - u.mean()
    lag = 0  # what Andrews' rule says of these residuals
    kpss = KPSS(u, lags=lag).stat
    tau = PhillipsPerron(np.cumsum(u), lags=math.ceil(12 * 1.5**0.25)).stat
    assert found.details["phillips_perron"]["statistic"] == pytest.approx(tau, rel=1e-6)
    assert found.details["d"] == pytest.approx(mt.local_whittle(x, 0.65).d)
    lags = [KPSS(u, lags=k).stat for k in range(8)]
    assert min(abs(found.details["kpss"]["statistic"] / k - 1.0) for k in [kpss, *lags]) < 1e-6
    smaller = min(found.details[name]["pvalue"] for name in ("kpss", "phillips_perron"))
    assert found.pvalue == pytest.approx(2.0 * smaller)


def test_differences_of_level_shifts_keep_levels():
    rng = np.random.default_rng(1)
    found = [
        mt.difference_test(rng.standard_normal(1000) + mt.random_level_shifts(1000, 0.006, rng=rng))
        for _ in range(40)
    ]
    assert np.mean([test.pvalue < 0.05 for test in found]) > 0.25
    kept = [test.details["kpss"]["pvalue"] for test in found if test.pvalue < 0.05]
    assert np.mean(np.array(kept) < 0.05) > 0.8


# ---------------------------------------------------------------- contamination


def test_contamination_is_the_gain_of_hou_and_perrons_objective():
    x, m = shifted(400), 40
    frequencies, power = (part[:m] for part in reference.periodogram(x))

    def objective(point):
        return reference.contamination_objective(frequencies, power, point[0], math.exp(point[1]))

    starts = [(d, r) for d in (-0.2, 0.1, 0.4, 0.8) for r in (-2.0, 2.0, 6.0)]
    options = {"method": "Nelder-Mead", "options": {"xatol": 1e-7, "fatol": 1e-11}}
    lowest = min(minimize(objective, start, **options).fun for start in starts)
    d = reference.lowest(lambda d: reference.whittle_objective(frequencies, power, d), -0.5, 1.0)
    plain = reference.contamination_objective(frequencies, power, d, 0.0)
    found = mt.contamination_test(x, m, prewhiten=False)
    assert found.statistic == pytest.approx(2.0 * m * (plain - lowest), abs=1e-5)
    assert found.details["d"] == pytest.approx(d, abs=1e-6)
    assert found.details["d_contaminated"] < d
    assert found.pvalue < 0.05


def test_true_memory_is_no_contamination():
    found = mt.contamination_test(series(1000, 3, d=0.4))
    assert found.pvalue > 0.05
    nothing = [mt.contamination_test(series(200, seed)) for seed in range(6)]
    assert all(test.pvalue == 1.0 for test in nothing if test.statistic == 0.0)


# ---------------------------------------------------------------- goodness of fit


@pytest.mark.parametrize("case", values_of("tests_r")["goodness"], ids=lambda c: c["series"])
def test_goodness_of_fit_is_longmemos(request, case):
    x = request.getfixturevalue("series")(case["series"])
    found = mt.goodness_of_fit_test(x, mt.FractionalGaussianNoise(case["hurst"]))
    # longmemo sums the density of the noise to 200 terms: five digits.
    assert found.statistic == pytest.approx(case["T"], rel=1e-3)
    n_obs, m = len(x), (len(x) - 1) // 2
    z = math.sqrt(n_obs / 2) * (math.pi * found.statistic - 1.0)
    # Of an even number of observations Beran counts one ordinate too many.
    assert found.details["z"] == pytest.approx(z, abs=2.0 / math.sqrt(m))


def test_the_law_of_many_ordinates_is_normal():
    found = law("goodness_laws", "z", 1e-9, 0.0)
    assert found.quantile(0.95) == pytest.approx(1.645, abs=0.01)


def test_the_wrong_density_does_not_fit():
    x = series(1000, 4, d=0.4)
    assert mt.goodness_of_fit_test(x).pvalue > 0.05
    assert mt.goodness_of_fit_test(x, mt.ARFIMAProcess()).pvalue < 0.001
    scaled = mt.goodness_of_fit_test(9.0 * x, mt.ARFIMAProcess(d=0.4, sigma2=3.0))
    assert scaled.pvalue == pytest.approx(
        mt.goodness_of_fit_test(x, mt.ARFIMAProcess(d=0.4)).pvalue
    )


# ---------------------------------------------------------------- tempering


@pytest.mark.parametrize(
    ("ar", "d", "ma", "tempering"),
    [
        ((), 0.3, (), 0.05),
        ((0.5,), 0.5, (0.3,), 0.01),
        ((), 1.4, (-0.5,), 0.02),
        ((), -0.7, (), 2.0),
    ],
)
def test_tempered_autocovariances_are_sums_of_weights(ar, d, ma, tempering):
    process = mt.TemperedARFIMAProcess(ar, d, ma, tempering, sigma2=2.0)
    n = int(60 / tempering) + 500
    psi = process.ma_weights(n)
    wanted = [2.0 * psi[: n + 1 - k] @ psi[k:] for k in range(40)]
    found = process.autocovariance(39)
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-12 * found[0])
    both = np.convolve(process.ar_weights(60), process.ma_weights(60))[:61]
    np.testing.assert_allclose(both, np.eye(1, 61)[0], atol=1e-10)
    lam = np.array([0.0, 0.2, 3.0])
    transfer = np.exp(-1j * np.outer(lam, np.arange(n + 1))) @ psi
    density = 2.0 * np.abs(transfer) ** 2 / (2.0 * math.pi)
    np.testing.assert_allclose(process.spectral_density(lam), density, rtol=1e-8)


def test_tempered_noise_is_a_hypergeometric_function():
    """Sabzikar, McLeod and Meerschaert (2019): gamma(k) by 2F1, in high precision."""
    mp = pytest.importorskip("mpmath")
    d, rate = 0.4, 0.1
    found = mt.TemperedARFIMAProcess(d=d, tempering=rate).autocovariance(30)
    for k in (0, 1, 7, 30):
        head = mp.rf(d, k) / mp.factorial(k) * mp.exp(-rate * k)
        assert found[k] == pytest.approx(
            float(head * mp.hyp2f1(d, k + d, k + 1, mp.exp(-2 * rate)))
        )


def test_ordinates_in_blocks_are_those_at_once(monkeypatch):
    rows = series(500, d=0.3)[np.newaxis]
    whole = gains(rows)
    monkeypatch.setattr("memtools.inference.tempering._BLOCK", 100)
    found = gains(rows)
    assert found.statistic == pytest.approx(whole.statistic, abs=1e-8)
    assert found.tempered.d == pytest.approx(whole.tempered.d, abs=1e-8)


def test_tempered_paths_have_their_variance():
    process = mt.TemperedARFIMAProcess(d=0.6, tempering=0.05)
    paths = mt.simulate(process, 300, 2000, rng=1)
    gamma = process.autocovariance(1)
    assert paths.var() == pytest.approx(gamma[0], rel=0.03)
    assert np.mean(paths[:, 1:] * paths[:, :-1]) == pytest.approx(gamma[1], rel=0.03)


def test_the_likelihood_ratio_of_tempering():
    x = mt.simulate(mt.TemperedARFIMAProcess(d=0.4, tempering=0.1), 600, rng=2)
    found = mt.tempering_test(x)
    frequencies, power = reference.periodogram(x)
    frequencies, power = np.array(frequencies), np.array(power)
    weights = np.full(len(power), 2.0 / 599)
    weights[-1] /= 2.0  # the Nyquist frequency has no twin

    def objective(d, rate):
        g = np.abs(1.0 - np.exp(-rate - 1j * frequencies)) ** (-2.0 * d)
        return math.log(weights @ (power / g)) + weights @ np.log(g)

    rates = np.geomspace(0.2 * math.pi / 600, 1.0, 16)
    lows = [
        objective(reference.lowest(lambda d, r=r: objective(d, r), -0.49, 2.0), r) for r in rates
    ]
    plain = objective(reference.lowest(lambda d: objective(d, 0.0), -0.49, 0.98), 0.0)
    every = gains(x[np.newaxis])
    bare = 599 * (every.null.objective[0, 0] - every.tempered.objective[0, 0])
    # Parabolas through a grid of d beside a search.
    assert bare == pytest.approx(599 * (plain - min(lows)), abs=0.03)
    assert every.null.d[0, 0] == pytest.approx(
        reference.lowest(lambda d: objective(d, 0.0), -0.49, 0.98), abs=0.003
    )
    # Told is the gain at the order where tempering tells least.
    assert found.statistic <= bare * (1.0 + 1e-9)
    assert any(found.details["tempering"] == pytest.approx(rate) for rate in rates)


def test_an_autoregression_is_not_tempering():
    """ARFIMA(1, d, 0) is imitated by tempered noise, which once made 77% of its paths tempered."""
    paths = mt.simulate(mt.ARFIMAProcess([0.4], 0.3), 300, 40, rng=12)
    assert np.mean([mt.tempering_test(x).pvalue < 0.05 for x in paths]) < 0.2
    tempered = mt.TemperedARFIMAProcess(d=0.4, tempering=0.1)
    found = [mt.tempering_test(x).pvalue for x in mt.simulate(tempered, 2000, 10, rng=13)]
    assert np.mean(np.array(found) < 0.05) > 0.4


def test_gains_are_those_of_whittle_fits():
    """The AR(1) by Yule and Walker and the MA(1) on its grid against a search in all parameters."""
    for ar, ma in (([0.6], []), ([], [0.5])):
        x = mt.simulate(mt.ARFIMAProcess(ar, 0.2, ma), 400, rng=7)
        found = gains(x[np.newaxis])
        for k, order in enumerate(ORDERS):
            likelihood = WhittleLikelihood(x, 1)
            mode = likelihood.modes(Space(*order, (-0.49, 0.98)))[0]
            # Up to the scale of the ordinates and the corner at zero.
            power = likelihood.power.mean()
            own = 399 * (found.null.objective[k, 0] + math.log(power))
            assert own == pytest.approx(399 * mode.objective, abs=0.15)


# ---------------------------------------------------------------- several series


def test_the_multivariate_score_from_its_formula():
    n, m, k = 200, 30, 2
    x = mt.simulate_varfima([0.1, 0.4], n, cov=[[1.0, 0.6], [0.6, 1.0]], rng=5)
    x = x / x.std(axis=0)
    lam = [2.0 * math.pi * j / n for j in range(1, m + 1)]
    w = [[sum(x[t, a] * np.exp(1j * t * f) for t in range(n)) for a in range(k)] for f in lam]
    w = np.array(w)

    def flat(d):
        factor = [[f ** d[a] * np.exp(-0.5j * (math.pi - f) * d[a]) for a in range(k)] for f in lam]
        return w * np.array(factor)

    def scale(d):
        u = flat(d)
        return np.real(sum(np.outer(u[j], u[j].conj()) for j in range(m))) / m

    def objective(d):
        return math.log(np.linalg.det(scale(d))) - 2.0 * sum(d) * np.mean(np.log(lam))

    d = minimize(objective, [0.2, 0.2], method="Nelder-Mead", options={"xatol": 1e-9}).x
    found = mt.multivariate_spurious_test(x, m, 0.05, prewhiten=False)
    np.testing.assert_allclose(found.details["d"], d, atol=2e-4)
    d = np.array(found.details["d"])
    inverse, u, v = np.linalg.inv(scale(d)), flat(d), np.log(lam) - np.mean(np.log(lam))
    # Each series has the weight 1 / sqrt(2), whose imaginary parts cancel.
    terms = [
        sum((inverse[a] @ np.real(u[j] * u[j, a].conj()) - 1.0) / math.sqrt(k) for a in range(k))
        for j in range(m)
    ]
    process = np.abs(np.cumsum(v * np.array(terms))) / math.sqrt(v @ v)
    assert found.statistic == pytest.approx(process[0:].max(), rel=1e-4)


def test_a_shift_common_to_all_is_spurious():
    noise = np.random.default_rng(1).standard_normal((800, 3))
    levels = mt.random_level_shifts(800, 0.01, rng=2)[:, np.newaxis]
    assert mt.multivariate_spurious_test(noise + levels).pvalue < 0.05
    assert mt.multivariate_spurious_test(noise).pvalue > 0.05


# ---------------------------------------------------------------- sizes, bad input


@pytest.mark.slow
@pytest.mark.parametrize(
    "function",
    [mt.difference_test, mt.contamination_test, mt.goodness_of_fit_test],
)
def test_size_holds(function):
    rejected = share_rejected(function, mt.ARFIMAProcess(d=0.3), 300)
    assert abs(rejected - 0.05) < 0.015 + 3.0 * math.sqrt(0.05 * 0.95 / 300)


@pytest.mark.slow
@pytest.mark.parametrize("ar", [[], [0.4], [-0.45]])
def test_tempering_is_found_in_no_more_than_5_percent_where_there_is_none(ar):
    """Under a negative coefficient the law hangs on d, and 24% were called tempered once."""
    rejected = share_rejected(mt.tempering_test, mt.ARFIMAProcess(ar, 0.15), 150)
    assert rejected < 0.05 + 3.0 * math.sqrt(0.05 * 0.95 / 150)


def share_rejected(function, process, n_paths):
    study = mt.montecarlo.run(function, process, 300, n_paths, rng=8, n_jobs=1)
    return study.cells[0].figures["rejected"]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda x: mt.difference_test(x[:40]), "at least 50 observations"),
        (lambda x: mt.difference_test(x, prewhiten=1), "prewhiten"),
        (lambda x: mt.contamination_test(x[:40]), "at least 50 observations"),
        (lambda x: mt.contamination_test(x, 5), "bandwidth"),
        (lambda x: mt.tempering_test(x[:40]), "at least 50 observations"),
        (lambda x: mt.goodness_of_fit_test(x, 3), "spectral_density"),
        (lambda x: mt.goodness_of_fit_test(x[:40]), "at least 50 observations"),
        (lambda x: mt.TemperedARFIMAProcess(d=0.3, tempering=0.0), "tempering must be"),
        (lambda x: mt.multivariate_spurious_test(x), "2 to 10 series"),
        (lambda x: mt.multivariate_spurious_test(np.c_[x, x]), "combination of the others"),
        (lambda x: mt.multivariate_spurious_test(np.c_[x, x][:40]), "at least 50 observations"),
    ],
)
def test_bad_arguments_are_named(call, told):
    with pytest.raises(InvalidInputError, match=told):
        call(series())
