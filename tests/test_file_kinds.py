"""Files that are no plain text hold the series that was put into them."""

import bz2
import decimal
import gzip
import json
import lzma

import numpy as np
import pandas as pd
import pytest

import memtools as mt
from memtools.exceptions import DataFileError, InvalidInputError
from memtools.files import read_panel, read_series

N_OBS = 50
# Excel keeps 15 digits, and these have ten.
X = np.round(np.random.default_rng(4).standard_normal(N_OBS), 10)
DAYS = pd.date_range("2001-01-01", periods=N_OBS, freq="D")
FRAME = pd.DataFrame({"flow": X}, index=DAYS.rename("day"))


def is_flow(series, first="2001-01-01"):
    np.testing.assert_array_equal(series, X)
    assert first is None or str(series.index[0]).startswith(first)


@pytest.mark.parametrize("ending", [".parquet", ".feather"])
def test_arrow(tmp_path, ending):
    pytest.importorskip("pyarrow")
    path = tmp_path / f"a{ending}"
    write = "to_parquet" if ending == ".parquet" else "to_feather"
    getattr(FRAME, write)(path)
    is_flow(read_series(str(path)))
    getattr(FRAME.reset_index(), write)(path)
    is_flow(read_series(str(path)))
    getattr(FRAME.reset_index(drop=True), write)(path)
    is_flow(read_series(str(path)), None)
    getattr(FRAME[::-1], write)(path)
    is_flow(read_series(str(path)))
    wide = FRAME.assign(level=-X, note="a", good=True)
    getattr(wide, write)(path)
    assert list(read_panel(str(path))) == ["flow", "level"]
    is_flow(read_series(str(path), "Flo"))
    path.write_bytes(b"PAR1 not")
    with pytest.raises(DataFileError, match=r"is not a (Parquet|Feather) file"):
        read_series(str(path))


def test_parquet_decimals_periods_nulls_and_two_levels(tmp_path):
    pytest.importorskip("pyarrow")
    path = tmp_path / "a.parquet"
    exact = [decimal.Decimal(f"{v:.4f}") for v in X]
    pd.DataFrame({"price": exact, "day": DAYS}).to_parquet(path)
    np.testing.assert_array_equal(read_series(str(path)), [float(v) for v in exact])
    months = pd.period_range("2001-01", periods=N_OBS, freq="M")
    pd.DataFrame({"flow": X}, index=months).to_parquet(path)
    is_flow(read_series(str(path)), "2001-01")
    gappy = FRAME.astype("Float64")
    gappy.iloc[3] = pd.NA
    gappy.to_parquet(path)
    with pytest.raises(DataFileError, match="row 3, column flow: an empty cell is no number"):
        read_series(str(path))
    assert read_series(str(path), missing="gaps").isna().sum() == 1
    lengths = pd.DataFrame({"flow": X, "lag": pd.to_timedelta(np.arange(N_OBS), "h")})
    lengths.to_parquet(path)
    is_flow(read_series(str(path)), None)


def test_excel(tmp_path):
    pytest.importorskip("openpyxl")
    path = str(tmp_path / "a.xlsx")
    FRAME.to_excel(path)
    is_flow(read_series(path))
    with pd.ExcelWriter(path) as writer:
        title = pd.DataFrame([["Flow of a river", None], [None, None]])
        title.to_excel(writer, sheet_name="data", header=False, index=False)
        FRAME[::-1].to_excel(writer, sheet_name="data", startrow=3)
    is_flow(read_series(path))
    with pd.ExcelWriter(path) as writer:
        FRAME.to_excel(writer, sheet_name="river")
        (-FRAME).to_excel(writer, sheet_name="sea")
    with pytest.raises(DataFileError, match="has the sheets river, sea; say --sheet"):
        read_series(path)
    is_flow(read_series(path, sheet="river"))
    with pytest.raises(DataFileError, match="no sheet 'lake'; it has: river, sea"):
        read_series(path, sheet="lake")
    broken = FRAME.astype(object)
    broken.iloc[4, 0] = "broken"
    broken.to_excel(path)
    with pytest.raises(DataFileError, match="row 6, column flow: 'broken' is no number"):
        read_series(path)


def test_matlab_and_npz(tmp_path):
    from scipy.io import savemat

    path = str(tmp_path / "a.mat")
    savemat(path, {"flow": X[:, None], "note": "text"})
    is_flow(read_series(path), None)
    savemat(path, {"flow": X, "level": -X})
    with pytest.raises(DataFileError, match="holds flow, level; choose one with --variable"):
        read_series(path)
    is_flow(read_series(path, variable="flow"), None)
    path = str(tmp_path / "a.npz")
    np.savez(path, flow=X)
    assert read_series(path).name == "flow"
    is_flow(read_series(path), None)


def test_arrays_ask_what_a_series_is(tmp_path):
    path = str(tmp_path / "a.npy")
    np.save(path, np.vstack([X, -X]))
    with pytest.raises(DataFileError, match=r"shape \(2, 50\): is a series a row or a column"):
        read_series(path)
    is_flow(read_series(path, "0", orient="rows"), None)
    with pytest.raises(DataFileError, match="several numeric columns; choose one of: 0, 1 "):
        read_series(path, orient="rows")
    np.save(path, np.zeros((64, 2000)))
    with pytest.raises(DataFileError) as caught:
        read_series(path, orient="columns")
    assert "and 1,990 more" in str(caught.value)
    assert len(str(caught.value)) < 400
    np.save(path, X[None, :])
    is_flow(read_series(path), None)
    np.save(path, X + 1j)
    with pytest.raises(DataFileError, match="real numbers; it holds complex128"):
        read_series(path)


