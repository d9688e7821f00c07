"""Missing values and the order of time at the doors that take a series."""

import json

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from memtools.cli import main
from memtools.gaps import modulated, observed

N_OBS = 400
X = mt.simulate(mt.ARFIMAProcess(d=0.3), N_OBS, rng=3)
HOLES = [0, 50, 51, 200, N_OBS - 1]
DOORS = {
    "estimate": mt.estimate,
    "portray": mt.portray,
    "correlogram": mt.correlogram,
    "rolling_memory": mt.rolling_memory,
    "autocovariance": lambda x, **options: mt.autocovariance(x, 5, **options),
    "autocorrelation": lambda x, **options: mt.autocorrelation(x, 5, **options),
    "partial_autocorrelation": lambda x, **options: mt.partial_autocorrelation(x, 5, **options),
}


def with_holes(holes=HOLES):
    x = X.copy()
    x[holes] = np.nan
    return x


@pytest.mark.parametrize("door", DOORS)
def test_missing_values_are_refused_with_the_choices(door):
    with pytest.raises(mt.InvalidInputError, match="missing='longest', 'gaps' or 'drop'"):
        DOORS[door](with_holes())
    with pytest.raises(mt.InvalidInputError, match="missing must be one of"):
        DOORS[door](X, missing="ignore")


def test_longest_and_drop_are_what_they_say():
    longest = mt.estimate(with_holes(), missing="longest")
    assert longest.d == mt.estimate(X[201:-1]).d
    assert "positions 201 to 398 (198 values)" in longest.remarks()[0]
    dropped = mt.estimate(with_holes(), missing="drop")
    assert dropped.d == mt.estimate(np.delete(X, HOLES)).d
    assert "the series is closed up" in dropped.summary()


def test_gaps_keep_what_was_observed_and_trim_the_ends():
    found = mt.estimate(with_holes(), missing="gaps")
    assert found.n_obs == N_OBS - 2
    assert np.isnan(found.values).sum() == 3
    assert found.remarks()[0].startswith("1 missing values at the start and 1 at the end")
    assert "amplitude-modulated" in found.remarks()[1]
    whole = mt.estimate(X)
    assert found.d == pytest.approx(whole.d, abs=0.05)
    widened = found.estimates["local_whittle"].stderr / whole.estimates["local_whittle"].stderr
    assert 1.0 < widened < 1.1


def test_without_gaps_nothing_changes():
    for missing in ("longest", "gaps", "drop"):
        assert mt.estimate(X, missing=missing).to_dict() == mt.estimate(X).to_dict()


@pytest.mark.parametrize(
    "dress",
    [
        lambda x: np.ma.masked_invalid(x),
        lambda x: np.ma.masked_array(np.nan_to_num(x, nan=1e20), np.isnan(x)),
        lambda x: pd.Series([None if np.isnan(v) else v for v in x], dtype=object),
        lambda x: pd.Series(x, dtype="Float64"),
        lambda x: [None if np.isnan(v) else v for v in x],
    ],
    ids=["masked", "filled", "None", "nullable", "list"],
)
def test_every_dress_of_a_gap_is_one(dress):
    expected = mt.estimate(with_holes(), missing="gaps").d
    assert mt.estimate(dress(with_holes()), missing="gaps").d == expected
    with pytest.raises(mt.InvalidInputError, match="missing='longest'"):
        mt.estimate(dress(with_holes()))


def test_a_polars_or_xarray_series_is_taken_as_it_is():
    pl, xr = pytest.importorskip("polars"), pytest.importorskip("xarray")
    expected = mt.estimate(X)
    assert mt.estimate(pl.Series("flow", X)).d == expected.d
    assert mt.estimate(pl.Series("flow", X)).name == "flow"
    days = pd.date_range("2001-01-01", periods=N_OBS)
    field = xr.DataArray(X, dims="time", coords={"time": days}, name="flow")
    found = mt.estimate(field)
    assert (found.d, found.headline()) == (
        expected.d,
        "flow: 400 observations, 2001-01-01 to 2002-02-04",
    )


