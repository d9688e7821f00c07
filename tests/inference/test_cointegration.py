"""Cointegration: ranks, coefficients and residual tests on series made to have it or not."""

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from memtools.inference import cointegrating_regression
from memtools.inference.cointegrating_rank import _strength

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "cointegration.json").read_text())


def golden_series():
    noise = np.random.default_rng(20).standard_normal((3, 600))
    x1, x2 = mt.fracint(noise[:2], 0.4)
    return np.column_stack([x1 - 0.5 * x2 + noise[2] + 0.5 * noise[0], x1, x2])


def with_common(loadings, d=0.9, d_error=0.1, n_obs=1500, seed=3):
    """Series of common trends of memory d, errors of memory d_error."""
    rng = np.random.default_rng(seed)
    loadings = np.asarray(loadings, dtype=float)
    common = mt.fracint(rng.standard_normal((loadings.shape[1], n_obs)), d)
    errors = mt.fracint(rng.standard_normal((len(loadings), n_obs)), d_error)
    return (loadings @ common + errors).T


def test_coefficients_are_those_of_r():
    y, *x = golden_series().T
    both = mt.narrow_band_least_squares(y, np.column_stack(x), 20)
    np.testing.assert_allclose(both.coefficients, GOLDEN["FDLS, m = 20"], rtol=1e-9)
    one = mt.narrow_band_least_squares(y, x[0], 20)
    np.testing.assert_allclose(one.coefficients, GOLDEN["FDLS, x1 alone, m = 20"], rtol=1e-9)


@pytest.mark.parametrize(
    ("columns", "d", "key"),
    [
        ([1, 2], (0.4, 0.3), "FMNBLS, d 0.1 of 0.4, 0.3, m0 = m3 = 20, m2 = 150"),
        ([1], (0.4,), "FMNBLS, x1 alone"),
    ],
)
def test_single_correction_is_that_of_r_at_the_same_memory(monkeypatch, columns, d, key):
    series, given = golden_series(), iter((*d, 0.1, 0.1))  # of x, of the error twice
    estimate = mt.local_whittle

    def known(x, m):
        return dataclasses.replace(estimate(x, m), d=next(given))

    monkeypatch.setattr(cointegrating_regression, "local_whittle", known)
    found = mt.fully_modified_least_squares(
        series[:, 0], series[:, columns], 20, 60, 150, correction="single"
    )
    np.testing.assert_allclose(found.coefficients, GOLDEN[key], rtol=1e-9)


@pytest.mark.parametrize(
    ("loadings", "rank"),
    [
        (np.eye(3), 0),
        ([[1.0], [1.0]], 1),
        ([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]], 1),
        ([[1.0], [2.0], [-1.0]], 2),
    ],
)
def test_rank_is_series_less_common_trends(loadings, rank):
    found = mt.cointegration_rank(with_common(loadings))
    assert found.rank == rank
    assert found.vectors.shape == (len(loadings), rank)
    assert (found.pvalues[:rank] < 0.05).all()
    # The combinations found carry no common trend.
    np.testing.assert_allclose(np.transpose(loadings) @ found.vectors, 0.0, atol=0.2)


def test_correlated_innovations_are_no_cointegration():
    """Where the model selection is misled, the note says so."""
    noise = np.random.default_rng(8).standard_normal((2, 2000))
    noise[1] = 0.8 * noise[0] + 0.6 * noise[1]
    found = mt.cointegration_rank(mt.fracint(noise, 0.4).T)
    assert (found.rank, found.selected_rank) == (0, 1)
    assert "by the size of its eigenvalues the rank is 1" in found.summary()


