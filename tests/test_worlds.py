"""The rival explanations: likelihoods, shifts, trends and seasons against slow obvious twins."""

import itertools
import sys
import tracemalloc
import types

import numpy as np
import pytest
from scipy.optimize import minimize

import memtools as mt
from memtools.season import find_pole, find_season, transformed
from memtools.worlds import Options, weigh
from memtools.worlds.bins import bins_of, rows_power
from memtools.worlds.candidates import candidates_of
from memtools.worlds.exact import _best_long, _best_short, exact_margin
from memtools.worlds.lagged import LAGGED_D, LAGGED_ZERO, lagged_fits, levinson
from memtools.worlds.means import level_shifts, trends
from memtools.worlds.profiles import profile
from memtools.worlds.rivals import all_worlds, misfit
from memtools.worlds.scorecard import CLASSES, VERDICT_CLASSES, shipped_rule
from memtools.worlds.shapes import D_GRID, ORDERS, exponential_fits, shapes_of
from memtools.worlds.table import Mixture, World


def noise(n_obs, seed):
    return np.random.default_rng(seed).standard_normal(n_obs)


@pytest.mark.parametrize("n_obs", [32, 33, 512, 2049, 100_000])
def test_bins_hold_every_ordinate_once(n_obs):
    bins = bins_of(n_obs)
    assert bins.starts[0] == 0
    assert (np.diff(bins.starts) > 0).all()
    assert bins.weights.sum() == pytest.approx(1.0)
    power = noise(n_obs // 2, 1) ** 2
    whole = power.copy()
    if n_obs % 2 == 0:
        whole[-1] /= 2.0
    total = whole.sum() / ((n_obs - 1) / 2.0)
    assert bins.means(power) @ bins.weights == pytest.approx(total)


def test_levinson_solves_the_normal_equations():
    acov = mt.ARFIMAProcess(ar=[0.5, -0.3], ma=[0.4]).autocovariance(4)
    variances, at_one = levinson(acov[:, None])
    for p in range(1, 5):
        matrix = acov[np.abs(np.subtract.outer(np.arange(p), np.arange(p)))]
        phi = np.linalg.solve(matrix, acov[1 : p + 1])
        assert variances[p, 0] == pytest.approx(acov[0] - phi @ acov[1 : p + 1])
        assert at_one[p, 0] == pytest.approx(1.0 - phi.sum())


def test_profile_is_whittles_likelihood():
    # Up to 64 observations every bin is one ordinate, and nothing is approximated.
    x = noise(64, 2)
    x -= x.mean()
    spectrum = mt.periodogram(x)
    found = profile(rows_power(x[None]), shapes_of(64)).arfima[0, 0, 0]
    weights = np.full(32, 2.0 / 63.0)
    weights[-1] /= 2.0
    for d in (-0.4, 0.0, 0.3):
        shape = (2.0 * np.sin(spectrum.frequencies / 2.0)) ** (-2.0 * d)
        power = 2.0 * np.pi * spectrum.power
        slow = np.log(weights @ (power / shape)) + weights @ np.log(shape)
        at = int(np.argmin(np.abs(D_GRID - d)))
        assert found[at] == pytest.approx(-0.5 * 63 * slow, rel=1e-9)


def test_an_autoregression_is_fitted_as_by_a_search_over_its_coefficient():
    x = np.convolve(noise(400, 3), 0.8 ** np.arange(60))[:300]
    x -= x.mean()
    found = profile(rows_power(x[None]), shapes_of(300))
    frequencies = 2.0 * np.pi * np.arange(1, 151) / 300
    power = rows_power(x[None])[0]
    weights = np.full(150, 2.0 / 299.0)
    weights[-1] /= 2.0

    def slow(phi):
        shape = 1.0 / np.abs(1.0 - phi * np.exp(-1j * frequencies)) ** 2
        return -0.5 * 299 * (np.log(weights @ (power / shape)) + weights @ np.log(shape))

    best = max(slow(phi) for phi in np.linspace(0.5, 0.99, 200))
    zero = int(np.argmin(np.abs(D_GRID)))
    # The bins above the 32nd ordinate hold a few ordinates each.
    assert found.arfima[0, 1, 0, zero] == pytest.approx(best, abs=0.3)


def test_the_exponential_model_is_fitted_as_by_a_search():
    x = mt.simulate(mt.ARFIMAProcess(ma=[0.6, 0.3], d=0.2), 64, rng=11)
    power = rows_power((x - x.mean())[None])
    bins, columns = bins_of(64), shapes_of(64).exponential
    found = exponential_fits(power, bins, columns)

    def slow(coefficients, design):
        fit = design @ coefficients
        return bins.weights @ (fit + power[0] * np.exp(-fit)) - 1.0

    for k, order in enumerate(ORDERS[:3]):
        for start, loglike in ((1, found.long), (2, found.short)):
            design = columns[:, [0, *range(start, 2 + order)]]
            best = minimize(slow, np.zeros(design.shape[1]), (design,)).fun
            assert loglike[0, k] == pytest.approx(-0.5 * 63 * best, abs=1e-3)


def test_regressions_on_means_and_on_two_lags_solve_their_normal_equations():
    x = np.convolve(noise(800, 12), 0.9 ** np.arange(60))[:700]
    x -= x.mean()
    power = rows_power(x[None])
    acov = np.array([(x * np.roll(x, k)).mean() for k in range(61)])

    def variance(loadings):
        gram = loadings @ acov[np.abs(np.subtract.outer(range(1, 61), range(1, 61)))] @ loadings.T
        phi = np.linalg.solve(gram, right := loadings @ acov[1:])
        return acov[0] - phi @ right, 1.0 - phi @ loadings.sum(axis=1)

    means = np.array([np.r_[np.full(k, 1.0 / k), np.zeros(60 - k)] for k in (1, 5, 22)])
    pairs = [np.eye(60)[[0, k]] for k in range(1, 60)]
    found = lagged_fits(power, 700, np.zeros((1, len(LAGGED_D))))

    def against_four(loadings):
        (one, at), (other, rest) = variance(loadings), variance(np.eye(60)[:4])
        return -0.5 * 699 * np.log(one / other) - np.log(at / rest)

    best = max(range(59), key=lambda k: against_four(pairs[k]))
    assert found.har[0, LAGGED_ZERO] == pytest.approx(against_four(means), abs=1e-6)
    assert found.second_lag[0, LAGGED_ZERO] == best + 2
    assert found.two_lags[0, LAGGED_ZERO] == pytest.approx(against_four(pairs[best]), abs=1e-6)


def test_memory_at_a_season_is_told_from_a_seasonal_autoregression():
    noisy = noise(1400, 13)
    autoregression = np.zeros(1400)
    for t in range(12, 1400):
        autoregression[t] = 0.7 * autoregression[t - 12] + noisy[t]
    frequencies = 2.0 * np.pi * np.arange(1, 8193) / 16384
    spectrum = np.abs(2.0 * np.sin(6.0 * frequencies) + 1e-6) ** -0.35
    z = noise(8192, 14) + 1j * noise(8192, 15)
    fractional = np.fft.irfft(np.r_[0.0, z * spectrum])[:1024]
    key = "season with memory, against seasonal ARMA"
    assert weigh(autoregression[300:]).evidences[key] < -3.0
    assert weigh(fractional).evidences[key] > 3.0


def test_a_misfit_is_seen_and_a_good_fit_is_not():
    x = np.zeros(2000)
    shocks = noise(2000, 16)
    for t in range(12, 2000):
        x[t] = 0.3 * x[t - 1] - 0.6 * x[t - 7] + shocks[t]
    found = candidates_of(x[200:], Options(season="none"))
    worlds = {world.model: world for world in all_worlds(found) if world.level == "constant"}
    assert misfit(found, worlds["AR of lags 1 and 7"]) > 0.01
    ar1 = World(**(vars(worlds["AR of lags 1 and 7"]) | {"score": -1000.0, "n_parameters": 1.0}))
    assert misfit(found, ar1) < 1e-6


@pytest.mark.parametrize("number", [1, 2])
def test_shifts_are_the_least_squares_ones(number):
    x = noise(40, 4)
    x[15:] += 1.5
    shortest = 2

    def left(dates):
        return sum(((part - part.mean()) ** 2).sum() for part in np.split(x, dates))

    candidates = [
        dates
        for dates in itertools.combinations(range(shortest, 41 - shortest), number)
        if min(np.diff([0, *dates, 40])) >= shortest
    ]
    best = min(candidates, key=left)
    found = level_shifts(x, (number,))[0]
    assert found.dates == best
    assert (found.residual**2).sum() == pytest.approx(left(best))


def test_shifts_of_a_long_series_are_dated_to_the_observation():
    x = noise(5000, 5)
    x[1234:] += 3.0
    x[3777:] -= 4.0
    dates = level_shifts(x, (2,))[0].dates
    assert abs(dates[0] - 1234) <= 2
    assert abs(dates[1] - 3777) <= 2


def test_trends_are_the_least_squares_ones():
    x = noise(200, 6) + 0.03 * np.arange(200.0)
    t = np.arange(200.0)
    found = {mean.kind: mean for mean in trends(x)}
    for degree, kind in ((1, "linear trend"), (2, "quadratic trend")):
        fitted = np.polynomial.Polynomial.fit(t, x, degree)(t)
        np.testing.assert_allclose(found[kind].residual, x - fitted, atol=1e-9)
    bend = found["broken trend"].dates[0]
    design = np.stack([np.ones(200), t, np.maximum(t - bend, 0.0)], axis=1)
    fitted = design @ np.linalg.lstsq(design, x, rcond=None)[0]
    np.testing.assert_allclose(found["broken trend"].residual, x - fitted, atol=1e-7)


def test_the_bend_is_found():
    t = np.arange(400.0)
    x = noise(400, 7) + 0.05 * np.maximum(t - 250.0, 0.0)
    bend = next(mean for mean in trends(x) if mean.kind == "broken trend").dates[0]
    assert abs(bend - 250) < 40


@pytest.mark.parametrize("period", [4, 7, 12, 24])
def test_a_season_is_found_and_taken_out(period):
    rng = np.random.default_rng(period)
    pattern = 1.5 * rng.standard_normal(period)
    x = np.resize(pattern, 960) + rng.standard_normal(960)
    found = find_season(transformed(x), len(x))
    assert found is not None
    assert found.period % period == 0 or period % found.period == 0
    means = [found.values[k::period].mean() for k in range(period)]
    assert np.ptp(means) < 0.35 * np.ptp(pattern)


def test_noise_has_no_season():
    # Fisher's bound at 1 in 1000, and a margin.
    assert (
        sum(find_season(transformed(noise(512, seed)), 512) is not None for seed in range(100)) <= 2
    )


def test_quantiles_of_a_mixture():
    even = Mixture(np.linspace(0.0, 1.0, 101), np.full(101, 1.0 / 101.0))
    assert even.quantile(0.5) == pytest.approx(0.5)
    assert even.quantile(0.025) == pytest.approx(0.02, abs=0.006)


def test_weights_and_chances_sum_to_one():
    found = weigh(mt.simulate(mt.ARFIMAProcess(d=0.3), 400, rng=1))
    assert sum(found.chances.values()) == pytest.approx(1.0)
    assert sum(world.weight for world in found.worlds) == pytest.approx(1.0, abs=1e-3)
    for says, chance in found.chances.items():
        total = sum(world.weight for world in found.worlds if world.says == says)
        assert total == pytest.approx(chance, abs=2e-3)


def test_every_evidence_of_the_scorecard_is_computed():
    card = shipped_rule()
    found = weigh(noise(300, 8))
    assert set(card.names) <= set(found.evidences)
    assert len(card.intercepts) == len(CLASSES)
    assert set(card.thresholds) == set(VERDICT_CLASSES) == set(card.error_rates)


def test_contributions_add_up():
    card = shipped_rule()
    shown = weigh(noise(300, 9)).evidences
    total = card.intercepts + np.sum(list(card.contributions(shown).values()), axis=0)
    chances = card.chances(shown)
    expected = np.exp(total - total.max())
    np.testing.assert_allclose(list(chances.values()), expected / expected.sum())


def test_what_is_known_is_taken_out_first():
    x = noise(600, 10)
    x[300:] += 4.0
    x += 0.02 * np.arange(600.0)
    found = weigh(x, Options(trend="linear", breaks=(300,)))
    assert found.chances["spurious"] < 0.5
    assert found.found.means[0].residual.std() > 0.0
    plain = weigh(x, Options(trend="none", breaks="none"))
    assert plain.chances["spurious"] == 0.0


@pytest.mark.parametrize("n_obs", [32, 33, 47, 64])
def test_short_series_are_weighed(n_obs):
    found = weigh(noise(n_obs, n_obs))
    assert np.isfinite(list(found.evidences.values())).all()
    assert np.isfinite(found.d)


class Spec:
    """What the referee hands to a plug-in."""

    def __init__(self, name, target_estimand, **params):
        self.name, self.target_estimand = name, target_estimand
        self.parameter_schema = params


class Record:
    record_id = "one"

    def __init__(self, values):
        self.values = values


@pytest.fixture
def referee(monkeypatch):
    """A stand-in for the referee's package, which the tests do not install."""
    schema = types.ModuleType("lrdbench.schema")
    schema.EstimateResult = types.SimpleNamespace
    monkeypatch.setitem(sys.modules, "lrdbench", types.ModuleType("lrdbench"))
    monkeypatch.setitem(sys.modules, "lrdbench.schema", schema)


@pytest.mark.usefixtures("referee")
@pytest.mark.parametrize(
    ("target", "of_report"),
    [
        ("lrd_class", lambda r: r.evidence),
        ("hurst_scaling_proxy", lambda r: r.hurst),
        ("long_memory_parameter", lambda r: r.d),
    ],
)
def test_the_referee_gets_what_its_manifest_asks_for(target, of_report):
    x = mt.simulate(mt.ARFIMAProcess(d=0.3), 300, rng=1)
    plugged = mt.lrdbench.ENTRY_POINTS["memtools"](Spec("memtools", target))
    result = plugged.fit(Record(x))
    assert plugged.spec.name == "memtools"
    assert result.valid
    assert result.point == of_report(mt.estimate(x))


@pytest.mark.usefixtures("referee")
def test_the_referee_is_told_why_there_is_no_estimate():
    plugged = mt.lrdbench.ENTRY_POINTS["memtools_gph"](Spec("gph", "hurst_scaling_proxy"))
    result = plugged.fit(Record(np.ones(50)))
    assert not result.valid
    assert "varies" in result.failure_reason


@pytest.mark.usefixtures("referee")
@pytest.mark.parametrize("name", sorted(set(mt.lrdbench.ENTRY_POINTS) - {"memtools"}))
def test_every_estimator_is_there_by_its_name(name):
    x = mt.simulate(mt.FractionalGaussianNoise(0.7), 400, rng=2)
    spec = Spec(name, "long_memory_parameter", ci_levels=[0.5, 0.95], n_bootstrap=200)
    found = mt.lrdbench.ENTRY_POINTS[name](spec).fit(Record(x))
    assert found.valid
    assert found.ci_low < found.point < found.ci_high
    (inner, outer) = found.bootstrap_cis
    assert inner[0] == 0.5
    assert outer == (0.95, found.ci_low, found.ci_high)
    assert outer[1] < inner[1] < inner[2] < outer[2]


@pytest.mark.usefixtures("referee")
def test_the_manifests_options_are_the_functions():
    x = mt.simulate(mt.FractionalGaussianNoise(0.7), 400, rng=2)
    plug = mt.lrdbench.ENTRY_POINTS["memtools_local_whittle"]
    narrow = plug(Spec("narrow", "long_memory_parameter", bandwidth=20, _variant="narrow"))
    assert narrow.fit(Record(x)).point == mt.local_whittle(x, 20).d
    wrong = plug(Spec("wrong", "long_memory_parameter", m=20)).fit(Record(x))
    assert not wrong.valid
    assert "bandwidth" in wrong.failure_reason


def exact_loglike(x, acov):
    """Of differences from the mean, constants left out, by dense matrices."""
    n_obs = len(x)
    inverse = np.linalg.inv(acov[np.abs(np.subtract.outer(np.arange(n_obs), np.arange(n_obs)))])
    ones = np.ones(n_obs)
    mean = ones @ inverse @ x / (ones @ inverse @ ones)
    square = (x - mean) @ inverse @ (x - mean)
    _, of_inverse = np.linalg.slogdet(inverse)
    determinants = np.log(ones @ inverse @ ones) - of_inverse
    return -0.5 * ((n_obs - 1) * np.log(square / (n_obs - 1)) + determinants)


def test_a_tie_is_settled_by_the_exact_likelihood():
    found = candidates_of(noise(128, 5), Options())
    x, price = found.means[0].residual, 0.5 * np.log(128) + 0.5
    long, short = _best_long(found, price), _best_short(found, price)
    points = np.linspace(-3.0, 3.0, 121)[:, None]
    gap = max(exact_loglike(x, long.autocovariance(point, 128)) for point in points)
    at_zero = exact_loglike(x, mt.ARFIMAProcess().autocovariance(127))
    assert len(short.start) == 0
    assert long.n_parameters == 1
    shown = exact_margin(found, 0.5, price)
    assert shown == pytest.approx(0.5 + gap - at_zero - long.whittle + short.whittle, abs=0.05)
    assert exact_margin(found, 3.5, price) == 3.5


def test_noise_differenced_is_deeper_than_rough_noise():
    assert weigh(np.diff(noise(1025, 3))).d == pytest.approx(-1.0, abs=0.1)
    process = mt.FractionalGaussianNoise(0.12)
    rough = weigh(mt.simulate(process, 2048, rng=4))
    assert rough.d == pytest.approx(-0.38, abs=0.08)


def test_a_slow_autoregression_silences_the_verdicts_it_is_given():
    card = shipped_rule()
    chances = dict.fromkeys(CLASSES, 0.0) | {"long": 1.0}
    assert card.verdict(chances, 512)[0] == "long memory"
    share = float(np.interp(np.log(512), np.log(card.lengths), card.slowest))
    slow = dict.fromkeys(CLASSES, 0.0) | {"long": 1.0 - 1.1 * share, "slow": 1.1 * share}
    assert card.verdict(slow, 512)[0] == "undecided"


def test_a_line_far_above_its_surroundings_is_no_pole():
    t = np.arange(2000)
    for seed in range(4):
        noise = np.random.default_rng(seed).standard_normal(2000)
        assert find_pole(transformed(noise + 5.0 * np.sin(t / 1.8)), 2000).margin < -10.0


@pytest.mark.parametrize("season", [12, "auto"])
def test_a_season_that_is_the_same_in_all_cycles_makes_no_memory(season):
    t = np.arange(500)
    for seed in range(4):
        x = np.random.default_rng(seed).standard_normal(500) + 2.0 * np.sin(np.pi * t / 6.0)
        found = weigh(x, Options(season=season))
        assert found.verdict != "long memory"
        assert found.found.set_aside.period == 12.0
    memory = mt.simulate(mt.ARFIMAProcess(d=0.4), 2000, rng=1)
    line = 2.0 * np.sin(np.pi * np.arange(2000) / 6.0)
    assert weigh(memory + line, Options(season=season)).verdict == "long memory"


def test_cycles_that_change_are_no_fixed_season():
    cyclical = mt.GegenbauerProcess(np.pi / 6.0, 0.4)
    seasonal = mt.SeasonalARFIMAProcess(period=12, seasonal_d=0.4)
    for process in (cyclical, seasonal):
        for x in mt.simulate(process, 2000, 4, rng=1):
            found = find_season(transformed(x), 2000)
            assert not found.fixed or find_pole(transformed(x), 2000).margin > 0.5


def test_a_season_of_a_long_series_costs_no_series_a_harmonic():
    n_obs = 200_000
    x = noise(n_obs, 1) + np.resize(noise(24, 2), n_obs)
    transform = transformed(x)
    tracemalloc.start()
    found = find_season(transform, n_obs)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.fixed
    assert peak < 300 * n_obs