def test_netcdf_and_zarr(tmp_path):
    xr = pytest.importorskip("xarray")
    field = xr.Dataset({"flow": ("time", X)}, coords={"time": DAYS})
    path = str(tmp_path / "a.nc")
    field.to_netcdf(path, engine="scipy")
    is_flow(read_series(path))
    pytest.importorskip("netCDF4")
    field.to_netcdf(path, engine="netcdf4")
    is_flow(read_series(path))
    two = field.assign(grid=(("time", "y"), np.zeros((N_OBS, 3))))
    two.to_netcdf(path, engine="netcdf4")
    is_flow(read_series(path))
    pytest.importorskip("zarr")
    store = str(tmp_path / "a.zarr")
    field.to_zarr(store, consolidated=False)
    is_flow(read_series(store))


def test_hdf5_tables(tmp_path):
    pytest.importorskip("tables")
    path = str(tmp_path / "a.h5")
    FRAME["flow"].to_hdf(path, key="river")
    is_flow(read_series(path))
    (-FRAME).to_hdf(path, key="sea")
    with pytest.raises(DataFileError, match="choose one with --variable"):
        read_series(path)
    is_flow(read_series(path, variable="river"))


def test_edf(tmp_path):
    edfio = pytest.importorskip("edfio")
    path = tmp_path / "a.edf"
    wave = np.sin(np.arange(512) / 7.0)
    edfio.Edf([edfio.EdfSignal(wave, 128.0, label="C3")]).write(path)
    found = read_series(str(path))
    assert found.name == "C3"
    np.testing.assert_allclose(found, wave, atol=1e-4)  # EDF holds 16 bits


def test_compressed_text(tmp_path):
    text = "flow\n" + "\n".join(map(repr, X.tolist())) + "\n"
    packed = {
        ".gz": gzip.compress(text.encode()),
        ".bz2": bz2.compress(text.encode()),
        ".xz": lzma.compress(text.encode()),
    }
    for ending, data in packed.items():
        path = tmp_path / f"a.csv{ending}"
        path.write_bytes(data)
        is_flow(read_series(str(path)), None)
        path.write_bytes(data[: len(data) // 2])
        with pytest.raises(DataFileError, match=f"is a damaged {ending} file"):
            read_series(str(path))
    zstandard = pytest.importorskip("zstandard")
    path = tmp_path / "a.csv.zst"
    path.write_bytes(zstandard.compress(text.encode()))
    is_flow(read_series(str(path)), None)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"decimal": ";"}, "decimal must be"),
        ({"separator": "ab"}, "separator must be one character"),
        ({"decimal": ",", "thousands": ","}, "thousands must be another mark"),
        ({"dates": "year-first"}, "dates must be one of"),
        ({"missing": "ignore"}, "missing must be one of"),
    ],
)
def test_options_are_checked(tmp_path, options, match):
    with pytest.raises(InvalidInputError, match=match):
        read_series(str(tmp_path / "a.csv"), **options)


def test_forecasts_read_back(tmp_path, capsys):
    from memtools.cli import main

    path = tmp_path / "a.csv"
    FRAME.to_csv(path)
    main(["forecast", str(path), "--steps", "8", "--csv"])
    written = capsys.readouterr().out
    path.write_text(written)
    back = read_series(str(path), "mean")
    expected = mt.ARFIMA(FRAME["flow"]).fit().forecast(8)
    np.testing.assert_array_equal(back, expected)
    assert list(back.index) == list(expected.index)


def test_forecasts_of_logarithms_come_back_without_bias(tmp_path, capsys):
    from memtools.cli import main

    path = tmp_path / "a.csv"
    prices = pd.Series(np.exp(2.0 + 0.3 * X), DAYS, name="price")
    prices.to_csv(path)
    main(["forecast", str(path), "--log", "--steps", "3", "--json"])
    shown = json.loads(capsys.readouterr().out)
    result = mt.ARFIMA(np.log(prices)).fit().get_forecast(3)
    m, s = result.predicted_mean, result.se_mean
    rows = shown["forecast"]
    np.testing.assert_allclose([r["mean"] for r in rows], np.exp(m + s**2 / 2), rtol=1e-12)
    np.testing.assert_allclose(
        [r["mean_ci_upper"] for r in rows], np.exp(m + 1.959963984540054 * s), rtol=1e-12
    )
    assert rows[0]["date"] == "2001-02-20"
    assert "bias" in shown["units"]
    # The mean of a lognormal variable by simulation, within four standard errors.
    draws = np.exp(m.iloc[0] + s.iloc[0] * np.random.default_rng(1).standard_normal(100_000))
    assert abs(draws.mean() - rows[0]["mean"]) < 4.0 * draws.std() / np.sqrt(1e5)


def test_differences_come_back_in_levels(tmp_path, capsys):
    from memtools.cli import main

    path = tmp_path / "a.csv"
    walk = pd.Series(100.0 + np.cumsum(X), DAYS, name="level")
    walk.to_csv(path)
    main(["forecast", str(path), "--difference", "--steps", "2", "--json"])
    rows = json.loads(capsys.readouterr().out)["forecast"]
    fit = mt.ARFIMA(walk, trend="t", integration=1).fit()
    np.testing.assert_allclose([r["mean"] for r in rows], fit.forecast(2), rtol=1e-12)
