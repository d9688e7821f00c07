"""Tests of short against long memory: from the formulas, published values, sizes that hold."""

import math

import numpy as np
import pytest
from arch.unitroot import KPSS, PhillipsPerron

import memtools as mt
from memtools.exceptions import InvalidInputError
from memtools.inference import partial_sums as ps
from memtools.inference.laws import law

AGAINST = (
    mt.modified_rescaled_range,
    mt.vs_test,
    mt.kpss_test,
    mt.robinson_lm,
    mt.lobato_robinson,
)


def series(n=120, seed=1, **process):
    return mt.simulate(mt.ARFIMAProcess(**process), n, rng=seed)


def newey_west(x, q):
    """The long-run variance by double loop."""
    e, n = x - x.mean(), len(x)
    total = sum(v * v for v in e) / n
    for j in range(1, q + 1):
        total += 2.0 * (1.0 - j / (q + 1.0)) * sum(e[t] * e[t - j] for t in range(j, n)) / n
    return total


@pytest.mark.parametrize("q", [0, 3, 20])
def test_range_and_variance_are_those_of_the_partial_sums(q):
    x = series(d=0.3)
    n, sums, total = len(x), [], 0.0
    for value in x - x.mean():
        total += value
        sums.append(total)
    variance = newey_west(x, q)
    wanted = (max(0.0, *sums) - min(0.0, *sums)) / math.sqrt(n * variance)
    assert mt.modified_rescaled_range(x, q).statistic == pytest.approx(wanted, rel=1e-10)
    assert mt.vs_test(x, q).statistic == pytest.approx(np.var(sums) / (n * variance), rel=1e-10)


@pytest.mark.parametrize("trend", ["c", "ct"])
def test_statistics_of_rows_are_those_of_arch(trend):
    rows = np.random.default_rng(3).standard_normal((3, 150))
    x = ps.centred(rows) if trend == "c" else ps.detrended(rows)
    found = ps.kpss_statistic(x, ps.bartlett_variance(x, np.array([0, 4, 20])))
    wanted = [KPSS(row, lags=q, trend=trend).stat for row, q in zip(rows, (0, 4, 20), strict=True)]
    np.testing.assert_allclose(found, wanted, rtol=1e-10)
    paths = np.cumsum(rows, axis=1)
    found = ps.phillips_perron_tau(paths, 14, trend)
    np.testing.assert_allclose(
        found, [PhillipsPerron(p, lags=14, trend=trend).stat for p in paths], rtol=1e-9
    )


def test_default_lag_is_andrews_rule():
    found = mt.vs_test(series(400, ar=[0.5]))
    r = ps.first_autocorrelation(series(400, ar=[0.5])[np.newaxis])[0]
    wanted = 1.1447 * (4.0 * r**2 / (1.0 - r**2) ** 2 * 400) ** (1 / 3)
    assert found.details["n_lags"] == int(wanted)
    assert found.details["by_lag"][found.details["n_lags"]] == found.statistic


@pytest.mark.parametrize("order", [0, 1, 3])
def test_lm_is_the_harmonic_sum_of_residual_autocorrelations(order):
    x = series(200, ar=[0.4], d=0.2)
    e = x - x.mean()
    acov = np.array([e[j:] @ e[: len(e) - j] for j in range(order + 1)])
    phi = np.empty(0)
    if order:
        lags = np.abs(np.subtract.outer(np.arange(order), np.arange(order)))
        phi = np.linalg.solve(acov[lags], acov[1:])
    u = np.array([e[t] - phi @ e[t - order : t][::-1] for t in range(order, len(e))])
    u -= u.mean()
    n = len(u)
    total = sum(u[j:] @ u[: n - j] / (u @ u) / j for j in range(1, n))
    impulse = np.zeros(400)
    impulse[0] = 1.0
    for t in range(1, 400):
        impulse[t] = sum(phi[k] * impulse[t - 1 - k] for k in range(min(order, t)))
    kappa = np.array([sum(impulse[j - i] / j for j in range(i, 400)) for i in range(1, order + 1)])
    information = [
        [impulse[abs(i - j) :] @ impulse[: 400 - abs(i - j)] for j in range(order)]
        for i in range(order)
    ]
    taken = kappa @ np.linalg.solve(np.array(information), kappa) if order else 0.0
    wanted = math.sqrt(n) * total / math.sqrt(math.pi**2 / 6.0 - taken)
    assert mt.robinson_lm(x, order).statistic == pytest.approx(wanted, rel=1e-6)


def test_lm_variance_under_one_coefficient_has_a_closed_form():
    for phi in (-0.5, 0.3, 0.8):
        wanted = math.pi**2 / 6.0 - (1.0 - phi**2) * (math.log(1.0 - phi) / phi) ** 2
        assert ps._lm_variance(np.array([[phi]]))[0] == pytest.approx(wanted, rel=1e-9)