def test_autocovariances_over_the_pairs_observed_are_those_of_r():
    # R: acf(c(1, 3, NA, 2, 5, 4, NA, 7), 3, "covariance", na.action = na.pass, plot = FALSE)
    x = np.array([1.0, 3.0, np.nan, 2.0, 5.0, 4.0, np.nan, 7.0])
    seen = ~np.isnan(x)
    centred = np.where(seen, x - x[seen].mean(), 0.0)
    expected = [
        sum(centred[t] * centred[t + k] for t in range(8 - k))
        / (sum(seen[t] and seen[t + k] for t in range(8 - k)) + k)
        for k in range(4)
    ]
    np.testing.assert_allclose(
        mt.autocovariance(x, 3, missing="gaps"), expected, rtol=0, atol=1e-14
    )
    full = mt.autocovariance(X, 30)
    np.testing.assert_allclose(
        mt.correlation.gapped_autocovariance(X, 30), full, rtol=0, atol=1e-13 * full[0]
    )


def test_bands_count_the_pairs_observed():
    x = X.copy()
    x[1::4] = np.nan
    x[-1] = X[-1]
    gapped = mt.correlogram(x, n_lags=8, missing="gaps")
    ratio = gapped.bands["white"][1][1:] / mt.correlogram(X, n_lags=8).bands["white"][1][1:]
    # Three of four are seen: half of all pairs at lags that are no multiple of four.
    np.testing.assert_allclose(ratio[[0, 1, 2]], np.sqrt(2.0), rtol=0.01)
    assert ratio[3] == pytest.approx(np.sqrt(4.0 / 3.0), rel=0.01)


def test_rolling_keeps_gaps_on_the_command_line(tmp_path, capsys):
    x = X.copy()
    x[HOLES] = np.nan
    file = tmp_path / "x.csv"
    np.savetxt(file, x, header="x", comments="")
    main(["rolling", str(file), "--missing", "gaps", "--json"])
    found = mt.rolling_memory(x, missing="gaps")
    assert json.loads(capsys.readouterr().out)["d"] == pytest.approx(found.d.tolist())


def test_one_constant_window_is_a_hole_not_an_end():
    x = np.tile(X, 2)
    x[200:420] = 1.0
    found = mt.rolling_memory(x, window=128, step=32)
    constant = (found.ends >= 327) & (found.ends < 420)
    assert np.isnan(found.d[constant]).all()
    assert np.isfinite(found.d[~constant]).all()
    assert not found.alarms[constant].any()
    assert f"{constant.sum()} windows that do not vary" in found.summary()
    with pytest.raises(mt.InvalidInputError, match="observed at least half"):
        mt.estimate(np.where(np.arange(N_OBS) % 3 == 0, X, np.nan), missing="gaps")


def test_dates_are_put_in_order_or_refused():
    days = pd.date_range("2001-01-01", periods=N_OBS)
    dated = pd.Series(X, days, name="flow")
    report, turned = mt.estimate(dated), mt.estimate(dated[::-1])
    assert turned.d == report.d
    np.testing.assert_array_equal(turned.values, X)
    assert turned.notes == ("newest first: turned round, from 2001-01-01 to 2002-02-04",)
    assert "2001-01-01 to 2002-02-04" in report.summary()
    with pytest.raises(mt.InvalidInputError, match="2001-01-02 after 2001-01-03 at position 2"):
        mt.estimate(dated.iloc[[0, 2, 1, *range(3, N_OBS)]])
    with pytest.raises(mt.InvalidInputError, match="a second time at position 1"):
        mt.estimate(dated.iloc[[0, 0, *range(1, N_OBS)]])
    rolling = mt.rolling_memory(dated)
    assert rolling.to_frame().index[-1] == days[rolling.ends[-1]]


