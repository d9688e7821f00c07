"""d, H, alpha, beta and gamma: there and back, and each what it says of a process."""

import numpy as np
import pytest

import memtools as mt


@pytest.mark.parametrize("letter", ["hurst", "alpha", "beta", "gamma"])
def test_there_and_back(letter):
    there, back = getattr(mt, f"d_to_{letter}"), getattr(mt, f"{letter}_to_d")
    d = np.array([0.1, 0.25, 0.4])
    np.testing.assert_allclose(back(there(d)), d)
    assert back(there(0.3)) == pytest.approx(0.3)


def test_each_is_the_power_of_a_process():
    process = mt.ARFIMAProcess(d=0.3)
    near = np.array([1e-4, 1e-3])
    slope = np.diff(np.log(process.spectral_density(near))) / np.diff(np.log(near))
    assert -slope == pytest.approx(mt.d_to_beta(0.3), abs=1e-4)
    far = process.autocovariance(20_000)[[10_000, 20_000]]
    assert -np.log2(far[1] / far[0]) == pytest.approx(mt.d_to_gamma(0.3), abs=1e-4)


def test_correlations_fall_by_a_power_under_long_memory_alone():
    with pytest.raises(mt.InvalidInputError, match=r"^d must be .*got 0.5"):
        mt.d_to_gamma(0.5)
    with pytest.raises(mt.InvalidInputError, match=r"^gamma must be .*got 1"):
        mt.gamma_to_d([0.5, 1.0])


@pytest.mark.parametrize("d", [-0.3, 0.0, 0.3])
def test_the_mean_is_as_uncertain_as_the_process_makes_it(d):
    n_obs, process = 500, mt.ARFIMAProcess(d=d)
    acvf = process.autocovariance(n_obs - 1)
    lags = np.arange(1, n_obs)
    variance = (acvf[0] + 2.0 * np.sum((1.0 - lags / n_obs) * acvf[1:])) / n_obs
    paths = mt.simulate(process, n_obs, n_paths=200, rng=3)
    found = np.array([mt.mean_stderr(path, d) ** 2 for path in paths])
    assert abs(found.mean() / variance - 1.0) < 4.0 * found.std() / variance / 200**0.5 + 0.02
