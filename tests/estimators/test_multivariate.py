"""Multivariate local Whittle: one series, many, few ordinates, and what Shimotsu's limit says."""

import math

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from memtools.estimators.rows import rows_of
from memtools.spectral import Sample


def together(d, rho=0.0, n_obs=2000, seed=1):
    """Fractional integrals of correlated noise."""
    rng = np.random.default_rng(seed)
    noise = math.sqrt(1.0 - rho) * rng.standard_normal((n_obs + 1000, len(d)))
    noise += math.sqrt(rho) * rng.standard_normal((n_obs + 1000, 1))
    return np.column_stack([mt.fracint(noise[:, i], v) for i, v in enumerate(d)])[1000:]


def objective(x, d, m):
    """Shimotsu's R(d), written out ordinate by ordinate."""
    n_obs, k = x.shape
    g, logs = np.zeros((k, k)), 0.0
    t = np.arange(n_obs)
    for j in range(1, m + 1):
        frequency = 2.0 * math.pi * j / n_obs
        w = (np.exp(1j * frequency * t) @ (x - x.mean(axis=0))) / math.sqrt(2 * math.pi * n_obs)
        turn = frequency ** np.asarray(d) * np.exp(-0.5j * (math.pi - frequency) * np.asarray(d))
        g += np.outer(turn * w, (turn * w).conj()).real / m
        logs += math.log(frequency) / m
    return np.linalg.slogdet(g)[1] - 2.0 * logs * np.sum(d)


def test_one_series_is_local_whittle():
    x = together([0.3])
    found, alone = mt.multivariate_local_whittle(x, 80), mt.local_whittle(x[:, 0], 80)
    assert found.d[0] == pytest.approx(alone.d, abs=1e-5)
    assert found.stderr[0] == pytest.approx(alone.stderr, rel=1e-9)


@pytest.mark.parametrize("d", [(0.1, 0.4), (-0.3, 0.2, 0.6)])
def test_the_estimate_is_the_least_of_shimotsu_s_objective(d):
    x = together(d, rho=0.6)
    found = mt.multivariate_local_whittle(x, 60)
    least = objective(x, found.d, 60)
    rng = np.random.default_rng(0)
    for _ in range(30):
        assert least <= objective(x, found.d + 0.05 * rng.standard_normal(len(d)), 60)


def test_covariance_tends_to_shimotsu_s_limit():
    """Omega = 2 [G o G^-1 + I + pi^2 / 4 (G o G^-1 - I)] times m, as m grows and l_m falls."""
    x = together([0.0, 0.0], rho=0.7, n_obs=200_000)
    m = 2000
    found = mt.multivariate_local_whittle(x, m)
    product = found.coherence * np.linalg.inv(found.coherence)
    one = np.eye(2)
    omega = 2.0 * (product + one + math.pi**2 / 4.0 * (product - one))
    np.testing.assert_allclose(found.cov * m, np.linalg.inv(omega), rtol=0.05)


def test_correlated_series_are_estimated_better_together():
    x = together([0.2, 0.2], rho=0.8)
    found = mt.multivariate_local_whittle(x, 80)
    assert (found.stderr < 0.95 * mt.local_whittle(x[:, 0], 80).stderr).all()


def test_total_memory_is_the_mean_and_its_error():
    found = mt.multivariate_local_whittle(together([0.1, 0.3, 0.2]))
    total = found.total_memory
    assert total.estimate == pytest.approx(found.d.mean())
    assert total.stderr == pytest.approx(math.sqrt(found.cov.sum()) / 3.0)
    assert total.pvalue < 0.05


def test_scale_and_order_of_the_series_change_nothing():
    x = together([0.1, 0.4], rho=0.5)
    found = mt.multivariate_local_whittle(x).d
    other = mt.multivariate_local_whittle(x[:, ::-1] * [1e6, 1e-6] + 5.0).d
    np.testing.assert_allclose(other[::-1], found, atol=1e-4)


def test_few_ordinates_are_shrunk_and_told():
    x = np.random.default_rng(3).standard_normal((500, 30))
    found = mt.multivariate_local_whittle(x, 25)
    assert 0.0 < found.shrinkage <= 1.0
    assert "shrunk towards its diagonal" in found.summary()


def test_a_frame_keeps_its_names():
    frame = pd.DataFrame(together([0.0, 0.3]), columns=["flow", "rain"])
    table = mt.multivariate_local_whittle(frame).to_frame()
    assert table.index.tolist() == ["flow", "rain"]
    assert (table["low"] < table["d"]).all()


def test_total_memory_allows_for_the_bias_of_each_d():
    noise = Sample(np.random.default_rng(8).standard_normal((6000, 250)))
    found = rows_of(mt.local_whittle, {"bandwidth": 36})(noise)
    one = mt.multivariate_local_whittle(noise.values[:2].T, 36)
    assert one.bias == pytest.approx(found.d.mean(), abs=4.0 * found.d.std() / math.sqrt(6000))
    total = one.total_memory
    assert total.statistic == pytest.approx((total.estimate - one.bias) / total.stderr)


@pytest.mark.slow
def test_the_spread_of_total_memory_under_noise():
    """z of 1, 3 and 20 independent series of noise: 1 within four of its standard errors."""
    rng = np.random.default_rng(19)
    for k, n_obs, n_paths in ((1, 500, 300), (3, 500, 300), (20, 2000, 60)):
        draws = (rng.standard_normal((n_obs, k)) for _ in range(n_paths))
        z = [mt.multivariate_local_whittle(x).total_memory.statistic for x in draws]
        assert abs(np.std(z) - 1.0) < 4.0 / math.sqrt(2.0 * n_paths)


@pytest.mark.parametrize(
    ("x", "match"),
    [
        (np.zeros((4, 4, 4)), "shape"),
        (np.ones((100, 2)), "x\\[:, 0\\]"),
        (np.random.default_rng(0).standard_normal((3, 100)), "32|transpose"),
        (np.random.default_rng(0).standard_normal((40, 100)), "transpose"),
        (np.where(np.arange(100).reshape(50, 2) == 7, math.nan, 1.0), r"positions \[3, 1\]\)"),
    ],
)
def test_bad_input_is_refused(x, match):
    with pytest.raises(mt.InvalidInputError, match=match):
        mt.multivariate_local_whittle(x)


def test_a_combination_of_other_series_is_refused_and_told_by_all_three():
    x = together([0.1, 0.3, 0.2])
    x = np.column_stack([x[:, 0], x[:, 1], x[:, 2], x[:, 0] - 2.0 * x[:, 2]])
    for function in (
        mt.multivariate_local_whittle,
        mt.equal_memory_test,
        lambda x: mt.multivariate_spurious_test(x, prewhiten=False),
    ):
        with pytest.raises(mt.InvalidInputError, match=r"got columns 0, 2, 3$"):
            function(x)
