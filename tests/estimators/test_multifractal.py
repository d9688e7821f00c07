"""Multifractal spectra and correlation by scale: other programs' numbers, laws, refusals."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

import memtools as mt
from memtools.exceptions import InvalidInputError

FOLDER = Path(__file__).parents[1] / "golden"
GOLDEN = json.loads((FOLDER / "multifractal.json").read_text())
LEADERS = json.loads((FOLDER / "pymultifracs.json").read_text())
SPECTRA = (mt.mfdfa, mt.wavelet_leaders)
both = pytest.mark.parametrize("spectrum", SPECTRA, ids=lambda f: f.__name__)


@pytest.fixture
def x():
    return mt.simulate(mt.FractionalGaussianNoise(0.7), 2048, rng=4)


def cascade(n_levels, rng, multiplier=0.7):
    """Binomial measure whose halves change places at random: tau(q) is known."""
    measure = np.ones(1)
    for _ in range(n_levels):
        left = np.where(rng.random(len(measure)) < 0.5, multiplier, 1.0 - multiplier)
        measure = np.column_stack([measure * left, measure * (1.0 - left)]).ravel()
    return measure * len(measure)


@pytest.mark.parametrize("program", ["MFDFA", "fathon"])
def test_other_programs_find_the_same_fluctuations(program):
    x = np.asarray(mt.datasets.load("sunspots"), dtype=float)
    found = mt.mfdfa(x, GOLDEN["q"], scales=GOLDEN["scales"], n_surrogates=0)
    np.testing.assert_allclose(found.fluctuations, GOLDEN[program], rtol=1e-6)
    for i, q in enumerate(found.q):
        slope = np.polyfit(np.log(found.scales), np.log(found.fluctuations[:, i]), 1)[0]
        assert found.hurst[i] == pytest.approx(slope), q


def test_fathon_finds_the_same_correlations():
    x = np.asarray(mt.datasets.load("sunspots"), dtype=float)
    y = np.roll(x, 3) + np.sin(np.arange(len(x)))
    found = mt.dcca(x, y, scales=GOLDEN["scales"], overlap=False, n_paths=20, rng=1)
    np.testing.assert_allclose(found.rho, GOLDEN["rho"], rtol=1e-6)


def test_pymultifracs_finds_the_same_exponents_from_the_leaders():
    x = np.asarray(mt.datasets.load("sp500_abs"), dtype=float)[: LEADERS["n_obs"]]
    options = {"octaves": LEADERS["octaves"], "n_surrogates": 0, "n_boot": 2}
    found = mt.wavelet_leaders(x, LEADERS["q"], **options)
    np.testing.assert_allclose(found.q * found.hurst, LEADERS["zeta"], rtol=1e-9)
    assert found.intermittency == pytest.approx(LEADERS["c2"], rel=1e-9)


def test_pymultifracs_finds_the_same_wavelet_variances():
    x = np.asarray(mt.datasets.load("sp500_abs"), dtype=float)[: LEADERS["n_obs"]]
    found = mt.wavelet_variance(x, octaves=(1, len(LEADERS["counts"]))).details
    assert found["counts"] == LEADERS["counts"]
    np.testing.assert_allclose(found["variances"], LEADERS["variances"], rtol=1e-9)


def test_the_same_call_gives_the_same_numbers(x):
    y = np.roll(x, 5)
    short = {"n_surrogates": 10}
    for call in (
        lambda: mt.mfdfa(x, [-2, 2], **short).hurst,
        lambda: mt.wavelet_leaders(x, [-2, 2], n_boot=20, **short).stderr,
        lambda: mt.dcca(x, y, n_paths=20).null.low,
    ):
        np.testing.assert_array_equal(call(), call())
    other = mt.mfdfa(x, [-2, 2], rng=1, **short)
    assert np.all(other.hurst != mt.mfdfa(x, [-2, 2], **short).hurst)


@both
def test_the_spectrum_is_the_legendre_transform(x, spectrum):
    q = np.linspace(-3.0, 3.0, 601)
    found = spectrum(x, q, n_surrogates=0, rng=1)
    np.testing.assert_allclose(found.tau, found.q * found.hurst - 1.0, atol=1e-12)
    slopes = np.gradient(found.tau, found.q)[1:-1]
    np.testing.assert_allclose(found.alpha[1:-1], slopes, atol=1e-4)
    np.testing.assert_allclose(found.f, found.q * found.alpha - found.tau, atol=1e-12)
    at = int(np.argmin(np.abs(found.q)))
    assert found.hurst[at] == pytest.approx(found.hurst[at - 1], abs=0.01)  # q = 0 is no hole


@both
def test_a_cascade_has_its_own_spectrum_and_noise_has_none(spectrum):
    rng, q = np.random.default_rng(2), np.array([-2.0, 1.0, 2.0, 3.0])
    paths = [cascade(13, rng) for _ in range(5)]
    found = np.mean([spectrum(path, q, n_surrogates=0, rng=1).tau for path in paths], axis=0)
    truth = -np.log2(0.7**q + 0.3**q)
    np.testing.assert_allclose(found, truth, atol=0.35)
    wide = spectrum(paths[0], rng=1)
    plain = spectrum(mt.simulate(mt.FractionalGaussianNoise(0.7), 2**13, rng=3), rng=1)
    assert wide.width > 3.0 * plain.width
    pvalues = [float(one.notes[0].split("p-value ")[1].split(" ")[0]) for one in (wide, plain)]
    assert pvalues[0] < 0.05 < pvalues[1]


def test_noise_has_its_exponent_at_every_order(x):
    for found in (spectrum(x, [-2, 1, 3], rng=1) for spectrum in SPECTRA):
        low, high = found.confidence_interval(0.999)
        assert np.all((low < 0.7) & (high > 0.7))
    again = mt.wavelet_leaders(x, [-2, 1, 3], rng=1)
    np.testing.assert_array_equal(found.stderr, again.stderr)


def test_draws_without_a_coarse_leader_are_left_out():
    x = mt.simulate(mt.FractionalGaussianNoise(0.3), 1024, n_paths=87, rng=11)[86]
    found = mt.wavelet_leaders(x, [-3, 2], rng=86)  # one of its draws has none
    assert np.isfinite([*found.stderr, found.intermittency_stderr]).all()


@pytest.mark.slow
@pytest.mark.parametrize("d", [0.0, 0.4])
def test_independent_series_lie_in_the_null_band(d):
    n_pairs, outside = 40, []
    for i in range(n_pairs):
        x, y = mt.simulate(mt.ARFIMAProcess(d=d), 600, 2, rng=i)
        found = mt.dcca(x, y, scales=[8, 20, 50, 120], n_paths=60, rng=i)
        outside.append((found.rho < found.low) | (found.rho > found.high))
    share = np.mean(outside)
    assert abs(share - 0.05) < 4.0 * math.sqrt(0.05 * 0.95 / n_pairs)


def test_correlation_is_that_of_the_series(x):
    z = np.random.default_rng(1).standard_normal(len(x))
    mixed = 0.6 * (x / x.std()) + 0.8 * mt.simulate(mt.FractionalGaussianNoise(0.7), 2048, rng=9)
    found = mt.dcca(x, mixed, n_paths=20, rng=1)
    assert abs(found.rho[:5].mean() - 0.6) < 0.1
    assert mt.dcca(x, x, n_paths=20, rng=1).rho == pytest.approx(1.0)
    assert np.abs(mt.dcca(x, z, n_paths=20, rng=1).rho[:5]).max() < 0.2


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: mt.mfdfa(x[:200]), "at least 256 observations"),
        (lambda x: mt.wavelet_leaders(x[:500]), "at least 512 observations"),
        (lambda x: mt.mfdfa(x, [50.0]), r"q must be one or more numbers in -20\.\.20"),
        (lambda x: mt.mfdfa(x, order=7), "order must be"),
        (lambda x: mt.mfdfa(x, n_surrogates=3), "n_surrogates must be"),
        (lambda x: mt.mfdfa(np.repeat(x, 64)[:2048], [2]), "varies in every window"),
        (lambda x: mt.wavelet_leaders(x, wavelet="bior2.2"), "wavelet must be an orthogonal"),
        (lambda x: mt.dcca(x, x[:-1]), "y must be as long as x"),
        (lambda x: mt.dcca(x, x, n_paths=5), "n_paths must be"),
        (lambda x: mt.dcca(x, np.ones(2048)), "y must be a series that varies"),
    ],
)
def test_bad_input_is_refused(x, call, text):
    with pytest.raises(InvalidInputError, match=text):
        call(x)
