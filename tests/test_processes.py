"""ARFIMA and fractional Gaussian noise against closed forms, 60-digit arithmetic, R, and sums."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

import memtools as mt
from memtools import InvalidInputError

GOLDEN = Path(__file__).parent / "golden"


def golden(name):
    return json.loads((GOLDEN / f"{name}.json").read_text())


def label(model):
    return f"{model['ar']} {model['d']} {model['ma']}"


def process_of(model):
    return mt.ARFIMAProcess(model["ar"], model["d"], model["ma"])


SOWELL = golden("arfima_autocovariance")
TACVF = golden("arfima_r")["values"]["autocovariance"]
FGN = golden("fgn_spectrum")


# ---------------------------------------------------------------- autocovariance


@pytest.mark.parametrize("model", SOWELL["values"], ids=label)
def test_autocovariance_meets_sowell_in_sixty_digits(model):
    exact = np.array(model["autocovariance"])
    ours = process_of(model).autocovariance(4000)[SOWELL["lags"]]
    # The worst are roots 0.99 +- 0.01i, known to eps / 0.02, of which the variance makes 1 / 0.01
    # times as much: 1e-12.  With NumPy 2.4 it is off by 2e-13, with NumPy 2.5 by 1.02e-12.
    assert np.abs(ours - exact).max() < 4e-12 * exact[0]


@pytest.mark.parametrize("model", TACVF, ids=label)
def test_autocovariance_meets_r(model):
    ours = process_of(model).autocovariance(1000)
    theirs = np.array(model["first"] + model["at_lags"])
    found = np.concatenate([ours[:21], ours[model["lags"]]])
    np.testing.assert_allclose(found, theirs, rtol=0, atol=1e-9 * theirs[0])


@pytest.mark.parametrize("d", [-0.49, -0.2, 0.3, 0.49])
def test_long_lags_of_a_moving_average_follow_the_closed_form(d):
    # gamma of (1 + m B) noise is (1 + m^2) g(k) + m (g(k - 1) + g(k + 1)), exact at any lag.
    import mpmath

    m, last = 0.4, 100_000
    k = np.array([1, 10, 1000, 10_000, 99_999])
    with mpmath.workdps(40):
        scale = mpmath.gamma(1 - 2 * mpmath.mpf(d)) / (
            mpmath.gamma(mpmath.mpf(d)) * mpmath.gamma(1 - mpmath.mpf(d))
        )

        def g(lag):
            return scale * mpmath.gammaprod([lag + mpmath.mpf(d)], [lag + 1 - mpmath.mpf(d)])

        exact = [float((1 + m**2) * g(int(i)) + m * (g(int(i) - 1) + g(int(i) + 1))) for i in k]
    ours = mt.ARFIMAProcess(d=d, ma=[m]).autocovariance(last)
    # The noise's gamma(k) is a product of k rounded factors.
    assert np.all(np.abs(ours[k] - exact) < 1e-13 * ours[0] + 1e-16 * k * np.abs(exact))


@pytest.mark.parametrize(("ar", "d"), [([0.7], 0.3), ([1.2, -0.5], -0.3), ([-0.9], 0.45)])
def test_filtering_by_the_ar_polynomial_leaves_fractional_noise(ar, d):
    # An independent direction: undo the autoregression by its own autocovariance filter.
    process = mt.ARFIMAProcess(ar=ar, d=d)
    acov = process.autocovariance(100_010)
    phi = process.ar_polynomial
    filter_acov = np.correlate(phi, phi, "full")
    p = len(ar)
    two_sided = np.concatenate([acov[p:0:-1], acov])
    noise = np.convolve(two_sided, filter_acov, "valid")[:100_001]
    expected = mt.ARFIMAProcess(d=d).autocovariance(100_000)
    assert np.abs(noise - expected).max() < 1e-12 * acov[0] * np.abs(filter_acov).sum()


def test_arma_without_memory_meets_statsmodels():
    from statsmodels.tsa.arima_process import arma_acovf

    ar, ma = [1.2, -0.5], [0.4, 0.3]
    theirs = arma_acovf([1.0, -1.2, 0.5], [1.0, 0.4, 0.3], nobs=50, sigma2=2.0)
    ours = mt.ARFIMAProcess(ar, 0.0, ma, sigma2=2.0).autocovariance(49)
    np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-13)


def test_circulant_of_the_autocovariance_is_never_negative():
    for ar, d, ma in [((0.999,), 0.45, ()), ((1.98, -0.9802), 0.3, ()), ((), -0.9, (-0.99,))]:
        process = mt.ARFIMAProcess(ar, d, ma)
        eigenvalues = process.circulant_eigenvalues(100)
        assert eigenvalues.min() > 0.0
        circulant = np.fft.irfft(eigenvalues)
        np.testing.assert_allclose(
            circulant[:101], process.autocovariance(100), rtol=0, atol=1e-13 * circulant[0]
        )


@given(st.floats(-0.95, 0.495), st.floats(-0.95, 0.95), st.floats(-0.95, 0.95))
def test_equal_roots_cancel(d, root, other):
    plain = mt.ARFIMAProcess(ar=[other], d=d)
    # (1 - root B) on both sides.
    cancelled = mt.ARFIMAProcess(ar=[root + other, -root * other], d=d, ma=[-root])
    expected = plain.autocovariance(30)
    np.testing.assert_allclose(
        cancelled.autocovariance(30), expected, rtol=0, atol=1e-10 * expected[0]
    )


# ---------------------------------------------------------------- spectral density


@pytest.mark.parametrize(
    "process",
    [
        mt.ARFIMAProcess([0.5], 0.3, [0.4], sigma2=2.0),
        mt.ARFIMAProcess([], -0.4, []),
        mt.FractionalGaussianNoise(0.8, sigma2=3.0),
        mt.FractionalGaussianNoise(0.2),
    ],
    ids=str,
)
@pytest.mark.parametrize("lag", [0, 1, 7])
def test_density_integrates_to_the_autocovariance(process, lag):
    slope = 1.0 - 2.0 * process.d  # u = l^slope removes the pole

    def integrand(u):
        lam = u ** (1.0 / slope)
        return float(process.spectral_density(lam)) * math.cos(lag * lam) * lam / (u * slope)

    integral = 2.0 * quad(integrand, 0.0, math.pi**slope, epsabs=1e-11, limit=400)[0]
    assert integral == pytest.approx(process.autocovariance(lag)[lag], abs=1e-8)


@pytest.mark.parametrize("model", FGN["values"], ids=lambda m: str(m["hurst"]))
def test_fgn_density_meets_mpmath(model):
    ours = mt.FractionalGaussianNoise(model["hurst"]).spectral_density(FGN["frequencies"])
    np.testing.assert_allclose(ours, model["spectral_density"], rtol=1e-9)


def test_density_at_zero_is_infinite_only_with_memory():
    with pytest.raises(InvalidInputError, match="frequencies must be not zero"):
        mt.ARFIMAProcess(d=0.1).spectral_density([0.0, 1.0])
    assert mt.ARFIMAProcess(d=-0.1).spectral_density(0.0) == 0.0
    white = 1.0 / (2.0 * math.pi)
    assert mt.ARFIMAProcess().spectral_density([0.0])[0] == pytest.approx(white)
    assert mt.FractionalGaussianNoise(0.5).spectral_density([0.0])[0] == pytest.approx(white)


# ---------------------------------------------------------------- fractional Gaussian noise


@pytest.mark.parametrize("hurst", [0.05, 0.3, 0.5, 0.7, 0.95])
def test_fgn_autocovariance_keeps_its_digits_at_long_lags(hurst):
    import mpmath

    lags = [0, 1, 2, 14, 15, 16, 17, 100, 10_000, 100_000]
    with mpmath.workdps(50):
        power = 2 * mpmath.mpf(hurst)
        exact = [
            float(
                (mpmath.mpf(k + 1) ** power - 2 * mpmath.mpf(k) ** power + abs(k - 1) ** power) / 2
            )
            for k in lags
        ]
    ours = mt.FractionalGaussianNoise(hurst).autocovariance(100_000)[lags]
    # Lags below 16 lose at most two digits to the difference of powers.
    np.testing.assert_allclose(ours, exact, rtol=1e-12, atol=1e-15)


def test_fgn_sums_to_brownian_motion():
    acov = mt.FractionalGaussianNoise(0.7, sigma2=2.0).autocovariance(99)
    n = np.arange(1, 101)
    variance = np.array([m * acov[0] + 2 * np.sum((m - np.arange(1, m)) * acov[1:m]) for m in n])
    np.testing.assert_allclose(variance, 2.0 * n**1.4, rtol=1e-12)


@pytest.mark.parametrize("hurst", [0.2, 0.5, 0.8])
def test_fgn_weights_undo_each_other_and_make_the_variance(hurst):
    process = mt.FractionalGaussianNoise(hurst)
    ar, ma = process.ar_weights(200), process.ma_weights(200)
    unit = np.convolve(ar, ma)[:201]
    np.testing.assert_allclose(unit, np.eye(201)[0], atol=1e-7)
    # The innovation variance is the limit of Durbin and Levinson's.
    from memtools.toeplitz import toeplitz_inverse

    limit = toeplitz_inverse(process.autocovariance(4000)).variance
    psi = process.ma_weights(200_000)
    tail = psi[-1] ** 2 * len(psi) / (1.0 - 2.0 * process.d)
    assert limit * (psi @ psi + tail) == pytest.approx(1.0, abs=2e-3)


# ---------------------------------------------------------------- weights, information


@given(st.floats(-1.5, 1.5), st.floats(-0.9, 0.9), st.floats(-0.9, 0.9))
def test_weights_of_the_two_forms_are_inverse(d, phi, theta):
    process = mt.ARFIMAProcess([phi], d, [theta])
    unit = np.convolve(process.ar_weights(40), process.ma_weights(40))[:41]
    np.testing.assert_allclose(unit, np.eye(41)[0], atol=1e-9)


def test_weights_by_hand():
    process = mt.ARFIMAProcess(ar=[0.5], d=0.4, ma=[0.2])
    w = mt.fracdiff_weights(-0.4, 2)
    arma = [1.0, 0.7, 0.35]
    expected = [1.0, w[1] + arma[1], w[2] + arma[1] * w[1] + arma[2]]
    np.testing.assert_allclose(process.ma_weights(2), expected, rtol=1e-14)


def test_information_by_integrals_of_the_log_density():
    # Whittle's form: (1 / 4 pi) int (d log f / d theta_i) (d log f / d theta_j).
    theta = np.array([0.5, 0.2, 0.3])  # ar, d, ma

    def log_density(point, lam):
        return np.log(mt.ARFIMAProcess([point[0]], point[1], [point[2]]).spectral_density(lam))

    lam = (np.arange(200_000) + 0.5) * math.pi / 200_000
    step = 1e-5
    slopes = [
        (log_density(theta + e, lam) - log_density(theta - e, lam)) / (2 * step)
        for e in step * np.eye(3)
    ]
    expected = np.array(slopes) @ np.array(slopes).T / (2 * len(lam))
    information = mt.ARFIMAProcess([0.5], 0.2, [0.3]).fisher_information()
    np.testing.assert_allclose(information, expected, atol=2e-4)


def test_information_of_known_cases():
    assert mt.ARFIMAProcess(d=0.2).fisher_information() == pytest.approx(np.array([[1.6449340668]]))
    # Li and McLeod (1986): -log(1 - phi) / phi between d and phi; 1 / (1 - phi^2) of phi.
    information = mt.ARFIMAProcess(ar=[0.5]).fisher_information()
    assert information[0, 0] == pytest.approx(4.0 / 3.0)
    assert information[0, 1] == pytest.approx(-math.log(0.5) / 0.5)


# ---------------------------------------------------------------- hostile input


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"ar": [1.0]}, "ar must be stationary"),
        ({"ar": [0.5, 0.6]}, "ar must be stationary"),
        ({"ma": [-1.2]}, "ma must be invertible"),
        ({"ma": [1.0]}, "ma must be invertible"),
        ({"sigma2": 0.0}, "sigma2 must be"),
        ({"sigma2": -1.0}, "sigma2 must be"),
        ({"d": math.nan}, "d must be a finite real number"),
        ({"d": "0.3"}, "d must be"),
        ({"ar": [math.inf]}, "ar must be finite"),
        ({"ar": [[0.1]]}, "ar must be a sequence of coefficients"),
    ],
)
def test_processes_that_do_not_exist_are_refused(arguments, text):
    with pytest.raises(InvalidInputError, match=text):
        mt.ARFIMAProcess(**arguments)


@pytest.mark.parametrize("d", [0.5, 1.0, -1.0])
def test_no_autocovariance_outside_stationarity(d):
    with pytest.raises(InvalidInputError, match="d must be in"):
        mt.ARFIMAProcess(d=d).autocovariance(3)


@pytest.mark.parametrize("hurst", [0.0, 1.0, -0.3, math.nan])
def test_hurst_lies_between_zero_and_one(hurst):
    with pytest.raises(InvalidInputError, match="hurst must be"):
        mt.FractionalGaussianNoise(hurst)


def test_bad_lags_and_frequencies_are_refused():
    process = mt.ARFIMAProcess(d=0.2)
    with pytest.raises(InvalidInputError, match="n_lags must be an integer"):
        process.autocovariance(-1)
    with pytest.raises(InvalidInputError, match=r"frequencies must be in \[-pi, pi\]"):
        process.spectral_density([4.0])