def test_lobato_robinson_is_negative_under_long_memory():
    x = series(2000, d=0.4)
    m = 100
    power = mt.periodogram(x).power[:m]
    nu = np.log(np.arange(1, m + 1))
    nu -= nu.mean()
    wanted = math.sqrt(m) * (nu @ power) / power.sum()
    assert mt.lobato_robinson(x, m).statistic == pytest.approx(wanted, rel=1e-9)
    assert wanted < -2.0


@pytest.mark.parametrize(
    ("statistic", "published", "tolerance"),
    [
        # Giraitis, Kokoszka, Leipus and Teyssiere (2003); Lo (1991), table II; Anderson and
        # Darling (1952), table 1, and Kwiatkowski et al. (1992), table 1; MacKinnon (2010), table
        # 2; the normal law.
        ("vs", {0.90: 0.1518, 0.95: 0.1869, 0.99: 0.2684}, 1e-4),
        ("range", {0.90: 1.620, 0.95: 1.747, 0.99: 2.001, 0.975: 1.862, 0.025: 0.809}, 1e-3),
        ("kpss_c", {0.90: 0.34730, 0.95: 0.46136, 0.99: 0.74346}, 0.012),
        ("kpss_ct", {0.90: 0.119, 0.95: 0.146, 0.99: 0.216}, 0.003),
        ("pp_c", {0.10: -2.567, 0.05: -2.862, 0.01: -3.430}, 0.02),
        ("pp_ct", {0.10: -3.127, 0.05: -3.411, 0.01: -3.959}, 0.02),
        ("lm", {0.95: 1.645}, 1e-3),
    ],
)
def test_limit_laws_are_the_published_ones(statistic, published, tolerance):
    limit = law("short_laws", statistic, 0.0, 0.0)
    for probability, value in published.items():
        assert limit.quantile(probability) == pytest.approx(value, abs=tolerance)


def test_pvalue_and_critical_values_agree():
    x = series(300, d=0.3)
    for function in AGAINST:
        found = function(x)
        side = -1.0 if function is mt.lobato_robinson else 1.0
        for level, value in found.details["critical_values"].items():
            rejects = side * found.statistic > side * value
            assert rejects == (found.pvalue < float(level[:-1]) / 100.0)


@pytest.mark.slow
@pytest.mark.parametrize("function", AGAINST)
@pytest.mark.parametrize("ar", [[], [0.6]])
def test_size_holds_and_long_memory_is_found(function, ar):
    """About 5% under autoregressions, also of lengths and coefficients between the simulated."""
    run = mt.montecarlo.run
    null = run(function, mt.ARFIMAProcess(ar), 333, 1000, rng=8, n_jobs=1).cells[0].figures
    assert abs(null["rejected"] - 0.05) < 0.015 + 3.0 * null["rejected_stderr"]
    power = run(function, mt.ARFIMAProcess(d=0.4), 1000, 200, rng=9, n_jobs=1).cells[0].figures
    assert power["rejected"] > 0.35


@pytest.mark.slow
def test_phillips_perron_keeps_its_size():
    def paths(n_obs, n_paths, rng):
        return np.cumsum(mt.simulate(mt.ARFIMAProcess([-0.4]), n_obs, n_paths, rng), axis=1)

    found = mt.montecarlo.run(mt.phillips_perron_test, paths, 333, 1000, rng=8, n_jobs=1)
    figures = found.cells[0].figures
    assert abs(figures["rejected"] - 0.05) < 0.015 + 3.0 * figures["rejected_stderr"]


@pytest.mark.parametrize("function", [*AGAINST, mt.phillips_perron_test])
def test_bad_series_are_named(function):
    with pytest.raises(InvalidInputError, match="observations long"):
        function(np.arange(20.0) ** 2)
    with pytest.raises(InvalidInputError, match="varies"):
        function(np.ones(100))
    with pytest.raises(InvalidInputError, match="x must be finite"):
        function(np.r_[series(99), np.nan])


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda x: mt.vs_test(x, -1), "n_lags"),
        (lambda x: mt.kpss_test(x, "n"), "trend"),
        (lambda x: mt.phillips_perron_test(x, n_lags=1000), "n_lags"),
        (lambda x: mt.robinson_lm(x, 9), "order"),
        (lambda x: mt.lobato_robinson(x, 0.1), "bandwidth"),
        (lambda x: mt.phillips_perron_test(np.arange(99.0)), "x must be a series whose incr"),
        (lambda x: mt.kpss_test(np.arange(99.0), "ct"), "x must be a series with a long-run var"),
    ],
)
def test_bad_arguments_are_named(call, named):
    with pytest.raises(InvalidInputError, match=named):
        call(series())
