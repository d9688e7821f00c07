"""Python's doors look at dates as files do: newest first, missing, twice, ages."""

import json

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from memtools.cli import main
from memtools.files.codes import ends_of, fill_value
from tests.everyday.made import gaps_at, iso

N_OBS = 300
X = mt.simulate(mt.ARFIMAProcess(d=0.3), N_OBS, rng=5)
DAYS = pd.date_range("2001-01-01", periods=N_OBS)
DATED = pd.Series(X, DAYS, name="flow")
SINGLE = {
    "exact_local_whittle": lambda x: mt.exact_local_whittle(x).d,
    "mean_shift_test": lambda x: mt.mean_shift_test(x).interval,
    "estimate": lambda x: mt.estimate(x).d,
    "detrended_fluctuation": lambda x: mt.detrended_fluctuation(x).d,
}


@pytest.mark.parametrize("door", SINGLE)
def test_newest_first_is_the_same_series(door):
    assert SINGLE[door](DATED[::-1]) == SINGLE[door](DATED)


def test_differences_of_newest_first_run_from_past_to_present():
    expected = mt.fracdiff(DATED, 0.4)
    turned = mt.fracdiff(DATED[::-1], 0.4)
    assert turned.index.equals(DAYS[::-1])
    pd.testing.assert_series_equal(turned[::-1], expected, check_freq=False)
    frame = pd.DataFrame({"a": X, "b": -X}, DAYS)
    pd.testing.assert_frame_equal(
        mt.fracdiff(frame[::-1], 0.4)[::-1], mt.fracdiff(frame, 0.4), check_freq=False
    )
    xr = pytest.importorskip("xarray")
    two = xr.DataArray(np.stack([X, -X]), dims=("site", "time"), coords={"time": DAYS})
    back = mt.fracdiff(two.isel(time=slice(None, None, -1)), 0.4)
    np.testing.assert_allclose(back.sortby("time").values[0], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("door", [*SINGLE, "fracdiff"])
def test_a_missing_day_is_no_neighbour(door):
    holed = DATED.drop(DAYS[[50, 51]])
    call = SINGLE.get(door, lambda x: mt.fracdiff(x, 0.4))
    with pytest.raises(mt.InvalidInputError, match="2 of 300 dates are missing, the first 2001-02"):
        call(holed)
    if door != "estimate":
        call(holed.reset_index(drop=True))


def test_a_missing_day_is_a_gap_where_gaps_are_taken():
    holed = DATED.drop(DAYS[[50, 51]])
    told = DATED.copy()
    told.iloc[[50, 51]] = np.nan
    assert mt.estimate(holed, missing="gaps").d == mt.estimate(told, missing="gaps").d
    assert mt.ARFIMA(holed).fit().d == mt.ARFIMA(told).fit().d
    dropped = mt.gaps.observed(holed, "drop").series
    assert mt.gph(dropped).d == mt.gph(holed.to_numpy()).d  # said once is enough


def test_ages_run_back_once():
    ages = pd.Series(X, pd.Index(np.arange(N_OBS) * 100, name="age_BP"))
    seen = mt.gaps.observed(ages)
    np.testing.assert_array_equal(seen.values, X[::-1])
    assert "counts back" in seen.notes[0]
    np.testing.assert_array_equal(mt.gaps.observed(seen.series).values, X[::-1])


def test_one_of_two_series_is_not_turned_alone():
    stream = mt.FractionalDifferencer(0.4)
    with pytest.raises(mt.InvalidInputError, match="chunk must be in the order of time"):
        stream.transform(DATED[::-1])


def test_notes_stand_in_json(tmp_path, capsys):
    path = tmp_path / "a.csv"
    DATED[::-1].to_csv(path)
    for command in (
        ["estimate"],
        ["fit"],
        ["forecast"],
        ["rolling"],
        ["test", "--test", "qu_test"],
    ):
        main([command[0], str(path), *command[1:], "--json"])
        out, err = capsys.readouterr()
        assert json.loads(out)["notes"][0].startswith("newest first")
        assert "note: newest first" in err


def test_the_error_rate_under_gaps_says_on_what_it_stands():
    assert "without gaps" not in mt.estimate(X).summary()
    holed = X.copy()
    holed[[40, 41, 100]] = np.nan
    report = mt.estimate(holed, missing="gaps")
    assert any("calibrated on series without gaps" in note for note in report.to_dict()["notes"])


# Kinds that no code is in: heavy tails, counts, zeros most of the time, jumps, prices.
ORDINARY = {
    "cauchy": lambda rng, n: np.round(rng.standard_cauchy(n), 2),
    "lognormal": lambda rng, n: np.round(rng.lognormal(2.0, 2.0, n), 1),
    "rain": lambda rng, n: np.where(rng.random(n) < 0.9, 0.0, np.round(rng.gamma(0.7, 12, n), 1)),
    "rare counts": lambda rng, n: rng.negative_binomial(0.3, 0.01, n) * (rng.random(n) < 0.5),
    "demand": lambda rng, n: np.where(rng.random(n) < 0.8, 0.0, 100.0 * rng.integers(1, 5, n)),
    "prices": lambda rng, n: np.round(100 * np.exp(np.cumsum(0.02 * rng.standard_t(3, n))), 2),
    "closed on Sundays": lambda rng, n: np.where(np.arange(n) % 7 == 6, 0, rng.normal(1e3, 80, n)),
}


@pytest.mark.parametrize("kind", ORDINARY)
def test_what_is_observed_is_no_code(kind):
    rng = np.random.default_rng(11)
    found = []
    for n_obs in (50, 200, 1000) * 40:
        values = np.asarray(ORDINARY[kind](rng, n_obs), dtype=float)
        found.append(fill_value(values, ends_of(values)))
    # Six in 29,200 series in all; a repeated digit far in a tail is told from none.
    assert sum(code is not None for code in found) <= 1


@pytest.mark.parametrize("code", [-9999.0, -8888.0, 999.9, -9.99e33, 1e20, -32768.0, -6999.0])
@pytest.mark.parametrize("share", [0.01, 0.3])
def test_a_code_among_rain_is_found(code, share):
    rng = np.random.default_rng(12)
    values = ORDINARY["rain"](rng, 500)
    values[rng.random(500) < share] = code
    assert fill_value(values, ends_of(values)) == code


def test_gaps_told_are_gaps_read(tmp_path):
    path = tmp_path / "a.csv"
    rows = [f"{d},{'' if v != v else v}" for d, v in zip(iso, gaps_at((3, 4)), strict=True)]
    path.write_text("date,x\n" + "\n".join(rows) + "\n")
    whole = mt.files.read_series(str(path), missing="gaps")
    fewer = path.with_name("b.csv")
    fewer.write_text("date,x\n" + "\n".join(row for row in rows if not row.endswith(",")) + "\n")
    pd.testing.assert_series_equal(
        mt.files.read_series(str(fewer), missing="gaps"), whole, check_freq=False
    )