def test_strength_and_its_error_written_out():
    """b and the standard error of rank 0, ordinate by ordinate, against the compact form."""
    x = np.random.default_rng(4).standard_normal((400, 2)) @ [[1.0, 0.5], [0.0, 1.0]]
    m, size, n_obs = 60, 4, len(x)
    b, stderr = _strength(x, np.eye(2), m)
    t = np.arange(n_obs)
    lam = 2.0 * math.pi * np.arange(1, m + 1) / n_obs
    w = [np.exp(1j * frequency * t) @ (x - x.mean(axis=0)) for frequency in lam]
    dets, logs = [], []
    for j in range(m // size):
        block = range(j * size, (j + 1) * size)
        dets.append(np.linalg.slogdet(sum(np.outer(w[i], w[i].conj()) for i in block))[1])
        logs.append(np.mean([math.log(lam[i]) for i in block]))
    slope = np.polyfit(logs, dets, 1)[0]
    d = [mt.local_whittle(x[:, i], m).d for i in range(2)]
    assert b == pytest.approx(0.5 * slope + sum(d), abs=1e-9)
    # Variances of the logs of Gamma(4) and Gamma(3) variables; coherence after the d-th difference.
    log_det = math.pi**2 / 3.0 - (1.0 + 1.0 / 4.0 + 1.0 / 9.0) - (1.0 + 1.0 / 4.0)
    turned = [np.exp(d_i * (np.log(lam) - 0.5j * (math.pi - lam))) for d_i in d]
    v = [np.array([w_j[i] for w_j in w]) * turned[i] for i in range(2)]
    g = [[np.mean((a * b_.conj()).real) for b_ in v] for a in v]
    squares = 2.0 + 2.0 * g[0][1] ** 2 / (g[0][0] * g[1][1])
    nu_blocks, nu = np.var(logs) * len(logs), np.var(np.log(lam)) * m
    variance = log_det / (4.0 * nu_blocks) + (squares - 4.0) / (4.0 * nu)
    assert stderr == pytest.approx(math.sqrt(variance), rel=1e-9)


def test_scale_of_the_series_changes_no_rank():
    x = with_common([[1.0], [2.0], [-1.0]])
    one, other = mt.cointegration_rank(x), mt.cointegration_rank(x * [1e8, 1.0, 1e-8] + 3.0)
    np.testing.assert_allclose(one.pvalues, other.pvalues, atol=1e-6)
    np.testing.assert_allclose(one.eigenvalues, other.eigenvalues, rtol=1e-8)


def test_full_modification_takes_the_bias_off():
    """Errors correlated with the regressors' innovations: 0.6; 40 paths, in standard errors."""
    rng = np.random.default_rng(6)
    found = {"narrow": [], "single": [], "solved": []}
    for _ in range(40):
        error, own = rng.standard_normal((2, 3000))
        x = mt.fracint(0.6 * error + 0.8 * own, 0.2)[1000:]
        y = 1.0 + 2.0 * x + mt.fracint(error, -0.1)[1000:]
        found["narrow"].append(mt.narrow_band_least_squares(y, x).coefficients[0] - 2.0)
        for word in ("single", "solved"):
            fully = mt.fully_modified_least_squares(y, x, correction=word)
            found[word].append(fully.coefficients[0] - 2.0)
    mean = {name: np.mean(off) for name, off in found.items()}
    error = {name: np.std(off) / math.sqrt(40.0) for name, off in found.items()}
    assert mean["narrow"] > 10.0 * error["narrow"]
    assert 3.0 * error["single"] < mean["single"] < 0.7 * mean["narrow"]
    assert abs(mean["solved"]) < 3.0 * error["solved"]


def test_two_equations_of_full_modification_solved_directly():
    """beta and H of y = beta x + l^gap H x + v over both stretches, sums written out."""
    y, x, _ = golden_series().T
    found = mt.fully_modified_least_squares(y, x, 20, 60, 150)
    d_x, d_u = mt.local_whittle(x, 60).d, None
    lam = 2.0 * math.pi * np.arange(1, 151) / len(x)
    wx, wy = (np.fft.fft(v)[1:151].conj() for v in (x, y))
    near, far = slice(0, 20), slice(20, 150)
    power = np.abs(wx) ** 2
    start = np.sum((wx * wy.conj()).real[near]) / power[near].sum()
    d_u = mt.local_whittle(y - start * x, 60).d
    gap = max(d_x - d_u, 0.2)
    b = [np.sum(power[part] * lam[part] ** gap) / power[part].sum() for part in (near, far)]
    turned = wx * (wy - start * wx).conj() * np.exp(0.5j * lam * (d_x - d_u))
    rest = turned.real[far].sum() / power[far].sum()
    h = rest / (b[1] - b[0])
    assert found.coefficients[0] == pytest.approx(start - b[0] * h, rel=1e-9)


def test_a_frame_keeps_its_names_and_the_table_its_intervals():
    y, *x = golden_series().T
    frame = pd.DataFrame(np.column_stack(x), columns=["rain", "snow"])
    found = mt.fully_modified_least_squares(y, frame)
    table = found.to_frame()
    assert table.index.tolist() == ["rain", "snow"]
    low, high = found.confidence_interval()
    np.testing.assert_allclose(high - low, 2.0 * 1.959964 * table["stderr"], rtol=1e-6)
    assert "snow" in found.summary()
    assert found.residual_memory.d < 0.4


@pytest.mark.parametrize(
    "door",
    [
        mt.narrow_band_least_squares,
        mt.fully_modified_least_squares,
        mt.residual_cointegration_test,
        mt.paired_memory_test,
        mt.dcca,
    ],
)
def test_two_series_of_different_dates_are_not_paired_by_position(door):
    frame = pd.DataFrame(
        np.random.default_rng(3).standard_normal((300, 2)),
        index=pd.date_range("2020-01-01", periods=300),
        columns=["rain", "flow"],
    )
    with pytest.raises(mt.InvalidInputError, match="y must be labelled as x is"):
        door(y=frame["flow"].iloc[10:], x=frame["rain"].iloc[:-10])
    door(y=frame["flow"].iloc[10:].to_numpy(), x=frame["rain"].iloc[:-10])


def test_one_series_keeps_its_name():
    x, y = np.random.default_rng(3).standard_normal((2, 300))
    rain = pd.Series(x, name="rain")
    assert mt.narrow_band_least_squares(y, rain).names == ("rain",)
    assert mt.narrow_band_least_squares(y, x).names == ("0",)
    assert mt.multivariate_local_whittle(rain).names == ("rain",)
    grid = pd.DataFrame({"rain": x, "flow": y}).to_xarray().to_array("gauge")
    assert mt.cointegration_rank(grid.T).names == ("rain", "flow")


def test_no_cointegration_is_told_by_the_regression():
    x = np.random.default_rng(2).standard_normal((2, 800)).cumsum(axis=1)
    found = mt.narrow_band_least_squares(x[0], x[1])
    assert "no cointegration, and no valid interval" in found.notes[0]


def test_residual_statistic_written_out():
    rng = np.random.default_rng(12)
    x, y = rng.standard_normal((2, 90)).cumsum(axis=1)
    found = mt.residual_cointegration_test(y, x, n_lags=1)
    dx, dy = (np.diff(v, prepend=0.0) for v in (x, y))
    first = np.zeros(90)
    first[0] = 1.0  # the difference of a constant before which there was nothing
    beta = np.linalg.lstsq(np.column_stack([dx, first]), dy, rcond=None)[0]
    e = dy - np.column_stack([dx, first]) @ beta
    rows, response = [], []
    for t in range(2, 90):
        rows.append([sum(e[t - j] / j for j in range(1, t + 1)), e[t - 1], dx[t - 1]])
        response.append(e[t])
    rows, response = np.array(rows), np.array(response)
    inverse = np.linalg.inv(rows.T @ rows)
    phi = inverse @ rows.T @ response
    rest = response - rows @ phi
    white = inverse @ (rows.T * rest**2) @ rows @ inverse
    assert found.statistic == pytest.approx(phi[0] / math.sqrt(white[0, 0]), rel=1e-9)


@pytest.mark.slow
def test_levels_under_no_cointegration():
    """Rejections at 5% of 300 paths, within four standard errors."""
    rng = np.random.default_rng(31)
    ranks, residuals = [], []
    for _ in range(300):
        noise = rng.standard_normal((2, 400))
        noise[1] += 0.7 * noise[0]
        ranks.append(mt.cointegration_rank(mt.fracint(noise, 0.6).T).pvalues[0] < 0.05)
        residuals.append(mt.residual_cointegration_test(*noise.cumsum(axis=1)).pvalue < 0.05)
    for found in (ranks, residuals):
        assert np.mean(found) < 0.05 + 4.0 * math.sqrt(0.05 * 0.95 / 300.0)
    assert np.mean(residuals) > 0.01


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda x, y: mt.cointegration_rank(x), "2 to 10 series"),
        (lambda x, y: mt.cointegration_rank(np.c_[x, y, x + y]), "columns 0, 1, 2"),
        (lambda x, y: mt.cointegration_rank(np.c_[x, y], 10), "bandwidth"),
        (lambda x, y: mt.cointegration_rank(np.c_[x, y], alpha=0.95), "alpha"),
        (lambda x, y: mt.cointegration_rank(np.c_[x, y][:100]), "at least 128 observations"),
        (lambda x, y: mt.narrow_band_least_squares(y, x[:-1]), "y must be of the length of x"),
        (lambda x, y: mt.narrow_band_least_squares(y, np.c_[x, 2.0 * x]), "combination of others"),
        (lambda x, y: mt.narrow_band_least_squares(y, x, 1), "bandwidth"),
        (lambda x, y: mt.narrow_band_least_squares(2.0 * x, x), "y less its regression"),
        (lambda x, y: mt.fully_modified_least_squares(y, x, 20, wide_bandwidth=21), "wide_band"),
        (
            lambda x, y: mt.fully_modified_least_squares(y, x, correction="two"),
            "'solved', 'single'",
        ),
        (lambda x, y: mt.residual_cointegration_test(y, x, d=0.0), "d must be positive"),
        (lambda x, y: mt.residual_cointegration_test(y, x, n_lags=90), "n_lags"),
        (lambda x, y: mt.residual_cointegration_test(y, np.c_[x, x]), "do not explain"),
        (lambda x, y: mt.residual_cointegration_test(3.0 * x, x), "do not explain"),
    ],
)
def test_bad_input_is_named(call, told):
    x, y = np.random.default_rng(0).standard_normal((2, 300))
    with pytest.raises(mt.InvalidInputError, match=told):
        call(x, y)