def test_names_are_kept_and_frames_sent_to_the_panel():
    assert mt.estimate(pd.Series(X, name=0)).name == "0"
    with pytest.raises(mt.InvalidInputError, match="estimate_panel"):
        mt.estimate(pd.DataFrame({"a": X, "b": X}))


def test_the_panel_asks_what_a_series_is():
    wide = np.vstack([X, -X, X])
    with pytest.raises(mt.InvalidInputError, match="orient='rows'"):
        mt.estimate_panel(wide)
    rows = mt.estimate_panel(wide, orient="rows").rows
    assert [row.n_obs for row in rows] == [N_OBS] * 3
    assert rows[0].d == mt.estimate(X).d
    assert len(mt.estimate_panel(wide.T).rows) == 3


def test_masks_are_gaps_in_the_panel_too():
    masked = np.ma.masked_array(np.column_stack([X, X]), np.zeros((N_OBS, 2), bool))
    masked.data[50:80, 0] = 1e6
    masked.mask[50:80, 0] = True
    refused, whole = mt.estimate_panel(masked).rows
    assert refused.verdict == "not estimated"
    assert "missing=" in refused.reason
    assert whole.d == mt.estimate(X).d
    gapped = mt.estimate_panel(masked, missing="gaps").rows[0]
    assert gapped.d == mt.estimate(np.ma.masked_array(masked[:, 0]), missing="gaps").d


def test_polars_dates_are_no_series():
    pl = pytest.importorskip("polars")
    days = pd.date_range("2001-01-01", periods=N_OBS).to_pydatetime().tolist()
    frame = pl.DataFrame({"day": days, "flow": X})
    assert [row.name for row in mt.estimate_panel(frame).rows] == ["flow"]


def test_observed_leaves_arrays_alone():
    seen = observed(X)
    assert np.shares_memory(seen.values, X)
    assert seen.notes == ()


GAPS = {
    "a tenth at random": lambda rng, n: rng.random(n) < 0.1,
    "a third at random": lambda rng, n: rng.random(n) < 0.33,
    "weekends": lambda rng, n: np.arange(n) % 7 > 4,
    "one long block": lambda rng, n: np.abs(np.arange(n) - n * rng.uniform(0.2, 0.8)) < 0.07 * n,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", GAPS)
@pytest.mark.parametrize("d", [-0.2, 0.0, 0.15, 0.35])
def test_intervals_cover_under_gaps(kind, d):
    """95% intervals of local Whittle on the corrected periodogram, 400 paths of 1,000."""
    rng = np.random.default_rng(11)
    n_paths, n_obs = 400, 1000
    covered = 0
    for path in mt.simulate(mt.ARFIMAProcess(d=d), n_obs, n_paths, rng=rng):
        gaps = GAPS[kind](rng, n_obs)
        gaps[[0, -1]] = False
        whole = modulated(np.where(gaps, np.nan, path))
        found = mt.local_whittle(whole.values)
        half = 1.959964 * found.stderr * whole.widening(found.bandwidth)
        covered += abs(found.d - d) < half
    # Below the nominal level by no more than three standard errors and what n = 1,000 costs
    # without gaps (93.5% there).
    assert covered / n_paths > 0.935 - 3.0 * np.sqrt(0.935 * 0.065 / n_paths)


def test_what_gaps_leave_open_is_not_announced():
    """White noise with a third missing: no more memory is announced than the level allows."""
    rng = np.random.default_rng(8)
    announced = 0
    for path in rng.standard_normal((24, 300)):
        gaps = rng.random(300) < 0.33
        report = mt.estimate(np.where(gaps, np.nan, path), missing="gaps", methods="gph")
        announced += report.verdict in ("long memory", "antipersistent")
        if "Too much is missing" in report.reasons[0]:
            assert report.verdict == "undecided"
            assert np.isnan(report.error_rate)
    # Binomial(24, 5%) exceeds 4 once in a hundred.
    assert announced <= 4
